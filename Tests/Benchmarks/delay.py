"""See delay.sh."""
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
import media  # noqa: E402
from publisher import Publisher  # noqa: E402
from server import Server, show  # noqa: E402
from viewer import Viewer  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
HISTOGRAM = "shopcast_part_ready_delay_milliseconds"
ONE = [{"shortSide": 720, "kilobits": 2500}]
CASES = [
    ("one 720p rung, low", ONE, {"profile": "low", "source": False}),
    ("one 720p rung, balanced", ONE, {"profile": "balanced", "source": False}),
    ("whole ladder below the source, low", None, {"profile": "low"}),
    ("whole ladder below the source, balanced", None, {"profile": "balanced"}),
]


def since(before, after, q):
    """A quantile of what a histogram gained between two readings, in ms."""
    for i, (name, labels, value) in enumerate(after.samples):
        after.samples[i] = (name, labels, value - (before.total(name, **labels) or 0))
    return after.quantile(HISTOGRAM, q)


def main():
    print(f"arrival of a part's last frame -> the part listed; {SECONDS} s each, 720p30 source")
    for name, steps, options in CASES:
        with tempfile.TemporaryDirectory() as folder:
            ladder = {"admission": False, **({"steps": steps} if steps else {})}
            server = Server(folder, [show(**options)], ladder=ladder).start()
            host = Publisher(media.made("hd"), server.rtmp(), Path(folder) / "publisher.log")
            viewer = Viewer(server.url())
            try:
                viewer.wait_live()
                before = server.metrics()
                cpu = server.cpu_seconds()
                threading.Event().wait(SECONDS)
                cpu = (server.cpu_seconds() - cpu) / SECONDS
                middle = since(before, server.metrics(), 0.5)
                late = since(before, server.metrics(), 0.95)
                print(f"{name}: median {middle:.0f} ms, 95 of 100 within {late:.0f} ms; "
                      f"{' '.join(viewer.renditions())}; {cpu:.2f} CPU s/s", flush=True)
            finally:
                viewer.close()
                host.stop()
                server.stop()


main()
