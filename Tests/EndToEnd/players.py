"""Players that are not ours, without a screen: each plays an address for a while and says how many pictures it saw."""
import re
import subprocess

import pytest

from server import tool

SECONDS = 8
# Each plays in the short tier or, slow to install, in the long one.
ALL = ["ffmpeg", "ffprobe", "gstreamer", *(pytest.param(name, marks=pytest.mark.long) for name in ("mpv", "vlc"))]
# What libavformat says of every fragmented HLS when it opens the init section a second time, and of every caption track, since
# it reads no text beside HLS and plays the rest (FFmpeg 5.1, so mpv too); and mpv's own talk.
USUAL = re.compile(
    r"Found duplicated MOOV Atom|(?:hls:|\[hls @ \w+\]) Can't support the subtitle\(uri: captions-[\w-]+/index\.m3u8\)$|^\[null\]")


def ffmpeg(url, folder):
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-hide_banner", "-v", "warning", "-stats", "-i", url, "-map", "0:v:0", "-map", "0:a:0",
         "-t", str(SECONDS), "-f", "null", "-"], capture_output=True, text=True, timeout=60)
    complaints = [l for l in _unusual(re.split(r"[\r\n]", run.stderr)) if not l.startswith("frame=")]
    assert run.returncode == 0, run.stderr
    return int(re.findall(r"frame=\s*(\d+)", run.stderr)[-1]), complaints


def ffprobe(url, folder):
    run = subprocess.run(
        [tool("ffprobe"), "-v", "warning", "-select_streams", "v:0", "-read_intervals", f"%+{SECONDS}", "-show_entries",
         "packet=pts_time", "-of", "csv=p=0", url], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return len(run.stdout.split()), _unusual(run.stderr.splitlines())


# playbin3, which takes hlsdemux2; every picture that reaches the sink is one line.
GSTREAMER = ["-v", "playbin3", "video-sink=fakesink silent=false sync=true", "audio-sink=fakesink sync=true"]
PICTURE = re.compile(r"fakesink\w*: last-message = chain .*\(\d+ bytes")


def gstreamer(url, folder):
    text = _for_a_while([tool("gst-launch-1.0"), *GSTREAMER, f"uri={url}"], SECONDS + 6, folder / "gstreamer.log")
    return len(PICTURE.findall(text)), re.findall(r"ERROR.*", text)


class GStreamer:
    """Plays on until it is closed: `pictures` is how many were shown so far, `errors` what it complains of."""

    def __init__(self, url, folder):
        self.log_path = folder / "gstreamer-player.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [tool("gst-launch-1.0"), *GSTREAMER, f"uri={url}"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    @property
    def pictures(self):
        return len(PICTURE.findall(self.log_path.read_text(errors="replace")))

    @property
    def errors(self):
        return re.findall(r"ERROR.*|Got EOS.*", self.log_path.read_text(errors="replace"))


def mpv(url, folder):
    # Without a limit it would load a recording's end first; --frames ends it by itself.
    run = subprocess.run(
        [tool("mpv"), "--no-config", "--vo=null", "--ao=null", "--untimed=no", f"--frames={SECONDS * 30}",
         "--msg-level=all=warn,cplayer=info", url], capture_output=True, text=True, timeout=60)
    text = run.stdout + run.stderr
    assert run.returncode == 0, text
    return SECONDS * 30 if "Exiting... (End of file)" in text else 0, _unusual(re.findall(r"\[(?!cplayer).*", text))


def vlc(url, folder):
    """Decoded, made small and encoded again, since what is only shown is not counted; as nobody, since it refuses root."""
    film = folder / "vlc.ts"
    command = [tool("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/nonexistent",
               tool("cvlc"), "-I", "dummy", "--no-dbus", "--quiet", url, "vlc://quit", "--sout",
               "#transcode{vcodec=mp2v,vb=800,width=160,height=90,acodec=none}:std{access=file,mux=ts,dst=-}"]
    said = _for_a_while(command, SECONDS + 6, folder / "vlc.log", film)
    count = subprocess.run(
        [tool("ffprobe"), "-v", "error", "-count_packets", "-select_streams", "v:0", "-show_entries",
         "stream=nb_read_packets", "-of", "default=nw=1:nk=1", film], capture_output=True, text=True, timeout=60)
    return int((count.stdout.split() or [0])[0]), re.findall(r".*(?:main|hls|adaptive|avcodec).* error.*", said)


def _unusual(lines):
    return [line for line in lines if line.strip() and not USUAL.search(line)]


def _for_a_while(command, seconds, log_path, output=None):
    """What a program writes in so many seconds; then it is asked to go. Its output may have a file of its own."""
    with open(log_path, "wb") as log, open(output or log_path, "ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=log, stdin=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return log_path.read_text(errors="replace")
