"""Captions that are there before they are said: a file for the whole evening, under the pictures of a live show."""
import datetime

import pytest

from api import operator
from caption_stage import CUES, Watcher
from captions import at
from deadline import wait_until
from server import show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
REMEMBERED = "localStorage.setItem('shopcast.captions', 'en')"


def stamp(second):
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"


def file_of(word, seconds=7200, every=2):
    """Two hours of cues, each of which says the second from which it is on."""
    cues = [f"{stamp(k)} --> {stamp(k + every)}\n<v Ana>{word} {k}" for k in range(0, seconds, every)]
    return {"content": ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode(), "headers": {"Content-Type": "text/vtt"}}


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(language="en", captions=[{"language": "en", "source": "upload"}])], ladder=LADDER)
    ops = operator(server)
    assert ops.put("/shows/show/captions/en/file", **file_of("script")).json()["isScript"]
    publish_once(server, "small")
    yield type("Aired", (), {"server": server, "ops": ops})
    ops.close()


class Reader(Watcher):
    """A viewer who has chosen English before; notes what is asked of the API."""

    def begin(self):
        self.context.add_init_script(REMEMBERED)
        self.asked = []
        self.page.on("request", lambda request: self.asked.append(request.url) if "/captions/en/cues" in request.url else None)
        self.open()
        self.wait_playing(40)

    def said(self):
        return self.page.locator("#caption-box span").all_inner_texts()

    def wait_said(self, word, seconds=10):
        """These words, of this moment."""
        def there():
            said = self.said()
            return said if any(text.startswith(f"Ana: {word} ") for text in said) else None
        return int(wait_until(there, seconds, f"{word} is said, and not {self.said()}")[-1].split()[-1])


def test_a_file_is_shown_to_its_end_whoever_comes_when(server, browser):
    ops = server.ops
    with Reader(browser, server.server.url(), locale="en-US") as ada, Reader(browser, server.server.url(), locale="en-US") as eva:
        ada.begin()
        ada.wait_said("script", 20)
        assert ada.page.locator("#caption-box bdi").first.inner_text() == "Ana:"
        # Another file, while they watch: what it says of this moment, and of all that follow.
        zero = at(datetime.datetime.now(datetime.timezone.utc), -3600)
        assert ops.put("/shows/show/captions/en/file", params={"zero": zero}, **file_of("file")).json()["cues"] == 3600
        first = ada.wait_said("file")
        assert 3580 < first < 3630
        # Who comes now, after thousands of them.
        eva.begin()
        eva.wait_said("file", 20)
        wait_until(lambda: ada.wait_said("file") > first + 10, 25, "it goes on")
        # So many at once ahead: they are read, and the old ones stay.
        now = datetime.datetime.now(datetime.timezone.utc)
        before = len(ada.asked)
        ops.made(CUES.format("en"), {"cues": [{"start": at(now, 300 + k), "end": at(now, 301 + k), "text": f"ahead {k}"} for k in range(60)]})
        # Requests are told of while the page is asked something.
        wait_until(lambda: (ada.said(), len(ada.asked) > before)[1], 10, "they are asked for")
        ada.wait_said("file")
        eva.wait_said("file")
        assert ada.serious_complaints == [] and len(ada.asked) < 12, ada.asked
