"""A translation service as LibreTranslate speaks, in this process: good, slow, wrong or broken as it is told."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from server import free_port

MOODS = {
    "good": lambda texts, target: [f"[{target}] {text}" for text in texts],
    "empty": lambda texts, target: ["" for _ in texts],
    "book": lambda texts, target: ["blah " * 3000 for _ in texts],
    "numbers": lambda texts, target: ["nothing that was said" for _ in texts],
    "hostile": lambda texts, target: [f"\n\n00:00.000 --> 99:00.000\n<b>{text}</b> \u202egnp" for text in texts],
    "few": lambda texts, target: [],
}


class FarTranslator:
    """`mood` is one of MOODS, or `slow` (it answers after half a minute), `500` or `garbage`. What is asked takes `delay` seconds.
    On `port` it takes the place of one that was closed, which answers nothing any more."""

    def __init__(self, port=None):
        self.mood = "good"
        self.delay = 0
        self.asked = []
        self.port = port or free_port()
        self._over = threading.Event()
        far = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                far.asked.append(asked)
                mood, status = far.mood, 200
                if far._over.wait(30 if mood == "slow" else far.delay):
                    self.close_connection = True
                    return
                if mood == "slow":
                    mood = "good"
                if mood == "500":
                    status, body = 500, b'{"error":"out of memory"}'
                elif mood == "garbage":
                    body = b"\xff\xfe<html>"
                else:
                    body = json.dumps({"translatedText": MOODS[mood](asked["q"], asked["target"])}).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # Whoever asked has gone.

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
