"""A feed that changes while it is live: viewers play on."""
import time

import pytest

import fmp4
import media
import probe
from deadline import wait_until
from rtmp import PacedHost
from server import show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}
AUDIO, VIDEO = 8, 9


@pytest.fixture
def hosting(launch):
    """Starts a server and a host with only some of a file's tags; gives both and a viewer."""
    hosts, viewers = [], []

    def hosting(file, **options):
        server = launch([show()], ladder=LADDER)
        hosts.append(PacedHost(media.made(file), server.rtmp(), **options))
        hosts[-1].start()
        viewers.append(Viewer(server.url()))
        return server, hosts[-1], viewers[-1]

    yield hosting
    [v.close() for v in viewers]
    [h.end() for h in hosts]


def loudness(viewer, numbers, folder):
    """The loudest sample of some sound segments."""
    found = [s for s in viewer.listing("audio").complete if s.number in numbers]
    path = folder / "sound.mp4"
    path.write_bytes(viewer.fetch(found[0].init_url) + b"".join(viewer.fetch(s.url) for s in found))
    return abs(probe.decoded_samples(path)[1]).max()


def test_sound_that_comes_late_joins_the_same_rendition(hosting, tmp_path):
    _, host, viewer = hosting("small", keep=lambda t: t.kind != AUDIO or t.timestamp > 8000 or t.payload[1] == 0)
    viewer.wait_live()
    first = viewer.listing("audio").complete[0]
    assert loudness(viewer, {first.number}, tmp_path) < 0.001
    listing = viewer.wait_number("audio", first.number + 6)
    assert loudness(viewer, {listing.last_number}, tmp_path) > 0.05
    assert listing.complete[-1].init_url == first.init_url
    assert not any(s.discontinuity for s in listing.segments)
    assert host.fault is None


def test_a_source_that_turns_unfit_is_encoded_in_its_place(hosting):
    """The same addresses, a DISCONTINUITY in every rendition at one number, and no segment gets long."""
    _, host, viewer = hosting("turning")
    names = viewer.wait_live()
    assert "source" in names
    first = viewer.listing("source").complete[0]

    def has_turned():
        return any(s.discontinuity and s.number > first.number for s in viewer.listing("source").complete)

    wait_until(has_turned, 30, "a DISCONTINUITY after the last key frame", every=0.25)
    number = viewer.listing("source").last_number + 2
    points = {}
    for name in names:
        listing = viewer.listing(name, number)
        points[name] = [s.number for s in listing.complete if s.discontinuity]
        assert all(s.duration < 2.5 for s in listing.complete), name
        assert not any(s.gap for s in listing.complete), name
    assert len({tuple(p) for p in points.values()}) == 1 and points["source"], points
    source = viewer.listing("source")
    assert source.complete[-1].init_url != first.init_url
    assert fmp4.first_picture_nal_type(viewer.fetch(source.complete[-1].url)) == 5
    assert host.fault is None


def test_a_pause_of_a_second_loses_nothing(launch, publish):
    server = launch([show()], ladder=LADDER)
    host = publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    number = viewer.listing("240p").last_number
    host.hold()
    seen = Stillness(server)
    wait_until(lambda: seen.seconds() >= 1.2, 10, "the feed has been silent for 1.2 s")
    host.resume()
    listing = viewer.wait_number("240p", number + 4)
    assert not any(s.gap or s.discontinuity for s in listing.complete)
    for before, after in zip(listing.complete, listing.complete[1:]):
        assert (after.date - before.date).total_seconds() == pytest.approx(before.duration, abs=0.01)
    viewer.close()


class Stillness:
    """How long no frame has come in, by the server's own count."""

    def __init__(self, server):
        self.server, self.frames, self.since = server, None, 0

    def seconds(self):
        frames = self.server.metrics().total("shopcast_feed_frames_total")
        if frames != self.frames:
            self.frames, self.since = frames, time.monotonic()
        return time.monotonic() - self.since
