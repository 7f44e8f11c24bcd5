"""The host's side of a show: who has its stream key, by program and on the studio page."""
import re

from deadline import wait_until
from page_browser import Visit

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
KEY = "streamkey-show"


class Host:
    """Who has the key, without a page."""

    def __init__(self, server, show_id="show", key=KEY):
        self.server, self.show, self.key = server, show_id, key

    def ask(self, path, method="GET", key=None, **options):
        key = self.key if key is None else key
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **options.pop("headers", {})}
        return self.server.http.request(
            method, self.server.url(f"/api/v1/shows/{self.show}/{path}"), headers=headers, **options)

    def feed(self):
        answer = self.ask("feed")
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    @property
    def state(self):
        return self.feed()["state"]

    def finding(self, code):
        return next((f for f in self.feed()["findings"] if f["code"] == code), None)

    def tell(self, what):
        return self.ask(what, "POST")

    def preview(self):
        answer = self.tell("preview")
        assert answer.status_code == 200, answer.text
        return answer.json()["playlist"]


class Studio(Visit):
    """A host's browser on the studio page."""

    def enter(self, key=KEY, show_id="show"):
        self.page.goto(f"{self.base}/studio/{show_id}")
        self.page.fill("#key", key)
        self.page.press("#key", "Enter")

    @property
    def serious_complaints(self):
        """Without what a preview was waiting for when its name became void, as a rehearsal's does when the show goes live."""
        def is_void(complaint):
            name = re.search(r"status of 404.*(/live/preview-[0-9a-f]+/)", complaint)
            return name and self.context.request.get(f"{self.base}{name[1]}index.m3u8").status == 404

        return [c for c in super().serious_complaints if not is_void(c)]

    @property
    def player(self):
        return self.page.evaluate("window.shopcastStudio.player")

    @property
    def position(self):
        return self.page.evaluate("document.querySelector('video').currentTime")

    def text(self, selector):
        return self.page.inner_text(selector)

    def listen(self):
        """From now on `said` is all that a screen reader was told."""
        self.page.evaluate("""() => {
            const place = document.querySelector("#announcer");
            window.said = [];
            new MutationObserver(() => window.said.push(place.textContent)).observe(place, {childList: true, characterData: true, subtree: true});
        }""")

    @property
    def said(self):
        return " | ".join(self.page.evaluate("window.said"))

    def wait_preview(self, seconds=30):
        wait_until(lambda: self.player == "playing", seconds, f"the preview plays, and is not {self.player}")
        before = self.position
        wait_until(lambda: self.position > before + 1, 10, "the preview moves")


def nothing_is_on(server):
    viewer = server.http.get(server.url("/live/show/index.m3u8"))
    return viewer.status_code == 404 and viewer.json()["detail"] == "Nothing is on yet."
