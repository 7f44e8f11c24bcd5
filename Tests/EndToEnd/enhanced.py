"""Enhanced RTMP: the coded pictures and sound of an MP4 file as messages that name their codec by four characters, which
Debian's ffmpeg cannot write. Written from the specification, apart from the server's own code."""
import json
import struct
import subprocess
from pathlib import Path

from rtmp import Tag, amf
from server import tool

ABILITIES = {"fourCcList": ["*"], "videoFourCcInfoMap": {"*": 2}, "audioFourCcInfoMap": {"*": 2}, "capsEx": 14}
RECORDS = {"h264": (b"avc1", b"avcC"), "hevc": (b"hvc1", b"hvcC"), "av1": (b"av01", b"av1C")}
START, FRAMES, END, FRAMES_X, METADATA, MULTITRACK, MODIFIER = 0, 1, 2, 3, 4, 6, 7
KEY, OTHER = 1, 2


def head(frame, packet):
    return bytes([0x80 | frame << 4 | packet])


def tags(path, start=0):
    """The tags of a file, the first at `start` milliseconds; parameter sets before all others."""
    data, found = Path(path).read_bytes(), _probed(path)
    video = next(s for s in found["streams"] if s["codec_type"] == "video")
    audio = next(s for s in found["streams"] if s["codec_type"] == "audio")
    code, box = RECORDS[video["codec_name"]]
    made = [Tag(9, start, head(KEY, START) + code + _box(data, box)),
            Tag(9, start, head(KEY, METADATA) + code + amf("colorInfo") + amf({"colorConfig": {"bitDepth": 8}}))]
    if audio["codec_name"] == "opus":
        made.append(Tag(8, start, b"\x90Opus" + b"OpusHead\x01\x02" + struct.pack("<HIhB", 312, 48000, 0, 0)))
    else:
        made.append(Tag(8, start, b"\xaf\x00\x11\x90"))
    first = min(float(p["dts_time"]) for p in found["packets"])
    for packet in sorted(found["packets"], key=lambda p: float(p["dts_time"])):
        at, size = int(packet["pos"]), int(packet["size"])
        pts, dts = (round((float(packet[name]) - first) * 1000) + start for name in ("pts_time", "dts_time"))
        payload = data[at:at + size]
        if packet["codec_type"] == "audio":
            made.append(Tag(8, dts, (b"\x91Opus" if audio["codec_name"] == "opus" else b"\xaf\x01") + payload))
        else:
            frame = KEY if "K" in packet["flags"] else OTHER
            if code == b"av01":
                body = head(frame, FRAMES) + code
            elif pts == dts:
                body = head(frame, FRAMES_X) + code
            else:
                body = head(frame, FRAMES) + code + struct.pack(">i", pts - dts)[1:]
            made.append(Tag(9, dts, body + payload))
    return made


def with_another_track(made):
    """The same, and each picture again as track 1: at first in messages of its own, as OBS Studio does, then with ours."""
    half = made[len(made) // 2].timestamp
    out = []
    for tag in made:
        if tag.kind != 9 or tag.payload[0] & 15 == METADATA:
            out.append(tag)
            continue
        first, code, body = tag.payload[0], tag.payload[1:5], tag.payload[5:]
        outer, inner = bytes([first & 0xF0 | MULTITRACK]), first & 15
        if tag.timestamp < half:
            out += [tag, Tag(9, tag.timestamp, outer + bytes([inner]) + code + b"\x01" + body)]
        else:
            both = b"".join(bytes([track]) + len(body).to_bytes(3, "big") + body for track in (0, 1))
            out.append(Tag(9, tag.timestamp, outer + bytes([0x10 | inner]) + code + both))
    return out


def _probed(path):
    run = subprocess.run(
        [tool("ffprobe"), "-v", "error", "-show_entries",
         "packet=codec_type,pts_time,dts_time,pos,size,flags:stream=codec_type,codec_name", "-of", "json", str(path)],
        capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def _box(data, name):
    """What is in a box of the file's head, which comes first."""
    at = data.index(name)
    return data[at + 4:at - 4 + int.from_bytes(data[at - 4:at], "big")]
