"""Ten minutes of a show with viewers who come and go: memory does not grow, nothing is missed."""
import os
import random
import threading
import time

import pytest

from server import show
from viewer import Viewer, last_piece

MINUTES = float(os.environ.get("SHOPCAST_SOAK_MINUTES", "10"))
SETTLED = 0.3  # of the time: 3 of 10 minutes
VIEWERS = 12
LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}

pytestmark = pytest.mark.long


class Guest(threading.Thread):
    """Watches a rendition as a low-latency player does, part by part, for a while; then comes back as somebody new."""

    def __init__(self, server, seed, end):
        super().__init__(daemon=True)
        self.server, self.dice, self.end = server, random.Random(seed), end
        self.parts, self.gaps, self.fault = 0, 0, None

    def run(self):
        try:
            while time.monotonic() < self.end:
                self.visit(min(self.end, time.monotonic() + self.dice.uniform(3, 40)))
        except Exception as fault:  # told by the test's own thread
            self.fault = fault

    def visit(self, until):
        secure = self.dice.random() < 0.3
        base = self.server.secure_url() if secure else self.server.url()
        viewer = Viewer(base, **({"verify": False} if secure else {}))
        names = list(viewer.renditions())
        name = self.dice.choice(names)
        listing = viewer.listing(name)
        viewer.fetch(listing.complete[-1].init_url)
        while time.monotonic() < until:
            listing = viewer.listing(name, *listing.next_part)
            for part in (listing.parts[-1], viewer.listing("audio").parts[-1]):
                if part.gap:
                    self.gaps += 1
                else:
                    viewer.fetch(part.url)
                    self.parts += 1
        viewer.close()


def test_memory_does_not_grow(launch, publish, record_property):
    server = launch([show()], tls=True, ladder=LADDER)
    host = publish(server, "hd")
    viewer = Viewer(server.url())
    viewer.wait_live()
    first = viewer.listing("240p").segments[0].number
    begin = time.monotonic()
    end = begin + MINUTES * 60
    guests = [Guest(server, seed, end) for seed in range(VIEWERS)]
    [g.start() for g in guests]
    readings = []
    never = threading.Event()
    while time.monotonic() < end:
        never.wait(5)
        readings.append((time.monotonic() - begin, server.resident_mebibytes()))
        assert server.is_running() and host.is_running()
        assert not any(g.fault for g in guests), [g.fault for g in guests if g.fault]
    [g.join(40) for g in guests]
    settled = max(m for t, m in readings if SETTLED * MINUTES * 60 - 30 <= t <= SETTLED * MINUTES * 60 + 15)
    last = readings[-1][1]
    record_property("RSS MiB after 30 % of the time, and at the end", f"{settled:.1f}, {last:.1f}")
    parts, gaps = sum(g.parts for g in guests), sum(g.gaps for g in guests)
    record_property("parts fetched, and met as gaps", f"{parts}, {gaps}")
    record_property("CPU seconds per second", round(server.cpu_seconds() / (time.monotonic() - begin), 3))
    listing = viewer.listing("240p")
    passed = listing.last_number - first
    # One segment every 2 s, none skipped, none twice.
    assert passed * 2 == pytest.approx(MINUTES * 60, abs=40)
    assert last_piece(listing)
    assert parts > VIEWERS * MINUTES * 120
    assert gaps < parts / 100
    assert last <= settled + 10, readings[::12]
    viewer.close()
