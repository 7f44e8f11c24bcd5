"""Many viewers at once who do what low-latency players do: each follows one rendition by blocking playlist requests and
asks for the hinted part before it is there. One process, plain sockets, no player."""
import asyncio
import re
import time
from urllib.parse import urljoin, urlsplit

HINT = re.compile(r'#EXT-X-PRELOAD-HINT:.*?URI="([^"]+)"')
PART = re.compile(r'^#EXT-X-PART:', re.MULTILINE)
NUMBER = re.compile(r"#EXT-X-MEDIA-SEQUENCE:(\d+)")


class Connection:
    """One connection of HTTP/1.1; an answer is (status, body)."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.reader = self.writer = None

    async def get(self, path):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            body = b""
            while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
        else:
            body = await self.reader.readexactly(int(re.search(r"content-length: (\d+)", head).group(1)))
        return status, body

    def close(self):
        if self.writer:
            self.writer.close()


async def nothing():
    """In the place of a part where none is announced."""
    return b""


def next_part(text):
    """(segment number, part index) of the part that comes next."""
    number = int(NUMBER.search(text).group(1))
    parts = 0
    for line in text.splitlines():
        if line.startswith("#EXT-X-PART:"):
            parts += 1
        elif line and not line.startswith("#"):
            number, parts = number + 1, 0
    return number, parts


class Crowd:
    """`run()` watches for a while; then `answers` counts what was answered, `asked` lists every address."""

    def __init__(self, base, paths, viewers, seconds):
        parts = urlsplit(base)
        self.host, self.port = parts.hostname, parts.port
        self.paths, self.viewers, self.seconds = paths, viewers, seconds
        self.asked, self.faults, self.parts, self.bytes = {}, [], 0, 0
        self.waits = []

    async def _get(self, connection, path):
        self.asked[path] = self.asked.get(path, 0) + 1
        status, body = await asyncio.wait_for(connection.get(path), 20)
        self.bytes += len(body)
        if status != 200:
            self.faults.append(f"{status} {path}")
        return body if status == 200 else None

    async def _follow(self, path, end):
        lists, media = Connection(self.host, self.port), Connection(self.host, self.port)
        try:
            body = await self._get(lists, path)
            while body and time.monotonic() < end:
                text = body.decode()
                number, part = next_part(text)
                hint = HINT.search(text)
                begin = time.monotonic()
                body, piece = await asyncio.gather(
                    self._get(lists, f"{path}?_HLS_msn={number}&_HLS_part={part}"),
                    self._get(media, urljoin(path, hint.group(1))) if hint else nothing())
                self.waits.append(time.monotonic() - begin)
                self.parts += bool(piece)
        except Exception as fault:  # what one viewer meets is the test's business, not the crowd's end
            self.faults.append(f"{type(fault).__name__} {fault} {path}")
        finally:
            lists.close()
            media.close()

    async def _all(self):
        end = time.monotonic() + self.seconds
        await asyncio.gather(*(self._follow(self.paths[i % len(self.paths)], end) for i in range(self.viewers)))

    def run(self):
        asyncio.run(self._all())
        return self
