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
media.RECIPES["hdmute"] = [*media.picture("1280x720"), *media.MINUTE, *media.x264(2500, 60)]
HISTOGRAM = "shopcast_part_ready_delay_milliseconds"
ONE = [{"shortSide": 720, "kilobits": 2500}]
CASES = [
    ("one 720p rung, low, host without sound", ONE, {"profile": "low", "source": False}),
    ("one 720p rung, low", ONE, {"profile": "low", "source": False}),
    ("one 720p rung, balanced", ONE, {"profile": "balanced", "source": False}),
    ("whole ladder below the source, low", None, {"profile": "low"}),
    ("whole ladder below the source, balanced", None, {"profile": "balanced"}),
]


def gained(before, after):
    """What the counters and histograms gained between two readings."""
    known = {(name, tuple(sorted(labels.items()))): value for name, labels, value in before.samples}
    for i, (name, labels, value) in enumerate(after.samples):
        after.samples[i] = (name, labels, value - known.get((name, tuple(sorted(labels.items()))), 0))
    return after


def main():
    print(f"arrival of a part's last frame -> the part listed; {SECONDS} s each, 720p30 source")
    for name, steps, options in CASES:
        with tempfile.TemporaryDirectory() as folder:
            ladder = {"admission": False, **({"steps": steps} if steps else {})}
            server = Server(folder, [show(**options)], ladder=ladder).start()
            host = Publisher(media.made("hdmute" if "without sound" in name else "hd"), server.rtmp(), Path(folder) / "publisher.log")
            viewer = Viewer(server.url())
            try:
                viewer.wait_live()
                before = server.metrics()
                cpu = server.cpu_seconds()
                threading.Event().wait(SECONDS)
                cpu = (server.cpu_seconds() - cpu) / SECONDS
                figures = gained(before, server.metrics())
                print(f"{name}; {cpu:.2f} CPU s/s")
                for rendition in viewer.renditions():
                    middle = figures.quantile(HISTOGRAM, 0.5, rendition=rendition)
                    late = figures.quantile(HISTOGRAM, 0.95, rendition=rendition)
                    mean = (figures.total(HISTOGRAM + "_sum", rendition=rendition)
                            / figures.total(HISTOGRAM + "_count", rendition=rendition))
                    print(f"  {rendition:7} median {middle:4.0f} ms, mean {mean:4.0f}, 95 of 100 within {late:4.0f}",
                          flush=True)
            finally:
                viewer.close()
                host.stop()
                server.stop()


main()
