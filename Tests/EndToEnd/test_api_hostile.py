"""Who means harm: other sites, guessers, long and crooked requests, paths that lead elsewhere."""
import json
import socket
import statistics
import time

import httpx
import pytest

from api import BASE, Client, operator, refused
from server import show

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def house(launch_once):
    return launch_once([show()], tls=True)


@pytest.fixture(scope="module")
def boss(ops):
    """An operator's browser."""
    ops.person("boss", PASSWORD, isOperator=True)
    browser = Client(ops.server)
    assert browser.sign_in("boss", PASSWORD).status_code == 200
    return browser


def test_other_sites_change_nothing(house, boss):
    origin = house.url()
    def make(**headers):
        answer = boss.http.post(f"{BASE}/shows", json={"titles": {"en": "Forged"}}, headers=headers)
        return answer.status_code
    good = {"X-Shopcast-CSRF": boss.csrf}
    assert make() == 403
    assert make(**{"X-Shopcast-CSRF": "0" * 32}) == 403
    assert make(**good, Origin="https://evil.example") == 403
    assert make(**good, Origin="null") == 403
    assert make(**good, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert make(**good, **{"Sec-Fetch-Site": "same-site"}) == 403
    assert make(**good, Origin=origin, **{"Sec-Fetch-Site": "same-origin"}) == 201
    assert boss.http.get(f"{BASE}/session", headers={"Origin": "https://evil.example"}).headers.get(
        "access-control-allow-origin") is None, "nor do they read"
    # What a form can send: no JSON.
    form = boss.http.post(f"{BASE}/session", data={"login": "boss", "password": PASSWORD})
    assert form.status_code == 415
    login = httpx.post(house.url(f"{BASE}/session"), json={"login": "boss", "password": PASSWORD},
                       headers={"Origin": "https://evil.example"})
    assert login.status_code == 403, "nobody is signed in by another site"


def test_the_cookie_is_for_https_only_where_there_is_https(house, boss):
    answer = httpx.post(house.secure_url(f"{BASE}/session"), json={"login": "boss", "password": PASSWORD}, verify=False)
    assert answer.status_code == 200 and "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("next", [
    "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "\t//evil", ""])
def test_nobody_is_sent_to_another_site(boss, next):
    answer = Client(boss.server).sign_in("boss", PASSWORD, next=next)
    assert answer.status_code == 200 and "next" not in answer.json()


@pytest.mark.parametrize("path", [
    "/covers/../shopcast.db", "/covers/..%2f..%2fetc%2fpasswd", "/covers/%2e%2e%2fstore.jpg", "/covers/....//lock.jpg",
    "/live/show/../../../etc/passwd", "/live/..%2f..%2fdata/lock", "/live/show/source/..%2f..%2f..%2flock",
    "/replay/..%2f..%2fcontrol.sock/index.m3u8", "/replay/show/%2e%2e/%2e%2e/lock", "/assets/..%2fpages/watch.html",
    "/assets/%2e%2e/%2e%2e/shopcast", "/api/v1/shows/..%2f..%2fetc", "/api/v1/shows/show%00/feed", "/shows/%2e%2e"])
def test_no_path_leads_out(house, path):
    raw = exchange(house, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    status = int(raw.split(b" ", 2)[1])
    assert status in (400, 404), raw[:200]
    assert b"root:" not in raw and b"SQLite" not in raw


@pytest.mark.parametrize("name", [
    "..%2f..%2fevil", "%2e%2e", "../..", "show%2f..%2f..%2fevil", "show%00", "..%5cevil", "show/../../evil", "/etc/evil"])
def test_no_upload_lands_elsewhere(house, ops, name):
    def files():
        return {path for path in house.folder.rglob("*") if path.is_file()}
    before, content = files(), b"\x89PNG\r\n\x1a\n" + b"evil" * 100
    head = (f"PUT /api/v1/shows/{name}/cover HTTP/1.1\r\nHost: x\r\nAuthorization: {ops.http.headers['authorization']}\r\n"
            f"Content-Type: image/png\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n")
    raw = exchange(house, head.encode() + content)
    assert int(raw.split(b" ", 2)[1]) in (400, 404, 405), raw[:200]
    assert {path.name for path in files() - before} <= {"shopcast.sqlite-wal", "shopcast.sqlite-shm"}


def exchange(house, text):
    with socket.create_connection(("127.0.0.1", house.http_port), timeout=10) as s:
        s.sendall(text.encode() if isinstance(text, str) else text)
        data = b""
        try:
            while block := s.recv(65536):
                data += block
        except (ConnectionResetError, TimeoutError):
            pass
        return data


def test_content_that_does_not_end(ops):
    token = ops.http.headers["authorization"]
    def endless():
        for _ in range(2000):
            yield b" " * 65536
    for method, path, kind in (("POST", "/shows", "application/json"), ("POST", "/session", "application/json"),
                               ("PUT", "/shows/show/cover", "image/png"), ("POST", "/shows/show/end", "application/json")):
        try:
            answer = httpx.request(method, ops.server.url(BASE + path), content=endless(), timeout=20,
                                   headers={"Authorization": token, "Content-Type": kind})
            assert refused(answer, 413)
        except httpx.TransportError:
            pass  # The server may close before all is sent.
    assert ops.get("/session").status_code == 200
    assert ops.server.resident_mebibytes() < 400


@pytest.mark.parametrize("content", [
    b"[" * 60_000, b'{"a":' * 10_000, b'{"titles":{"en":"' + b"\\u0000" * 5000 + b'"}}', b"1e999999", b'{"a":1e999999}',
    b'{"titles":{"en":"\xed\xa0\x80"}}', json.dumps({f"k{n}": n for n in range(5000)}).encode(),
    json.dumps({"titles": {f"x-{n:04}": "t" for n in range(3000)}}).encode(), b'{"titles":{"en":"A"},"titles":{"en":"B"}}'])
def test_crooked_json_is_told_so(ops, content):
    answer = ops.ask("POST", "/shows", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 400, 413, 422)


def test_nothing_is_put_into_header_fields(house, ops):
    for name in ("a\r\nX-Evil: 1", "a\nb", "é"):
        assert ops.post("/shows", {"id": name, "titles": {"en": "A"}}).status_code == 422
    raw = exchange(house, "GET /api/v1/shows HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n")
    assert b"evil.example" not in raw
    raw = exchange(house, "GET /api/v1/shows HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\x00b\r\nConnection: close\r\n\r\n")
    assert raw.split(b" ", 2)[1] in (b"400", b"401")


@pytest.mark.alone
def test_passwords_are_not_guessed(launch):
    """Nor does the answer, or how long it takes, tell who is there."""
    server = launch([])
    ops = operator(server)
    ops.person("owner", PASSWORD)
    client = Client(server)
    times = {"owner": [], "nobody": []}
    answers = {}
    for n in range(4):
        for login in times:
            began = time.monotonic()
            answers[login] = client.sign_in(login, f"wrong password {n}")
            times[login].append(time.monotonic() - began)
            assert refused(answers[login], 401, "the login or the password is wrong")
    assert answers["owner"].json() == answers["nobody"].json()
    ratio = statistics.median(times["owner"]) / statistics.median(times["nobody"])
    assert 0.4 < ratio < 2.5, times
    codes = [client.sign_in("owner", f"guess number {n}").status_code for n in range(6)]
    assert codes[-1] == 429 and 429 not in codes[:1]
    late = client.sign_in("owner", PASSWORD)
    assert refused(late, 429, "too many wrong passwords") and int(late.headers["retry-after"]) >= 1
    elsewhere = httpx.Client(base_url=server.url(), transport=httpx.HTTPTransport(local_address="127.0.0.9"))
    fine = elsewhere.post(f"{BASE}/session", json={"login": "owner", "password": PASSWORD})
    assert fine.status_code == 200, "guessers elsewhere do not keep the owner out"
    assert server.metrics().total("shopcast_logins_refused_total", reason="rate") >= 1
    assert "owner" not in server.log() and "wrong password" not in server.log()


def test_invitations_are_not_guessed(launch):
    server = launch([])
    client = Client(server)
    codes = [client.post("/welcome", {"secret": f"{n:040}", "password": PASSWORD}).status_code for n in range(30)]
    assert codes[0] == 404 and codes[-1] == 429
