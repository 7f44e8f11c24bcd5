"""The files that the tests publish: made once with ffmpeg, kept in .cache/media under their recipe's hash."""
import hashlib
import os
import subprocess

import barcode
from server import ROOT, tool

FOLDER = ROOT / ".cache/media"


def picture(size, rate="30"):
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}"]


def x264(kilobits, gop, *more):
    """Constant GOPs of `gop` frames at a constant rate."""
    return ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p",
            "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0", "-b:v", f"{kilobits}k",
            "-maxrate", f"{kilobits}k", "-bufsize", f"{kilobits}k", *(more or ("-bf", "0"))]


TONE = ["-f", "lavfi", "-i", "sine=f=220:beep_factor=4:r=48000"]
AAC = ["-c:a", "aac", "-b:a", "128k", "-ac", "2"]
MINUTE = ["-t", "60"]
FLASH = "color=c=black:s=640x360:r=30,drawbox=t=fill:color=white:enable='lt(mod(t+0.001,1),0.066)'"
BEEP = "aevalsrc='0.7*sin(2*PI*1000*t)*lt(mod(t,1),0.05)':s=48000"

RECIPES = {
    # What most tests use: small, a key frame every 2 s.
    "small": [*picture("640x360"), *TONE, *MINUTE, *x264(700, 60), *AAC],
    "hd": [*picture("1280x720"), *TONE, *MINUTE, *x264(2500, 60), *AAC],
    "ntsc": [*picture("640x360", "30000/1001"), *TONE, *MINUTE, *x264(700, 60), *AAC],
    "pal": [*picture("640x360", "25"), *TONE, *MINUTE, *x264(700, 50), *AAC],
    "fast": [*picture("640x360", "60"), *TONE, *MINUTE, *x264(1200, 120), *AAC],
    "portrait": [*picture("360x640"), *TONE, *MINUTE, *x264(700, 60), *AAC],
    # What OBS Studio sends with its automatic key frames: one in 250 frames.
    "longgop": [*picture("640x360"), *TONE, *MINUTE, *x264(700, 250), *AAC],
    # A key frame every 10 s.
    "gop10": [*picture("1280x720"), *TONE, *MINUTE, *x264(2500, 300), *AAC],
    # A key frame every 61 pictures: each segment ends with a part of one.
    "gop61": [*picture("640x360"), *TONE, *MINUTE, *x264(700, 61), *AAC],
    "bframes": [*picture("640x360"), *TONE, *MINUTE, *x264(700, 60, "-bf", "2"), *AAC],
    "mute": [*picture("640x360"), *MINUTE, *x264(700, 60)],
    "mono44": [*picture("640x360"), "-f", "lavfi", "-i", "sine=f=220:r=44100", *MINUTE, *x264(700, 60),
               "-c:a", "aac", "-b:a", "96k", "-ac", "1", "-ar", "44100"],
    # Fit at first; from 14 s on without a key frame.
    "turning": [*picture("640x360"), *TONE, *MINUTE, *x264(700, 100000), "-force_key_frames",
                "expr:if(lt(t,14),gte(t,n_forced*2),0)", *AAC],
    # A white picture and a beep at each full second, for the offset between sound and picture.
    "flash": ["-f", "lavfi", "-i", FLASH, "-f", "lavfi", "-i", BEEP, "-t", "240", *x264(500, 60), *AAC],
}


def x265(*more):
    """With B-frames and open groups, as it does of its own accord."""
    return ["-c:v", "libx265", "-preset", "ultrafast", "-b:v", "700k", "-tag:v", "hvc1", *more,
            "-x265-params", "keyint=60:min-keyint=60:bframes=3:log-level=error"]


# What ffmpeg cannot put into FLV: MP4, for SRT as it is, and for RTMP by enhanced.py.
MOVIES = {
    "hevc": [*picture("640x360"), *TONE, "-t", "40", *x265("-pix_fmt", "yuv420p"), *AAC],
    # As phones make it: ten bits, HLG, upright.
    "hlg": [*picture("360x640"), *TONE, "-t", "40", *x265(
        "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "arib-std-b67",
        "-colorspace", "bt2020nc"), *AAC],
    "av1": [*picture("640x360"), *TONE, "-t", "40", "-c:v", "libsvtav1", "-preset", "12", "-b:v", "700k", "-g", "60",
            "-pix_fmt", "yuv420p", "-c:a", "libopus", "-b:a", "96k", "-ac", "2"],
}


def made(name):
    """The path of a recipe's file, made now where it is missing."""
    recipe = RECIPES.get(name) or [*MOVIES[name], "-movflags", "+faststart"]
    kind = "flv" if name in RECIPES else "mp4"
    return _kept(name, recipe, lambda path: subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", *recipe, "-f", kind, path],
        check=True, timeout=600, stderr=subprocess.DEVNULL), kind)


def broken(recipe):
    """The path of what a recipe of broken_media.py makes; one that names no form is FLV."""
    form = [] if "-f" in recipe[-2:] else ["-f", "flv"]
    return _kept("broken", recipe, lambda path: subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", *recipe, *form, path], check=True, timeout=120))


def made_counted(seconds=80, width=1280, height=720, kilobits=2500):
    """A 30 frames a second file whose every picture carries its own number as a barcode (barcode.py)."""
    def make(path):
        size = f"{width}x{height}"
        raw = subprocess.Popen(
            [tool("ffmpeg"), "-nostdin", "-v", "error", *picture(size), "-t", str(seconds), "-f", "rawvideo",
             "-pix_fmt", "yuv420p", "-"], stdout=subprocess.PIPE)
        encoder = subprocess.Popen(
            [tool("ffmpeg"), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", "30",
             "-i", "-", *TONE, "-t", str(seconds), *x264(kilobits, 60), *AAC, "-f", "flv", path],
            stdin=subprocess.PIPE)
        number = 0
        while frame := raw.stdout.read(width * height * 3 // 2):
            encoder.stdin.write(barcode.stamped(bytearray(frame), width, height, number))
            number += 1
        encoder.stdin.close()
        assert (encoder.wait(), raw.wait()) == (0, 0)
    return _kept("counted", ["counted", seconds, width, height, kilobits], make)


def _kept(name, recipe, make, kind="flv"):
    mark = hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    path = FOLDER / f"{name}-{mark}.{kind}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        make(str(unfinished))
        unfinished.rename(path)
    return path
