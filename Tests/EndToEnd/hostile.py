"""HTTP servers that no viewer should meet, for tests of our own clients: each answers every request in its own bad way."""
import socketserver
import threading

HEAD = b"HTTP/1.1 200 OK\r\n"
MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\nlow/index.m3u8\n"
LISTING = (b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:5\n"
           b"#EXTINF:2.0,\n5.mp4\n#EXTINF:2.0,\n6.mp4\n#EXTINF:2.0,\n7.mp4\n#EXTINF:2.0,\n8.mp4\n#EXTINF:2.0,\n9.mp4\n")


def whole(body, head=HEAD):
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def but_media(media):
    """Good playlists; `media(write)` answers everything else."""
    def answer(path, write):
        if path == b"/index.m3u8":
            write(whole(MASTER))
        elif path.endswith(b".m3u8") or b".m3u8?" in path:
            write(whole(LISTING))
        else:
            media(write)
    return answer


def endless(write):
    write(HEAD + b"\r\n")
    while True:
        write(b"x" * 65536)


def endless_chunks(write):
    write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        write(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def endless_head(write):
    write(HEAD)
    while True:
        write(b"X-Field: " + b"y" * 1000 + b"\r\n")


def trickle(write):
    write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        write(b"x")
        threading.Event().wait(0.2)


def too_short(write):
    write(HEAD + b"Content-Length: 1000\r\n\r\nshort")
    raise ConnectionError


def too_long(write):
    write(HEAD + b"Content-Length: 5\r\n\r\n" + b"much longer than promised" * 10)


ANSWERS = {
    "garbage": lambda path, write: write(b"\x00\xff garbage \r\n\r\n" * 50),
    "garbage playlists": lambda path, write: write(whole(b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=x\n\xff\n")),
    "500": lambda path, write: write(whole(b"no", b"HTTP/1.1 500 Internal Server Error\r\n")),
    "redirect ring": lambda path, write: write(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"),
    "endless playlist": lambda path, write: endless(write),
    "endless chunks": lambda path, write: endless_chunks(write),
    "endless head": lambda path, write: endless_head(write),
    "gzip bomb": lambda path, write: write(whole(_bomb(), HEAD + b"Content-Encoding: gzip\r\n")),
    "nothing": lambda path, write: threading.Event().wait(60),
    "trickle": lambda path, write: trickle(write),
    "endless media": but_media(endless),
    "short media": but_media(too_short),
    "long media": but_media(too_long),
}


def _bomb():
    import gzip
    return gzip.compress(b"#EXTM3U\n" + b"#\n" * (32 << 20))


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            while line := self.rfile.readline(65536):
                path = line.split(b" ")[1]
                while self.rfile.readline(65536) not in (b"\r\n", b"\n", b""):
                    pass
                self.server.requests += 1
                self.server.answer(path, self.wfile.write)
        except (OSError, IndexError, ValueError):
            pass


class HostileServer(socketserver.ThreadingTCPServer):
    """Serves until `close()`; `with` closes it."""
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, name):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.requests = ANSWERS[name], 0
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/index.m3u8"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.thread.join()

    def handle_error(self, request, client_address):
        pass
