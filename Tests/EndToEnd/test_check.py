"""`shopcast check` on our own output: live, every rendition, over HTTP/1.1 and HTTP/2, without a failure; and what it
says of output that is not ours."""
import contextlib
import gzip
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

import media
from checker import check, states, told
from deadline import wait_until
from publisher import Publisher
from server import command, free_port, show, tool
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def live(launch_once, publish_once):
    server = launch_once([show(language="en")], tls=True, ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("source", 4)
    yield server
    viewer.close()


@pytest.mark.parametrize("secure", [False, True], ids=["h1", "h2"])
def test_our_live_output_breaks_no_rule(live, record_property, secure):
    base = live.secure_url() if secure else live.url()
    report, code = check(f"{base}/live/show/index.m3u8", *(["--insecure"] if secure else []))
    record_property("warnings", told(report, "warn"))
    assert told(report, "fail") == [] and code == 0
    assert report["live"] and len(report["renditions"]) >= 3
    # It has looked: at the live edge, at directives and at media of every rendition.
    said = states(report)
    for rule in ("part-due", "hint-held", "hint-true", "blocking-kept", "parts-equal", "idr-start", "bandwidth-true", "codecs-true"):
        assert said[rule] == "pass", rule
    assert said["http2"] == ("pass" if secure else "unseen")
    assert all(rendition["segments"] >= 3 for rendition in report["renditions"])


def test_a_single_rendition_can_be_checked(live):
    report, code = check(f"{live.url()}/live/show/240p/index.m3u8", seconds=4)
    assert code == 0, told(report, "fail")
    assert len(report["renditions"]) == 1


def test_text_and_junit_say_the_same(live):
    url = f"{live.url()}/live/show/index.m3u8"
    text = command("check", url, "--seconds", 3, timeout=60)
    assert text.stdout.startswith(url) and "rules:" in text.stdout, text.stderr
    answer = command("check", url, "--seconds", 3, "--format", "junit", "--fail-on", "warn", timeout=60)
    suite = xml.fromstring(answer.stdout)
    cases = suite.findall("testcase")
    assert suite.tag == "testsuite" and int(suite.get("tests")) == len(cases) > 100
    failures = sum(case.find("failure") is not None for case in cases)
    assert int(suite.get("failures")) == failures
    assert answer.returncode == (1 if failures else 0)


@pytest.mark.parametrize("arguments, code", [
    (["check"], 64),
    (["check", "ftp://127.0.0.1/x"], 64),
    (["check", "http://127.0.0.1/x", "--seconds", "0"], 64),
    (["check", "http://127.0.0.1:1/index.m3u8"], 1),
])
def test_misuse_and_absence_are_told_apart(arguments, code):
    answer = command(*arguments, timeout=60)
    assert answer.returncode == code
    if code == 1:
        assert answer.stdout == "" and answer.stderr.count("\n") == 1, answer.stderr
        assert answer.stderr.startswith("shopcast: http://127.0.0.1:1/index.m3u8 could not be had")


def test_what_is_no_playlist_is_refused_in_a_sentence(live):
    answer = command("check", f"{live.url()}/", timeout=60)
    assert answer.returncode == 1 and "is no HLS playlist" in answer.stderr


@contextlib.contextmanager
def running(*processes):
    """Ends programs that were started for a test."""
    try:
        yield
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in reversed(processes):
            process.wait(20)


def test_what_ffmpeg_writes(tmp_path, record_property):
    """FFmpeg's fMP4 playlists, served by Python's own server: what is missing is said, what is good is passed."""
    port = free_port()
    web = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", tmp_path],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    host = subprocess.Popen(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", media.made("small"),
         "-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_list_size", "6", "-hls_flags", "delete_segments",
         "-hls_segment_type", "fmp4", "-master_pl_name", "index.m3u8", tmp_path / "media.m3u8"])
    with running(web, host):
        # The multivariant playlist comes with the first segment.
        wait_until(lambda: (tmp_path / "media3.m4s").exists(), 40, "three segments of FFmpeg's", every=0.2)
        report, code = check(f"http://127.0.0.1:{port}/index.m3u8")
    record_property("failures", told(report, "fail"))
    said = states(report)
    assert code == 1
    for rule in ("gzip", "date-present", "pictures-offered", "codecs-present", "average-present"):
        assert said[rule] == "fail", rule
    for rule in ("cors", "cellular", "version-needless"):
        assert said[rule] == "warn", rule
    for rule in ("extm3u", "target-duration-covers", "segment-due", "segment-constant", "sequence-back", "fragments",
                 "time-continuous", "idr-start", "duration-true", "resolution-true", "bandwidth-true"):
        assert said[rule] == "pass", rule


@pytest.mark.long
def test_what_nginx_with_its_rtmp_module_writes(tmp_path, record_property):
    """Transport streams in a media playlist alone: nothing to say about fragments, something about the list."""
    rtmp, web = free_port(), free_port()
    # nginx's worker is another user: it must be able to come here.
    folder = Path(tempfile.mkdtemp(prefix="shopcast-check-"))
    folder.chmod(0o755)
    (folder / "hls").mkdir()
    (folder / "hls").chmod(0o777)
    (folder / "n.conf").write_text(f"""
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log error;
events {{ worker_connections 1024; }}
http {{ access_log off; server {{ listen 127.0.0.1:{web};
  location / {{ root {folder}/hls; types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }} }} }} }}
rtmp {{ server {{ listen 127.0.0.1:{rtmp}; access_log off;
  application live {{ live on; hls on; hls_path {folder}/hls; hls_fragment 2s; hls_playlist_length 12s; }} }} }}
""")
    nginx = subprocess.Popen([tool("nginx"), "-c", folder / "n.conf"], stderr=subprocess.DEVNULL)
    host = None
    try:
        with running(nginx):
            wait_until(lambda: (folder / "pid").exists(), 10, "nginx runs")
            host = Publisher(media.made("small"), f"rtmp://127.0.0.1:{rtmp}/live/show", tmp_path / "publisher.log")
            wait_until(lambda: (folder / "hls/show.m3u8").exists(), 30, "nginx's playlist", every=0.2)
            report, code = check(f"http://127.0.0.1:{web}/show.m3u8")
            host.stop()
    finally:
        if host:
            host.kill()
        shutil.rmtree(folder, ignore_errors=True)
    record_property("failures", told(report, "fail"))
    said = states(report)
    assert code == 1
    for rule in ("gzip", "date-present"):
        assert said[rule] == "fail", rule
    assert said["media-type"] == "pass" and said["fragments"] == "unseen"


class Rogue(http.server.BaseHTTPRequestHandler):
    """Answers that have no end, lead in circles, or swell."""

    def do_GET(self):
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/bomb":
            body = gzip.compress(b"#EXTM3U\n" + bytes(200 << 20), 1)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"#EXTM3U\n" * 4096)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("path, reason", [
    ("/loop", "the answer is 302"), ("/bomb", "cannot be read"), ("/endless", "longer than 8 MiB")])
def test_a_rogue_server_is_left_with_a_sentence(path, reason):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rogue) as rogue:
        threading.Thread(target=rogue.serve_forever, daemon=True).start()
        answer = command("check", f"http://127.0.0.1:{rogue.server_port}{path}", timeout=60)
        rogue.shutdown()
    assert answer.returncode == 1 and answer.stdout == ""
    assert reason in answer.stderr and answer.stderr.count("\n") == 1, answer.stderr
