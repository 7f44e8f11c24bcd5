"""A process that gets only so much of a core, and how far behind the clock a show's lists are meanwhile."""
import contextlib
import os
import signal
import statistics
import threading
import time

from viewer import Viewer


def pin(pid, core):
    """Every thread that the process has, and will have, runs on this core, and before what else runs there: where that is
    allowed, the machine's other work changes nothing."""
    for task in map(int, os.listdir(f"/proc/{pid}/task")):
        os.sched_setaffinity(task, {core})
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, task, -15)


class Throttle:
    """Stops and continues a process in turn, so that it gets at most `share` of a core's time, whatever else runs."""

    PERIOD = 0.04

    def __init__(self, pid, share):
        self.pid, self.share = pid, share
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _work(self):
        # What it has used counts, not how long it was let: a busy machine lets it run late, or not at all.
        began, used = time.monotonic(), self._used()
        try:
            while not self._over.wait(self.PERIOD / 8):
                allowed = self.share * (time.monotonic() - began) - (self._used() - used)
                os.kill(self.pid, signal.SIGSTOP if allowed < 0 else signal.SIGCONT)
                # What it has not used is no credit.
                if allowed > self.PERIOD * self.share:
                    began, used = time.monotonic(), self._used()
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def _used(self):
        """Seconds of CPU of all its threads: its own clock, as clock_getcpuclockid(3) names it."""
        return time.clock_gettime((~self.pid << 3) | 2)


class EdgeWatch:
    """Notes, some times a second, how far the newest part of each list is behind the clock."""

    def __init__(self, server, names, show="show"):
        self.names = names
        self.samples = {name: [] for name in names}
        self.faults = []
        self._viewer = Viewer(server.url(), show)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self._viewer.close()

    def _work(self):
        while not self._over.wait(0.2):
            for name in self.names:
                try:
                    listing = self._viewer.listing(name)
                except Exception as fault:  # noqa: BLE001: told by the test
                    self.faults.append(f"{name}: {fault!r}")
                    continue
                # The segment behind the newest complete one has parts, and no date of its own in this parser.
                last = listing.complete[-1]
                end = last.date.timestamp() + last.duration
                end += sum(p.duration for s in listing.segments if not s.is_complete for p in s.parts)
                behind = time.time() - end
                self.samples[name].append((time.monotonic(), behind))

    def median(self, name, since, until=float("inf")):
        """Seconds, over the samples between two moments of the monotonic clock."""
        values = [b for t, b in self.samples[name] if since <= t < until]
        return statistics.median(values) if values else None

    def worst(self, name, since, until=float("inf")):
        return max((b for t, b in self.samples[name] if since <= t < until), default=None)

    def settled(self, name, limit, since, until):
        """Seconds after `since` from which on every list of the name is at most `limit` behind; None where never."""
        late = [t for t, b in self.samples[name] if since <= t < until and b > limit]
        if not late:
            return 0.0
        later = [t for t, _ in self.samples[name] if late[-1] < t < until]
        return later[0] - since if later else None
