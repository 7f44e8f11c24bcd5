"""Readers and writers of a show's chat, over PyPI's `websockets` and over server-sent events."""
import itertools
import json
import select
import socket
import ssl
import struct
import subprocess
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from deadline import Late

_numbers = itertools.count(1)


def trusting():
    """Takes the tests' own certificate, and speaks HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def address(server, show="show", secure=False, query=""):
    scheme, port = ("wss", server.https_port) if secure else ("ws", server.http_port)
    return f"{scheme}://127.0.0.1:{port}/ws/shows/{show}{query}"


class Events:
    """Events as they come, in order: `all` of them, and those that nobody has waited for yet."""

    def __init__(self):
        self.all = []
        self.waiting = []

    def receive(self, seconds):
        """Adds what comes within so long; raises `EOFError` where nothing will come any more."""
        raise NotImplementedError

    def took(self, text):
        events = json.loads(text)
        assert isinstance(events, list), text
        self.all += events
        self.waiting += events

    def until(self, kind, seconds=10, **wanted):
        """The first event of this kind with these members that has not been given out."""
        deadline = time.monotonic() + seconds
        while True:
            for place, event in enumerate(self.waiting):
                if event["type"] == kind and wanted.items() <= event.items():
                    return self.waiting.pop(place)
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late(f"no {kind} with {wanted} within {seconds} s; came: {self.all[-20:]}")
            self.receive(left)

    def until_text(self, text, seconds=10):
        return self.until("message", seconds, text=text)

    def messages(self):
        return [event for event in self.all if event["type"] == "message"]


class Chat(Events):
    """One WebSocket. Says hello, unless told otherwise, and keeps what it is answered in `hello`."""

    def __init__(self, server, show="show", language="en", secure=False, says_hello=True, query="", origin=None,
                 headers=None, subprotocols=None, **hello):
        super().__init__()
        self.socket = connect(
            address(server, show, secure, query), ssl=trusting() if secure else None, origin=origin,
            additional_headers=headers or {}, subprotocols=subprotocols, compression=None, open_timeout=20,
            close_timeout=5, max_size=None, ping_interval=None)
        self.you = {}
        if says_hello:
            self.say(type="hello", v=1, language=language, **hello)
            self.hello = self.until("hello")
            self.you = self.hello["you"]

    def say(self, **word):
        self.socket.send(json.dumps(word))

    def receive(self, seconds):
        try:
            self.took(self.socket.recv(timeout=seconds))
        except TimeoutError:
            pass

    def name(self, name):
        self.say(type="name", name=name)
        self.you = self.until("you")
        return self.you

    def send(self, text, id=None, **more):
        """The answer: `ack` or `refused`."""
        id = id or f"c{next(_numbers)}"
        self.say(type="send", id=id, text=text, **more)
        deadline = time.monotonic() + 10
        while True:
            for place, event in enumerate(self.waiting):
                if event["type"] in ("ack", "refused") and event.get("id") == id:
                    return self.waiting.pop(place)
            if time.monotonic() > deadline:
                raise Late(f"no answer to {id}; came: {self.all[-20:]}")
            self.receive(deadline - time.monotonic())

    def until_closed(self, seconds=10):
        """The code with which the server closes."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Late(f"not closed within {seconds} s")
                self.receive(left)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def close(self):
        self.socket.close()

    def abort(self):
        """Gone without a word, as a phone in a tunnel."""
        raw = self.socket.socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close_timeout = 0
        try:
            raw.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Stream(Events):
    """Server-sent events, read by curl; `ids` are those that came."""

    def __init__(self, server, show="show", secure=False, version="--http1.1", query="language=en", headers=()):
        super().__init__()
        url = (server.secure_url if secure else server.url)(f"/api/v1/shows/{show}/events?{query}")
        more = [part for header in headers for part in ("-H", header)]
        self.process = subprocess.Popen(
            ["curl", "-sSNki", version, *more, url], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.rest = b""
        self.head = None
        self.ids = []
        self.comments = []

    def receive(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not ready:
            return
        got = self.process.stdout.read1(65536)
        if not got:
            raise EOFError
        self.rest += got
        if self.head is None:
            head, mark, rest = self.rest.partition(b"\r\n\r\n")
            if not mark:
                return
            self.head, self.rest = head.decode(), rest
        *blocks, self.rest = self.rest.split(b"\n\n")
        for block in blocks:
            for line in block.decode().split("\n"):
                if line.startswith("data: "):
                    self.took(line[6:])
                elif line.startswith("id: "):
                    self.ids.append(line[4:])
                elif line.startswith(":"):
                    self.comments.append(line)

    def until_closed(self, seconds=10):
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                self.receive(deadline - time.monotonic())
        except EOFError:
            return self.process.wait(5)
        raise Late(f"not closed within {seconds} s")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Raw:
    """A socket that has become a WebSocket, on which anything may be said."""

    def __init__(self, server, show="show", window=None, hello=True):
        self.socket = socket.socket()
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", server.http_port))
        self.socket.sendall(
            f"GET /ws/shows/{show} HTTP/1.1\r\nHost: 127.0.0.1:{server.http_port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(4096)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        if hello:
            self.say(frame(1, b'{"type":"hello","v":1,"language":"en"}'))
            assert b'"hello"' in self.frame()[1]

    def say(self, data):
        self.socket.sendall(data)

    def _exactly(self, count):
        while len(self.rest) < count:
            got = self.socket.recv(65536)
            if not got:
                raise EOFError
            self.rest += got
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def frame(self):
        """The opcode and content of the server's next frame."""
        first, second = self._exactly(2)
        assert first & 0x80 and not first & 0x70 and not second & 0x80, (first, second)
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack("!H", self._exactly(2))
        elif length == 127:
            length, = struct.unpack("!Q", self._exactly(8))
        return first & 0x0F, self._exactly(length)

    def close_code(self):
        """Reads on until the server's close frame."""
        while True:
            opcode, content = self.frame()
            if opcode == 8:
                return struct.unpack("!H", content[:2])[0] if content else None

    def close(self):
        self.socket.close()


def frame(opcode, content=b"", final=True, reserved=0, masked=True, length=None):
    """A client's frame, good or bad."""
    said = len(content) if length is None else length
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    if said < 126:
        head += bytes([bit | said])
    elif said < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", said)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", said)
    if not masked:
        return head + content
    mask = b"\x5a\xa5\x0f\xf0"
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))


def close_frame(code, reason=b""):
    return frame(8, struct.pack("!H", code) + reason)
