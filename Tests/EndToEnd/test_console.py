"""The whole story of a show in a real browser: the operator's first link, the show, its host, the rehearsal, going live, a
viewer on a phone, the end and the replay."""
import re

import pytest

from deadline import wait_until
from page_browser import PHONE
from person import Person

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def server(launch_once):
    return launch_once([], ladder=LADDER)


def setup_link(server):
    return wait_until(lambda: re.search(r"https?://\S+/welcome/[A-Za-z0-9]+", server.log()), 10, "the set-up link is told").group()


# Three browsers, two of which play.
@pytest.mark.alone
def test_a_show_from_the_first_link_to_its_replay(server, browser, publish, record_property):
    operator, host, viewer = (Person(browser, server.url(), device) for device in (None, None, PHONE))
    with operator, host, viewer:
        operator.picture("00-before")
        operator.welcome(setup_link(server), "Olga Operator")
        assert operator.faults() == []
        operator.picture("01-today")

        # A host, with the link for their password.
        operator.visit("people", "People")
        operator.page.get_by_label("Name", exact=True).fill("Hana Host")
        operator.page.get_by_label("Login", exact=True).fill("hana@example.com")
        assert operator.faults() == []
        operator.press("Create and invite")
        operator.page.locator("#ask .copy-value").wait_for()
        operator.picture("02-invitation")
        link = operator.secret()
        operator.heading("Hana Host")

        # The show, whose host she is.
        operator.visit("shows/new", "New show")
        operator.page.get_by_label("Title (English)").fill("An evening of silk")
        operator.page.get_by_label("Start", exact=True).fill("2099-12-01T19:00")
        operator.page.get_by_label("Time zone").select_option("Europe/Rome")
        operator.page.get_by_label("Length in minutes").fill("60")
        operator.page.get_by_label("Hosts").select_option(label="Hana Host")
        operator.page.get_by_label("Name in addresses").fill("silk")
        assert operator.faults() == []
        operator.picture("03-new-show")
        operator.press("Create show")
        operator.heading("An evening of silk")
        operator.press("Schedule")
        operator.page.locator("main .badge", has_text="Scheduled").wait_for()
        operator.picture("04-show")

        # She makes the key that she streams with.
        host.welcome(link, "Hana")
        host.visit("shows/silk", "An evening of silk")
        host.page.get_by_role("tab", name="Stream keys").click()
        host.press("New key")
        host.page.locator("#ask .copy-value").first.wait_for()
        host.picture("05-key")
        address, key = host.page.locator("#ask .copy-value").nth(0).inner_text(), host.secret(1)
        assert re.fullmatch(r"live_[a-z0-9]{24}", key)

        # Her first feed is a rehearsal, and tells her what is wrong with it.
        publish(server, "gop10", url=f"{address}/{key}")
        host.page.goto(f"{server.url()}/studio/silk")
        host.page.wait_for_selector("text=Your keyframe interval is 10 s.", timeout=40_000)
        assert "Rehearsal" in host.page.inner_text("#badge")
        assert host.faults() == []
        host.picture("06-rehearsal")
        viewer.open("/shows/silk")
        assert viewer.state != "live"
        viewer.picture("07-before")

        host.page.click("#go-live")
        if host.page.locator("#ask").is_visible():
            host.page.click("#ask-yes")
        viewer.page.locator("#stage").wait_for()
        viewer.wait_state("live", 40)
        viewer.page.mouse.click(195, 150)
        viewer.wait_playing(40)
        viewer.picture("08-watching")

        # The operator sees that somebody watches, and how far behind.
        operator.visit("", "Today")
        card = operator.page.locator(".live-card")
        card.wait_for()
        figures = card.locator("dd")
        wait_until(lambda: figures.nth(0).inner_text() == "1", 20, "one viewer is counted")
        wait_until(
            lambda: re.match(r"[\d.]+", figures.nth(1).inner_text()), 30, lambda: f"the latency is known: {viewer.account}")
        record_property("latency told to the operator", figures.nth(1).inner_text())
        assert operator.faults() == []
        operator.picture("09-on-air")

        host.page.click("#end")
        host.page.click("#ask-yes")
        viewer.wait_state("ended", 30)
        viewer.page.locator("#again").wait_for(state="visible", timeout=20_000)
        viewer.picture("10-ended")
        viewer.page.click("#again")
        wait_until(
            lambda: viewer.told("isReplay") and viewer.told("status") == "playing", 30,
            lambda: f"the replay plays: {viewer.account}")
        operator.visit("replays", "Replays")
        operator.page.locator("main .row", has_text="An evening of silk").wait_for()
        operator.picture("11-replays")
        assert [c for v in (operator, host) for c in v.complaints if "status of 40" not in c] == []


def test_by_keyboard_and_on_a_phone(server, browser):
    """Signs in and makes a show without a mouse; then the console on a phone, in Chinese."""
    with Person(browser, server.url()) as person:
        person.page.goto(f"{server.url()}/login")
        person.page.keyboard.type("olga")
        person.page.keyboard.press("Tab")
        person.page.keyboard.type("wrong password")
        person.page.keyboard.press("Enter")
        person.page.wait_for_selector("text=Login and password do not belong together.")
        assert person.faults() == []
    with Person(browser, server.url(), PHONE, locale="zh-CN") as person:
        person.page.goto(f"{server.url()}/login")
        person.heading("登录")
        assert person.page.evaluate("document.documentElement.lang") == "zh-Hans"
        person.picture("12-login-zh")
        assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
