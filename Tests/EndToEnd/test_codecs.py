"""What is not H.264 and AAC: HEVC over SRT and Enhanced RTMP, AV1 and Opus, several tracks, and what is refused."""
import subprocess

import pytest

import enhanced
import media
import probe
import rtmp
from deadline import wait_until
from page_browser import Visit
from server import BINARY, show, tool
from viewer import last_piece

LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}
SHOWS = ["srt", "hlg", "hevc", "av1", "tracks", "change", "refused", "old", "own-rtmp", "own-srt"]


@pytest.fixture(scope="module")
def server(launch_once):
    for name in media.MOVIES:
        media.made(name)
    return launch_once([show(name) for name in SHOWS], ladder=LADDER)


@pytest.fixture
def host(server):
    """Gives a function that publishes tags at their own pace."""
    hosts = []

    def host(name, made):
        hosts.append(rtmp.PacedHost(made, server.rtmp(name), abilities=enhanced.ABILITIES))
        hosts[-1].start()
        return hosts[-1]

    yield host
    for host in hosts:
        host.end()


def fetched(viewer, rendition, tmp_path, count=3):
    """The path of a file of a rendition's newest segments."""
    piece = last_piece(viewer.wait_segments(rendition, count))[-count:]
    path = tmp_path / f"{viewer.show}-{rendition}.mp4"
    path.write_bytes(viewer.fetch(piece[0].init_url) + b"".join(viewer.fetch(s.url) for s in piece))
    return path


def distinct_pictures(path):
    """(pictures that differ from all others, all pictures) of a file."""
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-i", str(path), "-map", "v:0", "-f", "framemd5", "-"],
        capture_output=True, text=True, timeout=60)
    sums = [line.rsplit(",", 1)[1] for line in run.stdout.splitlines() if line and line[0] != "#"]
    return len(set(sums)), len(sums)


def shown(viewer, tmp_path, sizes):
    """Each rendition is sound H.264 or AAC of its size, its pictures move, and it can be heard."""
    assert set(viewer.renditions()) == {*sizes, "audio"}
    for name, size in sizes.items():
        path = fetched(viewer, name, tmp_path)
        about = probe.stream(path)
        assert (about["codec_name"], about["width"], about["height"]) == ("h264", *size)
        assert probe.decode_errors(path) == "", name
        times = [p["dts"] for p in probe.packets(path)]
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert max(gaps) < 1.5 * min(gaps), name
        distinct, count = distinct_pictures(path)
        assert count >= 150 and distinct >= count * 0.95, f"{name}: {distinct} of {count} pictures differ"
    path = fetched(viewer, "audio", tmp_path)
    assert probe.stream(path, "a:0")["codec_name"] == "aac" and probe.decode_errors(path) == ""
    _, samples = probe.decoded_samples(path)
    assert abs(samples).max() > 0.05, "it can be heard"


WIDE = {"360p": (640, 360), "240p": (426, 240)}
TALL = {"360p": (360, 640), "240p": (240, 426)}


def test_hevc_over_srt_is_shown(server, publish, watch, browser, tmp_path):
    publish(server, media.made("hevc"), url=server.srt("srt"))
    viewer = watch("srt")
    shown(viewer, tmp_path, WIDE)
    assert "it is HEVC, which not every browser plays; send H.264 for that" in server.log()
    with Visit(browser, server.url()) as visit:
        visit.open("/shows/srt")
        visit.wait_playing()
        visit.page.evaluate("window.shopcast.choose('360p')")
        wait_until(lambda: (visit.video("videoWidth"), visit.video("videoHeight")) == (640, 360), 10, "its size")
        frames = visit.frames()
        wait_until(lambda: visit.frames() > frames + 60, 10, "the picture moves")
        assert visit.told("faults") == [] and visit.serious_complaints == []


@pytest.mark.long
def test_ten_bits_upright_and_hlg_over_srt_are_shown(server, publish, watch, tmp_path):
    publish(server, media.made("hlg"), url=server.srt("hlg"))
    viewer = watch("hlg")
    shown(viewer, tmp_path, TALL)
    about = probe.stream(fetched(viewer, "360p", tmp_path))
    assert (about["pix_fmt"], about["color_space"], about["color_transfer"]) == ("yuv420p", "bt709", "bt709")


@pytest.mark.parametrize("name", ["hevc", "av1"])
def test_enhanced_rtmp_is_shown(server, host, watch, tmp_path, name):
    """AV1 comes with Opus."""
    sent = host(name, enhanced.tags(media.made(name)))
    answer = sent.host.answer
    assert {"hvc1", "av01", "Opus"} <= set(answer["fourCcList"]) and answer["capsEx"] == 14
    assert answer["videoFourCcInfoMap"]["hvc1"] == 1
    shown(watch(name), tmp_path, WIDE)
    assert sent.fault is None


@pytest.mark.long
def test_hevc_in_the_old_form_is_shown(server, host, watch, tmp_path):
    """As it was sent before there was a standard: with codec number 12, and else like H.264."""
    made = [t for t in enhanced.tags(media.made("hevc")) if t.kind != 9 or t.payload[0] & 15 != enhanced.METADATA]
    for tag in made:
        if tag.kind == 9:
            first, body = tag.payload[0], tag.payload[5:]
            packet = first & 15
            offset = b"" if packet == enhanced.FRAMES else b"\0\0\0"
            tag.payload = bytes([first & 0x70 | 12, 0 if packet == enhanced.START else 1]) + offset + body
    host("old", made)
    shown(watch("old"), tmp_path, WIDE)


@pytest.mark.long
def test_of_several_tracks_the_first_is_shown(server, host, watch, tmp_path):
    host("tracks", enhanced.with_another_track(enhanced.tags(media.made("hevc"))))
    shown(watch("tracks"), tmp_path, WIDE)
    assert server.log().count("the host sends several tracks; only the first is shown") == 1
    wait_until(
        lambda: (server.metrics().total("shopcast_rtmp_other_track_units") or 0) > 700,
        40, "those of the second are counted, in messages of their own and beside the first")


@pytest.mark.long
def test_a_host_who_changes_to_hevc_goes_on(server, host, watch, tmp_path):
    """Until then H.264 is passed through; from then on that rendition is encoded, under its old name."""
    before = [t for t in rtmp.tags(media.made("small")) if t.timestamp < 12_000]
    host("change", before + enhanced.tags(media.made("hevc"), start=12_000))
    viewer = watch("change")
    assert set(viewer.renditions()) == {"source", "240p", "audio"}
    wait_until(lambda: any(s.discontinuity for s in viewer.listing("source").segments), 30, "it changes")
    shown(viewer, tmp_path, {"source": (640, 360), "240p": (426, 240)})
    assert "it is HEVC" in server.log()


@pytest.mark.long
@pytest.mark.parametrize("way", ["rtmp", "srt"])
def test_our_own_host_sends_it(server, watch, tmp_path, way):
    url = getattr(server, way)(f"own-{way}")
    own = subprocess.Popen([BINARY, "publish", media.made("hevc"), url], stdout=subprocess.DEVNULL)
    try:
        shown(watch(f"own-{way}"), tmp_path, WIDE)
    finally:
        own.terminate()
        own.wait(10)


@pytest.mark.parametrize("payload, words", [
    (b"\x90vp09\x01\x00\x00\x00", "video codec VP9 is not supported, use H.264 (or HEVC or AV1)"),
    (b"\x90hvc1\x01\x02\x03", "the HEVC sequence header cannot be read"),
    (b"\x96\x00av01\x00\x81", "the AV1 sequence header cannot be read"),
])
def test_what_cannot_be_decoded_is_refused_in_words(server, payload, words):
    caller = rtmp.Host(server.rtmp("refused"), abilities=enhanced.ABILITIES)
    caller.publish()
    caller.send_tag(rtmp.Tag(9, 0, payload))
    told = wait_until(lambda: next(iter([c for c in [caller._command()] if c[0] == "onStatus"]), None), 10, "an answer")
    assert told[-1]["level"] == "error" and words in told[-1]["description"]
    caller.close()
    assert words in server.log()
