"""Two thousand connections that start to say something and never finish: a running show does not feel them."""
import contextlib
import resource
import socket
import time

import pytest

from deadline import wait_until
from server import show
from viewer import Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
EACH = 1000
# A handshake of RTMP, cut off: version and a part of C1.
RTMP_START = b"\x03" + bytes(700)
HTTP_START = b"GET /live/show/index.m3u8 HTTP/1.1\r\nHost: shop.example\r\nX-Slow: "


@pytest.fixture
def many_files():
    """Room for this process' ends of the connections, and for the server's, which inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * EACH + 1000
    assert hard == resource.RLIM_INFINITY or hard >= wanted, f"at most {hard} files may be open; {wanted} are needed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def half_open(port, start, held):
    """Connects and says the start; what the server turns away at once is no less an attack."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    held.callback(connection.close)
    connection.setblocking(False)
    with contextlib.suppress(OSError):
        connection.send(start)
    return connection


def drip(connections):
    """One more byte on each, as a slow loris does to look alive."""
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.send(b"x")


@pytest.mark.alone
def test_half_open_connections_leave_a_show_alone(many_files, launch, publish, record_property):
    # Without limits that would turn them away at the door.
    server = launch([show()], ladder=LADDER, limits={"feeds": 2 * EACH, "feedsPerAddress": 2 * EACH})
    host = publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    memory = server.resident_mebibytes()
    with contextlib.ExitStack() as held:
        slow = []
        for _ in range(EACH):
            slow.append(half_open(server.rtmp_port, RTMP_START, held))
            slow.append(half_open(server.http_port, HTTP_START, held))
        number, waits = viewer.listing("240p").last_number, []
        while (listing := viewer.listing("240p")).last_number < number + 8:
            drip(slow)
            # Each playlist comes when its part does, as before.
            began = time.monotonic()
            viewer.listing("240p", *listing.next_part)
            waits.append(time.monotonic() - began)
        for name in ("source", "240p", "audio"):
            listing = viewer.listing(name)
            assert not any(s.gap or s.discontinuity for s in listing.complete), name
            for before, after in zip(listing.complete, listing.complete[1:]):
                assert (after.date - before.date).total_seconds() == pytest.approx(before.duration, abs=0.01)
            viewer.fetch(last_piece(listing)[-1].url)
        assert viewer.get(server.url("/health/live")).status_code == 200
        record_property("longest wait for a part, s", round(max(waits), 2))
        record_property("memory for 2,000 connections, MiB", round(server.resident_mebibytes() - memory))
        assert server.resident_mebibytes() < memory + 100
        # They are not kept for ever, whatever they drip.
        wait_until(lambda: sum(map(is_closed, slow)) == len(slow), 60, "all have been closed", every=1)
    assert host.is_running() and "feed lost" not in server.log()
    viewer.close()


def is_closed(connection):
    try:
        while connection.recv(65536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
