"""WebVTT as a reader that is not ours takes it, and captions on the show clock."""
import datetime
import re
from dataclasses import dataclass

TIMES = re.compile(r"^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3}) --> (?:(\d+):)?(\d\d):(\d\d)\.(\d{3})$")


@dataclass
class Cue:
    id: str
    start: float
    end: float
    text: str


def parse(text):
    """The cues of a WebVTT segment, by the rules of the W3C; asserts where it is not well formed."""
    blocks = text.split("\n\n")
    head = blocks[0].splitlines()
    assert head[0] == "WEBVTT" and head[1] == "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000", head
    cues = []
    for block in blocks[1:]:
        id, times, *lines = block.strip("\n").split("\n")
        found = TIMES.match(times)
        assert found and lines and "-->" not in id, block
        h, m, s, ms, h2, m2, s2, ms2 = (int(x or 0) for x in found.groups())
        start, end = h * 3600 + m * 60 + s + ms / 1000, h2 * 3600 + m2 * 60 + s2 + ms2 / 1000
        assert start < end, block
        cues.append(Cue(id, start, end, "\n".join(lines)))
    return cues


def at(instant, seconds):
    """The show clock, so many seconds later, as the API writes it."""
    return (instant + datetime.timedelta(seconds=seconds)).astimezone(datetime.timezone.utc).isoformat(
        timespec="milliseconds").replace("+00:00", "Z")


def cues_of(viewer, rendition, listing=None):
    """Every cue that a rendition lists, by id, with where its segment stands: (segment, cue)."""
    found = {}
    for segment in (listing or viewer.listing(rendition)).complete:
        if segment.gap:
            continue
        for cue in parse(viewer.fetch(segment.url).decode()):
            found.setdefault(cue.id, []).append((segment, cue))
    return found
