"""Pictures that are lost between the host and us, where parts and segments meet: viewers notice next to nothing."""
import pytest

from deadline import wait_until
import media
from page_browser import Visit
from rtmp import PacedHost
from server import show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
FRAME = 1000 / 30


class Places:
    """Counts the pictures of a file: `place` is the last one's in its group of 60."""

    def __init__(self):
        self.count = 0

    @property
    def place(self):
        return (self.count - 1) % 60

    def saw(self, tag):
        if tag.is_picture:
            self.count += 1


@pytest.fixture
def hosted(launch, browser):
    """Gives a function that makes a show of a host's, and a tab that watches its `source`."""
    ends = []

    def hosted(**habits):
        server = launch([show()], ladder=LADDER)
        host = PacedHost(media.made("small"), server.rtmp(), **habits)
        ends.append(host.end)
        host.start()
        viewer = Viewer(server.url())
        ends.append(viewer.close)
        viewer.wait_live()
        visit = Visit(browser, server.url())
        ends.append(lambda: visit.__exit__(None))
        visit.open()
        visit.wait_playing(20)
        visit.page.evaluate("window.shopcast.choose('source')")
        wait_until(lambda: visit.told("level") == "source", 10, "the source is shown")
        return host, viewer, visit

    yield hosted
    for end in reversed(ends):
        end()


def watched(visit, seconds):
    """The picture goes on for so long, in one piece and by one player."""
    address, begin = visit.video("src"), visit.video("currentTime")
    wait_until(lambda: visit.video("currentTime") > begin + seconds, seconds + 10, f"{seconds} s more are shown")
    assert visit.video("src") == address, f"the player began anew: {visit.told('notes')}"
    assert visit.told("stalls") == 0 and visit.told("faults") == []
    ranges = "[...Array(document.querySelector('video').buffered.length).keys()].length"
    assert visit.page.evaluate(ranges) == 1, "the buffer has a hole"


@pytest.mark.long
def test_a_place_that_stays_empty_between_two_parts_is_no_hole(hosted):
    places = Places()
    late = 0

    def change(tags):
        nonlocal late
        for tag in tags:
            places.saw(tag)
            # From the second part of every other group on, all pictures are one place later.
            if tag.is_picture and places.place == 15 and places.count > 240 and places.count % 120 == 16:
                late += 1
            if tag.kind == 9:
                tag.timestamp += round(late * FRAME)
            yield tag

    host, viewer, visit = hosted(change=change)
    watched(visit, 16)
    assert late >= 3


@pytest.mark.long
def test_a_part_whose_pictures_are_lost_is_watched_in_another_quality(hosted):
    places = Places()

    def keep(tag):
        places.saw(tag)
        # Encoders that cannot send fast enough leave pictures out up to the next key frame.
        return not (tag.is_picture and places.place >= 44 and 420 < places.count <= 480)

    host, viewer, visit = hosted(keep=keep)
    watched(visit, 16)
    assert any(p.gap for p in viewer.listing("source").parts) or "fragGap" in str(visit.told("notes"))
