"""A person with Chromium on the watch page: what the page says, what it shows, what it complains about."""
import contextlib
from urllib.parse import urljoin

from playwright.sync_api import sync_playwright

from deadline import wait_until

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


@contextlib.contextmanager
def chromium(playwright=None, autoplay="document-user-activation-required"):
    """Gives Debian's Chromium without a screen; it plays with sound only after a click, as at a viewer's, unless told so."""
    with contextlib.ExitStack() as stack:
        driver = playwright or stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(
            executable_path="/usr/bin/chromium", headless=True,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--autoplay-policy={autoplay}"])
        yield browser
        browser.close()


class Visit:
    """One tab; `complaints` collects the errors of its console, of its scripts and of its content policy."""

    def __init__(self, browser, base, device=None, **context):
        self.base = base
        self.context = browser.new_context(**(device or DESKTOP), ignore_https_errors=True, **context)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def open(self, path="/shows/show"):
        answer = self.page.goto(urljoin(self.base, path))
        # Gone after a reload: what a test does is seen by one and the same document.
        self.page.evaluate("window.isFirstDocument = true")
        return answer

    @property
    def is_first_document(self):
        return self.page.evaluate("window.isFirstDocument === true")

    def told(self, name):
        """A property of what the page tells of its player: state, latency, level, levels, stalls, …"""
        return self.page.evaluate(f"window.shopcast?.{name}")

    @property
    def state(self):
        return self.told("state")

    @property
    def behind(self):
        """Seconds behind the live edge; endless while the player does not know."""
        return self.told("latency") or float("inf")

    @property
    def account(self):
        """All that the page tells, for whoever has to find out why something did not happen."""
        return self.page.evaluate("""() => {
            const video = document.querySelector('video'), spans = [];
            for (let i = 0; i < video.buffered.length; i++) spans.push([video.buffered.start(i), video.buffered.end(i)]);
            const { currentTime, readyState, paused, ended, seeking, playbackRate, error } = video;
            const frames = video.getVideoPlaybackQuality().totalVideoFrames;
            const element = { currentTime, readyState, paused, ended, seeking, playbackRate, error: error?.message, frames, spans };
            return JSON.stringify({ ...window.shopcast, levels: undefined, video: element });
        }""")

    def wait_state(self, state, seconds=20):
        what = lambda: f"the page is {state}: {self.account}"
        return wait_until(lambda: self.state == state, seconds, what, every=0.1)

    def wait_playing(self, seconds=25):
        """Live, with pictures that move."""
        self.wait_state("live", seconds)
        # The page's opening is live as well, before the player is.
        wait_until(lambda: self.told("status") == "playing", seconds, lambda: f"the player plays: {self.account}")
        frames = self.frames()
        wait_until(lambda: self.frames() > frames + 10, 10, lambda: f"the picture moves: {self.account}", every=0.1)

    def wait_reading(self, text):
        """The page shows these words."""
        self.page.locator(f"text={text}").locator("visible=true").first.wait_for(timeout=5000)

    def frames(self):
        return self.page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames")

    def video(self, name):
        return self.page.evaluate(f"document.querySelector('video').{name}")

    def body(self, name):
        return self.page.evaluate(f"document.body.dataset.{name}")

    def wait(self, seconds):
        """Lets the page go on for a while: only where a span of watching is what is tested."""
        self.page.wait_for_timeout(seconds * 1000)

    def controls(self):
        """Brings the controls back, as a hand on the mouse does."""
        box = self.page.locator("#stage").bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
        self.page.mouse.move(box["x"] + box["width"] / 2 + 5, box["y"] + box["height"] / 3)

    @property
    def serious_complaints(self):
        """Without what the browser writes by itself when a show is live and has no playlist yet, or has its room no more."""
        def isOwn(complaint):
            if "status of 404" in complaint:
                return any(place in complaint for place in ("/index.m3u8", "/events", "/chat"))
            return "response code: 404" in complaint and "/ws/shows/" in complaint

        return [c for c in self.complaints if not isOwn(c)]

    def _on_console(self, message):
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")
