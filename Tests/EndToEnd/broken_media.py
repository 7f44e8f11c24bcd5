"""Feeds that no encoder should send, and some do: made from small clips by changing an FLV file's tags, a transport stream's
packets, or the encoder's options. Each is one `Broken`, by name, in `CASES`."""
import random
from dataclasses import dataclass

import media
from rtmp import tags as tags_of

SECONDS = 12
AUDIO, VIDEO = 8, 9
HOUR = 3_600_000
WRAP = 1 << 32
SIZE = "320x180"


@dataclass
class Broken:
    """How a feed is made, how it is sent, and what is to become of it."""
    recipe: list
    # Makes the tags that are sent of those of the file (RTMP), or the bytes (SRT).
    change: object = None
    over: str = "rtmp"
    # Words of the reason where it is to be refused; otherwise it plays.
    refused: str | None = None
    # Seconds of picture that have to come out.
    least: float = 8
    # Renditions whose own pictures are damaged, as the host sent them.
    damaged: tuple = ()
    # Further checks, by name (test_broken.py).
    checks: tuple = ()
    # In the short tier too.
    short: bool = False


def source(rate="30", size=SIZE):
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}"]


def sound(rate=48000, *more):
    return ["-f", "lavfi", "-i", f"sine=f=440:beep_factor=4:r={rate}", *more]


def clip(picture=None, tone=None, video=(), gop=60, audio=("-c:a", "aac", "-b:a", "96k", "-ac", "2"), seconds=SECONDS):
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "fastdecode", "-pix_fmt", "yuv420p", "-b:v", "500k",
             "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0", "-bf", "0"]
    return [*(picture or source()), *(tone if tone is not None else sound()), "-t", str(seconds), *coded, *video,
            *(audio if tone != [] else ())]


PLAIN = clip()
BFRAMES = clip(video=("-tune", "animation", "-bf", "2", "-b_strategy", "0"))


# MARK: Changes of FLV tags

def moved(by, when=lambda tag: True):
    """Adds `by(tag)` milliseconds to the times of tags, at the pace they had."""
    def change(tags):
        for tag in tags:
            if when(tag):
                tag.timestamp = (tag.timestamp + by(tag)) % WRAP
            yield tag
    return change


def jump(milliseconds, kinds=(AUDIO, VIDEO), at=5000, base=0):
    return moved(lambda tag: base + (milliseconds if tag.kind in kinds and tag.due >= at else 0))


def reset(tags):
    return moved(lambda tag: 5_000_000 if tag.due < 6000 else -6000)(tags)


def sound_first(tags):
    """Both clocks jump; the sound's a second and a half before the pictures'."""
    return moved(lambda tag: HOUR if tag.due >= (4500 if tag.kind == AUDIO else 6000) else 0)(tags)


def composed(offset):
    """Sets the composition offset of pictures: a function of (index, present offset)."""
    def change(tags):
        index = 0
        for tag in tags:
            if tag.is_picture:
                now = int.from_bytes(tag.payload[2:5], "big", signed=True)
                tag.payload = tag.payload[:2] + offset(index, now).to_bytes(3, "big", signed=True) + tag.payload[5:]
                index += 1
            yield tag
    return change


def equal_times(tags):
    """Three pictures have one decoding time; they are shown when they were."""
    first, index = 0, 0
    for tag in tags:
        if tag.is_picture:
            if index % 3 == 0:
                first = tag.timestamp
            late = tag.timestamp - first
            offset = int.from_bytes(tag.payload[2:5], "big", signed=True) + late
            tag.payload = tag.payload[:2] + offset.to_bytes(3, "big", signed=True) + tag.payload[5:]
            tag.timestamp, index = first, index + 1
        yield tag


def without(kind, since, until):
    return lambda tags: (t for t in tags if t.kind != kind or not since <= t.due < until or is_header(t))


def is_header(tag):
    return tag.kind in (AUDIO, VIDEO) and tag.payload[1] == 0


def pictures_later(tags):
    """The pictures start five seconds after the sound, on the same clock."""
    for tag in tags:
        if tag.kind == VIDEO and not is_header(tag) and tag.timestamp < 4000:
            continue
        yield tag


def silence_of_the_feed(tags):
    """Six seconds in which nothing comes; the clock of the host goes on."""
    for tag in tags:
        if tag.due >= 6000:
            tag.due += 6000
            tag.timestamp += 6000
        yield tag


def every_second_picture_twice(tags):
    """Two pictures have the same time, again and again, as from a capture card that repeats what it has."""
    last, index = 0, 0
    for tag in tags:
        if tag.is_picture:
            tag.timestamp = last if index % 2 else tag.timestamp
            last, index = tag.timestamp, index + 1
        yield tag


def cut_short(tags):
    """One picture in twenty, not the first, loses its end."""
    dice, index = random.Random(3), 0
    for tag in tags:
        if tag.is_picture:
            index += 1
            if index > 10 and dice.randrange(20) == 0:
                tag.payload = tag.payload[:5 + (len(tag.payload) - 5) * 2 // 3]
        yield tag


def garbled(kind, one_in, spare=0):
    """Bytes of media that are not what they were."""
    def change(tags):
        dice, index = random.Random(5), 0
        for tag in tags:
            if tag.kind == kind and not is_header(tag):
                index += 1
                if index > spare and dice.randrange(one_in) == 0:
                    tag.payload = tag.payload[:2] + dice.randbytes(len(tag.payload) - 2)
            yield tag
    return change


def no_video_header(tags):
    return (t for t in tags if not (t.kind == VIDEO and is_header(t)))


def only(kind):
    return lambda tags: (t for t in tags if t.kind == kind)


def then(other, keeps_header=True):
    """Goes on with another recipe's clip from its half on, with the same clocks. Without its header, its parameter sets
    go into its key frames."""
    def change(tags):
        half = SECONDS * 500
        for tag in tags:
            if tag.timestamp >= half:
                break
            yield tag
        sets = b""
        for tag in tags_of(media.broken(other)):
            if tag.kind not in (AUDIO, VIDEO):
                continue
            if tag.kind == VIDEO and is_header(tag) and not keeps_header:
                sets = parameter_sets(tag.payload[5:])
                continue
            if tag.is_picture and sets and tag.payload[0] >> 4 == 1:
                tag.payload = tag.payload[:5] + sets + tag.payload[5:]
            tag.timestamp += half
            tag.due = tag.timestamp
            if tag.timestamp < SECONDS * 1000:
                yield tag
    return change


def parameter_sets(record):
    """The parameter sets of an avcC record, as NAL units with lengths of four bytes."""
    out, at = b"", 6
    for count in (record[5] & 31, None):
        if count is None:
            count, at = record[at], at + 1
        for _ in range(count):
            size = int.from_bytes(record[at:at + 2], "big")
            out += size.to_bytes(4, "big") + record[at + 2:at + 2 + size]
            at += 2 + size
    return out


# MARK: Changes of transport streams

def from_the_middle(data):
    """Starts inside a group of pictures: no parameter sets, no key frame, no table yet."""
    return data[188 * (len(data) // 188 // 4):]


def packets_lost(data):
    dice = random.Random(11)
    packets = [data[i:i + 188] for i in range(0, len(data) - 187, 188)]
    return b"".join(p for i, p in enumerate(packets) if i < 400 or dice.randrange(200))


def bits_flipped(data):
    dice, out = random.Random(13), bytearray(data)
    for _ in range(len(data) // 20_000):
        out[dice.randrange(60_000, len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def ts(recipe):
    return [*recipe, "-f", "mpegts"]


INTERLACED = ("-flags", "+ilme+ildct", "-x264-params", "tff=1:interlaced=1")
HDR = ("-pix_fmt", "yuv420p10le", "-profile:v", "high10", "-color_primaries", "bt2020", "-color_trc", "smpte2084",
       "-colorspace", "bt2020nc")
# White paper in HDR is 203 cd/m2, which PQ writes as 58 percent.
PAPER = ["-f", "lavfi", "-i", "color=c=0x949494:s=320x180:r=30,format=rgb24"]
WHITE = ["-f", "lavfi", "-i", "color=c=white:s=320x180:r=30,format=rgb24"]
FULL = ("-vf", "scale=out_range=full:out_color_matrix=bt709", "-pix_fmt", "yuvj420p", "-color_range", "pc", "-colorspace", "bt709",
        "-color_primaries", "bt709", "-color_trc", "bt709")

CASES = {
    # Clocks.
    "counter starts again": Broken(PLAIN, moved(lambda t: WRAP - 5000), short=True),
    "an hour forward": Broken(PLAIN, jump(HOUR), checks=("one piece",)),
    "an hour forward at once": Broken(PLAIN, jump(HOUR, at=1000), checks=("one piece", "sound")),
    "an hour back": Broken(PLAIN, jump(-HOUR, base=2 * HOUR), checks=("one piece",)),
    "five seconds back": Broken(BFRAMES, jump(-5000, base=HOUR), checks=("one piece",)),
    "pictures alone jump": Broken(PLAIN, jump(30_000, (VIDEO,)), checks=("one piece", "sound")),
    "sound alone jumps": Broken(PLAIN, jump(-30_000, (AUDIO,), base=HOUR), checks=("one piece", "sound"), short=True),
    "sound jumps first": Broken(PLAIN, sound_first, checks=("one piece", "sound")),
    "from zero again": Broken(BFRAMES, reset, checks=("one piece", "sound")),
    "sound clock one percent fast": Broken(PLAIN, moved(lambda t: t.timestamp // 100, lambda t: t.kind == AUDIO),
                                           checks=("one piece", "sound")),
    "sound on a clock of its own": Broken(PLAIN, moved(lambda t: 9_000_000, lambda t: t.kind == AUDIO),
                                          checks=("one piece", "sound")),
    "sound five seconds before": Broken(PLAIN, pictures_later, least=5, checks=("one piece", "sound")),
    "sound away for three seconds": Broken(PLAIN, without(AUDIO, 4000, 7000), checks=("one piece",)),
    "nothing for six seconds": Broken(PLAIN, silence_of_the_feed, least=4),
    "shown before decoded": Broken(BFRAMES, composed(lambda i, now: now - 80), checks=("one piece",)),
    "wild composition": Broken(BFRAMES, composed(lambda i, now: -8_000_000 if i % 40 == 39 else now)),
    "equal decoding times": Broken(BFRAMES, equal_times, checks=("one piece",)),
    "every second picture twice": Broken(PLAIN, every_second_picture_twice),
    # Rates.
    "one picture a second": Broken(clip(source("1"), gop=2), least=6),
    "120 pictures a second": Broken(clip(source("120"), gop=240), checks=("one piece",)),
    "variable rate": Broken(clip(video=("-vf", "setpts='PTS+0.012*sin(N)/TB'", "-fps_mode", "vfr"))),
    "pauses of a second": Broken(clip(video=("-vf", "select='lt(mod(t,4),2)+lt(mod(t,1),0.034)'", "-fps_mode", "vfr"))),
    "one key frame": Broken(clip(gop=9999)),
    # Pictures.
    "interlaced": Broken(clip(source("25"), video=INTERLACED, gop=50), checks=("encoded",), short=True),
    "field pairs at 50": Broken(clip(source("50"), video=("-vf", "tinterlace=4", *INTERLACED), gop=50),
                                checks=("encoded",)),
    "HDR in ten bits": Broken(clip(PAPER, video=HDR), checks=("encoded", "sdr tags")),
    "full range": Broken(clip(WHITE, video=FULL), checks=("full range",), short=True),
    "odd size": Broken(clip(source(size="321x181"), video=("-pix_fmt", "yuv444p", "-profile:v", "high444")),
                       checks=("encoded",)),
    "4:2:2": Broken(clip(video=("-pix_fmt", "yuv422p", "-profile:v", "high422")), checks=("encoded",)),
    "another size": Broken(PLAIN, then(clip(source(size="180x320"))), short=True),
    "another profile": Broken(clip(video=("-profile:v", "baseline")), then(clip(video=("-profile:v", "high",)))),
    "another size without a header": Broken(PLAIN, then(clip(source(size="640x360")), keeps_header=False)),
    "ten bits from the middle": Broken(PLAIN, then(clip(video=HDR))),
    # Sound.
    "mono at 44.1": Broken(clip(tone=sound(44100), audio=("-c:a", "aac", "-b:a", "64k", "-ac", "1")), checks=("sound",)),
    "mono at 22.05": Broken(clip(tone=sound(22050), audio=("-c:a", "aac", "-b:a", "32k", "-ac", "1")), checks=("sound",)),
    "mono at 8": Broken(clip(tone=sound(8000), audio=("-c:a", "aac", "-b:a", "16k", "-ac", "1")), checks=("sound",)),
    "surround": Broken(clip(audio=("-c:a", "aac", "-b:a", "256k", "-ac", "6")), checks=("sound",)),
    "no sound": Broken(clip(tone=[])),
    "other sound from the middle": Broken(clip(tone=sound(44100), audio=("-c:a", "aac", "-b:a", "64k", "-ac", "1")),
                                          then(PLAIN), checks=("sound",)),
    "garbage as sound": Broken(PLAIN, garbled(AUDIO, 1)),
    "sound alone": Broken(PLAIN, only(AUDIO), refused="has no video"),
    "MP3": Broken(clip(audio=("-c:a", "libmp3lame", "-ar", "44100", "-ac", "2")), refused="MP3"),
    # Bytes.
    "pictures cut short": Broken(PLAIN, cut_short, damaged=("source",)),
    "pictures garbled": Broken(PLAIN, garbled(VIDEO, 25, spare=10), damaged=("source",), least=4),
    "no header": Broken(PLAIN, no_video_header, refused="parameters"),
    # Transport streams.
    "a stream joined in the middle": Broken(ts(PLAIN), from_the_middle, over="srt", least=5, short=True),
    "33 bits start again": Broken(ts([*PLAIN, "-output_ts_offset", "95437"]), over="srt", checks=("one piece",)),
    "packets of a stream lost": Broken(ts(PLAIN), packets_lost, over="srt", damaged=("source",), least=4),
    "bits of a stream flipped": Broken(ts(BFRAMES), bits_flipped, over="srt", damaged=("source",), least=4),
    "an interlaced stream": Broken(ts(clip(source("25"), video=INTERLACED, gop=50)), over="srt", checks=("encoded",)),
    "MPEG-2": Broken([*source(), "-t", "12", "-c:v", "mpeg2video", "-f", "mpegts"], over="srt", refused="mpeg2video"),
    "sound alone over SRT": Broken([*sound(), "-t", "20", "-c:a", "aac", "-f", "mpegts"], over="srt",
                                   refused="no video"),
}
