"""Shows that need a playback token: who is let in, who is not, and what the token carries on to."""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import time

import pytest

from deadline import wait_until
from server import command, show, tool
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
SECRET = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
EDGE = "the-edge-of-the-tests"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims, secret=SECRET, kid="k1", alg="HS256", **header):
    """A token made with nothing of ours."""
    head = {"typ": "JWT", "alg": alg, "kid": kid, **header}
    text = encoded(json.dumps(head).encode()) + "." + encoded(json.dumps(claims).encode())
    return text + "." + encoded(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))


def token(seconds=3600, show_id="show", secret=SECRET, kid="k1", **claims):
    # No two are alike, however fast they are made.
    own = {"sub": show_id, "exp": int(time.time() + seconds), "jti": os.urandom(4).hex()}
    return signed({**own, **claims}, secret, kid)


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once(
        [show(protect={"tokens": True}), show("open")], tls=True, ladder=LADDER,
        protection={"secrets": [{"kid": "k1", "secret": SECRET}], "edgeSecret": EDGE, "countryField": "X-Country"})
    publish_once(server, "small")
    wait_until(lambda: server.http.get(address(server, token())).status_code == 200, 30, "the show is on")
    wait_until(lambda: len(Viewer(server.url(), f"show/t/{token()}").listing("source").complete) >= 3, 30, "segments")
    return server


def address(server, token=None, path="index.m3u8", name="show"):
    return server.url(f"/live/{name}/" + (f"t/{token}/" if token else "") + path)


def refused(answer, words):
    assert answer.status_code == 403, (answer.status_code, answer.text[:200])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "max-age=1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert words in answer.json()["detail"], answer.text
    return True


def test_the_token_carries_on_to_everything(server):
    viewer = Viewer(server.url(), f"show/t/{token()}")
    names = viewer.renditions()
    assert set(names) == {"source", "240p", "audio"}
    for name in names:
        listing = viewer.listing(name)
        segment = listing.complete[-1]
        for url in (segment.init_url, segment.url, listing.parts[0].url):
            assert f"/t/" in url
            answer = viewer.get(url)
            assert answer.status_code == 200
            # A shared cache that knows nothing of tokens must not keep what a token has opened.
            assert answer.headers["cache-control"].startswith("private, max-age=31536000")
        number, part = listing.next_part
        assert viewer.listing(name, number, part).text
    assert viewer.get(viewer.index_url("source")).headers["cache-control"] == "private, max-age=1"
    manifest = viewer.get(address(server, token(), "manifest.mpd"))
    assert manifest.status_code == 200 and 'media="$RepresentationID$/s$Number$-' in manifest.text
    viewer.close()


def test_without_a_right_token_nothing_is_answered(server):
    viewer = Viewer(server.url(), f"show/t/{token()}")
    part = viewer.listing("240p").parts[0].url.split("/240p/")[1]
    viewer.close()
    now = int(time.time())
    for path in ("index.m3u8", "manifest.mpd", "240p/index.m3u8", "240p/index.m3u8?_HLS_msn=1", f"240p/{part}"):
        get = lambda t: server.http.get(address(server, t, path))  # noqa: E731
        refused(get(None), "needs a playback token")
        refused(get(token(-1)), "expired")
        refused(get(token(show_id="open")), "another show")
        for wrong in (
                "x", "a.b.c", "A" * 5000, token()[:-4], token(secret=OTHER), token(kid="k2"),
                signed({"sub": "show", "exp": now + 60}, alg="none"), signed({"sub": "show", "exp": now + 60}, alg="ES256"),
                signed({"sub": "show", "exp": 1e300}), signed({"sub": "show"}), signed({"exp": now + 60}),
                signed({"sub": "show", "exp": now + 60}, crit=["exp"]), signed({"sub": "show", "exp": now + 60}).replace(".", "..")):
            refused(get(wrong), "not valid")
    assert server.http.head(address(server)).status_code == 403
    assert server.http.options(address(server)).status_code == 204
    assert server.is_running()


def test_a_part_that_was_fetched_before_is_refused_when_the_token_has_expired(server):
    viewer = Viewer(server.url(), f"show/t/{token()}")
    number, part = viewer.listing("240p").next_part
    viewer.listing("240p", number, part)
    url = next(p.url for p in viewer.listing("240p").parts if (p.number, p.index) == (number, part))
    viewer.close()
    short = token(2)
    path = url.split(f"/240p/")[1]
    assert server.http.get(address(server, short, f"240p/{path}")).status_code == 200
    wait_until(lambda: server.http.get(address(server, short, f"240p/{path}")).status_code == 403, 6, "the token is over",
               every=0.2)
    refused(server.http.get(address(server, short, f"240p/{path}")), "expired")
    assert server.http.get(address(server, token(), f"240p/{path}")).status_code == 200


def test_a_held_request_is_answered_when_its_token_expires_meanwhile(server):
    viewer = Viewer(server.url(), f"show/t/{token()}")
    number = viewer.listing("240p").last_number + 2
    # Between 2 and 4 s are still to come; the token is good for one.
    short = token(1)
    answer = server.http.get(address(server, short, f"240p/index.m3u8?_HLS_msn={number}"))
    assert answer.status_code == 200 and f"s{number}-" in answer.text
    refused(server.http.get(address(server, short)), "expired")
    viewer.close()


def test_country_and_size(server):
    german = token(country="DE")
    assert server.http.get(address(server, german), headers={"X-Country": "DE"}).status_code == 200
    refused(server.http.get(address(server, german), headers={"X-Country": "FR"}), "another country")
    refused(server.http.get(address(server, german)), "another country")
    small = token(cap=240)
    master = server.http.get(address(server, small)).text
    assert "240p/index.m3u8" in master and "source/" not in master and "audio/" in master
    assert server.http.get(address(server, small, "240p/index.m3u8")).status_code == 200
    assert server.http.get(address(server, small, "audio/index.m3u8")).status_code == 200
    refused(server.http.get(address(server, small, "source/index.m3u8")), "smaller pictures")
    manifest = server.http.get(address(server, small, "manifest.mpd")).text
    assert 'id="240p"' in manifest and 'id="source"' not in manifest and 'id="audio"' in manifest
    assert "source/" in server.http.get(address(server, token(cap=360))).text
    assert server.http.get(address(server, token(cap=100))).status_code == 404


def test_a_cache_in_front_asks_with_its_secret(server):
    edge = {"Shopcast-Edge": EDGE}
    answer = server.http.get(address(server), headers=edge)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "public, max-age=1"
    capped = server.http.get(address(server, path="index.m3u8?cap=240"), headers=edge)
    assert "source/" not in capped.text and "240p/" in capped.text
    refused(server.http.get(address(server, path="source/index.m3u8?cap=240"), headers=edge), "smaller pictures")
    refused(server.http.get(address(server), headers={"Shopcast-Edge": EDGE[:-1] + "x"}), "needs a playback token")
    refused(server.http.get(address(server, path="index.m3u8?cap=999")), "needs a playback token")
    # A token in the address is looked at whoever asks.
    refused(server.http.get(address(server, token(-5)), headers=edge), "expired")


def test_the_same_over_http2(server):
    def curl(url, *more):
        run = subprocess.run([tool("curl"), "-sk", "--http2", "-w", "\n%{http_code} %{http_version}", *more, url],
                             capture_output=True, text=True, timeout=20)
        return run.stdout.rsplit("\n", 1)[1]

    secure = lambda t: server.secure_url(f"/live/show/t/{t}/index.m3u8")  # noqa: E731
    assert curl(secure(token())) == "200 2"
    assert curl(secure(token(-1))) == "403 2"
    assert curl(secure(token(country="DE")), "-H", "X-Country: DE") == "200 2"
    assert curl(secure(token(country="DE")), "-H", "X-Country: FR") == "403 2"
    assert curl(server.secure_url("/live/show/index.m3u8")) == "403 2"
    assert curl(server.secure_url("/live/show/index.m3u8"), "-H", f"Shopcast-Edge: {EDGE}") == "200 2"


def test_open_shows_need_none(server):
    assert server.http.get(address(server, name="open")).status_code == 404
    assert server.http.get(address(server, "whatever", name="open")).status_code == 404


def test_the_command_makes_tokens(server):
    made = command("show", "token", "show", "--expires", "1h", "--renditions", "240p", "--country", "de",
                   "--config", server.settings_path)
    assert made.returncode == 0, made.stderr
    assert server.http.get(address(server, made.stdout.strip()), headers={"X-Country": "DE"}).status_code == 200
    claims = json.loads(base64.urlsafe_b64decode(made.stdout.split(".")[1] + "=="))
    assert claims["cap"] == 240 and claims["country"] == "DE" and claims["sub"] == "show"
    assert abs(claims["exp"] - time.time() - 3600) < 5
    for wrong in (["nothing"], ["show", "--expires", "1w"], ["show", "--country", "Germany"], ["show", "--renditions", "big"]):
        run = command("show", "token", *wrong, "--config", server.settings_path)
        assert run.returncode == 1 and run.stderr.startswith("shopcast: ") and not run.stdout


def test_the_page_takes_its_token_and_keeps_it(server):
    good = token()
    page = server.http.get(server.url(f"/shows/show?token={good}"))
    assert f"/live/show/t/{good}/index.m3u8" in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    evil = server.http.get(server.url("/shows/show"), params={"token": '"><script>/../x'})
    assert "/t/" not in evil.text and "<script>/.." not in evil.text
    assert server.http.get(server.url("/shows/show")).headers["cache-control"] == "private, no-cache"


def test_no_token_and_no_key_is_in_the_log(server):
    text = server.log()
    assert SECRET not in text and EDGE not in text and "eyJ" not in text


def test_checking_a_known_token_is_a_look_up(server):
    before = server.metrics()
    again = token()
    for _ in range(50):
        assert server.http.get(address(server, again)).status_code == 200
    after = server.metrics()
    name = "shopcast_tokens_checked_total"
    assert after.total(name, result="verified") - before.total(name, result="verified") == 1
    assert after.total(name, result="remembered") - before.total(name, result="remembered") == 49


def test_keys_rotate_without_a_restart(launch, tmp_path):
    jwks = tmp_path / "keys.json"
    jwks.write_text('{"keys": []}')
    server = launch([show(protect={"tokens": True})], ladder=LADDER, protection={
        "secrets": [{"kid": "k1", "secret": SECRET}], "jwks": str(jwks)})
    said = lambda t: server.http.get(address(server, t)).status_code  # noqa: E731
    # Nothing is on: 404 is who is let in, 403 who is not.
    old, new = token(), token(secret=OTHER, kid="k2")
    assert (said(old), said(new)) == (404, 403)
    server.settings["protection"]["secrets"].insert(0, {"kid": "k2", "secret": OTHER})
    server.write_settings()
    wait_until(lambda: said(new) == 404, 10, "the new key is taken", every=0.2)
    assert said(old) == 404
    server.settings["protection"]["secrets"].pop()
    server.write_settings()
    wait_until(lambda: said(old) == 403, 10, "the old key is gone", every=0.2)
    assert said(new) == 404
    # Keys that cannot be used leave those before as they were.
    jwks.write_text("{")
    wait_until(lambda: "cannot be used" in server.log(), 10, "the fault is told", every=0.2)
    assert said(new) == 404 and OTHER not in server.log()
    # A key of another system, by its public half.
    private = tmp_path / "private.pem"
    subprocess.run([tool("openssl"), "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private], check=True)
    public = subprocess.run([tool("openssl"), "ec", "-in", private, "-pubout", "-outform", "DER"],
                            capture_output=True, check=True).stdout[-64:]
    jwks.write_text(json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "alg": "ES256",
                                          "x": encoded(public[:32]), "y": encoded(public[32:])}]}))
    head = encoded(b'{"alg":"ES256","kid":"ec"}') + "." + encoded(
        json.dumps({"sub": "show", "exp": int(time.time()) + 60}).encode())
    der = subprocess.run([tool("openssl"), "dgst", "-sha256", "-sign", private], input=head.encode(),
                         capture_output=True, check=True).stdout
    foreign = head + "." + encoded(raw_signature(der))
    wait_until(lambda: said(foreign) == 404, 10, "a token of the other system is taken", every=0.2)
    assert said(foreign[:-8] + "AAAAAAAA") == 403


def raw_signature(der):
    """An ECDSA signature as JWTs have it: r and s, 32 bytes each."""
    numbers, at = [], 2
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big"))
        at += 2 + length
    return b"".join(n.to_bytes(32, "big") for n in numbers)


def test_the_chat_of_a_protected_show_is_for_its_viewers(server):
    def ask(method, path, **options):
        return server.http.request(method, server.url("/api/v1/shows/show/chat" + path), **options)

    name = {"json": {"name": "Ada"}}
    for method, path, options in (("GET", "", {}), ("GET", "/messages", {}), ("POST", "/guest", name),
                                  ("POST", "/messages", {"json": {"text": "x"}})):
        for query in ("", "?token=" + token(show_id="open"), "?token=" + token(-1)):
            assert ask(method, path + query, **options).status_code == 403, (method, path, query)
    assert ask("GET", "?token=" + token()).status_code == 200
    made = ask("POST", "/guest?token=" + token(), **name)
    assert made.status_code == 201, made.text
    # Whoever came in once stays in, under that name.
    own = {"headers": {"Authorization": "Guest " + made.json()["guest"]}}
    assert ask("POST", "/messages", json={"text": "hello"}, **own).status_code == 201
    assert ask("GET", "/messages", **own).json()["messages"][-1]["text"] == "hello"
