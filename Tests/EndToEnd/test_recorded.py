"""What is behind the live edge, as others see it: a window that slides on disk, then the end, then the replay. Checked by
`shopcast check` and played by players that are not ours."""
from concurrent.futures import ThreadPoolExecutor

import pytest

import players
from checker import check, states, told
from deadline import wait_until
from server import show
from viewer import Replay, Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
# Fifteen segments, some of them on disk: old ones have left the list when the show ends.
WINDOW = {"dvrSeconds": 30}
TRANSPORTS = pytest.mark.parametrize("secure", [False, True], ids=["h1", "h2"])


@pytest.fixture(scope="module")
def aired(launch_once, publish_once):
    """A server whose show was on air for longer than its window, and what `check` said of it until then."""
    server = launch_once([show(language="en")], tls=True, ladder=LADDER, window=WINDOW)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    first = viewer.listing("source").complete[0].number
    wait_until(lambda: viewer.listing("source").complete[0].number > first + 1, 80, "the window slides")
    with ThreadPoolExecutor() as both:
        server.reports = dict(zip((False, True), both.map(lambda secure: look(server, secure), (False, True))))
    server.end_show()
    wait_until(lambda: viewer.listing("source").is_ended, 10, "the end mark")
    wait_until(Replay(server.url()).is_there, 30, "the replay")
    viewer.close()
    return server


def look(server, secure, place="live"):
    base = server.secure_url() if secure else server.url()
    return check(f"{base}/{place}/show/index.m3u8", *(["--insecure"] if secure else []))


def passes(report, code, *rules):
    assert told(report, "fail") == [] and code == 0
    assert len(report["renditions"]) >= 3
    said = states(report)
    for rule in ("time-continuous", "duration-true", "idr-start", "bandwidth-true", *rules):
        assert said[rule] == "pass", rule


@TRANSPORTS
def test_a_window_that_slides_breaks_no_rule(aired, secure):
    report, code = aired.reports[secure]
    assert report["live"]
    passes(report, code, "part-due", "blocking-kept", "delta-applies", "delta-smaller", "sequence-back")


@TRANSPORTS
def test_what_an_ended_show_leaves_breaks_no_rule(aired, secure):
    report, code = look(aired, secure)
    assert not report["live"]
    passes(report, code, "ended-constant", "hint-ended")


@TRANSPORTS
def test_the_replay_breaks_no_rule(aired, secure):
    report, code = look(aired, secure, "replay")
    assert not report["live"]
    passes(report, code)


@pytest.mark.parametrize("name", players.ALL)
def test_a_player_plays_the_replay(aired, tmp_path, name, record_property):
    pictures, complaints = getattr(players, name)(aired.url("/replay/show/index.m3u8"), tmp_path)
    record_property("pictures", pictures)
    assert complaints == []
    assert pictures > (players.SECONDS - 2) * 25
