"""What the server answers to requests for playlists and media, as reference clients and caches rely on it."""
import gzip
import json
import ssl
import socket
import subprocess
import threading
import time

import pytest

from deadline import wait_until
from server import tool
from viewer import Listing, Viewer

PLAYLIST = "application/vnd.apple.mpegurl"


def max_age(answer):
    found = [p.strip() for p in answer.headers["cache-control"].split(",")]
    return next((int(p.split("=")[1]) for p in found if p.startswith("max-age=")), None)


def timed(function):
    begin = time.monotonic()
    return function(), time.monotonic() - begin


# Blocking

def test_a_playlist_request_waits_for_its_part(viewer):
    for _ in range(4):
        number, part = viewer.listing("source").next_part
        answer, seconds = timed(lambda: viewer.listing("source", number, part))
        assert (number, part) in [(p.number, p.index) for p in answer.parts]
        assert seconds < 1.0


def test_a_playlist_request_waits_for_its_segment(viewer):
    number = viewer.listing("source").last_number + 1
    answer, seconds = timed(lambda: viewer.listing("source", number))
    assert answer.last_number >= number
    assert seconds < 3.0


def test_what_is_listed_already_is_answered_at_once(viewer):
    listing = viewer.listing("source")
    _, seconds = timed(lambda: viewer.listing("source", listing.last_number, 0))
    assert seconds < 0.2
    _, seconds = timed(lambda: viewer.listing("source", listing.segments[0].number - 1000))
    assert seconds < 0.2


def test_a_part_beyond_the_last_of_its_segment_means_the_next_segment(viewer):
    number = viewer.listing("source").last_number
    listing, seconds = timed(lambda: viewer.listing("source", number, 9))
    assert seconds < 3.0
    assert any(p.number > number for p in listing.parts) or listing.last_number > number


def test_a_hinted_part_is_held_and_then_comes_whole(viewer):
    for _ in range(3):
        listing = viewer.listing("240p")
        hinted = listing.hint_url
        answer, seconds = timed(lambda: viewer.get(hinted))
        assert answer.status_code == 200 and seconds < 1.0
        later = viewer.listing("240p", *listing.next_part)
        assert hinted in [p.url for p in later.parts]
        assert viewer.fetch(hinted) == answer.content


@pytest.mark.parametrize("query", [
    "_HLS_part=0", "_HLS_msn=abc", "_HLS_msn=-1", "_HLS_msn=1&_HLS_part=x", "_HLS_msn=99999999999999999999999"])
def test_malformed_directives_are_refused(viewer, query):
    answer, seconds = timed(lambda: viewer.get(viewer.index_url("source") + "?" + query))
    assert answer.status_code == 400
    assert seconds < 0.5


def test_a_request_too_far_ahead_is_refused_at_once(viewer):
    last = viewer.listing("source").segments[-1].number
    answer, seconds = timed(lambda: viewer.get(viewer.index_url("source"), params={"_HLS_msn": last + 4}))
    assert answer.status_code == 400 and seconds < 0.5
    assert max_age(answer) == 1


@pytest.mark.parametrize("path", [
    "/live/nobody/index.m3u8", "/live/show/1080p/index.m3u8", "/live/show/source/nothing.m4s",
    "/live/show/source/", "/live/show/../../etc/passwd", "/live/%2e%2e/%2e%2e/etc/passwd", "/nothing"])
def test_what_is_not_there_is_404(server, viewer, path):
    answer = viewer.get(server.url(path))
    assert answer.status_code in (400, 404) if "%2e" in path or ".." in path else answer.status_code == 404
    assert max_age(answer) == 1
    assert "problem+json" in answer.headers["content-type"]
    assert json.loads(answer.text)["status"] == answer.status_code


def test_a_show_that_has_not_begun_has_no_playlist(server, viewer):
    assert viewer.get(server.url("/live/later/index.m3u8")).status_code == 404


# Headers

def test_playlists_say_how_long_they_hold(viewer):
    master = viewer.get(viewer.index_url())
    plain = viewer.get(viewer.index_url("source"))
    number, part = Listing(plain.text, str(plain.url)).next_part
    blocking = viewer.get(viewer.index_url("source"), params={"_HLS_msn": number, "_HLS_part": part})
    assert max_age(plain) == 1
    assert max_age(blocking) == 12
    for answer in (master, plain, blocking):
        assert answer.headers["content-type"].startswith(PLAYLIST)
        assert answer.headers["vary"].lower() == "accept-encoding"


def test_media_never_changes_under_its_name(viewer):
    segment = viewer.listing("source").complete[-1]
    for url, kind in ((segment.init_url, "video/mp4"), (segment.url, "video/"), (segment.parts[0].url, "video/")):
        answer = viewer.get(url)
        assert max_age(answer) >= 12
        assert answer.headers["content-type"].startswith(kind)
        assert int(answer.headers["content-length"]) == len(answer.content)
    audio = viewer.listing("audio").complete[-1]
    assert viewer.get(audio.url).headers["content-type"].startswith("audio/mp4")


def test_any_page_may_play(viewer):
    """CORS: players on other sites read playlists and media, and their age."""
    segment = viewer.listing("source").complete[-1]
    for url in (viewer.index_url(), viewer.index_url("source"), segment.url):
        answer = viewer.get(url, headers={"Origin": "https://shop.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert "age" in exposed and "date" in exposed
    preflight = viewer.http.options(segment.url, headers={
        "Origin": "https://shop.example", "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "range"})
    assert preflight.status_code in (200, 204)
    assert preflight.headers["access-control-allow-headers"]


def test_playlists_are_compressed_for_those_who_can(server):
    path, host = "/live/show/source/index.m3u8", ("127.0.0.1", server.http_port)

    def ask(accepted):
        with socket.create_connection(host, 10) as s:
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accepted}\r\n"
                      "Connection: close\r\n\r\n".encode())
            data = b"".join(iter(lambda: s.recv(65536), b""))
        head, _, body = data.partition(b"\r\n\r\n")
        return head.decode().lower(), body

    head, body = ask("gzip")
    assert "content-encoding: gzip" in head
    text = gzip.decompress(body)
    assert text.startswith(b"#EXTM3U") and len(body) < len(text) / 2
    for refused in ("identity", "gzip;q=0"):
        head, body = ask(refused)
        assert "content-encoding" not in head and body.startswith(b"#EXTM3U")


def test_head_says_what_get_would(viewer):
    segment = viewer.listing("source").complete[-1]
    for url in (segment.init_url, segment.url, segment.parts[0].url):
        head, get = viewer.http.head(url), viewer.get(url)
        assert head.status_code == 200 and head.content == b""
        assert head.headers["content-length"] == get.headers["content-length"]
        assert head.headers["content-type"] == get.headers["content-type"]
    assert viewer.http.head(viewer.index_url("source")).headers["content-type"].startswith(PLAYLIST)


def test_ranges(viewer):
    url = viewer.listing("source").complete[-1].url
    whole = viewer.fetch(url)
    for asked, start, end in (("0-99", 0, 100), (f"{len(whole) - 10}-", len(whole) - 10, len(whole)),
                              ("-25", len(whole) - 25, len(whole)), ("100-9007199254740991", 100, len(whole))):
        answer = viewer.get(url, headers={"Range": f"bytes={asked}"})
        assert answer.status_code == 206, asked
        assert answer.content == whole[start:end]
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    beyond = viewer.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"


def test_other_methods_are_refused(viewer):
    assert viewer.http.post(viewer.index_url(), content=b"x").status_code in (404, 405)


# HTTP/2

def curl(url, *more, output="/dev/null"):
    """[HTTP version, status] of a request by curl, which trusts any certificate here."""
    run = subprocess.run(
        [tool("curl"), "-sS", "-k", "--max-time", "15", "-o", output, "-w", "%{http_version} %{http_code}", *more,
         url], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


def test_http2_over_tls(server, viewer):
    url = server.secure_url("/live/show/source/index.m3u8")
    assert curl(url, "--http2") == ["2", "200"]
    assert curl(url, "--http1.1") == ["1.1", "200"]
    number, part = viewer.listing("source").next_part
    assert curl(f"{url}?_HLS_msn={number}&_HLS_part={part}", "--http2") == ["2", "200"]
    assert curl(server.secure_url("/live/nobody/index.m3u8"), "--http2") == ["2", "404"]
    assert curl(server.secure_url("/shows/show"), "--http2") == ["2", "200"]


def test_tls_is_version_1_3(server):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.https_port), 10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            assert secure.version() == "TLSv1.3"


def test_media_is_the_same_over_http2(server, viewer, tmp_path):
    url = viewer.listing("source").complete[-1].url
    path = tmp_path / "segment"
    curl(url.replace(server.url(), server.secure_url()), "--http2", output=path)
    assert path.read_bytes() == viewer.fetch(url)


# The machine's side

def test_health(server, viewer):
    for path in ("/health/live", "/health/ready"):
        assert viewer.get(server.url(path)).status_code == 200


def test_metrics_tell_what_flows(server, viewer):
    sent = server.metrics().total("shopcast_http_sent_bytes_total")
    size = len(viewer.fetch(viewer.listing("source").complete[-1].url))
    # Event loops hand in their tallies a few times a second.
    wait_until(lambda: server.metrics().total("shopcast_http_sent_bytes_total") >= sent + size, 5, "bytes are counted")
    wait_until(lambda: server.metrics().total("shopcast_viewers") >= 1, 5, "a viewer is counted")
    metrics = server.metrics()
    for stage in ("feed_frames", "decoded_frames", "rendition_frames_in", "rendition_frames_out", "parts_listed"):
        assert metrics.total(f"shopcast_{stage}_total") > 0, stage
    assert metrics.total("shopcast_part_ready_delay_milliseconds_count") > 0
    assert "streamkey-show" not in metrics.text


# Last, since it silences the feed: nothing may hang.

def test_a_silent_feed_does_not_hang_viewers(server, viewer, publish_once):
    host = publish_once(server, "small", show="later")
    other = Viewer(server.url(), "later")
    other.wait_live()
    host.hold()
    try:
        number = other.listing("source").segments[-1].number + 2
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(timed(
            lambda: other.get(other.index_url("source"), params={"_HLS_msn": number})))) for _ in range(3)]
        [t.start() for t in threads]
        [t.join(15) for t in threads]
        assert len(answers) == 3
        for answer, seconds in answers:
            assert answer.status_code in (200, 503) and seconds < 7.5
            if answer.status_code == 503:
                assert answer.headers["cache-control"] == "no-store"
            else:
                assert Listing(answer.text, str(answer.url)).last_number >= number
    finally:
        host.resume()
        other.close()
