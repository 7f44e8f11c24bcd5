"""Servers that a show may be sent on to: one that keeps what comes, and those that no operator wishes to meet."""
import contextlib
import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

from deadline import wait_until
from server import free_port, tool


class Recorder:
    """ffmpeg as an RTMP server for one publisher at a time; each connection makes a file, untouched."""

    def __init__(self, folder, name="target"):
        self.folder, self.name, self.port = Path(folder), name, free_port()
        self.process, self.files = None, []

    @property
    def url(self):
        return f"rtmp://127.0.0.1:{self.port}/live/{self.name}-secret"

    def listen(self):
        """Takes the next publisher."""
        path = self.folder / f"{self.name}{len(self.files)}.flv"
        self.files.append(path)
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [tool("ffmpeg"), "-nostdin", "-v", "warning", "-y", "-copyts", "-listen", "1", "-timeout", "60", "-i", self.url,
                 "-c", "copy", "-flush_packets", "1", "-f", "flv", path], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self._is_listening, 10, "the receiver listens")
        return path

    def _is_listening(self):
        wanted = f"0100007F:{self.port:04X}"
        return any(line.split()[1] == wanted and line.split()[3] == "0A"
                   for line in Path("/proc/net/tcp").read_text().splitlines()[1:])

    def bytes(self):
        return self.files[-1].stat().st_size if self.files and self.files[-1].exists() else 0

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def finish(self, seconds=15):
        """Waits for the publisher's goodbye."""
        self.process.wait(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def _handshaken(connection):
    """Answers a client's handshake, and reads it to its end."""
    data = b""
    while len(data) < 1537:
        data += connection.recv(65536)
    connection.sendall(b"\x03" + bytes(1536) + data[1:1537])


def _welcome(connection):
    """Lets whoever asks publish, without looking at what is asked: answers come in the order that clients expect."""
    from rtmp import amf, chunks
    _handshaken(connection)

    def answer(*values, stream=0):
        connection.sendall(chunks(3, 20, stream, b"".join(map(amf, values))))
    connection.recv(65536)
    answer("_result", 1, {}, {"level": "status", "code": "NetConnection.Connect.Success"})
    connection.recv(65536)
    answer("_result", 4, None, 1)
    connection.recv(65536)
    answer("onStatus", 0, None, {"level": "status", "code": "NetStream.Publish.Start"}, stream=1)


def hang(connection, leaving):
    leaving.wait(60)


def reset(connection, leaving):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def garbage(connection, leaving):
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + os.urandom(4000))
    leaving.wait(1)


def flood(connection, leaving):
    _welcome(connection)
    while not leaving.is_set():
        connection.sendall(bytes.fromhex("0200000000000403000000000000ffff") * 4096)


def reads_nothing(connection, leaving):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    _welcome(connection)
    leaving.wait(60)


def slow(connection, leaving):
    """Takes some kilobytes a second."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    _welcome(connection)
    while not leaving.wait(0.1) and connection.recv(1500):
        pass


def garbage_later(connection, leaving):
    _welcome(connection)
    connection.recv(65536)
    connection.sendall(os.urandom(5000))
    leaving.wait(1)


BAD = {f.__name__: f for f in (hang, reset, garbage, flood, reads_nothing, slow, garbage_later)}


@contextlib.contextmanager
def bad_target(name):
    """Gives the address of a server that does as `BAD[name]` with everybody."""
    leaving = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection):
        with connection, contextlib.suppress(OSError):
            BAD[name](connection, leaving)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"rtmp://127.0.0.1:{listener.getsockname()[1]}/live/{name}-secret"
    finally:
        leaving.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
