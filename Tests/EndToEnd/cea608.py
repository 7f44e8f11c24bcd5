"""CEA-608 captions put into an H.264 stream: SEI messages of ATSC A/53, a pair of bytes a picture, as encoders of
broadcasters do."""
import re
import subprocess

import media
from server import tool

START = re.compile(rb"\x00\x00\x00?\x01")


def odd(byte):
    """With the parity bit of CEA-608."""
    return byte if bin(byte).count("1") % 2 else byte | 0x80


def pop_on(text):
    """The pairs of a caption: made out of sight, on the last row, then shown at once."""
    letters = text.encode("ascii")
    letters += b"\0" * (len(letters) % 2)
    body = [letters[i:i + 2] for i in range(0, len(letters), 2)]
    return [b"\x14\x20", b"\x14\x2e", b"\x14\x70", *body, b"\x14\x2f"]


def schedule(captions, rate):
    """For each picture its pair; captions are (second, text or None to erase), and are shown at that second."""
    pairs = {}
    for second, text in captions:
        own = pop_on(text) if text else [b"\x14\x2c"]
        first = round(second * rate) - len(own) + 1
        for place, pair in enumerate(own):
            pairs[first + place] = pair
    return pairs


def sei(pair):
    """The NAL unit with one triplet."""
    data = b"\xb5\x00\x31GA94\x03\x41\xff" + bytes([0xFC, odd(pair[0]), odd(pair[1])]) + b"\xff"
    message, zeros = bytearray(), 0
    for byte in bytes([4, len(data)]) + data + b"\x80":
        if zeros >= 2 and byte <= 3:
            message.append(3)
            zeros = 0
        message.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b"\x00\x00\x01\x06" + bytes(message)


def captioned(folder, captions, rate=30, seconds=40):
    """A film in FLV without B-frames, whose pictures carry these captions; its path."""
    plain, marked, film = folder / "plain.h264", folder / "marked.h264", folder / "captioned.flv"
    source = media.made("small")
    subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", source, "-t", str(seconds), "-an", "-r", str(rate), "-c:v",
         "libx264", "-preset", "ultrafast", "-bf", "0", "-g", str(rate * 2), "-sc_threshold", "0", "-b:v", "500k", "-x264-params", "aud=1:a53cc=0",
         "-f", "h264", plain], check=True, timeout=120)
    stream = plain.read_bytes()
    pairs, out, at, picture = schedule(captions, rate), bytearray(), 0, -1
    for found in START.finditer(stream):
        kind = stream[found.end()] & 0x1F
        out += stream[at:found.start()]
        at = found.start()
        if kind == 9:
            picture += 1
            waits = True
        elif 1 <= kind <= 5 and waits:
            out += sei(pairs.get(picture, b"\x00\x00"))
            waits = False
    marked.write_bytes(bytes(out + stream[at:]))
    subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", "-r", str(rate), "-f", "h264", "-i", marked, "-stream_loop", "-1", "-i", source,
         "-map", "0:v", "-map", "1:a", "-c", "copy", "-t", str(seconds), "-f", "flv", film], check=True, timeout=120)
    return film
