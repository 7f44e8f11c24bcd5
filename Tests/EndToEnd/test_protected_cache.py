"""Varnish checks playback tokens by Deploy/varnish/protected.vcl, and keeps one copy for all viewers."""
import concurrent.futures
import subprocess
import time

import httpx
import pytest

from deadline import wait_until
from server import ROOT, free_port, show, tool
from test_protected import EDGE, LADDER, OTHER, SECRET, signed, token
from viewer import Viewer

KEYS = f"""
sub shopcast_key {{
    if (req.http.X-Shopcast-Kid == "k1") {{ set req.http.X-Shopcast-Secret = "{SECRET}"; }}
    set req.http.X-Shopcast-Edge-Secret = "{EDGE}";
}}
"""

MAIN = """
vcl 4.1;
backend server {{ .host = "127.0.0.1"; .port = "{port}"; .first_byte_timeout = 10s; }}
include "keys.vcl";
include "protected.vcl";
sub vcl_recv {{ unset req.http.Cookie; call shopcast_protect; return (hash); }}
sub vcl_hash {{ call shopcast_hash; hash_data(req.url); return (lookup); }}
sub vcl_backend_response {{
    set beresp.grace = 0s;
    if (beresp.status >= 400) {{ set beresp.ttl = 200ms; return (deliver); }}
    if (bereq.url ~ "_HLS_msn=") {{ set beresp.ttl = 12s; }}
    elseif (bereq.url ~ "m3u8") {{ set beresp.ttl = 300ms; }}
    return (deliver);
}}
sub vcl_deliver {{ set resp.http.X-Hits = obj.hits; }}
"""


@pytest.fixture(scope="module")
def edge(launch_once, publish_once, tmp_path_factory):
    server = launch_once([show(protect={"tokens": True}), show("open")], ladder=LADDER, protection={
        "secrets": [{"kid": "k1", "secret": SECRET}], "edgeSecret": EDGE})
    publish_once(server, "small")
    folder = tmp_path_factory.mktemp("varnish")
    (folder / "keys.vcl").write_text(KEYS)
    (folder / "main.vcl").write_text(MAIN.format(port=server.http_port))
    port = free_port()
    with open(folder / "log", "wb") as log:
        varnish = subprocess.Popen(
            [tool("varnishd"), "-F", "-j", "none", "-n", folder / "work", "-a", f"127.0.0.1:{port}", "-f", folder / "main.vcl",
             "-p", f"vcl_path={folder}:{ROOT / 'Deploy/varnish'}", "-s", "malloc,64m"], stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        def is_up():
            assert varnish.poll() is None, (folder / "log").read_text()
            try:
                return httpx.get(f"{base}/health/live", timeout=2).status_code == 200
            except httpx.TransportError:
                return False
        wait_until(is_up, 60, "varnishd answers", every=0.3)
        viewer = Viewer(base, f"show/t/{token()}")
        viewer.wait_live()
        viewer.close()
        yield base, server
    finally:
        varnish.terminate()
        varnish.wait(20)


def get(base, token, path="index.m3u8", **headers):
    return httpx.get(f"{base}/live/show/" + (f"t/{token}/" if token else "") + path, headers=headers, timeout=20)


def refused(answer, words):
    assert answer.status_code == 403, answer.text[:200]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "max-age=1"
    assert words in answer.json()["detail"]


def test_all_viewers_share_one_copy(edge):
    base, server = edge
    tokens = [token(3600 + n) for n in range(20)]
    assert len(set(tokens)) == 20
    listing = Viewer(base, f"show/t/{tokens[0]}").listing("240p")
    number, part = listing.next_part
    before = server.metrics()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        lists = list(pool.map(lambda t: get(base, t, f"240p/index.m3u8?_HLS_msn={number}&_HLS_part={part}"), tokens))
        name = [p for p in Viewer(base, f"show/t/{tokens[0]}").listing("240p").parts
                if (p.number, p.index) == (number, part)][0].url.split("/240p/")[1]
        parts = list(pool.map(lambda t: get(base, t, f"240p/{name}"), tokens))
    assert {a.status_code for a in lists + parts} == {200}
    assert len({a.content for a in lists}) == len({a.content for a in parts}) == 1
    def asked():
        label = {"kind": "media"}
        name = "shopcast_http_requests_total"
        return server.metrics().total(name, **label) - (before.total(name, **label) or 0)

    # Counters are some time behind: a request of our own after the others shows that they are all told.
    other = [p for p in listing.parts if not p.gap][-1].url.split("/240p/")[1]
    assert get(base, tokens[0], f"240p/{other}").status_code == 200
    wait_until(lambda: asked() >= 2, 5, "the requests are counted")
    assert asked() == 2, "one request for one part, whoever asks"


def test_wrong_tokens_do_not_get_what_is_cached(edge):
    base, server = edge
    good = token()
    listing = Viewer(base, f"show/t/{good}").listing("240p")
    name = listing.complete[-1].url.split("/240p/")[1]
    for _ in range(2):
        first = get(base, good, f"240p/{name}")
        assert first.status_code == 200
    assert int(first.headers["x-hits"]) > 0
    path = f"240p/{name}"
    now = int(time.time())
    refused(get(base, token(-1), path), "expired")
    refused(get(base, token(show_id="open"), path), "another show")
    for wrong in ("x", "a.b.c", "A" * 3000, good[:-3], good[:-1] + ("A" if good[-1] != "A" else "B"),
                  token(secret=OTHER), token(kid="k2"), token(kid=""), signed({"sub": "show", "exp": now + 60}, alg="none"),
                  signed({"sub": "show", "exp": now + 60}, secret="", kid="k9"),
                  signed({"sub": "show", "exp": now + 60}, crit=["exp"])):
        answer = get(base, wrong, path)
        # The last letter of a signature has bits that mean nothing; here it is compared as text.
        refused(answer, "not valid")
    refused(get(base, signed({"sub": "show"}), path), "expired")
    # Without a token the server is asked, and its refusal is another object.
    refused(get(base, None, path), "needs a playback token")
    refused(get(base, None, path, **{"Shopcast-Edge": EDGE}), "needs a playback token")
    assert get(base, good, path).status_code == 200
    # A token that expires is refused for what it has got before.
    short = token(2)
    assert get(base, short, path).status_code == 200
    wait_until(lambda: get(base, short, path).status_code == 403, 6, "the token is over", every=0.2)


def test_country_and_size(edge):
    base, _ = edge
    german = token(country="DE")
    assert get(base, german, **{"X-Country": "de"}).status_code == 200
    refused(get(base, german, **{"X-Country": "FR"}), "another country")
    refused(get(base, german), "another country")
    small = token(cap=240)
    master = get(base, small).text
    assert "240p/" in master and "source/" not in master
    assert "source/" in get(base, token()).text
    refused(get(base, small, "source/index.m3u8"), "smaller pictures")
    refused(get(base, small, "source/index.m3u8?cap=9999"), "smaller pictures")
    refused(get(base, small, "source/index.m3u8?_HLS_msn=1&cap=9999"), "smaller pictures")
    assert get(base, small, "240p/index.m3u8").status_code == 200
    refused(get(base, token(cap=100), "240p/index.m3u8"), "smaller pictures")
    assert get(base, token(cap=360), "source/index.m3u8").status_code == 200


def test_players_play_through_it(edge):
    base, _ = edge
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-i", f"{base}/live/show/t/{token()}/index.m3u8", "-frames:v", "90",
         "-f", "null", "-"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
