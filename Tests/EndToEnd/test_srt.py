"""Hosts over SRT and RTMPS: let in by key, encrypted or not, refused with a reason, and played like any other."""
import os
import random
import socket
import subprocess

import pytest

import media
import probe
from deadline import wait_until
from lossy_relay import LossyRelay
from server import BINARY, show, tool
from viewer import Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
PASSPHRASE = "correct-horse-battery"


@pytest.fixture(scope="module")
def server(launch_once):
    shows = [show(), show("secret", srtPassphrase=PASSPHRASE), show("tls"), show("gst"), show("over"), show("file"), show("lossy")]
    return launch_once(shows, tls=True, ladder=LADDER)


def played(viewer, tmp_path):
    """Every rendition's newest segments decode without an error and run on without a gap."""
    for rendition in viewer.renditions():
        piece = last_piece(viewer.wait_segments(rendition, 3))[-3:]
        path = tmp_path / f"{viewer.show}-{rendition}.mp4"
        path.write_bytes(viewer.fetch(piece[0].init_url) + b"".join(viewer.fetch(s.url) for s in piece))
        assert probe.decode_errors(path) == "", rendition
        times = [p["dts"] for p in probe.packets(path, "a:0" if rendition == "audio" else "v:0")]
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert max(gaps) < 1.5 * min(gaps), rendition


def test_a_host_over_srt_is_played(server, publish, watch, tmp_path):
    host = publish(server, url=server.srt())
    viewer = watch()
    assert set(viewer.renditions()) == {"source", "240p", "audio"}
    played(viewer, tmp_path)
    metrics = server.metrics()
    assert metrics.total("shopcast_srt_connections") == 1
    wait_until(lambda: server.metrics().total("shopcast_srt_bytes_total") > 500_000, 20, "its bytes are counted")
    assert (metrics.total("shopcast_srt_dropped_bytes_total") or 0) == 0
    wait_until(lambda: server.metrics().total("shopcast_srt_buffer_seconds", show="show") is not None, 5, "its health")
    # A second connection with the same key takes over; nobody is told that the show is over.
    number = viewer.listing("240p").last_number
    second = publish(server, url=server.srt())
    wait_until(lambda: not host.is_running() or "took over" in server.log(), 15, "the first is put off")
    wait_until(lambda: viewer.listing("240p").last_number > number + 3, 40, "the second is on air")
    assert not viewer.listing("240p").is_ended and second.is_running()
    second.stop()
    wait_until(lambda: "feed lost" in server.log(), 15, "its end is noticed")


@pytest.mark.parametrize("case, url, words", [
    ("unknown key", lambda s: s.srt(key="not-a-key-at-all"), "the stream key is unknown"),
    ("no passphrase", lambda s: s.srt("secret"), None),
    ("wrong passphrase", lambda s: s.srt("secret", passphrase="wrong-wrong-wrong"), None),
    ("needless passphrase", lambda s: s.srt("over", passphrase=PASSPHRASE), None),
    ("to watch", lambda s: s.srt().replace("publish", "request"), "viewers watch over HTTP"),
    ("no stream ID", lambda s: f"srt://127.0.0.1:{s.srt_port}?pkt_size=1316", "names no stream"),
])
def test_who_may_not_come_in_is_refused(server, publish, case, url, words):
    host = publish(server, url=url(server))
    assert host.wait(20) != 0
    if words:
        assert words in server.log()
    assert "not-a-key-at-all" not in server.log() and PASSPHRASE not in server.log()


def test_an_encrypted_host_is_played(server, publish, watch, tmp_path):
    publish(server, show="secret", url=server.srt("secret", passphrase=PASSPHRASE))
    played(watch("secret"), tmp_path)


def test_gstreamer_over_srt_is_played(server, watch, tmp_path):
    stream = f"srt://127.0.0.1:{server.srt_port}"
    host = subprocess.Popen(
        [tool("gst-launch-1.0"), "-q", "videotestsrc", "is-live=true", "!", "video/x-raw,width=640,height=360,framerate=30/1",
         "!", "x264enc", "tune=zerolatency", "speed-preset=ultrafast", "key-int-max=60", "bitrate=600", "!", "h264parse",
         "!", "mux.", "audiotestsrc", "is-live=true", "!", "avenc_aac", "!", "mux.", "mpegtsmux", "name=mux",
         "alignment=7", "!", "srtsink", f"uri={stream}", "streamid=#!::r=streamkey-gst,m=publish", "mode=caller",
         "wait-for-connection=true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        played(watch("gst"), tmp_path)
    finally:
        host.terminate()
        host.wait(10)


@pytest.mark.parametrize("loss", [0.05, pytest.param(0.10, marks=pytest.mark.long)])
def test_lost_packets_are_not_seen(server, publish, watch, tmp_path, loss, record_property):
    """A round trip of 100 ms, the default latency of 500 ms."""
    with LossyRelay(server.srt_port, 0.1, loss) as relay:
        host = publish(server, show="lossy", url=server.srt("lossy").replace(f":{server.srt_port}", f":{relay.port}"))
        viewer = watch("lossy")
        viewer.wait_segments("source", 8, 60)
        played(viewer, tmp_path)
        metrics = server.metrics()
        figures = {name: metrics.total(f"shopcast_srt_{name}", show="lossy") for name in (
            "packets_lost", "packets_retransmitted", "packets_dropped", "round_trip_seconds")}
        host.stop()
    record_property("packets passed, lost by the relay", (relay.passed, relay.lost))
    record_property("as the server tells", figures)
    assert relay.lost > relay.passed * loss / 2 and figures["packets_lost"] > 10
    assert 0.08 < figures["round_trip_seconds"] < 0.3
    assert figures["packets_dropped"] <= figures["packets_lost"] * 0.02


def test_the_sample_host_sends_over_srt(server, watch, tmp_path):
    url = f"srt://127.0.0.1:{server.srt_port}?streamid=#!::r=streamkey-file,m=publish&latency=200"
    with open(tmp_path / "publish.log", "wb") as log:
        host = subprocess.Popen([BINARY, "publish", media.made("small"), url], stdout=log, stderr=log)
    try:
        played(watch("file"), tmp_path)
    finally:
        host.terminate()
        host.wait(10)


def test_the_sample_host_says_why_it_is_refused(server, tmp_path):
    url = f"srt://127.0.0.1:{server.srt_port}?streamid=#!::r=no-such-key,m=publish"
    run = subprocess.run([BINARY, "publish", media.made("small"), url], capture_output=True, text=True, timeout=30)
    assert run.returncode == 1 and "does not know the stream key" in run.stderr, run.stderr


def test_a_host_over_rtmps_is_played(server, publish, watch, tmp_path):
    publish(server, show="tls", url=f"rtmps://127.0.0.1:{server.rtmps_port}/live/streamkey-tls")
    played(watch("tls"), tmp_path)
    assert "feed published" in server.log()


def test_what_is_no_transport_stream_ends_the_feed_with_a_reason(server, publish, tmp_path):
    garbage = tmp_path / "garbage.bin"
    garbage.write_bytes(random.Random(1).randbytes(2 << 20))
    sender = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-re", "-f", "u8", "-ar", "100000", "-ac", "1", "-i", garbage, "-c",
         "copy", "-f", "u8", server.srt("over")], capture_output=True, text=True, timeout=60)
    assert sender.returncode is not None
    wait_until(lambda: "the feed cannot be read" in server.log(), 20, "the reason is told")
    # The next feed is none the worse.
    host = publish(server, show="over", url=server.srt("over"))
    viewer = Viewer(server.url(), "over")
    viewer.wait_live(40)
    viewer.close()
    host.stop()


def test_datagrams_of_noise_disturb_nobody(server, publish, watch, tmp_path):
    publish(server, url=server.srt())
    viewer = watch()
    dice = random.Random(2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(3000):
            out.sendto(dice.randbytes(dice.randrange(1, 1400)), ("127.0.0.1", server.srt_port))
    number = viewer.listing("240p").last_number
    wait_until(lambda: viewer.listing("240p").last_number > number + 2, 20, "it goes on")
    played(viewer, tmp_path)
    assert os.path.exists(f"/proc/{server.pid}")
