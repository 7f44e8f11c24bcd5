"""Pictures of shows: taken, made small, rid of what they tell of who took them, served, replaced and deleted."""
import os
import subprocess
import time

import pytest

from api import operator, refused
from deadline import wait_until
from server import tool


def picture(kind="png", size="1600x1200"):
    made = subprocess.run(
        [tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}", "-frames:v", "1",
         "-c:v", {"png": "png", "jpg": "mjpeg", "webp": "libwebp"}[kind], "-f", "image2pipe", "-"],
        capture_output=True, check=True, timeout=30)
    return made.stdout


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_cover_is_made_small_and_kept(ops, nobody, kind):
    name = f"cover-{kind}"
    ops.show(name, isScheduled=True)
    assert refused(nobody.get(f"/shows/{name}/cover"), 404, "no cover")
    mime = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}[kind]
    put = ops.ask("PUT", f"/shows/{name}/cover", content=picture(kind), headers={"Content-Type": mime})
    assert put.status_code == 200 and (put.json()["width"], put.json()["height"]) == (960, 720)
    place = nobody.get(f"/shows/{name}").json()["cover"]
    assert place == put.json()["cover"]
    file = nobody.http.get(place)
    assert file.headers["content-type"] == "image/jpeg" and "immutable" in file.headers["cache-control"]
    assert file.content.startswith(b"\xff\xd8") and b"Lavc" not in file.content
    assert nobody.http.get(place, headers={"If-None-Match": file.headers["etag"]}).status_code == 304
    current = nobody.get(f"/shows/{name}/cover")
    assert current.content == file.content
    assert nobody.get(f"/shows/{name}/cover", headers={"If-None-Match": current.headers["etag"]}).status_code == 304
    assert ops.delete(f"/shows/{name}/cover").status_code == 204
    wait_until(lambda: "cover" not in nobody.get(f"/shows/{name}").json(), 5, "the picture is gone")


def test_what_is_no_cover(ops, nobody):
    ops.show("no-cover")
    def send(content, mime="image/png"):
        return ops.ask("PUT", "/shows/no-cover/cover", content=content, headers={"Content-Type": mime})
    assert refused(send(b"<svg onload='alert(1)'/>"), 422, field="content")
    assert refused(send(b"GIF89a" + b"\0" * 50), 422, field="content")
    assert refused(send(picture()[:500]), 422, field="content")
    assert refused(send(b""), 422, field="content")
    assert refused(send(b"x", "image/svg+xml"), 415, "image/jpeg")
    assert refused(send(b"\0" * ((10 << 20) + 1)), 413)
    for path in ("/covers/nothing.jpg", "/covers/" + "0" * 32 + ".jpg", "/covers/..%2fshopcast.db", "/covers/%2e%2e/lock"):
        assert nobody.http.get(path).status_code == 404


#: Where a photograph was taken, and by whom, as cameras write it: EXIF, XMP and IPTC.
TELLTALE = b"48.8584 N 2.2945 E by Somebody"


def photograph():
    """A JPEG that tells where it was taken."""
    plain = picture("jpg")
    def segment(marker, content):
        return b"\xff" + bytes([marker]) + (len(content) + 2).to_bytes(2, "big") + content
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0" + len(TELLTALE).to_bytes(4, "little") + b"\x1a\0\0\0\0\0\0\0" + TELLTALE
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + TELLTALE + b"</x:xmpmeta>"
    iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0" + len(TELLTALE).to_bytes(2, "big") + TELLTALE
    return plain[:2] + segment(0xE1, exif) + segment(0xE1, xmp) + segment(0xED, iptc) + segment(0xFE, TELLTALE) + plain[2:]


def test_a_photograph_tells_nothing_of_who_took_it(ops, nobody):
    ops.show("photo", isScheduled=True)
    handed_in = photograph()
    assert handed_in.count(TELLTALE) == 4
    put = ops.ask("PUT", "/shows/photo/cover", content=handed_in, headers={"Content-Type": "image/jpeg"})
    assert put.status_code == 200, put.text
    served = nobody.http.get(put.json()["cover"]).content
    for trace in (TELLTALE, b"Exif", b"xmpmeta", b"8BIM", b"Photoshop"):
        assert trace not in served
    kept = b"".join(path.read_bytes() for path in (ops.server.data / "covers").iterdir())
    assert TELLTALE not in kept, "nor is it on the disk"


def test_a_cover_is_replaced_and_deleted(launch):
    server = launch([])
    ops = operator(server)
    ops.show("changing", isScheduled=True)
    def put(kind, size):
        answer = ops.ask("PUT", "/shows/changing/cover", content=picture(kind, size), headers={"Content-Type": f"image/{kind}"})
        assert answer.status_code == 200, answer.text
        return answer.json()["cover"]
    first = put("png", "640x480")
    assert put("png", "640x480") == first, "the same picture is the same file"
    second = put("webp", "480x640")
    assert second != first and ops.get("/shows/changing").json()["cover"] == second
    page = server.http.get(server.url("/shows/changing")).text
    assert second in page and first not in page
    for place in (first, second):
        answer = server.http.get(server.url(place))
        assert answer.status_code == 200 and answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert ops.delete("/shows/changing/cover").status_code == 204
    assert refused(ops.get("/shows/changing/cover"), 404, "no cover") and second not in server.http.get(server.url("/shows/changing")).text
    assert ops.delete("/shows/changing/cover").status_code == 204, "again is no fault"

    # What no show has for an hour is deleted; a new one is left alone, for its show may be about to be told.
    third = put("png", "320x240")
    assert server.stop() == 0
    files = {place: server.data / place.lstrip("/") for place in (first, second, third)}
    assert all(path.exists() for path in files.values())
    for path in files.values():
        os.utime(path, (time.time() - 7200,) * 2)
    again = launch([], data=str(server.data))
    wait_until(lambda: not files[first].exists() and not files[second].exists(), 10, "old covers are deleted")
    assert again.http.get(again.url(third)).status_code == 200 and again.http.get(again.url(first)).status_code == 404
