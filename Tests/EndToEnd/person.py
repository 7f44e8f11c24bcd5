"""Somebody's browser on the pages of those who run shows. Pictures are kept where STORY_PICTURES names a folder."""
import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from deadline import wait_until
from page_browser import Visit

PASSWORD = "four plain words together"


class Person(Visit):
    def picture(self, name):
        folder = os.environ.get("STORY_PICTURES")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}.png")

    def welcome(self, link, name):
        self.page.goto(self.base + re.sub(r"^https?://[^/]+", "", link))
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.fill("#again", PASSWORD)
        self.page.press("#again", "Enter")
        self.page.wait_for_url("**/console")
        self.heading("Today")

    def heading(self, text):
        self.page.locator("h1", has_text=text).first.wait_for(timeout=10_000)

    def visit(self, place, heading):
        self.page.goto(f"{self.base}/console#/{place}")
        self.heading(heading)

    def press(self, name, within="main"):
        self.page.locator(within).get_by_role("button", name=name, exact=True).first.click()

    def agree(self, name):
        self.press(name, within="#ask")

    def secret(self, index=0):
        """What a dialog shows once; closes it."""
        value = self.page.locator("#ask .copy-value").nth(index).inner_text()
        self.agree("Done")
        return value

    def faults(self):
        """What an accessibility checker calls serious."""
        found = Axe().run(self.page).response["violations"]
        return [(f["id"], [n["target"] for n in f["nodes"]]) for f in found if f["impact"] in ("serious", "critical")]

    def enter(self, login, password=PASSWORD):
        """Is signed in, without the page for that."""
        answer = self.context.request.post(f"{self.base}/api/v1/session", data={"login": login, "password": password})
        assert answer.status == 200, answer.text()

    def settled(self):
        """The view is there, with what it asked for."""
        # Asked from outside: the page's own policy lets nobody wait inside of it.
        there = "!document.querySelector('#view[aria-busy]') && !!document.querySelector('main h1')"
        wait_until(lambda: self.page.evaluate(there), 20, "the view is there")
        self.page.wait_for_load_state("networkidle")


class Keyboard:
    """A person without a mouse: goes from control to control with Tab, and sees where they are."""

    FOCUSED = """() => {
        const e = document.activeElement, style = getComputedStyle(e);
        const label = e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText ?? '';
        const isSeen = e.matches(':focus-visible') && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
        return [e.id, label.trim().split('\\n')[0], isSeen];
    }"""

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def to(self, name, most=90):
        """`name`: what a control is called, or its `#id`."""
        seen = []
        for _ in range(most):
            self.press("Tab")
            id, label, is_seen = self.page.evaluate(self.FOCUSED)
            if name in (label, f"#{id}"):
                assert is_seen, f"{name} has the focus, and nobody sees that"
                return
            seen.append(label or id)
        raise AssertionError(f"Tab does not lead to {name}: {seen}")
