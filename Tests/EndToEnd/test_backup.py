"""Two hosts of one show: the second is kept warm, and takes over when the first is lost or frozen."""
import json

import pytest

import barcode
import media
from deadline import wait_until
from page_browser import Visit
from rtmp import PacedHost
from server import command, show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}

# Every picture that the viewer is shown, with its number where it has one: the slate has none.
WATCH = "() => {" + barcode.JAVASCRIPT + """
  const seen = window.seen = [], video = document.querySelector('video');
  const note = (now, frame) => {
    seen.push([readBarcode(video), now]);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}
"""


def onto(server, role):
    done = command("show", "switch", "show", role, "--config", server.settings_path)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def two(launch):
    server = launch([show(backupKey="backup-of-the-show")], ladder=LADDER,
                    feed={"returnSeconds": 3, "frozenMilliseconds": 1000})
    file = media.made_counted(width=640, height=360, kilobits=700)
    hosts = [PacedHost(file, server.rtmp()), PacedHost(file, server.rtmp(key="backup-of-the-show"))]
    for host in hosts:
        host.start()
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    yield server, hosts, viewer
    for host in hosts:
        host.end()
    viewer.close()


def on_air(server):
    said = [line for line in server.log().splitlines() if "a feed comes on air" in line]
    return said[-1].split("role=")[1].split()[0] if said else "primary"


@pytest.mark.parametrize("how", ["lost", pytest.param("frozen", marks=pytest.mark.long)])
def test_the_backup_takes_over(two, browser, record_property, how):
    server, (primary, _), viewer = two
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing()
        visit.page.evaluate(WATCH)
        wait_until(lambda: visit.page.evaluate("window.seen.length") > 30, 10, "pictures are read")
        if how == "lost":
            primary.end()
        else:
            # The connection stays, and nothing comes any more.
            primary.keep = lambda tag: False
            primary._ending.set()
        wait_until(lambda: on_air(server) == "backup", 8, "the backup is on air")
        wait_until(lambda: "a feed is shown again" in server.log(), 8, "and is shown")
        number = viewer.listing("240p").last_number
        viewer.wait_number("240p", number + 3)
        wait_until(lambda: visit.page.evaluate("window.seen.at(-1)[0] !== null"), 10, "numbered pictures again")
        visit.wait(2)
        seen = json.loads(visit.page.evaluate("JSON.stringify(window.seen)"))
        still = [b - a for (_, a), (_, b) in zip(seen, seen[1:])]
        numbered = [when for number, when in seen if number is not None]
        between = [b - a for a, b in zip(numbered, numbered[1:])]
        record_property("longest without one of the host's pictures, ms", round(max(between)))
        record_property("longest that the picture stood still, ms", round(max(still)))
        record_property("stalls in hls.js", visit.told("stalls"))
        assert visit.is_first_document and visit.serious_complaints == []
        # A figure in the note; here only that it is a moment, and no ending.
        assert max(between) < 6000


def test_the_primary_comes_back_by_itself_and_a_person_may_choose(two):
    server, (primary, _), viewer = two
    assert "backup" in onto(server, "backup")
    wait_until(lambda: on_air(server) == "backup", 8, "the backup is on air")
    assert "primary" in onto(server, "primary")
    wait_until(lambda: on_air(server) == "primary", 8, "and the primary again")
    primary.end()
    wait_until(lambda: on_air(server) == "backup", 8, "the backup has taken over")
    again = PacedHost(media.made_counted(width=640, height=360, kilobits=700), server.rtmp())
    again.start()
    try:
        wait_until(lambda: on_air(server) == "primary", 15, "the primary is well again")
    finally:
        again.end()
    number = viewer.listing("240p").last_number
    viewer.wait_number("240p", number + 2)
    assert not any(s.gap for s in viewer.listing("240p").complete)


def test_choosing_a_feed_that_is_not_there_is_refused(launch, publish):
    server = launch([show(backupKey="backup-of-the-show")], ladder=LADDER)
    publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    refused = command("show", "switch", "show", "backup", "--config", server.settings_path)
    assert refused.returncode == 1 and "backup" in refused.stderr
    assert command("show", "switch", "show", "third", "--config", server.settings_path).returncode != 0
    viewer.close()
