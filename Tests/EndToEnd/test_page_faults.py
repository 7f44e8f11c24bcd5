"""The watch page gets over media that its decoder cannot read."""
import pytest

from deadline import wait_until
from page_browser import Visit
from server import show
from test_timeline import LADDER
from viewer import Viewer

#: How the content of one part comes: with lengths that are none, or as pictures that are none.
WAYS = {"lengths": lambda media: bytes(255 - b for b in media), "pictures": lambda media: media[:48] + bytes(len(media) - 48)}


class Spoiler:
    """Stands between the page and its pictures, and spoils one file of them."""

    def __init__(self, visit, way):
        self.visit = visit
        self.way = way
        self.spoilt = []
        for level in ("source", "240p"):
            visit.page.route(f"**/{level}/*.mp4", self._pass)

    def _pass(self, route):
        answer = route.fetch()
        body = answer.body()
        if not self.spoilt and answer.ok and b"mdat" in body:
            self.spoilt.append(route.request.url)
            start = body.index(b"mdat") + 4
            body = body[:start] + WAYS[self.way](body[start:])
        route.fulfill(response=answer, body=body)

    def wait(self):
        # Playwright answers for us only while it is asked something.
        wait_until(lambda: self.visit.frames() is not None and self.spoilt, 10, "a part is spoilt")
        self.visit.page.unroute_all()
        wait_until(
            lambda: self.visit.told("notes") or self.visit.told("faults"), 15,
            lambda: f"the decoder breaks: {self.visit.account}")


@pytest.mark.parametrize("way", WAYS)
def test_a_viewer_at_the_live_edge_is_there_again(launch, publish, browser, way):
    server = launch([show()], ladder=LADDER)
    publish(server, "small")
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        Spoiler(visit, way).wait()
        wait_until(
            lambda: visit.told("status") == "playing" and visit.behind < 6, 15, lambda: f"the page goes on: {visit.account}")
        visit.wait_playing()
        assert not visit.video("paused") and visit.is_first_document


def test_a_recording_goes_on_where_it_was(launch, publish, browser):
    server = launch([show()], ladder=LADDER)
    publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("source", 4)
    server.end_show()
    wait_until(lambda: server.http.get(server.url("/api/v1/shows/show")).json().get("replay"), 20, "there is a replay")
    with Visit(browser, server.url()) as visit:
        spoiler = Spoiler(visit, "lengths")
        visit.open()
        spoiler.wait()
        visit.wait_playing()
        assert visit.told("isReplay") and not visit.video("paused") and visit.is_first_document
        wait_until(lambda: visit.state == "ended", 20, lambda: f"it is played to its end: {visit.account}")
