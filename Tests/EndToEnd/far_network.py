"""A network of the test's own in which packets take their time: the viewer's side is a network namespace, joined to ours
by two TUN devices and a relay that holds every packet for half of the round trip. TCP on both sides is the kernel's own,
so handshakes, slow start and lost patience are real.

Only for processes that have a namespace of their own (`unshare --net`): addresses are taken from 10.99.0.0/24.
"""
import collections
import contextlib
import ctypes
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import time

NEAR, FAR = "10.99.0.1", "10.99.0.2"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _enter(namespace):
    if _libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _tun(name, address, peer):
    """A TUN device in the namespace that we are in now; its file descriptor works from anywhere."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    for command in (["link", "set", "lo", "up"], ["addr", "add", address, "peer", peer, "dev", name],
                    ["link", "set", name, "mtu", "1500", "txqueuelen", "5000", "up"]):
        subprocess.run(["ip", *command], check=True)
    return device


def _relay(ends, seconds):
    """Carries packets between two devices, each `seconds` after it came; up to 20,000 are under way each way."""
    waiting = {end: collections.deque() for end in ends}
    other = dict(zip(ends, reversed(ends)))
    poll = select.epoll()
    for end in ends:
        poll.register(end, select.EPOLLIN)
    while True:
        now = time.monotonic()
        due = [queue[0][0] for queue in waiting.values() if queue]
        for end, _ in poll.poll(max(0, min(due) - now) if due else None):
            with contextlib.suppress(BlockingIOError):
                while True:
                    packet = os.read(end, 2048)
                    if len(waiting[other[end]]) < 20_000:
                        waiting[other[end]].append((time.monotonic() + seconds, packet))
        now = time.monotonic()
        for end, queue in waiting.items():
            while queue and queue[0][0] <= now:
                with contextlib.suppress(OSError):
                    os.write(end, queue.popleft()[1])


class FarNetwork:
    """`address` is where the viewer's side finds ours; `command(...)` runs there."""

    address = NEAR

    def __init__(self, round_trip):
        self.round_trip = round_trip

    def __enter__(self):
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        ours = os.open("/proc/self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        near = _tun("near", NEAR, FAR)
        _enter(theirs)
        try:
            far = _tun("far", FAR, NEAR)
        finally:
            _enter(ours)
        self.relay = os.fork()
        if self.relay == 0:
            try:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
            except OSError:
                with contextlib.suppress(OSError):
                    os.nice(-10)
            _relay((near, far), self.round_trip / 2)
        for descriptor in (ours, theirs, near, far):
            os.close(descriptor)
        return self

    def __exit__(self, *_):
        os.kill(self.relay, signal.SIGKILL)
        os.waitpid(self.relay, 0)
        self.holder.kill()
        self.holder.wait()

    def command(self, *arguments):
        """The arguments that run a program on the viewer's side."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *arguments]

    def program(self, path, program):
        """Writes to `path` a script that runs `program` on the viewer's side."""
        path.write_text(f'#!/bin/sh\nexec {" ".join(self.command(str(program)))} "$@"\n')
        path.chmod(0o755)
        return path

    def measured(self):
        """The round trip in milliseconds: how long a refusal of a connection takes, the least of five."""
        run = subprocess.run(self.command(sys.executable, "-c", _PROBE, NEAR), capture_output=True, text=True, check=True)
        return float(run.stdout)


_PROBE = """
import socket, sys, time
least = 1e9
for _ in range(5):
    begin = time.monotonic()
    with socket.socket() as s:
        s.settimeout(10)
        s.connect_ex((sys.argv[1], 1))
    least = min(least, time.monotonic() - begin)
print(least * 1000)
"""
