"""Players and readers that are not ours: each plays live, and box readers know every byte of what is served."""
import struct

import pytest
from mp4analyzer.parser import parse_mp4_boxes
from pymp4.parser import Box

import players
from server import show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show()], ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 6, 60)
    viewer.close()
    return server


@pytest.mark.parametrize("name", players.ALL)
def test_a_player_plays_live(server, tmp_path, name, record_property):
    pictures, complaints = getattr(players, name)(server.url("/live/show/index.m3u8"), tmp_path)
    record_property("pictures", pictures)
    assert complaints == []
    assert pictures > (players.SECONDS - 2) * 25


def boxes(data):
    """Every box of a file as pymp4 reads it, to the last byte; it is given one at a time, since it loses its place in
    what follows a sample entry."""
    found, at = [], 0
    while at < len(data):
        size, = struct.unpack_from(">I", data, at)
        assert 8 <= size <= len(data) - at
        found.append(Box.parse(data[at:at + size]))
        at += size
    return found


def every(found):
    """All boxes of a tree of mp4analyzer's."""
    for box in found:
        yield box
        yield from every(box.children)


def test_box_readers_know_every_init_section_and_part(server, tmp_path):
    viewer = Viewer(server.url())
    try:
        for name in viewer.renditions():
            listing = viewer.listing(name)
            urls = {s.init_url for s in listing.complete} | {p.url for p in listing.parts}
            urls |= {s.url for s in listing.complete[-2:]}
            assert len(urls) > 8
            for url in urls:
                data = viewer.fetch(url)
                kinds = [box.type.decode() for box in boxes(data)]
                path = tmp_path / "file.mp4"
                path.write_bytes(data)
                theirs = parse_mp4_boxes(str(path))
                assert [box.type for box in theirs] == kinds, url
                assert sum(box.size for box in theirs) == len(data), url
                if "/init" in url:
                    assert kinds == ["ftyp", "moov"], url
                    inside = [box.type for box in every(theirs)]
                    assert {"mvhd", "tkhd", "mdhd", "hdlr", "stsd", "mvex", "trex"} <= set(inside), url
                else:
                    assert set(kinds) <= {"styp", "moof", "mdat", "emsg", "prft"} and kinds[-2:] == ["moof", "mdat"], url
    finally:
        viewer.close()
