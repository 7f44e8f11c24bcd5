"""From the host's sending of a picture to its showing in a browser: read from the picture itself.

The host sends a file of 720p pictures that carry their own numbers (barcode.py), untouched, and notes when each was sent.
Chromium plays the watch page and reads the number of every picture that it presents. One machine, one clock."""
import json
import os
import statistics

import pytest

import barcode
import media
from deadline import wait_until
from page_browser import chromium
from rtmp import PacedHost
from server import show
from viewer import Viewer

pytestmark = pytest.mark.long

SECONDS = int(os.environ.get("SHOPCAST_GLASS_SECONDS", "60"))
LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}], "admission": False}
LIMITS = {"low": 2.0, "balanced": 2.3}

WATCH = "() => {" + barcode.JAVASCRIPT + """
  const seen = window.seen = [], video = document.querySelector('video');
  window.faults = [];
  const note = (now, frame) => {
    const number = readBarcode(video);
    if (number !== null) seen.push([number, Date.now()]);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  let started = null;
  video.addEventListener('playing', () => { started ??= performance.now(); });
  video.addEventListener('waiting', () => {
    // Until it plays, a first picture may stand while the player gathers its start; afterwards any wait is a stall.
    if (started === null) return;
    const ahead = video.buffered.length ? video.buffered.end(video.buffered.length - 1) - video.currentTime : 0;
    window.faults.push(`waiting ${performance.now() - started | 0} ms after the start, ${ahead.toFixed(2)} s ahead, readyState ${video.readyState}`);
  });
  video.addEventListener('error', () => window.faults.push('error: ' + video.error?.message));
}
"""


@pytest.fixture(scope="module")
def browser(playwright):
    with chromium(playwright, autoplay="no-user-gesture-required") as browser:
        yield browser


@pytest.mark.parametrize("profile", ["low", "balanced"])
@pytest.mark.parametrize("protocol", ["h1", "h2"])
def test_glass_to_glass(launch, browser, profile, protocol, record_property):
    server = launch([show(profile=profile)], tls=True, ladder=LADDER)
    host = PacedHost(media.made_counted(), server.rtmp())
    host.start()
    viewer = Viewer(server.url())
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 900, "height": 700})
    try:
        viewer.wait_live()
        page = context.new_page()
        messages = []
        page.on("console", lambda m: messages.append(m.text) if m.type == "error" else None)
        base = server.url() if protocol == "h1" else server.secure_url()
        page.goto(f"{base}/shows/show")
        page.wait_for_selector("video")
        page.evaluate(WATCH)
        wait_until(lambda: page.evaluate("() => window.seen.length"), 20, "the first picture")
        # The length of the measurement, not a wait for something.
        page.wait_for_timeout(SECONDS * 1000)
        seen, faults = json.loads(page.evaluate("() => JSON.stringify([window.seen, window.faults])"))
        delays = [shown / 1000 - host.sent[number] for number, shown in seen if number < len(host.sent)]
        steady = delays[len(delays) // 6:]
        gaps = [(b[1] - a[1]) / 1000 for a, b in zip(seen, seen[1:])]
        middle = statistics.median(steady)
        late = [f"{gap * 1000:.0f} ms, {(b[1] - seen[0][1]) / 1000:.1f} s in"
                for gap, b in zip(gaps, seen[1:]) if gap > 0.1]
        record_property("pictures more than 67 ms late", "; ".join(late) or "none")
        record_property("glass to glass s: median, 95th of 100, worst",
                        f"{middle:.3f}, {sorted(steady)[len(steady) * 95 // 100]:.3f}, {max(steady):.3f}")
        record_property("pictures read, of those sent meanwhile", f"{len(seen)}, {seen[-1][0] - seen[0][0] + 1}")
        assert host.fault is None
        assert not faults, faults
        assert len(seen) > SECONDS * 30 * 0.5
        assert all(b[0] >= a[0] for a, b in zip(seen, seen[1:])), "pictures went back"
        assert max(gaps) < 1.0, "the picture stood still"
        assert middle < LIMITS[profile]
        if protocol == "h2":
            used = page.evaluate("() => performance.getEntriesByType('resource').map(r => r.nextHopProtocol)")
            assert "h2" in used, set(used)
        assert not [m for m in messages if "fatal" in m.lower()], messages
    finally:
        context.close()
        viewer.close()
        host.end()
