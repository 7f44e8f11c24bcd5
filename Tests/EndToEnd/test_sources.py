"""Whatever a host sends is played: shapes, rates and habits of sources, all live at once on one server."""
import pytest

import fmp4
import media
import probe
from server import show
from viewer import last_piece

LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}
SOURCES = ["ntsc", "pal", "fast", "portrait", "longgop", "bframes", "mute", "mono44"]


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(name) for name in SOURCES] + [show("encoded", source=False)], ladder=LADDER)
    for name in SOURCES:
        media.made(name)
    for name in SOURCES:
        publish_once(server, name, show=name)
    publish_once(server, "small", show="encoded")
    return server


def fetched(viewer, rendition, tmp_path, count=3):
    """(listing's segments, their packets in a row, the file) of some segments of a rendition."""
    piece = last_piece(viewer.wait_segments(rendition, count))[:count]
    path = tmp_path / f"{viewer.show}-{rendition}.mp4"
    path.write_bytes(viewer.fetch(piece[0].init_url) + b"".join(viewer.fetch(s.url) for s in piece))
    return piece, probe.packets(path, "a:0" if rendition == "audio" else "v:0"), path


@pytest.mark.parametrize("name", [*SOURCES, "encoded"])
def test_every_source_plays(server, watch, tmp_path, name):
    viewer = watch(name)
    starts, missing = {}, 0
    for rendition in viewer.renditions():
        piece, packets, path = fetched(viewer, rendition, tmp_path)
        assert probe.decode_errors(path) == "", rendition
        times = [p["dts"] for p in packets]
        gaps = [b - a for a, b in zip(times, times[1:])]
        step = min(gaps)
        for gap in gaps:
            # On the grid; and a picture may be left out where the machine is too slow, but then it is counted.
            assert gap / step == pytest.approx(round(gap / step), abs=0.06), (rendition, gap, step)
            missing += round(gap / step) - 1
        assert all(s.duration < 2.5 for s in piece)
        if rendition != "audio":
            starts[rendition] = {s.number: s.date.timestamp() for s in piece}
            for segment in piece:
                assert fmp4.first_picture_nal_type(viewer.fetch(segment.url)) == 5
    dropped = server.metrics().total("shopcast_rendition_frames_dropped_total", show=name) or 0
    assert missing <= dropped, f"{missing} pictures are missing, {dropped} were counted"
    first, *others = starts.values()
    for other in others:
        for number in set(first) & set(other):
            assert other[number] == pytest.approx(first[number], abs=0.002)


@pytest.mark.parametrize("name,rate", [("ntsc", 30000 / 1001), ("pal", 25), ("portrait", 30), ("fast", 30)])
def test_encoded_renditions_keep_the_frame_rate_up_to_30(watch, tmp_path, name, rate):
    viewer = watch(name)
    _, packets, _ = fetched(viewer, "240p", tmp_path)
    gaps = sorted(b["dts"] - a["dts"] for a, b in zip(packets, packets[1:]))
    assert 1 / gaps[len(gaps) // 2] == pytest.approx(rate, rel=0.001)
    (variant,) = [p for p in viewer.multivariant().playlists if "240p" in p.uri]
    assert variant.stream_info.frame_rate == pytest.approx(rate, abs=0.001)


def test_portrait_keeps_its_shape(watch, tmp_path):
    viewer = watch("portrait")
    assert set(viewer.renditions()) == {"source", "240p", "audio"}
    sizes = {p.uri.split("/")[-2]: p.stream_info.resolution for p in viewer.multivariant().playlists}
    assert sizes["source"] == (360, 640)
    assert sizes["240p"] == (240, 426)
    seen = probe.stream(fetched(viewer, "240p", tmp_path)[2])
    assert (seen["width"], seen["height"]) == (240, 426)


def test_long_gops_are_encoded_and_the_log_says_why(server, watch):
    assert set(watch("longgop").renditions()) == {"360p", "240p", "audio"}
    lines = [l for l in server.log().splitlines() if "longgop" in l and "on air" in l]
    assert lines and "passed through" not in lines[0]


def test_a_show_may_choose_to_be_encoded(watch):
    assert set(watch("encoded").renditions()) == {"360p", "240p", "audio"}


def test_a_host_without_sound_gets_silence(watch, tmp_path):
    viewer = watch("mute")
    _, packets, path = fetched(viewer, "audio", tmp_path)
    described = probe.stream(path, "a:0")
    assert (described["codec_name"], described["channels"]) == ("aac", 2)
    _, samples = probe.decoded_samples(path)
    assert abs(samples).max() < 0.001


def test_audio_is_stereo_at_its_own_pace(watch, tmp_path):
    viewer = watch("mono44")
    _, packets, path = fetched(viewer, "audio", tmp_path)
    described = probe.stream(path, "a:0")
    rate = int(described["sample_rate"])
    assert described["channels"] in (1, 2)
    assert packets[1]["dts"] - packets[0]["dts"] == pytest.approx(1024 / rate, abs=0.0001)
    _, samples = probe.decoded_samples(path)
    assert abs(samples).max() > 0.05
