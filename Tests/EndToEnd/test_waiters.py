"""Many viewers wait for the same part: all are answered, together, from one rendering."""
import asyncio
import time

import pytest

from server import show
from viewer import Viewer

WAITERS = 200
RENDERED, LISTED = "shopcast_playlist_renderings_total", "shopcast_parts_listed_total"
LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture
def server(launch, publish):
    server = launch([show()], ladder=LADDER)
    publish(server, "small")
    return server


async def waiting(port, path):
    """(seconds since the epoch of the whole answer, its status line, its body) of one request of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        data = await asyncio.wait_for(reader.read(-1), 15)
    finally:
        writer.close()
    head, _, body = data.partition(b"\r\n\r\n")
    return time.monotonic(), head.split(b"\r\n")[0], body


async def all_waiting(port, path, count):
    return await asyncio.gather(*(waiting(port, path) for _ in range(count)))


@pytest.mark.alone
def test_200_viewers_wait_for_one_part(server, record_property):
    viewer = Viewer(server.url())
    viewer.wait_live()
    spreads, processor = [], []
    for _ in range(5):
        listing = viewer.listing("240p")
        number, part = listing.next_part
        # One part beyond the next, so that all are there before it comes.
        part += 1
        path = f"/live/show/240p/index.m3u8?_HLS_msn={number}&_HLS_part={part}"
        before, cpu = server.metrics(), server.cpu_seconds()
        answers = asyncio.run(all_waiting(server.http_port, path, WAITERS))
        processor.append(server.cpu_seconds() - cpu)
        after = server.metrics()
        assert [line for _, line, _ in answers] == [b"HTTP/1.1 200 OK"] * WAITERS
        assert len({body for _, _, body in answers}) == 1
        times = [t for t, _, _ in answers]
        spreads.append(max(times) - min(times))
        # A part that is listed is rendered once, whoever waits.
        rendered = after.total(RENDERED) - before.total(RENDERED)
        listed = after.total(LISTED) - before.total(LISTED)
        assert 1 <= rendered <= listed + len(viewer.renditions()), (rendered, listed)
    viewer.close()
    spreads.sort()
    record_property("milliseconds between the first and last of 200 answers, median", round(1000 * spreads[2], 1))
    record_property("server CPU milliseconds per 200 answers, encoding included", round(1000 * min(processor), 1))
    assert spreads[2] < 0.5
