"""A thousand lines that break at any moment: nothing that was acknowledged is lost, and nothing comes twice."""
import asyncio
import contextlib
import json
import random
import signal
import socket
import struct

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from chat_client import address
from server import show

OPEN = {"burst": 100_000, "perSecond": 100_000}
READERS, WRITERS, DROPS = 8, 3, 1000


class Line:
    """One who comes back whenever the line breaks, from where they were."""

    def __init__(self, server, chance, language):
        self.server = server
        self.chance = chance
        self.language = language
        self.after = self.room = self.guest = None
        self.drops = self.fresh = 0
        self.isDone = False

    async def run(self, drops):
        """Until `isDone`, or nothing is left to break and there is nothing to wait for."""
        while not self.isDone:
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, EOFError,
                                     TimeoutError):
                async with connect(address(self.server), compression=None, ping_interval=None, open_timeout=20,
                                   close_timeout=1) as ws:
                    await self.talk(ws, drops)
                    return
            # A server that is away takes a moment to come back.
            await asyncio.sleep(0.02)

    async def talk(self, ws, drops):
        hello = {"type": "hello", "v": 1, "language": self.language, "after": self.after, "room": self.room,
                 "guest": self.guest}
        await ws.send(json.dumps({name: value for name, value in hello.items() if value is not None}))
        cut = None
        if drops.left > 0:
            drops.left -= 1
            self.drops += 1
            cut = asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.25), self.abort, ws)
        try:
            async for text in ws:
                for event in json.loads(text):
                    await self.hear(ws, event)
                if self.isDone:
                    return
        finally:
            if cut:
                cut.cancel()
        raise ConnectionResetError

    @staticmethod
    def abort(ws):
        raw = ws.transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ws.transport.abort()

    async def hear(self, ws, event):
        if event["type"] == "hello":
            if self.after is not None:
                assert event["resumed"] is True, "the history did not reach back"
            else:
                self.room, self.after = event["room"], event["sequence"]
        elif "seq" in event:
            assert event["seq"] > self.after, (event, self.after)
            self.after = event["seq"]


class Reader(Line):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.got = []
        self.awaited = None

    async def hear(self, ws, event):
        await super().hear(ws, event)
        assert event["type"] not in ("gap", "sampled"), event
        if event["type"] == "message":
            self.got.append(event["id"])
        self.look()

    def look(self):
        if self.awaited and self.awaited <= set(self.got):
            self.isDone = True


class Writer(Line):
    """Says again what was not acknowledged, under the same id."""

    def __init__(self, server, chance, number, count):
        super().__init__(server, chance, "en")
        self.number = number
        self.outbox = [f"w{number}-{n}" for n in range(count)]
        self.acked = {}

    async def hear(self, ws, event):
        await super().hear(ws, event)
        if event["type"] == "hello":
            if self.guest is None:
                await ws.send(json.dumps({"type": "name", "name": f"Writer {self.number}"}))
            else:
                await self.say(ws)
        elif event["type"] == "you":
            self.guest = event["guest"]
            await self.say(ws)
        elif event["type"] == "ack":
            known = self.acked.setdefault(event["id"], event["message"]["id"])
            assert known == event["message"]["id"], "one message under two names"
            if event["id"] in self.outbox:
                self.outbox.remove(event["id"])
            await asyncio.sleep(self.chance.uniform(0, 0.05))
            await self.say(ws)
        elif event["type"] == "refused":
            # The disk was away with the server, or too much came at once.
            assert event["code"] in ("busy", "flood"), event
            await asyncio.sleep(0.1)
            await self.say(ws)

    async def say(self, ws):
        if not self.outbox:
            self.isDone = True
            return
        id = self.outbox[0]
        await ws.send(json.dumps({"type": "send", "id": id, "text": f"The message {id} of writer {self.number}"}))


class Drops:
    def __init__(self, left):
        self.left = left


async def scenario(server, drops, messages, seed, kill=None):
    chance = random.Random(seed)
    readers = [Reader(server, chance, language) for language in (["en", "es", "zh", "de"] * READERS)[:READERS]]
    for reader in readers:
        # From the very beginning of the room.
        reader.after = 0
        reader.room = server.http.get(server.url("/api/v1/shows/show/chat")).json()["room"]
    writers = [Writer(server, chance, number, messages) for number in range(WRITERS)]
    budget = Drops(drops)
    reading = [asyncio.create_task(reader.run(budget)) for reader in readers]
    writing = [asyncio.create_task(writer.run(budget)) for writer in writers]
    if kill:
        await kill()
    await asyncio.wait_for(asyncio.gather(*writing), 300)
    acked = {id for writer in writers for id in writer.acked.values()}
    for reader in readers:
        reader.awaited = acked
    # The lines go on breaking until all drops are made, then everybody gets to the end.
    while budget.left > 0:
        await asyncio.sleep(0.1)
    for reader in readers:
        reader.look()
    nudge = Writer(server, chance, 99, 1)
    await asyncio.wait_for(nudge.run(Drops(0)), 60)
    await asyncio.wait_for(asyncio.gather(*reading), 60)
    return readers, writers, acked


def check(readers, writers, acked, messages):
    assert len(acked) == WRITERS * messages
    for reader in readers:
        assert len(reader.got) == len(set(reader.got)), "a message came twice"
        assert acked <= set(reader.got), "an acknowledged message was lost"
    order = [[id for id in reader.got if id in acked] for reader in readers]
    assert all(one == order[0] for one in order), "readers have heard in different orders"
    for writer in writers:
        place = {id: at for at, id in enumerate(order[0])}
        mine = [place[writer.acked[f"w{writer.number}-{n}"]] for n in range(messages)]
        assert mine == sorted(mine), "a writer's own order was lost"


@pytest.mark.parametrize("drops, messages", [
    (40, 10), pytest.param(DROPS, 250, marks=pytest.mark.long)])
def test_nothing_is_lost_and_nothing_comes_twice(launch, record_property, drops, messages):
    server = launch([show()], chat={
        "author": OPEN, "address": OPEN, "room": OPEN, "guests": OPEN, "history": 1000,
        "readers": {"perAddress": 1000, "sample": OPEN, "words": OPEN}})
    readers, writers, acked = asyncio.run(scenario(server, drops, messages, seed=drops))
    made = sum(line.drops for line in readers + writers)
    record_property("reconnects", made)
    assert made >= drops
    check(readers, writers, acked, messages)


@pytest.mark.long
def test_a_killed_server_loses_nothing_that_was_acknowledged(launch):
    server = launch([show()], chat={
        "author": OPEN, "address": OPEN, "room": OPEN, "guests": OPEN, "history": 1000,
        "readers": {"perAddress": 1000, "sample": OPEN}})

    async def kill():
        for _ in range(3):
            await asyncio.sleep(1.5)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            await asyncio.to_thread(server.start)
    readers, writers, acked = asyncio.run(scenario(server, 100, 100, seed=9, kill=kill))
    check(readers, writers, acked, 100)
