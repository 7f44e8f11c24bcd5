"""What ffprobe and ffmpeg make of served media: they read the bytes that a viewer got."""
import json
import subprocess

from server import tool


def packets(path, stream="v:0"):
    """The packets of a file's stream: dicts with pts, dts and duration in seconds, and `key`."""
    run = subprocess.run(
        [tool("ffprobe"), "-v", "error", "-select_streams", stream, "-show_entries",
         "packet=pts_time,dts_time,duration_time,flags", "-of", "json", str(path)],
        capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and not run.stderr, run.stderr
    return [
        {"pts": float(p["pts_time"]), "dts": float(p["dts_time"]), "duration": float(p.get("duration_time", 0)),
         "key": "K" in p["flags"]}
        for p in json.loads(run.stdout)["packets"]]


def hashes(path, stream="v:0"):
    """What tells each packet's bytes from others', in order."""
    run = subprocess.run(
        [tool("ffprobe"), "-v", "error", "-select_streams", stream, "-show_data_hash", "md5", "-show_entries",
         "packet=data_hash", "-of", "json", str(path)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return [p["data_hash"] for p in json.loads(run.stdout)["packets"]]


def stream(path, kind="v:0"):
    """ffprobe's description of a file's stream."""
    run = subprocess.run(
        [tool("ffprobe"), "-v", "error", "-select_streams", kind, "-show_streams", "-of", "json", str(path)],
        capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["streams"][0]


def decode_errors(path):
    """What ffmpeg complains of while it decodes all of a file; empty where it is sound."""
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "warning", "-xerror", "-i", str(path), "-f", "null", "-"],
        capture_output=True, text=True, timeout=120)
    # The null muxer's own remarks about pictures before the first key frame are not the file's.
    return run.stderr.strip() or ("" if run.returncode == 0 else f"exit {run.returncode}")


def decoded_samples(path, rate=48000):
    """(time of the first sample in seconds, mono samples as an array) of a file's audio."""
    import numpy

    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-i", str(path), "-map", "a:0", "-ac", "1", "-ar", str(rate),
         "-f", "f32le", "-"], capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return packets(path, "a:0")[0]["pts"], numpy.frombuffer(run.stdout, numpy.float32)


def luma(path):
    """[(time in seconds, mean luma 0 to 255)] of a file's pictures."""
    run = subprocess.run(
        [tool("ffprobe"), "-v", "error", "-f", "lavfi", f"movie={path},scale=64:36,signalstats", "-show_entries",
         "frame=pts_time:frame_tags=lavfi.signalstats.YAVG", "-of", "json"],
        capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return [(float(f["pts_time"]), float(f["tags"]["lavfi.signalstats.YAVG"]))
            for f in json.loads(run.stdout)["frames"]]
