"""The chat of the watch page in Chromium: two people with two languages, words that stay, what is written is only ever text,
lost lines, the fallback without WebSockets, phones and their keyboards, and the host's desk."""
import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from api import Client, operator
from deadline import wait_until
from page_browser import PHONE, Visit
from server import show

WIDE = {"burst": 10000, "perSecond": 10000}
LIMITS = {"author": WIDE, "address": WIDE, "room": WIDE, "guests": WIDE}
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> & <b>bold</b>"
# Keeps the page's sockets at hand, so that a test can take its line away.
SOCKETS = """window.lines = [];
window.WebSocket = class extends WebSocket { constructor(...all) { super(...all); window.lines.push(this); } };"""
NO_SOCKETS = "window.WebSocket = class { constructor() { throw new DOMException('blocked', 'SecurityError'); } };"


class Reader(Visit):
    """Somebody on the watch page."""

    def __init__(self, browser, server, locale="en-US", name=None, script=SOCKETS, device=None, place="show", **more):
        super().__init__(browser, server.url(), device, locale=locale, **more)
        self.context.add_init_script(script)
        self.open(f"/shows/{place}")
        self.page.wait_for_selector("#chat[data-line=open]", timeout=20_000)
        if name:
            self.page.fill("#chat-name", name)
            self.page.click(".chat-join")
            self.page.wait_for_selector("#chat-field:visible", timeout=10_000)

    def says(self, text):
        self.page.fill("#chat-field", text)
        self.page.press("#chat-field", "Enter")

    def texts(self):
        return self.page.locator(".msg-text").all_inner_texts()

    def wait_text(self, text, seconds=10):
        wait_until(lambda: text in self.texts(), seconds, f"{text!r} is there, and not {self.texts()[-4:]}")
        return self.page.locator(".msg", has_text=text).last

    def keys(self):
        return self.page.evaluate("[...document.querySelectorAll('.msg[data-id]')].map((place) => place.dataset.id)")

    def faults(self):
        found = Axe().run(self.page).response["violations"]
        return [(f["id"], [n["target"] for n in f["nodes"]]) for f in found if f["impact"] in ("serious", "critical")]


@pytest.fixture(scope="module")
def server(launch_once):
    return launch_once([show(name) for name in ("show", "desk", "slow", "es-mx", "zh-cn")], chat=LIMITS)


@pytest.fixture(scope="module")
def ops(server):
    return operator(server)


@pytest.mark.parametrize("locale, asked, price", [("es-MX", "¿Cuánto cuesta?", "Cuesta $25."), ("zh-CN", "多少钱？", "只要$25。")])
def test_two_people_talk_each_in_their_own_language(server, ops, browser, locale, asked, price):
    room = locale.lower()
    words = ops.put(f"/shows/{room}/glossary", {"terms": [{"text": "Luna", "keep": True}]}, headers={"If-Match": "*"})
    assert words.status_code == 200
    with Reader(browser, server, locale, "Ana", place=room) as ana, Reader(browser, server, "en-US", "Ben", place=room) as ben:
        ana.says(asked)
        heard = ben.wait_text("How much is it?")
        assert "phrasebook" in heard.inner_text() and "Ana" in heard.inner_text()
        heard.locator(".msg-turn").click()
        ben.wait_text(asked)
        ben.says("It costs $25.")
        wait_until(lambda: "25" in ana.texts()[-1] and "costs" not in ana.texts()[-1], 10, "the price is there")
        assert ana.texts()[-1] == price
        assert ana.page.locator(".msg-text").last.get_attribute("lang").startswith(locale[:2])
        ben.says("How much is the Luna?")
        wait_until(lambda: "Luna" in ana.texts()[-1] and "How" not in ana.texts()[-1], 10, f"the name is untouched: {ana.texts()[-1]}")
        assert ana.complaints == [] and ben.complaints == []


def test_what_is_written_is_only_ever_text(server, browser):
    with Reader(browser, server, name="<b>Eve</b>") as eve, Reader(browser, server) as reader:
        eve.says(HOSTILE)
        place = reader.wait_text(HOSTILE)
        assert place.locator(".msg-name").inner_text() == "<b>Eve</b>"
        eve.says("\u202egnp.exe مرحبا")
        wait_until(lambda: "مرحبا" in reader.texts()[-1], 10, "it is there")
        assert reader.page.locator(".msg-text").last.get_attribute("dir") == "auto"
        assert "owned" not in reader.page.title()
        assert reader.page.locator("#chat img, #chat script, #chat .msg b").count() == 0
        assert reader.complaints == []


def test_a_lost_line_loses_and_doubles_nothing(server, browser):
    with Reader(browser, server, name="Cleo") as cleo, Reader(browser, server, name="Dora") as dora:
        cleo.says("before")
        dora.wait_text("before")
        for turn in range(2):
            dora.page.evaluate("window.lines.at(-1).close()")
            cleo.says(f"while away {turn}")
            dora.says(f"into the gap {turn}")
            dora.wait_text(f"while away {turn}", 15)
            cleo.wait_text(f"into the gap {turn}", 15)
        keys = dora.keys()
        assert len(keys) == len(set(keys))
        said = [text for text in dora.texts() if text.startswith(("while", "into"))]
        assert sorted(said) == sorted(f"{what} {turn}" for what in ("while away", "into the gap") for turn in range(2))
        wait_until(lambda: dora.page.locator(".msg[data-state=pending]").count() == 0, 5, "everything is acknowledged")
        assert dora.is_first_document


def test_without_websockets_it_goes_by_events_and_requests(server, browser):
    with Reader(browser, server, name="Fay", script=NO_SOCKETS) as fay, Reader(browser, server, "es-ES") as other:
        fay.says("It costs $30.")
        other.wait_text("Cuesta $30.")
        assert fay.page.locator(".msg[data-own=true][data-state=shown]", has_text="$30").count() == 1
        assert fay.page.is_hidden(".chat-react")
        fay.page.reload()
        fay.page.wait_for_selector("#chat-field:visible", timeout=15_000)
        assert fay.page.inner_text(".chat-as bdi") == "Fay"
        assert fay.complaints == []


def test_it_is_accessible_and_fits_a_phone(server, browser):
    with Reader(browser, server, name="Gil", device=PHONE) as gil:
        gil.says("hello")
        gil.wait_text("hello")
        assert gil.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        field = gil.page.locator("#chat-field").bounding_box()
        assert field["y"] + field["height"] <= PHONE["viewport"]["height"]
        assert gil.faults() == []
        gil.page.evaluate("document.body.dataset.shape = 'portrait'")
        assert gil.faults() == []


@pytest.mark.long
def test_an_enter_that_ends_a_composition_does_not_send(server, browser):
    with Reader(browser, server, "ja-JP", "花子") as hana:
        hana.page.focus("#chat-field")
        keyboard = hana.context.new_cdp_session(hana.page)
        keyboard.send("Input.imeSetComposition", {"text": "こんにちは", "selectionStart": 5, "selectionEnd": 5})
        keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229})
        keyboard.send("Input.insertText", {"text": "こんにちは"})
        assert hana.page.input_value("#chat-field") == "こんにちは"
        assert "こんにちは" not in hana.texts()
        hana.page.press("#chat-field", "Shift+Enter")
        assert "\n" in hana.page.input_value("#chat-field")
        hana.page.press("#chat-field", "Enter")
        hana.wait_text("こんにちは")


@pytest.mark.long
def test_a_long_chat_keeps_the_page_small_and_the_readers_place(server, ops, browser):
    with Reader(browser, server, name="Ida") as ida:
        for number in range(260):
            assert ops.post("/shows/show/chat/messages", {"text": f"line {number}"}).status_code == 201
        ida.wait_text("line 259", 20)
        assert ida.page.locator(".msg").count() <= 200
        ida.page.evaluate("document.querySelector('.chat-list').scrollTop = 300")
        ida.page.wait_for_selector(".chat-latest:visible")
        for number in range(3):
            ops.post("/shows/show/chat/messages", {"text": f"more {number}"})
        wait_until(lambda: "3" in ida.page.inner_text(".chat-latest"), 10, "three are new")
        assert ida.page.evaluate("document.querySelector('.chat-list').scrollTop") < 400
        ida.page.click(".chat-latest")
        ida.page.wait_for_selector(".chat-latest", state="hidden")
        wait_until(lambda: ida.page.evaluate("(({scrollTop, scrollHeight, clientHeight}) => scrollHeight - scrollTop - clientHeight < 5)(document.querySelector('.chat-list'))"), 5, "the newest is in sight")


@pytest.mark.long
def test_slow_mode_counts_down_and_a_room_may_be_the_hosts_alone(server, ops, browser):
    assert ops.patch("/shows/slow/chat", {"slowSeconds": 5}).status_code == 200
    with Reader(browser, server, name="Jon", place="slow") as jon:
        jon.says("first")
        jon.wait_text("first")
        jon.page.wait_for_selector(".chat-waits:disabled")
        jon.says("too soon")
        assert jon.page.input_value("#chat-field") == "too soon"
        jon.page.wait_for_selector(".chat-send:enabled", timeout=8000)
        jon.page.press("#chat-field", "Enter")
        jon.wait_text("too soon")
        assert ops.patch("/shows/slow/chat", {"slowSeconds": 0, "links": "refuse"}).status_code == 200
        jon.says("see https://elsewhere.example")
        wait_until(lambda: "Links" in jon.page.inner_text("#chat-note"), 5, "it says why")
        assert jon.page.input_value("#chat-field") == "see https://elsewhere.example"
        assert ops.patch("/shows/slow/chat", {"writing": "nobody"}).status_code == 200
    with Reader(browser, server, place="slow") as reader:
        reader.wait_reading("only the host writes")


@pytest.mark.long
def test_the_host_answers_from_the_studio(server, browser):
    guest = Client(server)
    made = guest.made("/shows/desk/chat/guest", {"name": "Ana"})
    guest.http.headers["Authorization"] = f"Guest {made['guest']}"
    with Visit(browser, server.url(), locale="en-US") as host, Reader(browser, server, "es-ES", place="desk") as reader:
        guest.made("/shows/desk/chat/messages", {"text": "¿Cuánto cuesta?"})
        host.open("/studio/desk")
        host.page.fill("#key", "streamkey-desk")
        host.page.click("#enter")
        item = host.page.locator(".desk-item").first
        item.wait_for(timeout=15_000)
        wait_until(lambda: "How much is it?" in item.inner_text(), 15, f"the question is in the host's language: {item.inner_text()}")
        item.locator("input").fill("It costs $25.")
        item.locator("button[type=submit]").click()
        answer = reader.wait_text("Cuesta $25.")
        assert "Anfitrión" in answer.inner_text()
        wait_until(lambda: host.page.locator(".desk-item").count() == 0, 10, "the question is answered")
        wait_until(lambda: reader.page.locator(".msg-answered").count() == 1, 10, "readers see that it is answered")
        # What is deleted goes everywhere.
        guest.made("/shows/desk/chat/messages", {"text": "to be deleted"})
        reader.wait_text("to be deleted")
        place = host.page.locator(".chat-list .msg", has_text="to be deleted")
        place.hover()
        place.get_by_role("button", name="Delete the message").click()
        wait_until(lambda: "to be deleted" not in reader.texts(), 10, "it is gone")
        found = Axe().run(host.page).response["violations"]
        assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == [], json.dumps(found)[:2000]
        assert host.complaints == []


@pytest.mark.long
def test_a_replay_shows_each_message_at_its_moment(launch, publish, browser):
    server = launch([show()], chat=LIMITS, ladder={"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False})
    publish(server, "small")
    guest = Client(server)
    made = guest.made("/shows/show/chat/guest", {"name": "Ana"})
    guest.http.headers["Authorization"] = f"Guest {made['guest']}"
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        guest.made("/shows/show/chat/messages", {"text": "at the beginning"})
        visit.wait(15)
        guest.made("/shows/show/chat/messages", {"text": "much later"})
        visit.wait(4)
    server.end_show()
    wait_until(lambda: server.http.get(server.url("/api/v1/shows/show")).json().get("replay"), 20, "there is a replay")
    with Visit(browser, server.url(), locale="en-US") as visit:
        visit.open()
        visit.wait_playing(30)
        place = visit.page.locator(".chat-replay .msg-text")

        def shown():
            return place.all_inner_texts()
        wait_until(lambda: "at the beginning" in shown(), 20, f"the first message comes: {shown()}")
        assert "much later" not in shown()
        visit.page.evaluate("video.currentTime = video.duration - 3")
        wait_until(lambda: "much later" in shown(), 20, "the last message comes")
        visit.page.evaluate("video.play()")
        visit.page.keyboard.press("Home")
        wait_until(lambda: "much later" not in shown(), 10, "it goes again where one goes back")
        assert visit.page.is_hidden("#chat-field")
        assert visit.serious_complaints == []
