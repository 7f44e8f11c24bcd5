"""Captions on the pages: the right words under the right picture in two languages, live, in the window and in the recording;
corrections; the transcript; the look; interpreters, who type and take turns; and those who run the show."""
import datetime

import pytest

from api import operator
from caption_stage import CUES, Interpreter, Reel, Watcher, counted, interpreters
from captions import at
from deadline import wait_until
from page_browser import PHONE
from person import Person
from server import show
from test_chat_page import NO_SOCKETS
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
TRACKS = [{"language": "en"}, {"language": "es"}, {"language": "ar"}, {"language": "fr", "source": "translation", "from": "es"}]
ARABIC = "هذا المعطف من الكشمير بسعر 49 دولارا فقط اليوم"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> --> <b>bold</b> \u202egnp"


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(language="en", captions=TRACKS)], ladder=LADDER, window={"dvrSeconds": 120})
    publish_once(server, counted())
    return server


@pytest.fixture(scope="module")
def ops(server):
    client = operator(server)
    interpreters(client, server, "ines", "luis")
    yield client
    client.close()


@pytest.fixture(scope="module")
def viewer(server):
    viewer = Viewer(server.url())
    viewer.wait_live()
    yield viewer
    viewer.close()


@pytest.fixture(scope="module")
def reel(viewer, ops):
    """From here on every second of the next minute and a half says which it is."""
    reel = Reel(viewer)
    reel.say(ops, 2, 85)
    return reel


@pytest.fixture(scope="module")
def ada(server, browser, reel):
    """A viewer with two languages."""
    with Watcher(browser, server.url(), locale="en-US") as ada:
        ada.open()
        ada.wait_playing(40)
        ada.choose("en", "es")
        yield ada


def test_the_right_words_are_under_the_right_picture(ada, reel):
    wait_until(lambda: ada.moment()["en"] and ada.moment()["es"], 20, f"captions are there: {ada.moment()}")
    for _ in range(12):
        reel.check(ada.moment())
        ada.wait(0.25)
    assert (ada.told("captions"), ada.told("secondCaptions")) == ("en", "es")
    picture, moment = ada.still("captions-live")
    assert picture == moment["picture"]
    reel.check(moment, within=0.1)


def test_a_correction_is_seen_at_once(ada, ops, reel):
    """The picture stands still, as it was left: other words come to it, and go."""
    assert ada.video("paused")
    shown = int(ada.reads().split()[-1])
    cues = ops.get(CUES.format("en"), params={"from": at(reel.date, shown), "limit": 1}).json()["cues"]
    cue = next(c for c in cues if c["text"] == f"second {shown}")
    assert ops.patch(f"{CUES.format('en')}/{cue['id']}", {"text": "put right"}, match=None).status_code == 200
    ada.wait_reads("put right", seconds=3)
    assert ops.patch(f"{CUES.format('en')}/{cue['id']}", {"text": HOSTILE}, match=None).status_code == 200
    ada.wait_reads("<b>bold</b>", seconds=3)
    assert ada.page.locator("#caption-box img, #caption-box b, #caption-box script").count() == 0
    assert "owned" not in ada.page.title()
    assert ops.delete(f"{CUES.format('en')}/{cue['id']}").status_code == 204
    wait_until(lambda: ada.reads() == "", 3, f"it is gone, and not {ada.reads()}")
    assert ada.reads("es") == f"segundo {shown}"


def test_the_transcript_goes_along_and_seeks(ada, reel):
    page = ada.page
    page.keyboard.press("k")
    page.click("#read")
    wait_until(lambda: len(ada.lines()) > 5, 10, f"lines: {ada.lines()}")
    current = page.locator(".said-line[aria-current] .said-words")
    wait_until(lambda: current.count() and current.first.inner_text() in ada.reads(), 10, "the line of the picture is marked")
    seen = page.evaluate("""() => { const list = document.querySelector('.said-list').getBoundingClientRect(), line = document.querySelector('.said-line[aria-current]').getBoundingClientRect();
        return line.top >= list.top - 2 && line.bottom <= list.bottom + 2; }""")
    assert seen, "it is in sight"
    assert ada.faults() == []
    ada.picture("transcript-desktop")
    wanted = ada.lines()[2]
    second = int(wanted.split()[-1])
    page.locator(".said-line", has_text=wanted).first.click()
    wait_until(lambda: second - 1.2 <= reel.second(ada.moment()["picture"] or 0) <= second + 1.5, 8,
               f"the picture of {wanted!r}, and not {ada.moment()}")
    ada.wait_reads(wanted, seconds=5)
    moment = ada.moment()
    if moment["en"] and moment["es"]:
        reel.check(moment)
    assert ada.told("isShifted")
    page.select_option(".said-language", "es")
    wait_until(lambda: f"segundo {second}" in ada.lines(), 10, "in another language")
    page.keyboard.press("Escape")
    page.focus(".said-list")
    page.keyboard.press("Escape")
    assert page.is_hidden("#transcript")
    page.keyboard.press("End")
    wait_until(lambda: not ada.told("isShifted"), 8, "back to live")


def test_the_look_is_remembered(ada):
    page, box = ada.page, ada.page.locator("#caption-box")

    def look():
        return [box.get_attribute(f"data-{name}") for name in ("size", "place", "backdrop", "ink")]

    assert look() == ["normal", "bottom", "shade", "white"]
    ada.controls()
    page.click("#captions")
    page.click("#captions-menu [data-choice='page:look']")
    for choice in ("size:large", "place:top", "backdrop:solid", "ink:yellow"):
        page.click(f"#captions-menu [data-choice='{choice}']")
    assert look() == ["large", "top", "solid", "yellow"]
    assert ada.faults() == []
    ada.picture("captions-look")
    page.keyboard.press("Escape")
    assert page.is_hidden("#captions-menu")
    page.keyboard.press("f")
    wait_until(lambda: page.evaluate("document.fullscreenElement?.id") == "stage", 5, "the stage has the whole screen")
    ada.wait_reads("second")
    assert box.is_visible()
    page.keyboard.press("f")
    wait_until(lambda: page.evaluate("document.fullscreenElement === null"), 5, "and gives it back")
    page.reload()
    ada.wait_playing()
    assert look() == ["large", "top", "solid", "yellow"]
    wait_until(lambda: (ada.told("captions"), ada.told("secondCaptions")) == ("en", "es"), 5, "so are the languages")
    ada.wait_reads("segundo", "es")
    ada.wait_reads("second")
    assert ada.serious_complaints == []


def test_an_interpreters_words_are_on_a_viewers_picture(server, ops, browser, ada):
    with Interpreter(browser, server.url(), locale="en-US") as ines:
        ines.begin("ines")
        assert ines.told_of("turn") == "alone" and ines.faults() == []
        wait_until(lambda: any("second" in words for words in ines.rows("#source")), 15, "what is said is there to read")
        wait_until(lambda: ines.told_of("player") == "playing", 25, "it is listened to")
        ines.types("Hola a to")
        ada.wait_reads("Hola a to", "es")
        ines.types("dos")
        ines.picture("booth")
        ines.page.keyboard.press("Enter")
        assert ines.page.input_value("#words") == ""
        wait_until(lambda: "Hola a todos" in ines.rows(), 5, f"it is in the list: {ines.rows()[-3:]}")
        ada.wait_reads("Hola a todos", "es")
        (cue,) = [c for c in ops.get(CUES.format("es"), params={"limit": 1000}).json()["cues"] if c["text"] == "Hola a todos"]
        assert cue["source"] == "person" and cue["revision"] == 1
        # What was wrong is put right from the keyboard.
        ines.types("Cuesta 9 euros")
        ines.page.keyboard.press("Enter")
        row = ines.page.locator("#own .cue-row", has_text="Cuesta 9 euros")
        row.wait_for(timeout=5000)
        wait_until(lambda: ines.told_of("underWay") == 0, 5, "it has been taken")
        ines.page.keyboard.press("ArrowUp")
        ines.page.keyboard.press("Control+A")
        ines.page.keyboard.type("Cuesta 19 euros")
        ines.page.keyboard.press("Enter")
        wait_until(lambda: "Cuesta 19 euros" in ines.rows(), 5, "it is corrected")
        ines.page.locator("#own .cue-row", has_text="Hola a todos").get_by_role("button", name="Delete").click()
        wait_until(lambda: "Hola a todos" not in ines.rows(), 5, "it is taken away")
        stored = [c["text"] for c in ops.get(CUES.format("es"), params={"limit": 1000}).json()["cues"]]
        assert "Cuesta 19 euros" in stored and "Hola a todos" not in stored
        assert ines.serious_complaints == []


def test_two_interpreters_take_turns(server, ops, browser):
    with Interpreter(browser, server.url(), locale="en-US") as ines, Interpreter(browser, server.url(), PHONE, locale="en-US") as luis:
        ines.begin("ines")
        luis.begin("luis")
        ines.wait_turn("on")
        luis.wait_turn("off")
        assert "Luis" in ines.page.inner_text("#turn") and "Ines is on" in luis.page.inner_text("#turn")
        luis.types("too early")
        luis.page.keyboard.press("Enter")
        assert luis.page.input_value("#words") == "too early" and "F2" in luis.page.inner_text("#note")
        luis.page.keyboard.press("Escape")
        ines.page.keyboard.press("F2")
        luis.wait_turn("on")
        ines.wait_turn("off")
        luis.types("Ahora yo")
        wait_until(lambda: "Ahora yo" in ines.page.inner_text("#own .cue-partial"), 5, "the other one sees it being typed")
        luis.page.keyboard.press("Enter")
        wait_until(lambda: "Ahora yo" in ines.rows(), 5, "and that it stands")
        # On a phone there is a button; and who takes over is on.
        ines.page.click("#hand")
        ines.wait_turn("on")
        luis.wait_turn("off")
        assert luis.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert luis.faults() == [] and ines.faults() == []
        luis.picture("booth-phone")
        ines.page.close()
        luis.wait_turn("alone")
        assert luis.serious_complaints == []


def test_only_those_who_write_them_get_in(server, ops, browser):
    with Interpreter(browser, server.url(), locale="en-US") as nobody:
        nobody.page.goto(f"{server.url()}/captions/show/es")
        nobody.page.wait_for_url("**/login?next=%2Fcaptions%2Fshow%2Fes")
        nobody.enter("luis")
        nobody.page.goto(f"{server.url()}/captions/show/en")
        nobody.page.wait_for_selector("text=an interpreter writes captions in their own languages only", timeout=15_000)
        assert nobody.page.is_hidden("#room")
        nobody.page.goto(f"{server.url()}/captions/show/it")
        nobody.page.wait_for_selector("text=no captions in this language", timeout=10_000)
        assert server.http.get(server.url("/captions/nobody/es")).status_code == 404
        assert server.http.get(server.url("/captions/show/-"), headers={"Accept": "text/html"}).status_code == 404


def test_the_console_shows_and_steers_the_tracks(server, ops, browser):
    ops.person("olga", "four plain words together", isOperator=True)
    with Person(browser, server.url(), locale="en-US") as olga:
        olga.enter("olga")
        olga.page.goto(f"{server.url()}/console#/shows/show/captions")
        track = olga.page.locator(".track[data-language=fr]")
        track.wait_for(timeout=15_000)
        assert olga.page.locator(".track").count() == 4
        assert "Translated" in track.inner_text()
        track.get_by_role("button", name="Stop").click()
        wait_until(lambda: "Stopped" in track.inner_text(), 5, f"it is stopped: {track.inner_text()}")
        tracks = {t["language"]: t for t in ops.get("/shows/show/captions").json()["captions"]}
        assert tracks["fr"]["state"]["state"] == "stopped"
        track.get_by_role("button", name="Start").click()
        wait_until(lambda: "Stopped" not in track.inner_text(), 5, "it goes on")
        made = ops.made(CUES.format("en"), {"text": "wrong wrods"})["cues"][0]
        english = olga.page.locator(".track[data-language=en]")
        english.locator("summary").click()
        row = english.locator(f".cue-row[data-cue='{made['id']}']")
        row.wait_for(timeout=10_000)
        row.get_by_role("button", name="Edit").click()
        row.locator("textarea").fill("right words")
        row.locator("textarea").press("Enter")
        wait_until(lambda: "right words" in row.inner_text(), 5, "it is corrected")
        kept = {c["id"]: c["text"] for c in ops.get(CUES.format("en"), params={"from": made["start"]}).json()["cues"]}
        assert kept[made["id"]] == "right words"
        row.get_by_role("button", name="Delete").click()
        row.wait_for(state="detached", timeout=5000)
        for form in ("VTT", "SRT", "TXT"):
            place = english.get_by_role("link", name=f"English as {form}").get_attribute("href")
            assert olga.context.request.get(server.url(place)).status == 200
        assert olga.faults() == []
        olga.picture("console-captions")
        olga.visit("shows/show", "Show show")
        wait_until(lambda: olga.page.locator(".caption-row").count() == 4, 5, "its tracks are in the form")
        assert [c for c in olga.complaints if "status of 40" not in c] == []


@pytest.mark.long
def test_without_websockets_captions_come_by_events(server, ops, browser, viewer):
    with Watcher(browser, server.url(), locale="en-US") as fay:
        fay.context.add_init_script(NO_SOCKETS)
        fay.open()
        fay.wait_playing(40)
        fay.choose("en", "es")
        fay.page.wait_for_selector("#chat[data-line=open]", timeout=20_000)
        edge = viewer.listing("source").complete[-1]
        ops.made(CUES.format("es"), {"start": at(edge.date, 4), "end": at(edge.date, 14), "text": "sin enchufe"})
        fay.wait_reads("sin enchufe", "es")
        assert fay.serious_complaints == []


@pytest.mark.long
@pytest.mark.parametrize("device", [None, PHONE])
@pytest.mark.parametrize("scheme, locale", [("light", "en-US"), ("dark", "ja"), ("dark", "zh-CN")])
def test_pages_can_be_read_by_day_and_night(server, ops, reel, browser, device, scheme, locale):
    name = f"{'phone' if device else 'desktop'}-{scheme}-{locale[:2]}"
    with Watcher(browser, server.url(), device, locale=locale, color_scheme=scheme) as visit:
        visit.open()
        visit.wait_playing(40)
        visit.page.evaluate("document.body.dataset.quiet = 'false'")
        visit.page.focus("#captions")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#captions-menu:visible")
        assert visit.faults() == []
        visit.picture(f"menu-{name}")
        visit.page.click("#captions-menu [data-choice='en']")
        visit.page.focus("#captions")
        visit.page.keyboard.press("Enter")
        visit.page.click("#captions-menu [data-choice='page:second']")
        visit.page.click("#captions-menu [data-choice='second:ar']")
        for language, text in (("en", "This cashmere coat is only $49 today."), ("ar", ARABIC)):
            now = at(datetime.datetime.now(datetime.timezone.utc), -3)
            ops.made(CUES.format(language), {"start": now, "end": at(datetime.datetime.fromisoformat(now), 40), "text": text})
        wait_until(lambda: ARABIC in visit.page.inner_text("#caption-box"), 10, "both are on the picture")
        visit.picture(f"captions-{name}")
        visit.page.focus("#captions")
        visit.page.keyboard.press("Enter")
        visit.page.click("#captions-menu [data-choice='page:look']")
        visit.picture(f"look-{name}")
        visit.page.keyboard.press("Escape")
        visit.page.focus("#captions")
        visit.page.keyboard.press("Enter")
        visit.page.click("#captions-menu [data-choice='transcript:']")
        visit.page.wait_for_selector("#transcript:visible")
        visit.wait(1)
        assert visit.faults() == []
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        visit.picture(f"transcript-{name}")
        assert visit.serious_complaints == []
    if locale == "ja":
        return
    with Interpreter(browser, server.url(), device, locale=locale, color_scheme=scheme) as ines:
        ines.begin("ines")
        ines.wait(2)
        assert ines.faults() == []
        assert ines.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        ines.picture(f"booth-{name}")
    with Person(browser, server.url(), device, locale=locale, color_scheme=scheme) as olga:
        olga.enter("olga")
        olga.page.goto(f"{server.url()}/console#/shows/show/captions")
        olga.page.locator(".track").first.wait_for(timeout=15_000)
        olga.page.locator(".track summary").first.click()
        olga.settled()
        assert olga.faults() == []
        assert olga.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        olga.picture(f"console-{name}")
        signed = olga.page.locator("#sign-out").bounding_box()
        brand = olga.page.locator(".brand").bounding_box()
        assert abs(signed["y"] + signed["height"] / 2 - brand["y"] - brand["height"] / 2) < 12, "one row"
        olga.open("/studio/show")
        olga.page.locator(".track").first.wait_for(timeout=15_000)
        olga.page.locator(".track").first.scroll_into_view_if_needed()
        assert olga.faults() == []
        olga.picture(f"studio-{name}")


def test_the_recording_says_the_same(server, ops, reel, ada, browser):
    """Last of all: the show ends. What was put right in it is right there too."""
    edge = ops.get(CUES.format("en"), params={"limit": 1000}).json()["cues"]
    chosen = next(c for c in edge if c["text"].startswith("second 1") and len(c["text"]) == len("second 10"))
    server.end_show()
    wait_until(lambda: server.http.get(server.url("/api/v1/shows/show")).json().get("replay"), 30, "there is a replay")
    with Watcher(browser, server.url(), locale="en-US") as eva:
        eva.open()
        eva.wait_playing(30)
        assert eva.told("isReplay")
        eva.choose("en", "es")
        eva.controls()
        eva.page.click("#read")
        wait_until(lambda: chosen["text"] in eva.lines(), 15, f"lines: {eva.lines()}")
        eva.page.locator(".said-line", has_text=chosen["text"]).first.click()
        second = int(chosen["text"].split()[-1])
        wait_until(lambda: second - 1.2 <= reel.second(eva.moment()["picture"] or 0) <= second + 1.5, 8, f"its picture: {eva.moment()}")
        eva.page.click("#read")
        picture, moment = eva.still("captions-replay")
        assert picture == moment["picture"]
        reel.check(moment, within=0.1)
        shown = int(moment["en"].split()[-1])
        cue = next(c for c in edge if c["text"] == f"second {shown}")
        assert ops.patch(f"{CUES.format('en')}/{cue['id']}", {"text": "right after all"}, match=None).status_code == 200
        eva.wait_reads("right after all", seconds=5)
        assert eva.serious_complaints == []
    with Watcher(browser, server.url(), locale="en-US") as tim:
        # The browser's own player, which tells neither dates nor tracks.
        tim.page.route("**/hls.mjs", lambda route: route.abort())
        tim.open()
        tim.wait_playing(30)
        assert tim.told("engine") == "native"
        tim.choose("en", "es")
        picture, moment = tim.still("captions-native")
        assert picture == moment["picture"]
        reel.check(moment, within=0.25)
