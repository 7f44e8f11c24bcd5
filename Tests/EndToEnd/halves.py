"""A run in two halves at once (`-n 2 --dist loadgroup`): most tests wait for a host, a player or a deadline, not for the machine.

Files whose tests use a browser are one half, all others are the other: so pictures are never played twice at a time. What
needs the whole machine is marked `alone`: the other half waits between two of its tests meanwhile.
"""
import contextlib
import fcntl
import os

import pytest


def is_split():
    return "PYTEST_XDIST_WORKER" in os.environ


def divide(items):
    """A file goes to one half as a whole: its tests share servers."""
    screens = {item.path for item in items if "browser" in item.fixturenames and not item.get_closest_marker("long")}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("screens" if item.path in screens else "others"))


@contextlib.contextmanager
def turn(folder, is_alone):
    """For the time of one test; `folder` is seen by both halves."""
    if not is_split():
        yield
        return
    with open(folder / "gate", "a") as gate, open(folder / "machine", "a") as machine:
        # Who wants to be alone holds the gate until the other half has come to the end of its test.
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(machine, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


def claim(folder, port):
    """False where the other half has this port."""
    try:
        os.close(os.open(folder / f"port-{port}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
