"""A UDP relay on loopback that delays packets and loses some: one caller, one server, both ways alike."""
import heapq
import random
import select
import socket
import threading
import time


class LossyRelay:
    """Listens at `port`; `round_trip` in seconds, `loss` from 0 to 1 of the packets each way."""

    def __init__(self, target_port, round_trip, loss, seed=1):
        self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for end in (self.inner, self.outer):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            end.bind(("127.0.0.1", 0))
        self.port = self.outer.getsockname()[1]
        self.target = ("127.0.0.1", target_port)
        self.delay, self.loss, self.dice = round_trip / 2, loss, random.Random(seed)
        self.passed = self.lost = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self.inner.close()
        self.outer.close()

    def _run(self):
        caller, waiting, count = None, [], 0
        while not self._over.is_set():
            now = time.monotonic()
            while waiting and waiting[0][0] <= now:
                _, _, end, data, address = heapq.heappop(waiting)
                end.sendto(data, address)
            pause = min(0.05, waiting[0][0] - now) if waiting else 0.05
            for end in select.select([self.inner, self.outer], [], [], max(0, pause))[0]:
                data, address = end.recvfrom(2048)
                if end is self.outer:
                    caller = address
                if caller is None or self.dice.random() < self.loss:
                    self.lost += 1
                    continue
                self.passed += 1
                count += 1
                way = (self.inner, data, self.target) if end is self.outer else (self.outer, data, caller)
                heapq.heappush(waiting, (time.monotonic() + self.delay, count, *way))
