"""The story of a show without a mouse: signing in, making it, copying its key, going live, ending it."""
import re

from api import operator
from deadline import wait_until
from person import PASSWORD, Keyboard, Person

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


def test_a_show_without_a_mouse(launch, publish, browser):
    server = launch([], ladder=LADDER)
    ops = operator(server)
    ops.person("olga", PASSWORD, isOperator=True)
    def state():
        return ops.get("/shows/typed").json()["state"]
    with Person(browser, server.url(), permissions=["clipboard-read", "clipboard-write"]) as person:
        keys = Keyboard(person.page)
        person.page.goto(f"{server.url()}/login?next=/console%23/shows/new")
        keys.type("olga")
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        person.heading("New show")
        keys.to("Title (English)")
        keys.type("Typed by hand")
        keys.to("Name in addresses")
        keys.type("typed")
        keys.press("Enter")
        person.heading("Typed by hand")
        keys.to("Schedule")
        keys.press("Enter")
        person.page.locator("main .badge", has_text="Scheduled").wait_for()

        # The tabs are one stop; arrows go from one to the next.
        keys.to("#tab-details")
        keys.press("ArrowRight")
        person.page.locator("#panel-keys").wait_for()
        keys.to("New key")
        keys.press("Enter")
        person.page.locator("#ask .copy-value").nth(1).wait_for()
        copied = None
        for _ in range(6):
            keys.press("Enter")
            copied = person.page.evaluate("navigator.clipboard.readText()")
            if copied.startswith("live_"):
                break
            keys.press("Tab")
        assert re.fullmatch(r"live_[a-z0-9]{24}", copied)
        keys.press("Escape")
        person.page.locator("#ask").wait_for(state="hidden")

        publish(server, "small", url=f"rtmp://127.0.0.1:{server.rtmp_port}/live/{copied}")
        wait_until(lambda: state() == "rehearsal", 30, "it is rehearsed")
        person.page.goto(f"{server.url()}/studio/typed")
        person.page.locator("#go-live").wait_for(state="visible", timeout=20_000)
        for button, after in (("#go-live", "live"), ("#end", "ended")):
            person.page.locator(button).wait_for(state="visible", timeout=20_000)
            keys.to(button)
            keys.press("Enter")
            if after == "ended" or person.page.locator("#ask").is_visible():
                keys.to("#ask-yes")
                keys.press("Enter")
            wait_until(lambda: state() == after, 15, f"it is {after}")
        assert [c for c in person.complaints if "status of 40" not in c] == []
