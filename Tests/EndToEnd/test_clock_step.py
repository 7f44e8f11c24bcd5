"""The machine's wall clock is set while a show is live: nobody notices, because everything is timed by the monotonic one."""
import email.utils
import subprocess
import time
from pathlib import Path

import pytest

import probe
from server import show, tool
from viewer import Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture
def wall_clock(tmp_path, monkeypatch):
    """A function that puts the wall clock of servers started from now on so many seconds ahead."""
    library, setting = tmp_path / "wall_clock.so", tmp_path / "ahead"
    subprocess.run([tool("clang"), "-shared", "-fPIC", "-O2", "-o", library, Path(__file__).with_name("wall_clock.c"), "-ldl"],
                   check=True, timeout=60)
    setting.write_text("0")
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("WALL_CLOCK_FILE", str(setting))
    return lambda seconds: setting.write_text(str(seconds))


@pytest.mark.parametrize("step", [3600, pytest.param(-3600, marks=pytest.mark.long)])
def test_a_step_of_the_wall_clock_is_not_seen(launch, publish, wall_clock, monkeypatch, tmp_path, step):
    server = launch([show()], ladder=LADDER)
    for name in ("LD_PRELOAD", "WALL_CLOCK_FILE"):
        monkeypatch.delenv(name)
    publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    number = viewer.listing("240p").last_number
    wall_clock(step)
    later = viewer.wait_number("240p", number + 2)
    # Its answers are dated by the wall clock: the step was there to be seen.
    answer = viewer.get(viewer.index_url("240p"))
    assert abs(_seconds_ahead(answer.headers["date"]) - step) < 60, "the step did not reach the server"
    wall_clock(0)
    later = viewer.wait_number("240p", later.last_number + 2)
    assert not any(s.gap or s.discontinuity for s in later.complete)
    for before, after in zip(later.complete, later.complete[1:]):
        assert (after.date - before.date).total_seconds() == pytest.approx(before.duration, abs=0.01)
    piece = last_piece(later)
    path = tmp_path / "piece.mp4"
    path.write_bytes(viewer.fetch(piece[0].init_url) + b"".join(viewer.fetch(s.url) for s in piece))
    assert probe.decode_errors(path) == ""
    assert "timestamps jumped" not in server.log()
    assert not server.metrics().total("shopcast_feed_timestamp_repairs_total")
    viewer.close()


def _seconds_ahead(date):
    return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
