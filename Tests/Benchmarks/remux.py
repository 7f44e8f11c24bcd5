"""See remux.sh. CPU is user and system time of the server's processes from /proc, over the same seconds of each peer."""
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))
import media  # noqa: E402
from deadline import wait_until  # noqa: E402
from publisher import Publisher  # noqa: E402
from server import Server, free_port, show, tool  # noqa: E402
from viewer import Viewer  # noqa: E402

ROUNDS, SECONDS, STREAMS = (int(v) for v in (sys.argv[1:] + ["3", "24", "8"][len(sys.argv) - 1:]))
# The newest 20 s stay in memory: before that is full, every page that a stream takes is a new one.
WARM_UP = 25
TICKS = os.sysconf("SC_CLK_TCK")
# A noisy moving picture, so that the encoder fills its rate: 5 Mbit/s of video whatever the content.
media.RECIPES["remux"] = [
    "-f", "lavfi", "-i", "mandelbrot=s=1920x1080:r=30", *media.TONE, "-t", "20", "-vf", "noise=c0s=8:c0f=t+u",
    *media.x264(5000, 60, "-bf", "0", "-x264-params", "nal-hrd=cbr"), *media.AAC]


def cpu_seconds(pids):
    def one(pid):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return sum(map(one, pids))


def resident_mebibytes(pids):
    def one(pid):
        return next(int(l.split()[1]) for l in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in l)
    return sum(map(one, pids)) / 1024


@contextlib.contextmanager
def nginx(folder):
    port = free_port()
    (folder / "hls").mkdir()
    (folder / "hls").chmod(0o777)
    (folder / "n.conf").write_text(f"""
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log error;
events {{ worker_connections 1024; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; chunk_size 4096; access_log off;
  application live {{ live on; hls on; hls_path {folder}/hls; hls_fragment 2s; hls_playlist_length 12s; }} }} }}
""")
    master = subprocess.Popen([tool("nginx"), "-c", folder / "n.conf"], stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children")
    wait_until(lambda: children.read_text().split(), 10, "nginx's worker")
    try:
        pids = [master.pid, *map(int, children.read_text().split())]
        addresses = [f"rtmp://127.0.0.1:{port}/live/s{i}" for i in range(STREAMS)]
        yield pids, addresses, lambda: len(list((folder / "hls").glob("*.m3u8"))) == STREAMS
    finally:
        master.terminate()
        master.wait()


@contextlib.contextmanager
def shopcast(folder):
    shows = [show(f"s{i}") for i in range(STREAMS)]
    # The peer has no SRT port either, and looks at no feed.
    server = Server(
        folder, shows, ladder={"steps": [], "admission": False}, srt={"enabled": False}, feed={"observed": False}).start()
    viewers = [Viewer(server.url(), s["id"]) for s in shows]
    try:
        yield [server.pid], [server.rtmp(s["id"]) for s in shows], lambda: all(v.is_live() for v in viewers)
        assert set(viewers[0].renditions()) == {"source", "audio"}, "something was encoded"
    finally:
        [v.close() for v in viewers]
        server.stop()


def measured(peer, file):
    """(CPU seconds per second, MiB) of a peer with STREAMS publishers."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        pids, addresses, is_live = stack.enter_context(peer(folder))
        for i, address in enumerate(addresses):
            host = Publisher(file, address, folder / f"publisher{i}.log")
            stack.callback(host.stop)
        wait_until(is_live, 40, f"{peer.__name__}: all streams are live", every=0.5)
        threading.Event().wait(WARM_UP)
        before = cpu_seconds(pids)
        threading.Event().wait(SECONDS)
        return (cpu_seconds(pids) - before) / SECONDS, resident_mebibytes(pids)


def main():
    file = media.made("remux")
    ratios = []
    print(f"{STREAMS} publishers of 5 Mbit/s, {SECONDS} s each, loopback")
    for round_ in range(ROUNDS):
        figures = {}
        for peer in (nginx, shopcast):
            cpu, memory = figures[peer] = measured(peer, file)
            print(f"round {round_ + 1}: {peer.__name__:8}  {100 * cpu / STREAMS:.2f} % of a core per stream, "
                  f"{memory:.0f} MiB", flush=True)
        ratios.append(figures[shopcast][0] / figures[nginx][0])
    print(f"shopcast / nginx, CPU: {statistics.median(ratios):.2f} "
          f"(rounds: {', '.join(f'{r:.2f}' for r in ratios)})")


main()
