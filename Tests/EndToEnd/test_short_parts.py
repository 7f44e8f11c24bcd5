"""Segments that end with a part of one picture: hosts whose key frames come a picture late, or whose clock is slow."""
import re

from deadline import wait_until
from page_browser import Visit
from server import show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
# Lists come so late that they name the next segment's part together with the short one before it.
LATE = """
    const { open, send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (method, address, ...more) {
        this.isLate = String(address).includes('_HLS_msn');
        open.call(this, method, address, ...more);
    };
    XMLHttpRequest.prototype.send = function (body) {
        if (!this.isLate) return send.call(this, body);
        setTimeout(() => { if (this.readyState === 1) send.call(this, body); }, 600);
    };
    window.buffers = {};
    const { addSourceBuffer } = MediaSource.prototype;
    MediaSource.prototype.addSourceBuffer = function (type) {
        return window.buffers[type.split('/')[0]] = addSourceBuffer.call(this, type);
    };
"""
RANGES = """Object.values(window.buffers).map(({ buffered }) =>
    [...Array(buffered.length).keys()].map((i) => [buffered.start(i), buffered.end(i)]))"""


def left_out(addresses):
    """Fourth parts that were fetched, with the next segment's first, and without the fifth between them."""
    parts = {(rendition, int(number), int(index))
             for rendition, number, index in re.findall(r"/([^/]+)/s(\d+)\.(\d+)-", " ".join(addresses))}
    return [(r, n) for r, n, i in parts if i == 3 and (r, n + 1, 0) in parts and (r, n, 4) not in parts]


def test_a_short_part_is_not_left_out(launch, publish, browser):
    server = launch([show()], ladder=LADDER)
    publish(server, "gop61")
    with Visit(browser, server.url()) as visit:
        addresses = []
        visit.page.on("request", lambda request: addresses.append(request.url))
        visit.page.add_init_script(LATE)
        visit.open()
        visit.wait_playing(40)
        begin = visit.video("currentTime")
        wait_until(lambda: visit.video("currentTime") > begin + 12, 30, "12 s more are shown")
        assert any(".4-" in address for address in addresses), "no segment has a fifth part"
        assert left_out(addresses) == []
        ranges = visit.page.evaluate(RANGES)
        assert [len(r) for r in ranges] == [1, 1], f"the buffers have holes: {ranges}"
        assert visit.told("faults") == []
