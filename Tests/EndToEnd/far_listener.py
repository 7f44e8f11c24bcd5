"""Speech services on this machine, in the two shapes in which such services are spoken to."""
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from server import free_port


class Service:
    """A speech service on this machine that behaves as it is told: `well`, `failing`, `wrong` or `slow`."""

    def __init__(self):
        self.conduct, self.port = "well", free_port()
        #: (path, fields, body) of each request.
        self.asked = []

    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"


class Transcriptions(Service):
    """Of the shape of OpenAI's: a request for each piece."""

    key = "Bearer the-key"

    def __init__(self):
        super().__init__()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.asked.append((self.path, dict(self.headers), body))
                conduct = service.conduct
                if conduct == "slow":
                    threading.Event().wait(6)
                answer = {"text": f"piece {len(service.asked)}", "segments": [
                    {"start": 0.1, "end": 1.5, "text": f" piece {len(service.asked)}"}]}
                content = b"<html>" if conduct == "wrong" else json.dumps(answer).encode()
                self.send_response(500 if conduct == "failing" else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Listening(Service):
    """Of the shape of Deepgram's: a connection that takes all sound, and is told of every two seconds of it."""

    key = "Token the-key"

    def __init__(self):
        super().__init__()
        self.server = serve(self._listen, "127.0.0.1", self.port, process_request=self._enter)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _enter(self, connection, request):
        self.asked.append((request.path, dict(request.headers.raw_items()), b""))
        return connection.respond(500, "no") if self.conduct == "failing" else None

    def _listen(self, connection):
        heard, told = 0, 0
        with contextlib.suppress(ConnectionClosed):
            for message in connection:
                if isinstance(message, str) or self.conduct == "failing":
                    return
                heard += len(message) / 32_000
                if self.conduct == "wrong":
                    connection.send("<html>")
                if self.conduct != "well":
                    continue
                while heard >= told + 2:
                    words = [{"word": w, "start": told + 0.1 + k, "end": told + 0.9 + k} for k, w in enumerate(["piece", str(told)])]
                    for is_final in (False, True):
                        connection.send(json.dumps({
                            "type": "Results", "start": told, "duration": 2, "is_final": is_final,
                            "channel": {"alternatives": [{"transcript": f"piece {told}", "confidence": 1, "words": words}]}}))
                    told += 2

    def close(self):
        self.server.shutdown()
