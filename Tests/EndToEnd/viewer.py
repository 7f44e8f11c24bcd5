"""A viewer without a player: fetches playlists and media over HTTP and reads them with the m3u8 package."""
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
import m3u8

from deadline import wait_until


@dataclass
class Part:
    number: int
    index: int
    url: str
    duration: float
    independent: bool
    gap: bool


@dataclass
class Segment:
    number: int
    url: str | None
    duration: float | None
    date: object
    discontinuity: bool
    gap: bool
    init_url: str | None
    parts: list

    @property
    def is_complete(self):
        return self.url is not None


class Listing:
    """A media playlist: complete segments, then perhaps one that has only parts yet."""

    def __init__(self, text, url):
        self.text, self.url = text, url
        self.model = m3u8.loads(text, uri=url)
        first = self.model.media_sequence
        self.segments = []
        for number, item in enumerate(self.model.segments, first):
            parts = [
                Part(number, i, urljoin(url, p.uri), p.duration, p.independent == "YES", p.gap == "YES")
                for i, p in enumerate(item.parts)
            ]
            self.segments.append(
                Segment(
                    number, urljoin(url, item.uri) if item.uri else None, item.duration,
                    item.program_date_time, bool(item.discontinuity), bool(item.gap_tag),
                    urljoin(url, item.init_section.uri) if item.init_section else None, parts))

    @property
    def complete(self):
        return [s for s in self.segments if s.is_complete]

    @property
    def last_number(self):
        """The number of the last complete segment."""
        return self.complete[-1].number

    @property
    def parts(self):
        return [p for s in self.segments for p in s.parts]

    @property
    def next_part(self):
        """(segment number, part index) of the part that comes next, as `_HLS_msn` and `_HLS_part` say it."""
        last = self.segments[-1]
        return (last.number + 1, 0) if last.is_complete else (last.number, len(last.parts))

    @property
    def hint_url(self):
        hint = self.model.preload_hint
        return urljoin(self.url, hint.uri) if hint else None

    @property
    def is_ended(self):
        return self.model.is_endlist

    def lines(self, tag):
        """What follows the colon in the lines that start with this tag."""
        return [l.split(":", 1)[1] if ":" in l else "" for l in self.text.splitlines()
                if l == tag or l.startswith(tag + ":")]


class Viewer:
    def __init__(self, base, show="show", **options):
        self.base, self.show = base, show
        self.http = httpx.Client(timeout=20, **options)

    def close(self):
        self.http.close()

    def index_url(self, rendition=None):
        inner = f"{rendition}/" if rendition else ""
        return f"{self.base}/live/{self.show}/{inner}index.m3u8"

    def get(self, url, **options):
        return self.http.get(url, **options)

    def fetch(self, url):
        answer = self.http.get(url)
        assert answer.status_code == 200, f"{answer.status_code} for {url}: {answer.text[:200]}"
        return answer.content

    def multivariant(self):
        url = self.index_url()
        return m3u8.loads(self.fetch(url).decode(), uri=url)

    def renditions(self):
        """The addresses of all renditions by name, in the order of the playlist, audio last."""
        found, master = {}, self.multivariant()
        uris = [p.uri for p in master.playlists] + [m.uri for m in master.media if m.uri]
        for uri in uris:
            url = urljoin(self.index_url(), uri)
            found[url.split("?")[0].rsplit("/", 2)[1]] = url
        return found

    def listing(self, rendition, number=None, part=None):
        """A rendition's playlist; with a number, the blocking form."""
        url = self.index_url(rendition)
        query = {k: v for k, v in (("_HLS_msn", number), ("_HLS_part", part)) if v is not None}
        answer = self.http.get(url, params=query)
        assert answer.status_code == 200, f"{answer.status_code} for {answer.url}: {answer.text[:200]}"
        return Listing(answer.text, url)

    def is_live(self):
        """There is a multivariant playlist and every rendition lists a complete segment."""
        if self.http.get(self.index_url()).status_code != 200:
            return False
        return all(self.listing(name).complete for name in self.renditions())

    def wait_live(self, seconds=30):
        wait_until(self.is_live, seconds, f"{self.show} is live with a segment in every rendition", every=0.2)
        return self.renditions()

    def wait_number(self, rendition, number, seconds=30):
        """The listing once segment `number` is complete."""
        def there():
            listing = self.listing(rendition)
            return listing if listing.complete and listing.last_number >= number else None
        return wait_until(there, seconds, f"segment {number} of {rendition}", every=0.2)

    def wait_segments(self, rendition, count, seconds=40):
        """The listing once it has `count` complete segments in a row at its end, of one piece."""
        def enough():
            listing = self.listing(rendition)
            return listing if len(last_piece(listing)) >= count else None
        return wait_until(enough, seconds, f"{count} segments of {rendition}", every=0.25)


class Replay(Viewer):
    """A viewer of the recording."""

    def index_url(self, rendition=None):
        inner = f"{rendition}/" if rendition else ""
        return f"{self.base}/replay/{self.show}/{inner}index.m3u8"

    def is_there(self):
        return self.http.get(self.index_url()).status_code == 200


def last_piece(listing):
    """The complete segments since the last gap or discontinuity."""
    piece = []
    for segment in listing.complete:
        if segment.discontinuity:
            piece = []
        piece = [] if segment.gap else piece + [segment]
    return piece
