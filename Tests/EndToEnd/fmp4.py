"""What a test must know of fragmented MP4 without asking ffmpeg: decode times, codec strings, NAL types."""
import struct

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex"}


def boxes(data, start=0, end=None):
    """(type, payload start, payload end) of the boxes in a row."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        assert head <= size <= end - start, f"box {kind} of {size} bytes at {start} leaves {end - start}"
        yield kind, start + head, start + size
        start += size
    assert start == end, f"{end - start} stray bytes after the last box"


def find(data, *path, start=0, end=None):
    """The payload range of the first box at this path, or None."""
    for kind, a, b in boxes(data, start, end):
        if kind == path[0]:
            return (a, b) if len(path) == 1 else find(data, *path[1:], start=a, end=b)
    return None


def codec(init):
    """The RFC 6381 string that an init section's sample entry stands for."""
    a, b = find(init, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    for kind, c, d in boxes(init, a + 8, b):
        if kind == b"avc1":
            e, _ = find(init, b"avcC", start=c + 78, end=d)
            return "avc1." + init[e + 1:e + 4].hex()
        if kind == b"mp4a":
            return "mp4a.40.2"
        raise AssertionError(f"sample entry {kind}")


def timescale(init):
    a, _ = find(init, b"moov", b"trak", b"mdia", b"mdhd")
    return struct.unpack_from(">I", init, a + (20 if init[a] == 1 else 12))[0]


def decode_times(segment):
    """The tfdt of each fragment, in the track's timescale."""
    times = []
    for kind, a, b in boxes(segment):
        if kind == b"moof":
            c, _ = find(segment, b"traf", b"tfdt", start=a, end=b)
            times.append(struct.unpack_from(">Q" if segment[c] == 1 else ">I", segment, c + 4)[0])
    return times


def first_picture_nal_type(segment):
    """The type of the first slice in a segment: 5 is an IDR picture. Nals have four-byte lengths."""
    for kind, a, b in boxes(segment):
        if kind == b"mdat":
            while a + 5 <= b:
                size, head = struct.unpack_from(">IB", segment, a)
                if head & 31 in (1, 5):
                    return head & 31
                a += 4 + size
    return None
