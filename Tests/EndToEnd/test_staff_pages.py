"""The pages of those who run shows, one after the other, by day and by night: whom they ask, what they let in, whether all
can read them."""
from urllib.parse import quote, urlsplit

import pytest

from api import instant
from page_browser import DESKTOP, PHONE
from person import PASSWORD, Person
from server import show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
#: Where one is, in rows that scroll sideways, and the buttons of the head, which have to be read without scrolling.
OUT_OF_SIGHT = """[...document.querySelectorAll(".nav [aria-current], .tabs [aria-selected=true], .bar .pill")].filter((item) => {
    const { left, right } = item.getBoundingClientRect();
    return left < 0 || right > innerWidth;
}).map((item) => item.textContent)"""


@pytest.fixture(scope="module")
def house(launch_once, publish_once):
    server = launch_once([show("evening", title="An evening of silk")], ladder=LADDER, outbound={"allow": ["127.0.0.1"]})
    publish_once(server, "gop10", "evening")
    return server


@pytest.fixture(scope="module")
def views(ops):
    """Each view of the console, with something in it."""
    person = ops.person("olga", PASSWORD, isOperator=True)
    ops.show("later", isScheduled=True, start=instant(days=1), lengthMinutes=60, zone="Europe/Rome", hosts=[person["id"]])
    ops.made("/shows/later/keys", {"label": "studio"})
    ops.post("/shows/later/timeline", {"kind": "note", "payload": {"text": "Ask for more light"}})
    hook = ops.made("/hooks", {"url": "http://127.0.0.1:9/hook", "events": ["show.live"], "isEnabled": False})
    return ["", "shows", "shows/new", "shows/later", "shows/later/keys", "shows/later/people", "shows/evening/quality",
            "shows/later/timeline", "shows/later/captions", "calendar", "replays", "people", f"people/{person['id']}", "hooks", f"hooks/{hook['id']}",
            "audit", "account"]


def check_heads(answer, path):
    heads = answer.headers
    policy = dict(part.split(" ", 1) for part in heads["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'", path
    assert not any("unsafe" in value or "*" in value or "http" in value for value in policy.values()), path
    assert heads["x-frame-options"] == "DENY" and heads["x-content-type-options"] == "nosniff", path
    assert heads["referrer-policy"] == "no-referrer" and "no-store" in heads["cache-control"], path
    assert heads["cross-origin-opener-policy"] == "same-origin" and "camera=()" in heads["permissions-policy"], path


@pytest.mark.parametrize("name, device, scheme", [
    ("phone-dark", PHONE, "dark"), pytest.param("desktop-dark", DESKTOP, "dark", marks=pytest.mark.long),
    pytest.param("phone-light", PHONE, "light", marks=pytest.mark.long)])
def test_every_page_asks_nobody_else_and_can_be_read(house, views, browser, name, device, scheme):
    asked = set()
    with Person(browser, house.url(), device, color_scheme=scheme) as person:
        person.page.on("request", lambda request: asked.add(request.url))
        def look(picture):
            assert person.faults() == [], picture
            assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{picture} is too wide"
            assert person.page.evaluate(OUT_OF_SIGHT) == [], f"{picture} does not show where one is"
            person.picture(f"{name}-{picture}")
        for path in ("/login", "/welcome/" + "x" * 40):
            check_heads(person.page.goto(house.url(path)), path)
            person.page.wait_for_load_state("networkidle")
            look(path.split("/")[1])
        person.enter("olga")
        check_heads(person.page.goto(house.url("/console")), "/console")
        for view in views:
            person.page.goto(f"{house.url()}/console#/{view}")
            person.settled()
            look("console-" + (view.replace("/", "-") or "today"))
        check_heads(person.page.goto(house.url("/studio/evening")), "/studio")
        person.page.wait_for_selector("text=Your keyframe interval is 10 s.", timeout=40_000)
        look("studio")
        assert [c for c in person.complaints if "status of 40" not in c] == []
    assert len(asked) > 30
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {f"127.0.0.1:{house.http_port}"}


def test_signing_in_leads_to_no_other_site(house, views, browser):
    for wanted in ("//evil.example", "/\\evil.example", "/\t/evil.example", "//", "https://evil.example/", "javascript:alert(1)",
                   "/..//evil.example"):
        with Person(browser, house.url()) as person:
            person.page.on("dialog", lambda dialog: person.complaints.append("a dialog"))
            person.page.goto(f"{house.url()}/login?next={quote(wanted, safe='')}")
            person.page.fill("#login", "olga")
            person.page.fill("#password", PASSWORD)
            person.page.press("#password", "Enter")
            person.page.wait_for_url(lambda url: "/login" not in url)
            assert urlsplit(person.page.url).netloc == f"127.0.0.1:{house.http_port}", wanted
            assert [c for c in person.complaints if "status of 40" not in c] == []
