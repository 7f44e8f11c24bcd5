"""The watch page of a show that has ended: it plays the recording, in hls.js and natively."""
import pytest

from deadline import wait_until
from page_browser import Visit
from server import show
from test_timeline import LADDER, wait_window
from viewer import Viewer


@pytest.fixture(scope="module")
def ended(launch_once, publish_once, browser):
    """A show that was live for a while and has a replay."""
    server = launch_once([show()], ladder=LADDER)
    publish_once(server, "small")
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        wait_window(visit, 20)
    server.end_show()
    wait_until(lambda: server.http.get(server.url("/api/v1/shows/show")).json().get("replay"), 20, "there is a replay")
    return server


@pytest.mark.parametrize("native", [False, True])
def test_an_ended_shows_page_plays_the_replay(ended, browser, native):
    with Visit(browser, ended.url()) as visit:
        if native:
            visit.page.route("**/hls.mjs", lambda route: route.abort())
        visit.open()
        visit.wait_playing(30)
        assert visit.told("engine") == ("native" if native else "hls.js")
        assert visit.told("isReplay") and visit.video("currentTime") < 15
        assert visit.page.locator(".details .badge").inner_text() == "Replay"
        visit.controls()
        assert visit.page.is_hidden("#edge")
        length = visit.told("range")["end"]
        assert length > 18
        box = visit.page.locator("#seek").bounding_box()
        visit.page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
        wait_until(lambda: length * 0.5 < visit.video("currentTime") - visit.told("range")["start"] < length * 0.8, 8,
                   "the picture is there")
        visit.wait_playing()
        visit.page.keyboard.press("Home")
        wait_until(lambda: visit.video("currentTime") - visit.told("range")["start"] < 5, 8, "at the beginning")
        assert [c for c in visit.serious_complaints if "hls.mjs" not in c] == []


@pytest.mark.alone
def test_who_saw_it_end_is_offered_the_replay(launch, publish, browser):
    server = launch([show()], ladder=LADDER)
    publish(server, "small")
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        visit.wait(6)
        server.end_show()
        visit.wait_state("ended")
        visit.page.locator("#again").wait_for(state="visible", timeout=15000)
        visit.page.click("#again")
        visit.wait_playing(30)
        assert visit.told("isReplay") and visit.is_first_document


def test_the_replay_comes_at_once_though_the_player_still_looks_for_the_show(launch, publish, browser):
    """Its network was away when the show ended: the live playlist is not waited for any more."""
    server = launch([show()], ladder=LADDER)
    publish(server, "small")
    with Visit(browser, server.url()) as visit:
        visit.page.route("**/live/show/**", lambda route: None)
        visit.open()
        visit.wait_state("starting", 40)
        viewer = Viewer(server.url())
        viewer.wait_live()
        viewer.wait_segments("source", 3)
        server.end_show()
        visit.wait_state("ended")
        visit.page.locator("#again").wait_for(state="visible", timeout=15000)
        visit.page.click("#again")
        wait_until(lambda: visit.told("isReplay"), 3, lambda: f"the replay is opened: {visit.account}")
        visit.wait_playing(30)
