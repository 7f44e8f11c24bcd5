"""Hosts that go wrong, and strangers who mean harm: the server stays up and the next publish works."""
import os
import random
import socket
import ssl

import pytest

import media
from deadline import wait_until
from rtmp import Host, Refused, chunks, tags
from server import show
from viewer import Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def server(launch_once):
    return launch_once([show(), show("other"), show("away"), show("cut"), show("silent")], tls=True, ladder=LADDER,
                       feed={"reconnectSeconds": 2})


@pytest.fixture
def watch(server):
    viewers = []

    def watch(show_id="show"):
        viewers.append(Viewer(server.url(), show_id))
        return viewers[-1]

    yield watch
    for viewer in viewers:
        viewer.close()


@pytest.fixture(autouse=True)
def still_the_same_process(server):
    pid = server.pid
    yield
    assert server.is_running() and server.pid == pid, server.log(60)


def plays_again(server, publish, viewer, **options):
    """A new host publishes; viewers get segments beyond those there were."""
    answer = viewer.get(viewer.index_url("240p"))
    before = viewer.listing("240p").segments[-1].number if answer.status_code == 200 else 0
    host = publish(server, "small", show=viewer.show, **options)

    def goes_on():
        if viewer.get(viewer.index_url("240p")).status_code != 200:
            return None
        piece = last_piece(viewer.listing("240p"))
        return piece if len(piece) >= 2 and piece[-1].number > before else None

    wait_until(goes_on, 30, "segments of the next publish")
    return host


def test_a_wrong_key_is_refused_with_a_reason(server, publish):
    host = publish(server, url=f"rtmp://127.0.0.1:{server.rtmp_port}/live/not-the-key-at-all")
    assert host.wait(15) != 0
    assert host.log().strip(), "ffmpeg said nothing"
    refusals = [l for l in server.log().splitlines() if "refused" in l.lower()]
    assert refusals and "not-the-key-at-all" not in server.log()


@pytest.mark.parametrize("path", ["live/", "live", "elsewhere/streamkey-show", "live/streamkey-show/more"])
def test_a_wrong_address_is_refused(server, path):
    host = Host(f"rtmp://127.0.0.1:{server.rtmp_port}/{path}")
    try:
        with pytest.raises(Refused):
            host.publish()
    finally:
        host.close()


def test_the_refusal_names_itself(server):
    host = Host(f"rtmp://127.0.0.1:{server.rtmp_port}/live/nobody-has-this")
    with pytest.raises(Refused) as refusal:
        host.publish()
    host.close()
    assert refusal.value.args[0] == "NetStream.Publish.BadName"


def test_publishing_twice_in_a_row(server, publish, watch):
    viewer = watch()
    first = plays_again(server, publish, viewer)
    first.stop()
    second = plays_again(server, publish, viewer)
    assert second.is_running()


def test_a_second_host_with_the_key_takes_over(server, publish, watch):
    viewer = watch("other")
    first = plays_again(server, publish, viewer)
    second = plays_again(server, publish, viewer)
    wait_until(lambda: not first.is_running(), 15, "the first host is sent away")
    assert second.is_running()


def test_a_host_that_is_killed_and_returns(server, publish, watch):
    """GAP once the slate is over, a DISCONTINUITY on the host's return, and the same addresses all along."""
    viewer = watch("away")
    host = plays_again(server, publish, viewer)
    names = set(viewer.renditions())
    host.kill()

    def has_gap():
        return all(any(s.gap or any(p.gap for p in s.parts) for s in viewer.listing(n).segments) for n in names)

    wait_until(has_gap, 15, "gaps in every rendition while the host is away")
    listings = [viewer.listing(name) for name in names]
    assert not any(l.is_ended for l in listings)
    count = listings[0].last_number
    wait_until(lambda: viewer.listing("240p").last_number >= count + 2, 10, "gaps go on by the clock")

    plays_again(server, publish, viewer)
    wait_until(lambda: len(last_piece(viewer.listing("240p"))) >= 3, 20, "three new segments")
    assert set(viewer.renditions()) == names
    points = {}
    for name in names:
        listing = viewer.listing(name)
        points[name] = [s.number for s in listing.segments if s.discontinuity]
        returned = [s for s in listing.complete if not s.gap]
        assert points[name], listing.text
        assert returned[-1].date > returned[0].date
    assert len({tuple(p[-1:]) for p in points.values()}) == 1, points
    assert "#EXT-X-DISCONTINUITY-SEQUENCE" in viewer.listing("240p").text


def test_a_connection_cut_in_the_middle_of_a_frame(server, publish, watch):
    viewer = watch("cut")
    host = Host(server.rtmp("cut"))
    host.publish()
    sent = 0
    for tag in tags(media.made("small")):
        if tag.is_picture and sent > 20:
            message = chunks(6, 9, host.stream_id, tag.payload, tag.timestamp)
            host.socket.sendall(message[:len(message) // 2])
            # A reset, as a network that goes away does it.
            host.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            break
        sent += tag.is_picture
        host.send_tag(tag)
    host.close()
    plays_again(server, publish, viewer)


def test_garbage_after_a_valid_handshake(server, publish, watch):
    for seed in range(8):
        noise = random.Random(seed).randbytes(64 * 1024)
        host = Host(server.rtmp())
        host.handshake()
        sends(host.socket, noise)
        host.close()
    plays_again(server, publish, watch())


def test_garbage_as_media_after_a_valid_publish(server, publish, watch):
    """Random bytes where parameter sets and pictures should be."""
    dice = random.Random(7)
    for kind, head in ((9, b"\x17\x00\0\0\0"), (9, b"\x17\x01\0\0\0"), (8, b"\xaf\x00"), (8, b"\xaf\x01"), (18, b"")):
        host = Host(server.rtmp("silent"))
        host.publish()
        try:
            for i in range(40):
                host.send(6, kind, host.stream_id, head + dice.randbytes(dice.randrange(1, 5000)), i * 33)
        except OSError:
            pass
        host.close()
    plays_again(server, publish, watch("silent"))


@pytest.mark.parametrize("port", ["rtmp", "http", "https"])
def test_a_megabyte_of_random_bytes(server, publish, watch, port):
    number = {"rtmp": server.rtmp_port, "http": server.http_port, "https": server.https_port}[port]
    with socket.create_connection(("127.0.0.1", number), 10) as connection:
        sends(connection, os.urandom(MEGABYTE))
    if port == "https":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        with socket.create_connection(("127.0.0.1", number), 10) as plain:
            try:
                with context.wrap_socket(plain) as secure:
                    sends(secure, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(MEGABYTE))
            except OSError:
                pass
    assert watch().get(server.url("/health/live")).status_code == 200
    plays_again(server, publish, watch())


def test_memory_is_returned_after_many_broken_connections(server, publish, watch):
    """400 connections that stop at every stage leave nothing behind that the next publish feels."""
    before = server.resident_mebibytes()
    for i in range(400):
        with socket.create_connection(("127.0.0.1", server.rtmp_port), 10) as connection:
            connection.sendall(b"\x03" + bytes(random.Random(i).randrange(0, 3000)))
    plays_again(server, publish, watch())
    assert server.resident_mebibytes() < before + 64


def sends(connection, data):
    """Sends until all is out or the other end has had enough, then waits for it to close."""
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(15)
        while connection.recv(65536):
            pass
    except OSError:
        pass
