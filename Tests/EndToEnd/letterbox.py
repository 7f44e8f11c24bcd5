"""A web server that webhooks are sent to: keeps what comes, and answers what it was told to."""
import contextlib
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deadline import wait_until


class Letter:
    """One message as it came."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.at = time.monotonic()
        self.told = json.loads(body)

    @property
    def event(self):
        return self.told["event"]

    def signed_by(self, secret):
        """What a receiver checks: the time is of now, and one signature is ours. Written with Python's own means."""
        fields = [part.split("=", 1) for part in self.headers["Shopcast-Signature"].split(",")]
        (moment,) = [value for name, value in fields if name == "t"]
        assert abs(time.time() - int(moment)) < 300
        right = hmac.new(secret.encode(), moment.encode() + b"." + self.body, hashlib.sha256).hexdigest()
        return any(hmac.compare_digest(value, right) for name, value in fields if name == "v1")


class Letterbox:
    """`answers`: for a path the statuses of its next answers, one after the other; then, and elsewhere, 204."""

    def __init__(self, port):
        self.port = port
        self.letters, self.answers = [], {}

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path, event=None):
        return [letter for letter in list(self.letters) if letter.path == path and event in (None, letter.event)]

    def wait(self, path, event=None, seconds=20, count=1):
        """The newest letter, once there are as many."""
        what = f"{count} × {event or 'a letter'} at {path}, not {[letter.event for letter in self.at(path)]}"
        return wait_until(lambda: len(self.at(path, event)) >= count and self.at(path, event), seconds, what)[-1]


@contextlib.contextmanager
def letterbox():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.letters.append(Letter(self.path, self.headers, body))
            waiting = box.answers.get(self.path, [])
            status = waiting.pop(0) if waiting else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box = Letterbox(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
