"""A host's side of RTMP, small enough to misbehave on purpose: it can stop inside a message, send garbage after a valid
handshake, and says when each picture was sent. Written from the specification, apart from the server's own code."""
import os
import socket
import struct
import threading
import time
from pathlib import Path
from urllib.parse import urlparse

CHUNK = 4096


class Refused(Exception):
    """The server said no: its code and description."""


def amf(value):
    """A value in AMF0."""
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01" + bytes([value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\x02" + struct.pack(">H", len(value.encode())) + value.encode()
    if isinstance(value, list):
        return b"\x0a" + struct.pack(">I", len(value)) + b"".join(map(amf, value))
    pairs = (struct.pack(">H", len(k)) + k.encode() + amf(v) for k, v in value.items())
    return b"\x03" + b"".join(pairs) + b"\x00\x00\x09"


def read_amf(data, at=0):
    """(value, next position) of one AMF0 value."""
    kind = data[at]
    if kind == 0:
        return struct.unpack_from(">d", data, at + 1)[0], at + 9
    if kind == 1:
        return data[at + 1] != 0, at + 2
    if kind == 2:
        size = struct.unpack_from(">H", data, at + 1)[0]
        return data[at + 3:at + 3 + size].decode(), at + 3 + size
    if kind in (3, 8):
        at, found = at + (1 if kind == 3 else 5), {}
        while data[at:at + 3] != b"\x00\x00\x09":
            size = struct.unpack_from(">H", data, at)[0]
            name = data[at + 2:at + 2 + size].decode()
            found[name], at = read_amf(data, at + 2 + size)
        return found, at + 3
    if kind in (5, 6):
        return None, at + 1
    if kind == 10:
        at, found = at + 5, []
        for _ in range(struct.unpack_from(">I", data, at - 4)[0]):
            value, at = read_amf(data, at)
            found.append(value)
        return found, at
    raise ValueError(f"AMF0 type {kind}")


class Host:
    """A connection to the server; `publish()` brings it to the point where tags may be sent. `abilities` are said in
    `connect`; what the server says there is `answer`."""

    def __init__(self, url, timeout=10, abilities=None):
        parts = urlparse(url)
        self.app, _, self.key = parts.path.lstrip("/").partition("/")
        self.tc_url = f"rtmp://{parts.netloc}/{self.app}"
        self.socket = socket.create_connection((parts.hostname, parts.port or 1935), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input, self.chunk_in, self.streams = self.socket.makefile("rb"), 128, {}
        self.stream_id, self.abilities, self.answer = 0, abilities or {}, None

    def close(self):
        self.input.close()
        self.socket.close()

    def handshake(self):
        self.socket.sendall(b"\x03" + bytes(8) + os.urandom(1528))
        answer = self._exactly(1 + 1536 + 1536)
        assert answer[0] == 3, answer[0]
        self.socket.sendall(answer[1:1537])

    def publish(self):
        """Handshake, connect, createStream, publish. Raises Refused where the server says no."""
        self.handshake()
        self.send(2, 1, 0, struct.pack(">I", CHUNK))
        self.command("connect", 1, {"app": self.app, "type": "nonprivate", "tcUrl": self.tc_url, **self.abilities})
        self.answer = self._answer(1)[2]
        self.command("releaseStream", 2, None, self.key)
        self.command("FCPublish", 3, None, self.key)
        self.command("createStream", 4, None)
        self.stream_id = int(self._answer(4)[3])
        self.command("publish", 5, None, self.key, "live", stream=self.stream_id)
        while True:
            name, *rest = self._command()
            if name == "onStatus":
                status = rest[-1]
                if status.get("level") == "error":
                    raise Refused(status.get("code"), status.get("description"))
                if status.get("code") == "NetStream.Publish.Start":
                    return

    def command(self, *values, stream=0):
        self.send(3, 20, stream, b"".join(map(amf, values)))

    def send(self, chunk_stream, kind, stream, payload, timestamp=0):
        self.socket.sendall(chunks(chunk_stream, kind, stream, payload, timestamp))

    def send_tag(self, tag):
        """A tag of an FLV file as a message."""
        self.send(4 if tag.kind == 8 else 6, tag.kind, self.stream_id, tag.payload, tag.timestamp)

    def _answer(self, transaction):
        while True:
            values = self._command()
            if values[0] in ("_result", "_error") and values[1] == transaction:
                if values[0] == "_error":
                    raise Refused(values[-1].get("code"), values[-1].get("description"))
                return values

    def _command(self):
        """The next command that comes in, as values; other messages are read past."""
        while True:
            kind, payload = self._message()
            if kind == 1:
                self.chunk_in = struct.unpack(">I", payload)[0]
            elif kind == 20:
                values, at = [], 0
                while at < len(payload):
                    value, at = read_amf(payload, at)
                    values.append(value)
                return values

    def _message(self):
        while True:
            first = self._exactly(1)[0]
            form, stream = first >> 6, first & 63
            if stream == 0:
                stream = 64 + self._exactly(1)[0]
            elif stream == 1:
                stream = 64 + int.from_bytes(self._exactly(2), "little")
            size, kind, gathered = self.streams.get(stream, (0, 0, b""))
            if form < 3:
                head = self._exactly((11, 7, 3)[form])
                if form < 2:
                    size, kind = int.from_bytes(head[3:6], "big"), head[6]
                if head[:3] == b"\xff\xff\xff":
                    self._exactly(4)
            gathered += self._exactly(min(self.chunk_in, size - len(gathered)))
            complete = len(gathered) == size
            self.streams[stream] = (size, kind, b"" if complete else gathered)
            if complete:
                return kind, gathered

    def _exactly(self, count):
        data = self.input.read(count)
        if len(data) < count:
            raise Refused("closed", "the server closed the connection")
        return data


def chunks(chunk_stream, kind, stream, payload, timestamp=0):
    """A message cut into chunks of CHUNK bytes, the first with a full header."""
    extended = struct.pack(">I", timestamp) if timestamp >= 0xFFFFFF else b""
    head = bytes([chunk_stream]) + min(timestamp, 0xFFFFFF).to_bytes(3, "big") + len(payload).to_bytes(3, "big")
    out = [head + bytes([kind]) + struct.pack("<I", stream) + extended + payload[:CHUNK]]
    for at in range(CHUNK, len(payload), CHUNK):
        out.append(bytes([0xC0 | chunk_stream]) + extended + payload[at:at + CHUNK])
    return b"".join(out)


class Tag:
    def __init__(self, kind, timestamp, payload):
        self.kind, self.timestamp, self.payload = kind, timestamp, payload
        # When it is sent, in milliseconds from the first.
        self.due = timestamp

    @property
    def is_picture(self):
        """A coded picture of the only track, not parameter sets."""
        if self.kind != 9:
            return False
        return self.payload[0] & 15 in (1, 3) if self.payload[0] & 0x80 else self.payload[1] == 1


def tags(path):
    """The audio, video and data tags of an FLV file."""
    data, at = Path(path).read_bytes(), 13
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1:at + 4], "big")
        timestamp = int.from_bytes(data[at + 4:at + 7], "big") | data[at + 7] << 24
        yield Tag(data[at], timestamp, data[at + 11:at + 11 + size])
        at += 11 + size + 4


class PacedHost(threading.Thread):
    """Publishes tags, or those of an FLV file, at their own pace, once, and remembers the Unix time at which each picture was
    sent. `keep` says which tags are sent at all; `change` makes other tags of them all."""

    def __init__(self, source, url, keep=lambda tag: True, change=lambda tags: tags, abilities=None):
        super().__init__(daemon=True)
        self.tags, self.url = source if isinstance(source, list) else tags(source), url
        self.keep, self.change = keep, change
        self.sent, self.fault = [], None
        self.host = Host(url, abilities=abilities)
        self.host.publish()
        self._ending = threading.Event()

    def run(self):
        begin = time.monotonic()
        try:
            for tag in self.change(filter(self.keep, self.tags)):
                # Pacing is this thread's work: it waits for the tag's own time, or for the end.
                if self._ending.wait(max(0, begin + tag.due / 1000 - time.monotonic())):
                    return
                if tag.is_picture:
                    self.sent.append(time.time())
                self.host.send_tag(tag)
        except OSError as fault:
            self.fault = fault
        finally:
            self.host.close()

    def end(self):
        self._ending.set()
        self.join(10)
