"""See Tests/Soak. The host sends a white picture and a beep at each full second, so that sound can be held against picture.

Bounds: memory at the end is at most GROWTH MiB above what it was once settled (after 30 % of the time: in an hour the
window of 15 minutes is full then); as many files and threads as at the start, but for FILES and THREADS; no playlist stands still for
longer than 1.5 target durations; sound within 40 ms of the picture; as far behind live as at the start, but for LATER s."""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy

import media
from deadline import wait_until
from publisher import Publisher
from server import BINARY, Server, show
from test_av_sync import offsets, taken
from viewer import Viewer, last_piece

GROWTH, FILES, THREADS, LATER, STANDSTILL, TOGETHER = 15, 12, 4, 0.3, 3.0, 0.040
LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
DROPS = ["kill", "stop", "pull", "takeover"]
# Of drops, seconds: from one to the next, and for how long the host is away.
CALM, AWAY = (25, 70), (0.5, 12)


class Follower(threading.Thread):
    """Follows a rendition by blocking reloads: how far it is behind live, and how long it stood still."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.viewer, self.name = Viewer(server.url()), name
        self.longest, self.late, self.fault, self.leaving = 0.0, [], None, threading.Event()
        self.start()

    def run(self):
        try:
            listing, last = self.viewer.listing(self.name), time.monotonic()
            while not self.leaving.is_set():
                listing = self.viewer.listing(self.name, *listing.next_part)
                now = time.monotonic()
                self.longest, last = max(self.longest, now - last), now
                whole = listing.complete[-1]
                newer = sum(part.duration for s in listing.segments if s.number > whole.number for part in s.parts)
                passed = (datetime.now(timezone.utc) - whole.date).total_seconds()
                self.late.append(passed - whole.duration - newer)
        except Exception as fault:  # told by the main thread
            self.fault = fault

    def latency(self):
        """The median of what came since it was last asked."""
        late, self.late = self.late, []
        return statistics.median(late) if late else float("nan")


class ErraticHost(threading.Thread):
    """Publishes, drops out and comes back, as dice say; `rest()` leaves it on air."""

    def __init__(self, server, folder, seed):
        super().__init__(daemon=True)
        self.server, self.folder, self.dice = server, folder, random.Random(seed)
        self.drops, self.hosts, self.fault = dict.fromkeys(DROPS, 0), [], None
        self.resting = threading.Event()
        self.publish()

    def publish(self):
        # From the file's start: from anywhere else ffmpeg sends seconds of it at once, and all of them where it loops.
        self.hosts.append(Publisher(media.made("flash"), self.server.rtmp(), self.folder / "host.log"))

    def run(self):
        try:
            while not self.resting.wait(self.dice.uniform(*CALM)):
                self.drop(self.dice.choice(DROPS))
        except Exception as fault:  # told by the main thread
            self.fault = fault

    def drop(self, how):
        host, shown = self.hosts[-1], self.server.log().count("a feed is shown again")
        self.drops[how] += 1
        if how == "takeover":
            self.publish()
            host.wait(20)
        else:
            {"kill": host.kill, "stop": host.stop, "pull": host.hold}[how]()
            # A pulled cable is a loss once two seconds are over.
            away = self.dice.uniform(*AWAY) + (2.5 if how == "pull" else 0)
            threading.Event().wait(away)
            host.resume() if how == "pull" else self.publish()
        wait_until(lambda: self.server.log().count("a feed is shown again") > shown, 20, f"the host is back after {how}", 0.5)

    def rest(self):
        self.resting.set()
        self.join(60)

    def end(self):
        for host in self.hosts:
            host.stop()


def state(server, follower):
    folder = Path(f"/proc/{server.pid}")
    return {
        "memory, MiB": round(server.resident_mebibytes(), 1),
        "private of it, MiB": round(server.private_mebibytes(), 1),
        "open files": len(list((folder / "fd").iterdir())),
        "threads": server.threads(),
        "behind live, s": round(follower.latency(), 3),
    }


def offset(viewer, folder):
    """Sound minus picture in milliseconds, in the newest whole segments of the encoded rendition; the file's own taken off."""
    viewer.wait_segments("240p", 8, 60)
    numbers = {s.number for s in last_piece(viewer.wait_segments("audio", 8, 60))[-7:]}
    values = offsets(taken(viewer, "240p", numbers, folder), taken(viewer, "audio", numbers, folder))
    own = offsets(media.made("flash"), media.made("flash"))
    assert len(values) >= 5, values
    return round(1000 * float(numpy.median(values) - numpy.median(own)), 1)


def soak(minutes, viewers, seed, folder):
    faults = []
    end = time.monotonic() + 60 * minutes
    media.made("flash")
    server = Server(folder / "server", [show()], ladder=LADDER).start()
    host = ErraticHost(server, folder, seed)
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    seconds = int(end - time.monotonic()) - 5
    crowd = subprocess.Popen(
        [BINARY, "load", f"{server.url()}/live/show/index.m3u8", "--viewers", str(viewers), "--seconds", str(seconds),
         "--churn", "60", "--rendition", "240p", "--format", "json"], stdout=subprocess.PIPE, text=True)
    followers = [Follower(server, name) for name in viewer.renditions()]
    begin, moments = time.monotonic(), []
    together = [offset(viewer, folder)]
    first = state(server, followers[0])
    host.start()
    never = threading.Event()
    while time.monotonic() < end - 45:
        never.wait(10)
        now = state(server, followers[0])
        moments.append((time.monotonic() - begin, now["memory, MiB"]))
        if len(moments) % 6 == 0:
            print(f"{moments[-1][0] / 60:5.1f} min: {now}, {sum(host.drops.values())} drops", flush=True)
        for one in (host, *followers):
            if one.fault:
                raise AssertionError(f"{one.name} after {moments[-1][0]:.0f} s: {one.fault}") from one.fault
        assert server.is_running(), server.log(40)
    host.rest()
    wait_until(lambda: len(last_piece(viewer.listing("240p"))) >= 8, 60, "whole segments at the end", 0.5)
    # What came during the last drops is not how far behind it is.
    followers[0].latency()
    together.append(offset(viewer, folder))
    last = state(server, followers[0])
    span = moments[-1][0]
    settled = max(memory for when, memory in moments if 0.2 * span <= when <= 0.3 * span + 15)
    crowded = json.loads(crowd.communicate(timeout=90)[0])
    host.end()
    first["sound against picture, ms"], last["sound against picture, ms"] = together
    longest = {follower.name: round(follower.longest, 2) for follower in followers}
    for follower in followers:
        follower.leaving.set()

    def bound(holds, words):
        if not holds:
            faults.append(words)
    # A shorter run ends before memory is settled.
    bound(minutes < 10 or last["memory, MiB"] <= settled + GROWTH, f"memory grows by more than {GROWTH} MiB after {settled} MiB")
    bound(last["open files"] <= first["open files"] + FILES, f"more than {FILES} files were left open")
    bound(last["threads"] <= first["threads"] + THREADS, f"more than {THREADS} threads were left")
    bound(last["behind live, s"] <= first["behind live, s"] + LATER, f"it is more than {LATER} s later than at the start")
    bound(max(map(abs, together)) <= 1000 * TOGETHER, f"sound is more than {1000 * TOGETHER:.0f} ms from the picture")
    bound(max(longest.values()) <= STANDSTILL, f"a playlist stood still for more than {STANDSTILL} s")
    bound(crowded["errors"] == 0, f"viewers met errors: {crowded['errorsByKind']}")
    starts = server.log().count("on air renditions=")
    bound(starts == 1, f"the show was {starts} runs, not one")
    cpu = server.cpu_seconds() / (time.monotonic() - begin)
    tell(minutes, first, settled, last, host.drops, longest, crowded, cpu)
    code = server.stop()
    bound(code == 0, f"the server ended with {code}")
    viewer.close()
    for fault in faults:
        print(f"FAILED: {fault}")
    return not faults


def tell(minutes, first, settled, last, drops, longest, crowded, cpu):
    print(f"\n{minutes:g} minutes, {sum(drops.values())} drops ({', '.join(f'{n} {how}' for how, n in drops.items())})")
    print(f"{'':28}{'start':>10}{'end':>10}")
    for name in first:
        print(f"{name:28}{first[name]:>10}{last[name]:>10}")
    print(f"memory once settled: {settled} MiB; CPU: {cpu:.3f} of a core")
    print(f"longest that a playlist stood still, s: {longest}")
    print(f"viewers: {crowded['joined']} joined, {crowded['stalls']} stalls, {crowded['errors']} errors, "
          f"{crowded['latencySeconds']['p50']:.2f} s behind live (p95 {crowded['latencySeconds']['p95']:.2f})", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--viewers", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak", dir=os.environ.get("TMPDIR")) as name:
        sys.exit(0 if soak(options.minutes, options.viewers, options.seed, Path(name)) else 1)
