"""The broken media set (broken_media.py): each feed ends in a playable output, or is refused with a reason."""
import re
import subprocess

import pytest

import fmp4
import media
import probe
from broken_media import CASES, SECONDS
from deadline import wait_until
from rtmp import PacedHost
from server import show, tool
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 180, "kilobits": 300}, {"shortSide": 144, "kilobits": 150}], "admission": False}
# So many are sent at once.
BATCH = 6


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@pytest.fixture(scope="module")
def server(launch_once):
    # Without a slate: what is looked at is what was sent.
    return launch_once([show(slug(name)) for name in CASES], ladder=LADDER, feed={"reconnectSeconds": 0})


@pytest.fixture(scope="module")
def feeds(server, request, tmp_path_factory):
    """Starts a case's host, and with it those of the cases that come next."""
    waiting = [item.callspec.params["name"] for item in request.session.items
               if item.path.name == "test_broken.py" and "name" in getattr(item, "callspec", item).params]
    started = {}

    def get(name):
        while name not in started:
            for next_name in waiting[:BATCH]:
                started[next_name] = SENDERS[CASES[next_name].over](
                    next_name, server, tmp_path_factory.mktemp(slug(next_name)))
            del waiting[:BATCH]
        return started[name]

    yield get
    for sender in started.values():
        sender.end()


class OverRTMP(PacedHost):
    def __init__(self, name, server, folder):
        case = CASES[name]
        super().__init__(media.broken(case.recipe), server.rtmp(slug(name)), change=case.change or (lambda tags: tags))
        self.start()

    def is_running(self):
        return self.is_alive()


class OverSRT:
    """The bytes as they are: to ffmpeg they are sound of so many samples a second."""

    def __init__(self, name, server, folder):
        case, self.log = CASES[name], folder / "sender.log"
        data = media.broken(case.recipe).read_bytes()
        path = folder / "stream.ts"
        path.write_bytes(case.change(data) if case.change else data)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [tool("ffmpeg"), "-nostdin", "-v", "error", "-re", "-f", "u8", "-ar", str(max(8000, len(data) // SECONDS)),
                 "-ac", "1", "-i", path, "-c", "copy", "-f", "u8", server.srt(slug(name))],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def is_running(self):
        return self.process.poll() is None

    def end(self):
        if self.is_running():
            self.process.kill()
        self.process.wait()


SENDERS = {"rtmp": OverRTMP, "srt": OverSRT}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if case.short else pytest.mark.long) for name, case in CASES.items()])
def test_a_broken_feed(server, feeds, tmp_path, name):
    case, show_id, sender = CASES[name], slug(name), feeds(name)
    if case.refused:
        def reasons():
            return [l for l in server.log().splitlines() if case.refused in l and (show_id in l or "reason" in l)]
        wait_until(reasons, 40, f"a refusal that says {case.refused!r}", every=0.25)
        wait_until(lambda: not sender.is_running(), 20, "the host is sent away", every=0.25)
        return
    viewer = Viewer(server.url(), show_id)
    try:
        viewer.wait_live(40)
        wait_until(lambda: not sender.is_running(), 60, "all is sent", every=0.25)
        server.end_show(show_id)
        names = list(viewer.renditions())
        wait_until(lambda: all(viewer.listing(n).is_ended for n in names), 20, "the show has ended", every=0.25)
        pieces = {rendition: pieces_of(viewer.listing(rendition)) for rendition in names}
        for rendition in names:
            expect_playable(viewer, rendition, pieces[rendition], case, tmp_path)
        for check in case.checks:
            CHECKS[check](viewer, pieces, tmp_path)
    finally:
        viewer.close()


def pieces_of(listing):
    """Segments in a row that one decoder can take, gaps left out; and what holds for all segments."""
    (target,) = map(int, listing.lines("#EXT-X-TARGETDURATION"))
    pieces = []
    for before, segment in zip([None, *listing.complete], listing.complete):
        assert round(segment.duration) <= target == 2, listing.text
        if segment.gap:
            continue
        if before is None or before.gap or segment.discontinuity or before.init_url != segment.init_url:
            pieces.append([])
        pieces[-1].append(segment)
    dates = [s.date for s in listing.complete]
    assert dates == sorted(dates), listing.text
    assert pieces, listing.text
    return pieces


def expect_playable(viewer, rendition, pieces, case, folder):
    """Every piece is decoded without a complaint, and its times rise."""
    seconds = 0
    for index, piece in enumerate(pieces):
        path = fetched(viewer, piece, folder / f"{rendition}{index}.mp4")
        errors = probe.decode_errors(path)
        if rendition not in case.damaged:
            assert errors == "", (rendition, index)
        packets = probe.packets(path, "a:0" if rendition == "audio" else "v:0")
        times = [p["dts"] for p in packets]
        assert all(a < b for a, b in zip(times, times[1:])), (rendition, index)
        if rendition == "audio":
            assert max(b - a for a, b in zip(times, times[1:])) < 0.06
        else:
            shown = [p["pts"] for p in packets]
            assert len(set(shown)) == len(shown) and all(p["pts"] >= p["dts"] - 0.001 for p in packets), rendition
            assert fmp4.first_picture_nal_type(viewer.fetch(piece[0].url)) == 5
        seconds += times[-1] - times[0]
    assert seconds >= case.least, (rendition, seconds)


def fetched(viewer, piece, path):
    if not path.exists():
        path.write_bytes(viewer.fetch(piece[0].init_url) + b"".join(viewer.fetch(s.url) for s in piece))
    return path


def one_piece(viewer, pieces, folder):
    assert {name: len(found) for name, found in pieces.items()} == dict.fromkeys(pieces, 1)


def can_be_heard(viewer, pieces, folder):
    """The host's tone is there nearly all the time."""
    windows = []
    for index, piece in enumerate(pieces["audio"]):
        _, samples = probe.decoded_samples(fetched(viewer, piece, folder / f"audio{index}.mp4"))
        windows += [abs(samples[i:i + 4800]).max() > 0.03 for i in range(0, len(samples) - 4800, 4800)]
    assert sum(windows) >= 0.75 * len(windows), f"{sum(windows)} of {len(windows)}"


def is_encoded(viewer, pieces, folder):
    """Nothing of the host's own is passed through: every rendition is one that all browsers play."""
    assert "source" not in pieces
    for rendition in pieces.keys() - {"audio"}:
        described = probe.stream(folder / f"{rendition}0.mp4")
        assert (described["pix_fmt"], described.get("field_order", "progressive")) == ("yuv420p", "progressive")
        assert described["width"] % 2 == described["height"] % 2 == 0


def is_sdr(viewer, pieces, folder):
    for rendition in pieces.keys() - {"audio"}:
        described = probe.stream(folder / f"{rendition}0.mp4")
        tags = [described.get(k) for k in ("color_space", "color_transfer", "color_primaries")]
        assert tags == ["bt709"] * 3 and described.get("color_range") != "pc"
        assert all(225 <= level <= 240 for _, level in probe.luma(folder / f"{rendition}0.mp4"))


def is_full_range(viewer, pieces, folder):
    """White is white in what is passed on, in full range, and in what is encoded, in limited range."""
    for rendition in pieces.keys() - {"audio"}:
        described = probe.stream(folder / f"{rendition}0.mp4")
        assert described["color_space"] == "bt709"
        if rendition == "source":
            assert described["color_range"] == "pc"
        else:
            assert described.get("color_range") != "pc"
            assert all(230 <= level <= 237 for _, level in probe.luma(folder / f"{rendition}0.mp4"))


CHECKS = {"one piece": one_piece, "sound": can_be_heard, "encoded": is_encoded, "sdr tags": is_sdr,
          "full range": is_full_range}
