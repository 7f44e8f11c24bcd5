"""A host publishes; every rendition is what the playlists promise, segment after segment and part after part."""
import subprocess
from dataclasses import dataclass

import pytest

import fmp4
import probe
from deadline import wait_until
from server import show, tool
from viewer import Viewer, last_piece

FRAME = 1 / 30
AAC_FRAME = 1024 / 48000
LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}


@dataclass
class Live:
    server: object
    viewer: Viewer


@pytest.fixture(scope="module")
def live(launch_once, publish_once):
    server = launch_once([show(language="en")], ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    yield Live(server, viewer)
    viewer.close()


@pytest.fixture(scope="module")
def takes(live, tmp_path_factory):
    """The same four segments of every rendition, fetched: {rendition: [Take]}."""
    folder = tmp_path_factory.mktemp("takes")
    names = live.viewer.renditions()
    pieces = {name: last_piece(live.viewer.wait_segments(name, 5)) for name in names}
    first = max(piece[0].number for piece in pieces.values())
    return {name: [Take(live.viewer, name, s, folder) for s in piece if first <= s.number < first + 4]
            for name, piece in pieces.items()}


class Take:
    """A segment that was fetched, and the file of its init section and itself."""

    def __init__(self, viewer, rendition, segment, folder):
        self.segment, self.rendition = segment, rendition
        self.init, self.data = viewer.fetch(segment.init_url), viewer.fetch(segment.url)
        self.path = folder / f"{rendition}-{segment.number}.mp4"
        self.path.write_bytes(self.init + self.data)
        self.packets = probe.packets(self.path, "a:0" if rendition == "audio" else "v:0")


def videos(takes):
    return {name: found for name, found in takes.items() if name != "audio"}


def test_renditions_are_the_source_the_ladder_below_it_and_audio(live):
    assert set(live.viewer.renditions()) == {"source", "240p", "audio"}


def test_the_multivariant_playlist_tells_the_truth(live, takes):
    master = live.viewer.multivariant()
    assert master.is_independent_segments
    assert master.is_variant
    for variant in master.playlists:
        info, name = variant.stream_info, variant.uri.split("/")[-2]
        take = takes[name][0]
        assert info.audio == master.media[0].group_id
        assert 0 < info.average_bandwidth <= info.bandwidth
        if name == "audio":
            assert info.codecs == "mp4a.40.2" and info.resolution is None
            bits = [8 * len(t.data) / t.segment.duration for t in takes[name]]
            assert max(bits) <= info.bandwidth <= 192_000, bits
            continue
        seen = probe.stream(take.path)
        assert info.resolution == (seen["width"], seen["height"])
        assert info.frame_rate == pytest.approx(30, abs=0.001)
        assert info.codecs == f"{fmp4.codec(take.init)},mp4a.40.2"
        # What was promised bounds what comes: picture and sound of each segment together.
        for video, audio in zip(takes[name], takes["audio"]):
            bits = 8 * (len(video.data) / video.segment.duration + len(audio.data) / audio.segment.duration)
            assert bits <= info.bandwidth, f"{name} {video.segment.number}: {bits:.0f} > {info.bandwidth}"
    (audio,) = master.media
    assert (audio.type, audio.channels, audio.default, audio.autoselect) == ("AUDIO", "2", "YES", "YES")
    assert audio.language == "en"


def test_media_playlists_carry_what_low_latency_needs(live):
    names = live.viewer.renditions()
    for name in names:
        listing = live.viewer.wait_segments(name, 6)
        model = listing.model
        assert model.target_duration == 2
        assert model.part_inf.part_target == pytest.approx(0.54)
        assert model.server_control.can_block_reload == "YES"
        assert model.server_control.part_hold_back == pytest.approx(1.62)
        assert listing.hint_url and model.preload_hint.hint_type == "PART"
        reports = {r.uri.split("/")[-2] for r in model.rendition_reports}
        assert reports == set(names) - {name}
        for report in model.rendition_reports:
            assert abs(report.last_msn - listing.segments[-1].number) <= 1
        assert not listing.is_ended
        assert "#EXT-X-PLAYLIST-TYPE" not in listing.text
        assert all(s.date is not None for s in listing.complete), listing.text
        assert all(s.init_url for s in listing.complete)


def test_segments_and_parts_keep_their_lengths(live):
    for name in live.viewer.renditions():
        listing = live.viewer.wait_segments(name, 6)
        target = listing.model.part_inf.part_target
        for segment in listing.complete:
            assert 0.4 <= segment.duration < 2.5, (name, segment)
            assert round(segment.duration) <= listing.model.target_duration
            if segment.parts:
                assert sum(p.duration for p in segment.parts) == pytest.approx(segment.duration, abs=0.002)
            if name != "audio" and segment.parts:
                assert segment.parts[0].independent
            for part in segment.parts:
                assert part.duration <= target + 1e-6, (name, part)
                if not part.independent and part is not segment.parts[-1]:
                    assert part.duration >= 0.85 * target - 1e-6, (name, part)


def test_dates_run_with_the_media(live):
    for name in live.viewer.renditions():
        piece = last_piece(live.viewer.wait_segments(name, 6))
        for a, b in zip(piece, piece[1:]):
            assert (b.date - a.date).total_seconds() == pytest.approx(a.duration, abs=0.005)


def test_every_segment_starts_with_an_idr_picture(takes):
    for name, found in videos(takes).items():
        for take in found:
            assert fmp4.first_picture_nal_type(take.data) == 5, (name, take.segment)
            assert take.packets[0]["key"]


def test_segments_start_at_the_same_times_in_all_renditions(takes):
    starts = {name: [t.packets[0]["pts"] for t in found] for name, found in videos(takes).items()}
    numbers = {name: [t.segment.number for t in found] for name, found in takes.items()}
    assert len(set(map(tuple, numbers.values()))) == 1, numbers
    reference = next(iter(starts.values()))
    for name, times in starts.items():
        assert times == pytest.approx(reference, abs=0.0005), (name, starts)
    for time, take in zip(reference, takes["audio"]):
        assert abs(take.packets[0]["pts"] - time) <= AAC_FRAME


def test_timestamps_run_on_from_segment_to_segment(takes):
    for name, found in takes.items():
        step = AAC_FRAME if name == "audio" else FRAME
        times = [p["dts"] for take in found for p in take.packets]
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert gaps == pytest.approx([step] * len(gaps), abs=0.0011), (name, sorted(gaps)[:3], sorted(gaps)[-3:])
        for take in found:
            # ffprobe leaves the first sound packet's own duration out.
            length = take.packets[-1]["dts"] + take.packets[-1]["duration"] - take.packets[0]["dts"]
            assert length == pytest.approx(take.segment.duration, abs=0.002)
        assert all(p["pts"] >= p["dts"] >= 0 for take in found for p in take.packets)


def test_every_rendition_decodes_without_complaint(takes, tmp_path):
    for name, found in takes.items():
        path = tmp_path / f"{name}.mp4"
        path.write_bytes(found[0].init + b"".join(t.data for t in found))
        assert probe.decode_errors(path) == "", name


def test_a_segment_is_its_parts_in_a_row(live):
    for name in live.viewer.renditions():
        segment = [s for s in live.viewer.wait_segments(name, 3).complete if s.parts][-1]
        assert live.viewer.fetch(segment.url) == b"".join(live.viewer.fetch(p.url) for p in segment.parts)


def test_renditions_list_the_same_parts_together(live):
    """Blocking for one part in every rendition: all of them list it, none lists more than one part beyond."""
    names = list(live.viewer.renditions())
    number, part = live.viewer.listing(names[0]).next_part
    for name in names:
        listing = live.viewer.listing(name, number, part)
        have = [(p.number, p.index) for p in listing.parts]
        assert (number, part) in have or max(have) > (number, part)


@pytest.mark.parametrize("rendition", ["source", "240p", "audio", None])
def test_gstreamer_plays(live, tmp_path, rendition):
    """playbin3 plays each rendition by itself, and the multivariant playlist."""
    url, log = live.viewer.index_url(rendition), tmp_path / "gstreamer.log"
    sink = "a" if rendition == "audio" else "v"
    with open(log, "wb") as out:
        player = subprocess.Popen(
            [tool("gst-launch-1.0"), "-v", "playbin3", f"uri={url}",
             "video-sink=fakesink name=v silent=false sync=true",
             "audio-sink=fakesink name=a silent=false sync=true"],
            stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def has_played():
        text = log.read_text(errors="replace")
        assert "ERROR" not in text and player.poll() is None, text[-2000:]
        return text.count(f"/GstFakeSink:{sink}: last-message = chain") >= 60

    try:
        wait_until(has_played, 40, "60 buffers out of GStreamer", every=0.2)
    finally:
        player.kill()
        player.wait()
