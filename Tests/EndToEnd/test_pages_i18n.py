"""The viewers' pages in their readers' languages and zones: what is chosen and kept, what is left in English, the
countdown by the server's clock, hostile titles, and what pages load and allow."""
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest

from deadline import wait_until
from page_browser import DESKTOP, PHONE, Visit
from server import show

LANGUAGES = ["en", "zh-Hans", "es", "pt", "fr", "id", "ja"]
START = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1, hours=2)
HOSTILE = "</script><img src=x onerror=alert(1)> \u202eevil \u2066{{title}} & 'q' \"q\""
PAGES = ["/", "/shows/silk", "/shows/plain", "/shows/hostile", "/shows/nobody", "/embed/silk"]


def iso(date):
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def server(launch_once):
    return launch_once([
        show("silk", title="Silk", language="en", titles={"zh-Hans": "丝绸之夜", "th": "ไหม"}, start=iso(START),
             descriptions={"en": "By hand.\nFrom Como.", "ja": "手織りのシルク。"}, lengthMinutes=90, tags=["silk"]),
        show("plain"), show("hostile", title=HOSTILE, descriptions={"en": HOSTILE}, tags=["</li><b>"]),
        show("hidden", title="Not for the list", visibility="unlisted"),
    ])


def get(server, path, accept=None, **headers):
    if accept is not None:
        headers["Accept-Language"] = accept
    server.http.cookies.clear()
    return server.http.get(server.url(path), headers={"Accept": "text/html", **headers})


def language(answer):
    found = re.search(r'<html lang="([^"]*)" dir="(ltr|rtl)">', answer.text)
    assert found and answer.headers["content-language"] == found[1]
    return found[1]


@pytest.mark.parametrize("accept, found", [
    (None, "en"), ("", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), ("de-DE, fr;q=0.5, ja;q=0.7", "ja"),
    ("pt-BR", "pt"), ("es-419", "es"), ("id-ID", "id"), ("*", "en"), (";;;q=,<>", "en"),
    ("a" * 3000 + ",fr", "en")])
@pytest.mark.parametrize("path", PAGES)
def test_the_browsers_wish_is_met(server, path, accept, found):
    answer = get(server, path, accept)
    assert answer.status_code == (404 if "nobody" in path else 200)
    assert language(answer) == found
    # Nothing between may give one reader's page to another.
    assert answer.headers["cache-control"] == "private, no-cache"
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["vary"].split(", "))


def test_a_choice_goes_over_the_wish_and_is_kept(server):
    answer = get(server, "/?lang=ja", "fr")
    assert language(answer) == "ja"
    kept = answer.headers["set-cookie"]
    assert kept == "shopcast_language=ja; Path=/; Max-Age=31536000; SameSite=Lax"
    assert language(get(server, "/shows/silk", "fr", Cookie=kept.split(";")[0])) == "ja"
    assert language(get(server, "/shows/silk?lang=es", "fr", Cookie=kept.split(";")[0])) == "es"
    # What is no language is passed over, and never comes back in a header.
    for wrong in ("", "xx", "%0d%0aSet-Cookie:%20a=b", "en;Path=/x", "<script>", "a" * 500):
        answer = get(server, f"/?lang={wrong}", "fr")
        assert language(answer) == "fr", wrong
        assert answer.headers.get("set-cookie", "shopcast_language=xx;").startswith("shopcast_language=xx;"), wrong
    assert language(get(server, "/", "fr", Cookie="shopcast_language=\"</html>; x")) == "fr"
    # Another site's link shows its language once.
    assert "set-cookie" not in get(server, "/?lang=ja", **{"Sec-Fetch-Site": "cross-site"}).headers


def test_texts_of_shows_are_in_the_best_language(server):
    assert '<h1 id="title" dir="auto">丝绸之夜</h1>' in get(server, "/shows/silk", "zh-TW").text
    assert '<h1 id="title" dir="auto" lang="th">ไหม</h1>' in get(server, "/shows/silk", "th").text
    page = get(server, "/shows/silk", "ja").text
    assert 'lang="en">Silk</h1>' in page and 'dir="auto">手織りのシルク。</p>' in page
    assert "Silk" in get(server, "/shows/silk", "fr").text
    home = get(server, "/", "zh").text
    assert "丝绸之夜" in home and "Not for the list" not in home
    assert get(server, "/shows/hidden").status_code == 200
    assert "Not for the list" not in get(server, "/api/v1/shows").text


WORDS = """() => {
    const said = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const place = walk.currentNode.parentElement;
        if (!place.closest("script, style, noscript, svg, [dir=auto], .languages, option[lang]")) said.push(walk.currentNode.data);
    }
    for (const place of document.querySelectorAll("[aria-label], [title], [alt], [placeholder], [aria-valuetext]")) {
        if (place.closest(".languages")) continue;
        for (const name of ["aria-label", "title", "alt", "placeholder", "aria-valuetext"]) said.push(place.getAttribute(name) ?? "");
    }
    return [...said, document.title];
}"""


@pytest.mark.parametrize("wish", ["zh-CN", "ja"])
def test_nothing_is_left_in_english(server, browser, wish):
    """In a script of its own, every Latin word is a name; what shows are called is theirs."""
    known = {"Shopcast", "Silk", "Show", "plain", "hidden", "JavaScript", "UTC", "GMT", "k", "m", "f", "Auto"}
    with Visit(browser, server.url(), locale=wish) as visit:
        for path in ["/", "/shows/silk", "/shows/plain", "/shows/nobody", "/embed/silk"]:
            visit.open(path)
            visit.page.wait_for_load_state("networkidle")
            words = set(re.findall(r"[A-Za-z]{1,}", " ".join(visit.page.evaluate(WORDS))))
            assert words <= known, f"{path} says {words - known}"
            assert visit.page.get_attribute("html", "lang") == {"zh-CN": "zh-Hans"}.get(wish, wish)


def test_the_menu_of_languages_works_without_a_script_and_by_keyboard(server, browser):
    with Visit(browser, server.url(), java_script_enabled=False) as visit:
        visit.page.goto(visit.base + "/shows/silk")
        visit.page.click(".languages summary")
        visit.page.click(".languages a[lang=ja]")
        assert visit.page.get_attribute("html", "lang") == "ja"
        visit.page.goto(visit.base + "/")
        assert visit.page.get_attribute("html", "lang") == "ja"
        # Without a script the time says its zone.
        assert visit.page.inner_text(".card-soon time").endswith("UTC")
    with Visit(browser, server.url()) as visit:
        visit.open("/shows/silk")
        visit.page.focus(".languages summary")
        visit.page.keyboard.press("Enter")
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate("!document.querySelector('.languages').open")
        visit.page.keyboard.press("Enter")
        for _ in range(LANGUAGES.index("es")):
            visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("html[lang=es]")
        visit.wait_reading("Añadir al calendario")
        # The address can be passed on: its reader has a language too.
        assert visit.page.evaluate("location.search") == ""
        assert visit.complaints == []


@pytest.mark.parametrize("zone, locale", [("Asia/Tokyo", "ja"), ("America/Sao_Paulo", "pt-BR"), ("Asia/Kolkata", "en-GB")])
def test_times_are_the_viewers(server, browser, zone, locale):
    with Visit(browser, server.url(), timezone_id=zone, locale=locale) as visit:
        for path, place in (("/", ".card-soon time"), ("/shows/silk", "#start time")):
            visit.open(path)
            said = visit.page.evaluate(
                "([start, locale]) => new Intl.DateTimeFormat(locale, {weekday: 'short', day: 'numeric', month: 'long',"
                "hour: 'numeric', minute: '2-digit', timeZoneName: 'short'}).format(new Date(start))", [iso(START), locale])
            wait_until(lambda: visit.page.inner_text(place) == said, 5, f"the time is {said}")
            assert visit.page.get_attribute(place, "datetime") == iso(START)
        assert visit.complaints == []


@pytest.mark.parametrize("wrong_hours", [-30, 0, 30])
def test_the_countdown_goes_by_the_servers_clock(server, browser, wrong_hours):
    """A device whose clock is off by more than a day counts the same seconds."""
    with Visit(browser, server.url()) as visit:
        visit.page.clock.set_system_time(datetime.now() + timedelta(hours=wrong_hours))
        visit.open("/shows/silk")
        left = lambda: (START - datetime.now(timezone.utc)).total_seconds()

        def counted():
            found = re.fullmatch(r"Starts in 1 day (\d+):(\d\d):(\d\d)", visit.page.inner_text("#screen-title"))
            return found and 86400 + int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
        wait_until(lambda: counted() and abs(counted() - left()) < 3, 10, "it counts to the start")
        before = counted()
        wait_until(lambda: counted() < before, 5, "it goes on")
        assert visit.page.locator(".details .badge").inner_text() == "Scheduled"
        assert visit.page.is_visible("#calendar") and visit.page.is_visible(".tags li")


def test_what_was_announced_later_is_told(server, browser):
    """The page follows a new start, a title and a cancellation that the API tells, without a reload."""
    with Visit(browser, server.url()) as visit:
        told = server.http.get(server.url("/api/v1/shows/silk")).json()
        moved = START + timedelta(days=2)
        visit.page.route("**/api/v1/shows/silk", lambda route: route.fulfill(json=told))
        visit.open("/shows/silk")
        told.update(start=iso(moved), titles={"en": "Silk <b>again</b>", "zh-Hans": "再来"})
        wait_until(lambda: visit.page.get_attribute("#start time", "datetime") == iso(moved), 8, "the new start")
        assert visit.page.inner_text("#announcer").startswith("The show has a new time: ")
        assert visit.page.inner_text("h1") == "Silk <b>again</b>"
        assert re.match(r"Starts in 3 days \d", visit.page.inner_text("#screen-title"))
        told["state"] = "cancelled"
        visit.wait_state("cancelled", 8)
        visit.wait_reading("This show was cancelled")
        assert visit.page.is_hidden("#calendar") and visit.is_first_document
        assert visit.complaints == []


@pytest.mark.parametrize("device", [PHONE, DESKTOP])
def test_hostile_texts_are_shown_and_do_nothing(server, browser, device):
    with Visit(browser, server.url(), device) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append("a dialog"))
        visit.open("/shows/hostile")
        visit.wait_state("soon")
        # A scene is painted by the script.
        visit.page.wait_for_function("window.shopcast")
        assert visit.page.inner_text("h1") == HOSTILE
        assert visit.page.locator("h1 *, .text *, .tags b").count() == 0
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        visit.open("/")
        assert visit.page.locator(".name", has_text="evil").inner_text() == HOSTILE
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visit.complaints == []


def test_no_page_asks_anybody_else_and_every_page_is_closed(server, browser):
    """Strict policies, and no request leaves for another host, on every page and in every language."""
    asked = set()
    with Visit(browser, server.url()) as visit:
        visit.page.on("request", lambda request: asked.add(request.url))
        for path in PAGES + ["/studio/plain", "/?lang=ja", "/shows/hidden"]:
            answer = visit.open(path)
            visit.page.wait_for_load_state("networkidle")
            heads = answer.headers
            policy = dict(part.split(" ", 1) for part in heads["content-security-policy"].split("; "))
            assert policy["default-src"] == "'none'" and policy["base-uri"] == policy["form-action"] == "'none'"
            assert not any("unsafe" in value or "*" in value or "http" in value for value in policy.values()), path
            assert policy["frame-ancestors"] == ("'self'" if "embed" in path else "'none'")
            assert heads["x-content-type-options"] == "nosniff"
            assert heads["referrer-policy"] in ("strict-origin-when-cross-origin", "no-referrer")
            assert "camera=()" in heads["permissions-policy"]
            assert heads["cross-origin-opener-policy"] == "same-origin"
            assert heads.get("x-frame-options") == (None if "embed" in path else "DENY")
        assert [c for c in visit.complaints if "404" not in c] == []
    assert len(asked) > 20
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {f"127.0.0.1:{server.http_port}"}
