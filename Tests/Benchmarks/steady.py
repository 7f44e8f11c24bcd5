"""See steady.sh."""
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
import media  # noqa: E402
from page_browser import Visit, chromium  # noqa: E402
from publisher import Publisher  # noqa: E402
from server import BINARY, Server, make_certificate, show  # noqa: E402
from viewer import Viewer  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
VIEWERS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
SETTLING = 15


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder / "server", [show()], certificate=make_certificate(folder / "certificate"),
                        ladder={"admission": False}).start()
        host = Publisher(media.made("hd"), server.rtmp(), folder / "publisher.log")
        crowd = None
        try:
            viewer = Viewer(server.url())
            viewer.wait_live()
            listing = viewer.wait_segments("source", 6)
            hold_back = float(re.search(r"PART-HOLD-BACK=([\d.]+)", listing.text).group(1))
            viewer.close()
            if VIEWERS:
                crowd = subprocess.Popen(
                    [BINARY, "load", server.secure_url("/live/show/index.m3u8"), "--insecure", "--viewers", str(VIEWERS),
                     "--seconds", str(SETTLING + SECONDS + 20), "--ramp", "5", "--server-pid", str(server.pid)],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            with chromium() as browser, Visit(browser, server.secure_url()) as visit:
                visit.open()
                visit.wait_playing(40)
                visit.wait(SETTLING)
                found, cpu, begin = [], server.cpu_seconds(), time.monotonic()
                while time.monotonic() - begin < SECONDS:
                    visit.wait(0.5)
                    found.append(visit.behind)
                cpu = (server.cpu_seconds() - cpu) / (time.monotonic() - begin)
                found.sort()
                middle = statistics.median(found)
                stalls, level = visit.told("stalls"), visit.told("level")
            print(f"{VIEWERS} viewers beside; the page for {SECONDS} s at {level}, PART-HOLD-BACK {hold_back:.2f} s: "
                  f"behind live median {middle:.2f} s, 5 to 95 of 100 {found[len(found) // 20]:.2f} to "
                  f"{found[len(found) * 19 // 20]:.2f}, stalls {stalls}; the server {cpu:.2f} CPU s/s")
            if crowd:
                print(crowd.communicate(timeout=120)[0])
        finally:
            if crowd and crowd.poll() is None:
                crowd.terminate()
                crowd.wait(20)
            host.stop()
            server.stop()
    sys.exit(0 if middle <= hold_back + 0.3 and stalls == 0 else 1)


main()
