"""See first_frame.sh."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
import media  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from deadline import wait_until  # noqa: E402
from far_network import NEAR, FarNetwork  # noqa: E402
from publisher import Publisher  # noqa: E402
from server import Server, show, tool  # noqa: E402
from viewer import Viewer  # noqa: E402

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 11
ROUND_TRIPS = [int(word) for word in sys.argv[2:]] or [100, 0]
AT_MOST = {0: 250, 100: 900}

# Independent of what the page says of itself: the first picture of each video, as the browser presents it.
WATCHER = """(() => {
    const seen = new WeakSet();
    window.pictures = [];
    new MutationObserver(() => {
        for (const video of document.querySelectorAll("video")) {
            if (seen.has(video)) continue;
            seen.add(video);
            video.requestVideoFrameCallback((now, frame) => window.pictures.push({
                at: now, shown: frame.presentationTime, video: video.id || video.className, height: frame.height }));
        }
    }).observe(document, { childList: true, subtree: true });
})()"""

TIMES = """() => ({
    pictures: window.pictures,
    navigation: performance.getEntriesByType("navigation")[0].toJSON(),
    resources: performance.getEntriesByType("resource").map((r) => r.toJSON()),
    told: { firstFrame: window.shopcast?.firstFrame, stalls: window.shopcast?.stalls, latency: window.shopcast?.latency,
            level: window.shopcast?.level, notes: window.shopcast?.notes },
})"""


def visit(browser, url):
    """One cold visit; what happened when, in milliseconds from the navigation's start."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(WATCHER)
    fetched = Counter()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    addresses, cached, whole = {}, set(), set()
    session.on("Network.requestWillBeSent", lambda e: addresses.__setitem__(e["requestId"], e["request"]["url"]))
    # What the player gives up half way, because it changes the rendition, is not fetched.
    session.on("Network.loadingFinished", lambda e: whole.add(e["requestId"]))
    session.on("Network.requestServedFromCache", lambda e: cached.add(e["requestId"]))
    session.on("Network.responseReceived", lambda e: cached.add(e["requestId"])
               if e["response"].get("fromDiskCache") or e["response"].get("fromPrefetchCache") else None)
    try:
        page.goto(url, wait_until="commit")
        # Rarely, so that the question does not slow down what is asked about.
        wait_until(lambda: page.evaluate("window.pictures.some((p) => p.video === 'video')"), 20, "the player plays", every=0.4)
        page.wait_for_timeout(2500)
        times = page.evaluate(TIMES)
        for identity, address in addresses.items():
            if identity in whole - cached:
                fetched[address] += 1
        # A playlist's address is asked for anew as the show goes on; what never changes is fetched once.
        times["twice"] = [a for a, count in fetched.items() if count > 1 and not a.split("?")[0].endswith(".m3u8")
                          and "/api/" not in a and not a.endswith("icon.svg")]
        times["fetched"] = fetched
        return times
    finally:
        context.close()


def moments(times):
    """The steps on the way to the picture, in the order in which they usually come."""
    page = times["navigation"]
    found = {"connected (TCP, TLS)": page["connectEnd"], "page begins": page["responseStart"],
             "page complete": page["responseEnd"]}

    def end(name, test):
        ends = [r["responseEnd"] for r in times["resources"] if test(r["name"])]
        if ends:
            found[name] = min(ends)

    end("first init section", lambda n: "/init" in n)
    end("first part", lambda n: n.endswith(".mp4") and "/init" not in n and "/audio/" not in n)
    first = min(times["pictures"], key=lambda p: p["at"])
    found["FIRST PICTURE"] = first["at"]
    end("page's script", lambda n: n.endswith("/watch.mjs"))
    end("player (hls.js)", lambda n: n.endswith("/hls.mjs"))
    end("multivariant playlist", lambda n: n.endswith("/index.m3u8") and n.count("/") == 5)
    end("rendition's playlist", lambda n: "/index.m3u8" in n and n.count("/") == 6 and "/audio/" not in n)
    found["player's own picture"] = next(p["at"] for p in times["pictures"] if p["video"] == "video")
    return found


def report(round_trip, measured, visits):
    print(f"\nround trip {round_trip} ms (measured {measured:.1f} ms), {len(visits)} cold visits; "
          "milliseconds from the navigation's start: median (least – most)")
    steps = [moments(times) for times in visits]
    for name in steps[0]:
        values = sorted(step[name] for step in steps if name in step)
        print(f"  {name:24} {statistics.median(values):6.0f}  ({values[0]:.0f} – {values[-1]:.0f})")
    sizes = Counter()
    for resource in visits[-1]["resources"]:
        sizes[resource["name"].split("/")[-1].split("?")[0]] += resource["transferSize"]
    largest = ", ".join(f"{name} {size / 1000:.0f} kB" for name, size in sizes.most_common(4))
    print(f"  page {visits[-1]['navigation']['transferSize'] / 1000:.1f} kB on the wire; largest: {largest}")
    first = Counter(min(times["pictures"], key=lambda p: p["at"])["height"] for times in visits)
    print("  first pictures' heights:", dict(first), " then:", dict(Counter(t["told"]["level"] for t in visits)))
    latency = [t["told"]["latency"] for t in visits if t["told"]["latency"]]
    print(f"  two seconds later: {statistics.median(latency):.2f} s behind live, "
          f"stalls {sum(t['told']['stalls'] for t in visits)}")
    twice = Counter(address.split("/")[-1] for times in visits for address in times["twice"])
    print("  fetched twice:", dict(twice) or "nothing")
    return statistics.median(step["FIRST PICTURE"] for step in steps)


def trusted_certificate(folder):
    """A certificate for the network's address that Chromium trusts, because $HOME says so: what is fetched over a
    connection with a certificate that is only tolerated is not cached, and would be fetched twice."""
    folder.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "9",
         "-subj", "/CN=first-frame", "-addext", f"subjectAltName=IP:{NEAR}", "-addext",
         "extendedKeyUsage=serverAuth", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True)
    store = folder / ".pki/nssdb"
    store.mkdir(parents=True)
    database = f"sql:{store}"
    subprocess.run([tool("certutil"), "-d", database, "-N", "--empty-password"], check=True)
    subprocess.run([tool("certutil"), "-d", database, "-A", "-t", "C,,", "-n", "first-frame", "-i",
                    folder / "certificate.pem"], check=True)
    return folder


def main():
    broken = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        for round_trip in ROUND_TRIPS:
            with FarNetwork(round_trip / 1000) as network:
                certificate = trusted_certificate(folder / f"certificate{round_trip}")
                server = Server(folder / f"server{round_trip}", [show()], host="0.0.0.0",
                                certificate=certificate,
                                ladder={"admission": False}).start()
                host = Publisher(media.made("hd"), server.rtmp(), folder / "publisher.log")
                browser = playwright.chromium.launch(
                    executable_path=network.program(folder / f"chromium{round_trip}", "/usr/bin/chromium"),
                    headless=True, env={**os.environ, "HOME": str(certificate)}, args=[
                        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                        "--autoplay-policy=document-user-activation-required"])
                try:
                    viewer = Viewer(server.url())
                    viewer.wait_live()
                    viewer.wait_segments("source", 8)
                    viewer.close()
                    url = f"https://{network.address}:{server.https_port}/shows/show"
                    visit(browser, url)
                    visits = [visit(browser, url) for _ in range(RUNS)]
                    median = report(round_trip, network.measured(), visits)
                    (folder / "last.json").write_text(json.dumps(visits[-1]))
                    if median > AT_MOST.get(round_trip, float("inf")):
                        broken.append(round_trip)
                finally:
                    browser.close()
                    host.stop()
                    server.stop()
    sys.exit(1 if broken else 0)


main()
