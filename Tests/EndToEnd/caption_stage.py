"""A show whose pictures carry their numbers, with captions that say which picture they belong to."""
import subprocess

import numpy

import barcode
import media
from api import Client
from captions import at
from deadline import wait_until
from person import PASSWORD, Person
from server import tool

RATE = 30
CUES = "/shows/show/captions/{}/cues"
#: What a page's picture and captions say in one and the same moment.
MOMENT = "() => {" + barcode.JAVASCRIPT + """
    const video = document.querySelector('video'), box = document.querySelector('#caption-box');
    const said = (language) => box.hidden ? '' : [...box.querySelectorAll(`:scope [lang="${language}"] span`)].map((e) => e.textContent).join('|');
    return { picture: readBarcode(video), en: said('en'), es: said('es') };
}"""


def counted():
    """The film: small, so that it is made within seconds."""
    return media.made_counted(seconds=90, width=640, height=360, kilobits=700)


def number_of(image, width=640, height=360):
    """The number in a picture: of a PNG, or in the first picture of a piece of a film."""
    done = subprocess.run(
        [tool("ffmpeg"), "-v", "error", "-i", "-", "-frames:v", "1", "-vf", f"scale={width}:{height}", "-f", "rawvideo",
         "-pix_fmt", "gray", "-"], input=image, capture_output=True, timeout=30)
    assert len(done.stdout) >= width * height, done.stderr[-300:]
    return barcode.read(numpy.frombuffer(done.stdout[:width * height], numpy.uint8).reshape(height, width))


class Reel:
    """Which picture has which date: by a segment's first picture, as a decoder sees it, and the date in the playlist."""

    def __init__(self, viewer):
        segment = viewer.wait_segments("source", 3).complete[-1]
        self.date = segment.date
        self.number = number_of(viewer.fetch(segment.init_url) + viewer.fetch(segment.url))
        assert self.number is not None

    def second(self, picture):
        """Seconds from the date to this picture, of a film that goes round."""
        return (picture - self.number) / RATE

    def say(self, ops, first, last):
        """A cue for each second, in two languages: `second 7` under the pictures of the seventh."""
        for language, word in (("en", "second"), ("es", "segundo")):
            ops.made(CUES.format(language), {"cues": [
                {"start": at(self.date, k), "end": at(self.date, k + 1), "text": f"{word} {k}"} for k in range(first, last)]})

    def check(self, moment, within=0.3):
        """The words are those of the picture, in both languages."""
        en, es = (moment[language].split()[-1] for language in ("en", "es"))
        second = self.second(moment["picture"])
        assert en == es and int(en) - within <= second <= int(en) + 1 + within, (moment, second)
        assert moment["en"] == f"second {en}" and moment["es"] == f"segundo {es}", moment


class Watcher(Person):
    """A viewer who reads captions."""

    def choose(self, first, second=None):
        self.controls()
        self.page.click("#captions")
        self.page.click(f"#captions-menu [data-choice='{first}']")
        if second:
            self.page.click("#captions")
            self.page.click("#captions-menu [data-choice='page:second']")
            self.page.click(f"#captions-menu [data-choice='second:{second}']")

    def moment(self):
        return self.page.evaluate(MOMENT)

    def reads(self, language="en"):
        return self.moment()[language]

    def wait_reads(self, text, language="en", seconds=15):
        wait_until(lambda: text in self.reads(language), seconds, f"{text!r} is on the picture, and not {self.moment()}")

    def still(self, name):
        """The stage stands still, and is looked at: (its picture's number, its moment)."""
        wait_until(lambda: self.moment()["en"] and self.moment()["es"], 15, f"captions in both languages: {self.moment()}")
        self.page.keyboard.press("k")
        wait_until(lambda: self.video("paused"), 5, "it stands still")
        self.wait(0.3)
        moment = self.moment()
        box = self.page.locator("video").bounding_box()
        shot = self.page.screenshot(clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]})
        self.picture(name)
        return number_of(shot), moment

    def lines(self):
        return self.page.locator(".said-words").all_inner_texts()


class Interpreter(Person):
    """Somebody on the interpreter's page."""

    def begin(self, login, language="es"):
        self.enter(login)
        self.open(f"/captions/show/{language}")
        self.page.wait_for_selector("#room:visible", timeout=15_000)
        wait_until(lambda: self.told_of("line") == "open", 15, "the line is open")

    def told_of(self, name):
        return self.page.evaluate(f"window.shopcastBooth.{name}")

    def wait_turn(self, turn):
        wait_until(lambda: self.told_of("turn") == turn, 10, f"the turn is {turn}, and not {self.told_of('turn')}")

    def types(self, text):
        self.page.locator("#words").press_sequentially(text, delay=20)

    def rows(self, place="#own"):
        return self.page.locator(f"{place} .cue-words").all_inner_texts()


def interpreters(ops, server, *logins, languages=("es",)):
    """People with the role."""
    for login in logins:
        person = ops.person(login, PASSWORD)
        member = {"role": "interpreter", "languages": list(languages)}
        assert ops.put(f"/shows/show/members/{person['id']}", member).status_code == 200
    return Client(server)
