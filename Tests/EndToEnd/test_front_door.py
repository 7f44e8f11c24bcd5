"""What stands in front of the server: proxies that are believed or not, certificates that are renewed, settings that change
while it runs, and a stop that loses nobody."""
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading

import httpx

from deadline import wait_until
from page_browser import Visit
from server import free_port, make_certificate, show, tool
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
NGINX = """
daemon off;
error_log {folder}/error.log;
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{server};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            {fields}
        }}
    }}
}}
"""
FIELDS = """proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $host;"""


class Raw:
    """A request written byte by byte; `answer` is its status line, fields and content."""

    def __init__(self, port, text):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        self.socket.sendall(text.encode())

    def answer(self):
        with self.socket, self.socket.makefile("rb") as file:
            status = int(file.readline().split()[1])
            fields = {}
            while line := file.readline().strip():
                name, _, value = line.decode().partition(":")
                fields[name.lower()] = value.strip()
            return status, fields, file.read(int(fields.get("content-length", 0)))


def metrics_status(server, **fields):
    return httpx.get(server.url("/metrics"), headers=fields).status_code


def test_a_proxied_request_is_not_this_machines(launch):
    """Not even where nobody has named the proxy; and no field of a viewer opens what is for this machine."""
    server = launch()
    assert metrics_status(server) == 200
    for field in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert metrics_status(server, **{field: "127.0.0.1"}) == 403, field
    behind = launch(http={"trustedProxies": ["127.0.0.1"]})
    assert metrics_status(behind) == 403
    for value in ("127.0.0.1", "::1", "203.0.113.9", "203.0.113.9, 127.0.0.1", "junk", ""):
        assert metrics_status(behind, **{"X-Forwarded-For": value}) == 403, value


def test_wrong_keys_are_counted_by_the_viewers_address(launch, tmp_path):
    """Through nginx: its own fields are believed, those that a viewer wrote before it are not."""
    server = launch(http={"trustedProxies": ["127.0.0.1"]})
    port = free_port()
    (tmp_path / "nginx.conf").write_text(
        NGINX.format(folder=tmp_path, port=port, server=server.http_port, fields=FIELDS))
    proxy = subprocess.Popen(
        [tool("nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")],
        stdin=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"

        def is_there():
            try:
                return httpx.get(f"{base}/health/ready").status_code == 200
            except httpx.TransportError:
                return False
        wait_until(is_there, 10, "nginx answers")
        assert httpx.get(f"{base}/metrics").status_code == 403
        feed = f"{base}/api/v1/shows/show/feed"
        # From an address that is no proxy's, whatever it says of itself.
        with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2")) as viewer:
            wrong = [viewer.get(feed, headers={
                "Authorization": f"Bearer wrong-key-{n}", "X-Forwarded-For": f"198.51.100.{n}"}) for n in range(30)]
        assert [answer.status_code for answer in wrong[:20]] == [401] * 20
        assert 429 in [answer.status_code for answer in wrong[20:]]
        direct = httpx.get(server.url("/api/v1/shows/show/feed"), headers={
            "Authorization": "Bearer streamkey-show", "X-Forwarded-For": "203.0.113.50"})
        assert direct.status_code == 200
    finally:
        proxy.terminate()
        proxy.wait(10)


def peer_certificate(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain) as secure:
            return secure.getpeercert(binary_form=True)


def test_a_new_certificate_is_taken_without_a_restart(launch, tmp_path):
    """For viewers and hosts; a broken one keeps the old; connections that stand go on."""
    server = launch(tls=True)
    # The fixture's folder is shared: this server gets files of its own.
    server.stop()
    files = tmp_path / "tls"
    shutil.copytree(server.settings["https"]["certificate"].rsplit("/", 1)[0], files)
    server.settings["https"].update(certificate=str(files / "certificate.pem"), key=str(files / "key.pem"))
    server.http = httpx.Client(timeout=20)
    server.start()
    old = peer_certificate(server.https_port)
    assert peer_certificate(server.rtmps_port) == old
    with httpx.Client(verify=False) as kept:
        assert kept.get(server.secure_url("/health/ready")).status_code == 200
        (files / "certificate.pem").write_text("nonsense")
        wait_until(lambda: "new certificate cannot be used" in server.log(), 10, "the broken file is told")
        assert peer_certificate(server.https_port) == old
        fresh = make_certificate(tmp_path / "fresh")
        # As renewals do: a file in the other's place, the key first.
        for name in ("key.pem", "certificate.pem"):
            shutil.copy(fresh / name, files / f"{name}.new")
            os.replace(files / f"{name}.new", files / name)
        wait_until(lambda: peer_certificate(server.https_port) != old, 10, "the new certificate is shown")
        assert peer_certificate(server.rtmps_port) == peer_certificate(server.https_port)
        assert kept.get(server.secure_url("/health/ready")).status_code == 200
    assert "certificate changed" in server.log()
    assert server.metrics().total("shopcast_certificate_expires_timestamp_seconds") > 1e9


def test_settings_change_while_the_server_runs(launch):
    server = launch(log={"level": "notice"})
    server.settings.update(log={"level": "debug"}, metrics={"public": True}, window={"dvrSeconds": 60})
    server.settings["http"]["trustedProxies"] = ["127.0.0.1"]
    assert metrics_status(server, **{"X-Forwarded-For": "203.0.113.9"}) == 403
    server.write_settings()
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "settings changed" in server.log(), 10, "the settings are read")
    changed = next(line for line in server.log().splitlines() if "settings changed" in line)
    assert all(key in changed for key in ("log.level", "metrics.public", "http.trustedProxies"))
    waits = next(line for line in server.log().splitlines() if "wait for a restart" in line)
    assert "window.dvrSeconds" in waits and "metrics.public" not in waits
    assert metrics_status(server, **{"X-Forwarded-For": "203.0.113.9"}) == 200
    # A slip changes nothing, and says what it is.
    server.settings_path.write_text("htp: {port: 1}\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "those before stay" in server.log(), 10, "the slip is told")
    assert "htp.port" in server.log()
    assert metrics_status(server) == 200
    assert server.is_running()


def test_a_stop_loses_nobody_and_nothing(launch, publish, browser):
    """Not ready first, while all goes on; who waits is answered; the last pictures are kept; the show and open pages go on
    after it."""
    server = launch([show()], ladder=LADDER, http={"drainSeconds": 3})
    host = publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    visit = Visit(browser, server.url())
    visit.open()
    visit.wait_playing()
    kept = Raw(server.http_port, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: httpx.get(server.url("/health/ready")).status_code == 503, 5, "it says that it is not ready")
    assert httpx.get(server.url("/health/live")).status_code == 200
    status, fields, _ = kept.answer()
    assert status == 200
    # Everything is still served, and who is here is sent away.
    answer = viewer.get(viewer.index_url("240p"))
    assert answer.status_code == 200 and answer.headers["connection"] == "close"
    before = viewer.listing("240p")
    number, part = before.next_part
    waiting = []
    # Far enough ahead that only the end can answer it.
    address = f"/live/show/240p/index.m3u8?_HLS_msn={number + 1}&_HLS_part=0"
    thread = threading.Thread(target=lambda: waiting.append(
        Raw(server.http_port, f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n").answer()))
    thread.start()
    assert server.process.wait(15) == 0
    thread.join(10)
    assert waiting and waiting[0][0] in (200, 503), waiting
    assert not [line for line in server.log().splitlines() if " error " in line], server.log(20)
    host.stop()
    # Again: what was listed is listed, under the same addresses, with the same bytes.
    server.http = httpx.Client(timeout=20)
    server.start()
    after = viewer.listing("240p")
    assert {s.number for s in before.complete} <= {s.number for s in after.complete}
    listed = {s.number: s.url for s in after.complete}
    for segment in before.complete[-2:]:
        assert listed[segment.number] == segment.url
        assert len(viewer.fetch(segment.url)) > 1000
    # The segment that was begun is whole now, as far as it had come.
    assert after.last_number >= before.next_part[0]
    frames = visit.frames()
    publish(server, "small")
    later = viewer.wait_number("240p", after.last_number + 3, 40)
    assert any(s.discontinuity for s in later.segments)
    wait_until(lambda: visit.told("status") == "playing" and visit.frames() > frames + 30, 40, "the page plays on")
    assert visit.is_first_document
    visit.context.close()
    viewer.close()
