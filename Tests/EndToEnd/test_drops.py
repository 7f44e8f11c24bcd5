"""A host who drops out again and again: each time the source's slot is encoded for a while, and what that took is given
back."""
import threading
import time

import pytest

from deadline import wait_until
from server import show
from viewer import Viewer

DROPS, FIRST = 30, 10
LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
# Seconds within which memory is given back: every ten, once what was closed has been closed for as long.
GIVING = 25
# MiB of private memory: from the tenth drop to the last, and beyond what it was before the first.
GROWTH, ROOM = 6, 15

pytestmark = pytest.mark.long


def settled(server):
    """The least that it has while nothing happens."""
    end, never, least = time.monotonic() + GIVING, threading.Event(), float("inf")
    while time.monotonic() < end:
        never.wait(0.5)
        least = min(least, server.private_mebibytes())
    return least


def test_memory_settles(launch, publish, record_property):
    server = launch([show()], ladder=LADDER)
    host = publish(server, "flash")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    before, memory, threads = settled(server), {}, server.threads()
    for number in range(1, DROPS + 1):
        host.kill()
        wait_until(lambda: server.log().count("no feed is on air") == number, 20, "the slate")
        host = publish(server, "flash")
        wait_until(lambda: server.log().count("is passed through again") == number, 30, "the host's own picture")
        if number in (FIRST, DROPS):
            memory[number] = settled(server)
    viewer.close()
    first, last = memory[FIRST], memory[DROPS]
    record_property(
        f"private MiB before the first drop, after {FIRST}, after {DROPS}", f"{before:.1f}, {first:.1f}, {last:.1f}")
    assert last <= first + GROWTH
    assert last <= before + ROOM
    assert server.threads() <= threads + 2
    assert server.log().count("on air renditions=") == 1
