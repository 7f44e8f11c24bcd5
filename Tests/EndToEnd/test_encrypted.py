"""Shows whose segments are encrypted (METHOD=AES-128): players play them with a token, and nobody without."""
import re
import subprocess
from urllib.parse import urljoin

import pytest

from deadline import wait_until
from page_browser import Visit
from server import show, tool
from test_protected import EDGE, LADDER, SECRET, token
from viewer import Viewer


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once(
        [show(protect={"tokens": True, "encrypt": "aes-128", "keyMinutes": 1})], ladder=LADDER,
        protection={"secrets": [{"kid": "k1", "secret": SECRET}], "edgeSecret": EDGE})
    publish_once(server, "small")
    viewer = Viewer(server.url(), f"show/t/{token()}")
    viewer.wait_live()
    viewer.wait_segments("source", 4)
    viewer.close()
    return server


def keyed(viewer, rendition):
    """(key address, vector) of the newest segments of a rendition."""
    listing = viewer.listing(rendition)
    line = listing.lines("#EXT-X-KEY")[-1]
    found = re.fullmatch(r'METHOD=AES-128,URI="([^"]+)",IV=(0x[0-9a-fA-F]{32})', line)
    assert found, line
    return urljoin(listing.url, found[1]), found[2]


def test_keys_are_behind_the_token(server):
    viewer = Viewer(server.url(), f"show/t/{token()}")
    urls = {name: keyed(viewer, name)[0] for name in ("source", "240p", "audio")}
    for url in urls.values():
        key = viewer.get(url)
        assert key.status_code == 200 and len(key.content) == 16
        assert key.headers["content-type"] == "application/octet-stream"
        assert "no-store" in key.headers["cache-control"]
        assert "/t/" in url
        bare = re.sub(r"/t/[^/]+", "", url)
        for wrong in (bare, url.replace("/t/", "/t/x"), re.sub(r"/t/[^/]+", "/t/" + token(-1), url)):
            assert viewer.get(wrong).status_code == 403
    assert len({viewer.get(url).content for url in urls.values()}) == 3, "each rendition has its own"
    assert viewer.get(server.url(f"/live/show/t/{token()}/manifest.mpd")).status_code == 404
    viewer.close()


def test_parts_and_segments_open_with_openssl(server):
    viewer = Viewer(server.url(), f"show/t/{token()}")
    for name in ("source", "audio"):
        listing = viewer.listing(name)
        url, vector = keyed(viewer, name)
        key = viewer.fetch(url)

        def opened(address):
            run = subprocess.run(
                [tool("openssl"), "enc", "-d", "-aes-128-cbc", "-K", key.hex(), "-iv", vector[2:]],
                input=viewer.fetch(address), capture_output=True)
            assert run.returncode == 0, run.stderr
            return run.stdout

        segment = listing.complete[-1]
        assert opened(segment.init_url)[4:8] == b"ftyp"
        assert opened(segment.url) == b"".join(opened(p.url) for p in segment.parts)
    viewer.close()


def test_ffmpeg_plays_it(server):
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-allowed_extensions", "ALL",
         "-i", server.url(f"/live/show/t/{token()}/index.m3u8"), "-map", "0:v:0", "-map", "0:a:0", "-frames:v", "150",
         "-progress", "-", "-f", "null", "-"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    frames = [int(n) for n in re.findall(r"^frame=(\d+)", run.stdout, re.M)]
    assert frames[-1] >= 150
    assert "error" not in run.stderr.lower(), run.stderr


@pytest.mark.alone
@pytest.mark.long
def test_the_page_plays_it_in_low_latency_over_a_change_of_keys(server, browser):
    with Visit(browser, server.url()) as visit:
        viewer = Viewer(server.url(), f"show/t/{token()}")
        before = keyed(viewer, "source")[0].rsplit("/", 1)[1]
        visit.open(f"/shows/show?token={token()}")
        visit.wait_playing(40)
        frames = visit.frames()
        wait_until(lambda: keyed(viewer, "source")[0].rsplit("/", 1)[1] != before, 75, "a new key", every=0.5)
        visit.wait(6)
        viewer.close()
        assert visit.told("engine") == "hls.js" and visit.state == "live"
        assert visit.told("stalls") == 0 and visit.told("faults") == []
        assert visit.frames() - frames > 100
        assert visit.told("latency") < 3
        assert visit.complaints == []
