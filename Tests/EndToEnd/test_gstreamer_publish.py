"""GStreamer publishes without special options."""
import subprocess

import pytest

import probe
from server import show, tool
from viewer import Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.mark.parametrize("sink", ["rtmp2sink", "rtmpsink"])
@pytest.mark.parametrize("pixels,renditions", [
    ("I420", {"source", "240p", "audio"}),
    # What GStreamer settles on by itself is 4:4:4, which browsers do not play: it is encoded.
    (None, {"240p", "audio"}),
])
def test_gstreamer_publishes(launch, tmp_path, sink, pixels, renditions):
    server = launch([show()], ladder=LADDER)
    log = tmp_path / "gstreamer.log"
    picture = "video/x-raw,width=640,height=360,framerate=30/1" + (f",format={pixels}" if pixels else "")
    with open(log, "wb") as out:
        host = subprocess.Popen(
            [tool("gst-launch-1.0"), "-e", "flvmux", "name=mux", "streamable=true", "!", sink,
             f"location={server.rtmp()}",
             "videotestsrc", "is-live=true", "pattern=ball", "!", picture, "!", "x264enc", "tune=zerolatency", "speed-preset=superfast", "bitrate=700", "key-int-max=60", "!",
             "h264parse", "!", "mux.",
             "audiotestsrc", "is-live=true", "wave=ticks", "!", "audio/x-raw,rate=48000,channels=2", "!",
             "avenc_aac", "bitrate=128000", "!", "aacparse", "!", "mux."],
            stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    viewer = Viewer(server.url())
    try:
        names = viewer.wait_live(40)
        assert set(names) == renditions
        for name in names:
            piece = last_piece(viewer.wait_segments(name, 3))
            path = tmp_path / f"{name}.mp4"
            path.write_bytes(viewer.fetch(piece[-3].init_url) + b"".join(viewer.fetch(s.url) for s in piece[-3:]))
            assert probe.decode_errors(path) == ""
        assert host.poll() is None, log.read_text()
    finally:
        viewer.close()
        host.kill()
        host.wait()
