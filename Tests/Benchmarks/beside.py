"""See beside.sh. The page's player (hls.js) is asked twice a second how far behind live it is, from 10 s after its start."""
import json
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
import media  # noqa: E402
from page_browser import Visit, chromium  # noqa: E402
from publisher import Publisher  # noqa: E402
from server import BINARY, Server, make_certificate, show  # noqa: E402
from viewer import Viewer  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
VIEWERS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
HOLD_BACK = 1.62
LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = make_certificate(folder / "certificate")
        server = Server(folder / "server", [show()], certificate=certificate, ladder=LADDER).start()
        host = Publisher(media.made("small"), server.rtmp(), folder / "publisher.log")
        viewer = Viewer(server.url())
        try:
            viewer.wait_live()
            crowd = None
            if VIEWERS:
                crowd = subprocess.Popen(
                    [BINARY, "load", server.secure_url("/live/show/index.m3u8"), "--insecure", "--viewers", str(VIEWERS),
                     "--seconds", str(SECONDS + 20), "--server-pid", str(server.pid), "--format", "json"],
                    stdout=subprocess.PIPE, text=True)
            with chromium() as browser, Visit(browser, server.secure_url()) as visit:
                visit.open()
                visit.wait_playing()
                threading.Event().wait(10)
                values = []
                for _ in range(SECONDS * 2):
                    values.append(visit.behind)
                    threading.Event().wait(0.5)
                stalls = visit.told("stalls")
            values.sort()
            print(f"hls.js beside {VIEWERS} viewers over HTTP/2: median {statistics.median(values):.2f} s behind live, "
                  f"95 of 100 within {values[int(len(values) * 0.95)]:.2f} s (PART-HOLD-BACK {HOLD_BACK}), stalls {stalls}")
            if crowd:
                report = json.loads(crowd.communicate(timeout=SECONDS + 60)[0])
                print(f"the viewers: latency p50 {report['latencySeconds']['p50']:.2f} s, p95 {report['latencySeconds']['p95']:.2f} s, "
                      f"{report['stalls']} stalls, {report['errors']} errors; server {report['server']['cpuSeconds']:.1f} s and "
                      f"client {report['client']['cpuSeconds']:.1f} s of CPU in {report['seconds']:.0f} s")
        finally:
            viewer.close()
            host.stop()
            server.stop()


main()
