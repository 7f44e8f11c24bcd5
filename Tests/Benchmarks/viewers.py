"""See viewers.sh. A step is carried where 95 of 100 samples of the latency are within PART-HOLD-BACK + 0.5 s, no more than
one request in 10,000 fails, and there are no more than 0.05 stalls in a viewer's minute. Steps double; the last is halved
twice to come closer."""
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
import media  # noqa: E402
from publisher import Publisher  # noqa: E402
from server import Server, command, make_certificate, show  # noqa: E402
from viewer import Viewer  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 250
VERSIONS = sys.argv[3:4] or ["h1", "h2"]
LIMIT = 1.62 + 0.5
MOST = 16_000


def step(server, version, viewers):
    url = f"{server.secure_url() if version == 'h2' else server.url()}/live/show/index.m3u8"
    ramp = max(5, viewers // 200)
    run = command(
        "load", url, "--viewers", viewers, "--seconds", SECONDS, "--ramp", ramp, "--insecure", "--format", "json",
        "--max-errors", 10**9, "--server-pid", server.pid, timeout=SECONDS + ramp + 120)
    if not run.stdout:
        print(f"{version} {viewers}: {run.stderr.strip()}")
        return False
    report = json.loads(run.stdout)
    requests = max(1, report["requestsPerSecond"] * report["seconds"])
    late = report["latencySeconds"]["p95"]
    carried = (late is not None and late <= LIMIT and report["errors"] <= requests / 10_000
               and report["stallsPerViewerMinute"] <= 0.05)
    join, latency = report["joinSeconds"], report["latencySeconds"]
    client, theirs = report["client"], report["server"]

    def figure(value, digits=2):
        return "-" if value is None else f"{value:.{digits}f}"

    print(f"| {version} | {viewers} | {figure(join['p50'])} / {figure(join['p99'])} | "
          f"{figure(latency['p50'])} / {figure(late)} / {figure(latency['p99'])} | "
          f"{report['stallsPerViewerMinute']:.3f} | {report['errors']} {report['errorsByKind'] or ''} | "
          f"{report['requestsPerSecond']:.0f} | {report['bytes'] * 8e-6 / report['seconds']:.0f} | "
          f"{figure(theirs['coresPerThousandViewers'], 3)} | {figure(client['coresPerThousandViewers'], 3)} | "
          f"{theirs['residentBytes'] / viewers / 1024:.0f} | {client['residentBytes'] / viewers / 1024:.0f} | "
          f"{'yes' if carried else 'no'} |", flush=True)
    return carried


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = make_certificate(folder / "certificate")
        server = Server(folder / "server", [show()], certificate=certificate, ladder={"steps": [], "admission": False}).start()
        host = Publisher(media.made("small"), server.rtmp(), folder / "publisher.log")
        viewer = Viewer(server.url())
        try:
            viewer.wait_live()
            viewer.wait_segments("source", 5)
            print("| | viewers | join p50 / p99, s | latency p50 / p95 / p99, s | stalls a minute | errors | requests/s | Mbit/s "
                  "| server, cores per 1,000 | client | server, KiB a viewer | client | carried |")
            print("|" + "---|" * 13)
            for version in VERSIONS:
                good, bad, viewers = 0, None, FIRST
                while viewers <= MOST and bad is None:
                    if step(server, version, viewers):
                        good, viewers = viewers, viewers * 2
                    else:
                        bad = viewers
                for _ in range(2 if bad else 0):
                    middle = (good + bad) // 2
                    if step(server, version, middle):
                        good = middle
                    else:
                        bad = middle
                print(f"{version}: {good} viewers at 360p are carried", flush=True)
        finally:
            viewer.close()
            host.stop()
            server.stop()


main()
