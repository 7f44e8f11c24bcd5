"""Sound and picture stay together: the host sends a white picture and a beep at each full second, and the offset between
them is measured in what viewers get."""
import numpy
import pytest

import media
import probe
from server import show
from viewer import Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
TOLERANCE = 0.040


def flashes(path):
    """When the picture turns white, in seconds."""
    pictures = probe.luma(path)
    return [t for (_, before), (t, now) in zip(pictures, pictures[1:]) if before < 100 <= now]


def beeps(path, rate=48000):
    """When the sound begins after silence, in seconds."""
    start, samples = probe.decoded_samples(path, rate)
    loud = numpy.flatnonzero(numpy.abs(samples) > 0.25)
    first = loud[numpy.flatnonzero(numpy.diff(loud, prepend=-rate) > rate // 4)]
    return [start + i / rate for i in first]


def offsets(picture, sound):
    """Sound minus picture in seconds, for each flash that has a beep within 0.4 s. Edges of the file are left out."""
    seen, heard = flashes(picture), beeps(sound)
    pairs = [min((b - f for b in heard), key=abs) for f in seen[1:-1]]
    return [p for p in pairs if abs(p) < 0.4]


def taken(viewer, rendition, numbers, folder):
    segments = [s for s in viewer.listing(rendition).complete if s.number in numbers]
    path = folder / f"{rendition}.mp4"
    path.write_bytes(viewer.fetch(segments[0].init_url) + b"".join(viewer.fetch(s.url) for s in segments))
    return path


def measured(viewer, folder):
    """{video rendition: offsets} over the window's last whole segments."""
    names = [n for n in viewer.renditions() if n != "audio"]
    numbers = {s.number for s in last_piece(viewer.wait_segments("audio", 8))[-7:]}
    for name in names:
        viewer.wait_segments(name, 8)
    sound = taken(viewer, "audio", numbers, folder)
    return {name: offsets(taken(viewer, name, numbers, folder), sound) for name in names}


@pytest.fixture
def viewer(launch, publish):
    server = launch([show()], ladder=LADDER)
    publish(server, "flash", loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live()
    yield viewer
    viewer.close()


def check(found, tmp_path, record_property):
    source = media.made("flash")
    own = float(numpy.median(offsets(source, source)))
    for name, values in found.items():
        assert len(values) >= 6, (name, values)
        middle = float(numpy.median(values)) - own
        record_property(f"sound against picture of {name}, ms (the file's own {1000 * own:.1f} taken off)",
                        round(1000 * middle, 1))
        assert abs(middle) < TOLERANCE, (name, values, own)
        assert max(abs(v - own) for v in values) < TOLERANCE, (name, values, own)


@pytest.mark.long
def test_sound_and_picture_start_together(viewer, tmp_path, record_property):
    check(measured(viewer, tmp_path), tmp_path, record_property)


@pytest.mark.long
def test_sound_and_picture_stay_together_for_three_minutes(viewer, tmp_path, record_property):
    first = viewer.listing("audio").segments[0].number
    # 90 segments of 2 s, counted by blocking for each.
    for number in range(first + 1, first + 93):
        viewer.listing("audio", number)
    check(measured(viewer, tmp_path), tmp_path, record_property)
