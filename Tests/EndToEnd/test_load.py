"""`shopcast load`: synthetic viewers before our server, and before servers that no viewer should meet."""
import json
import socket

import pytest

from hostile import ANSWERS, HostileServer
from server import command, show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
HOLD_BACK = 1.62


@pytest.fixture(scope="module")
def live(launch_once, publish_once):
    server = launch_once([show()], tls=True, ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("source", 4)
    yield server
    viewer.close()


def load(url, *options, timeout=90):
    run = command("load", url, "--format", "json", *options, timeout=timeout)
    assert run.stdout, run.stderr
    return run, json.loads(run.stdout)


@pytest.mark.alone
@pytest.mark.parametrize("version,options", [
    ("h2", ("--hints",)), pytest.param("h1", (), marks=pytest.mark.long),
    pytest.param("h2", (), marks=pytest.mark.long), pytest.param("h1", ("--hints",), marks=pytest.mark.long)])
def test_viewers_of_our_server_neither_stall_nor_err(live, record_property, version, options):
    base = live.secure_url() if version == "h2" else live.url()
    before = live.cpu_seconds()
    run, report = load(
        f"{base}/live/show/index.m3u8", "--viewers", 30, "--seconds", 15, "--ramp", 3, "--rendition", "240p",
        "--insecure", "--server-pid", live.pid, *options)
    assert run.returncode == 0, (run.stderr, report)
    assert report["joined"] == report["came"] == 30
    assert report["errorsByKind"] == {} and report["errors"] == 0
    assert report["stalls"] == 0 and report["rebufferRatio"] == 0
    assert 0 < report["latencySeconds"]["p50"] <= HOLD_BACK + 0.5
    assert report["edgeDistanceSeconds"]["p50"] <= HOLD_BACK + 0.5
    assert report["latencySeconds"]["count"] >= 30 * 14
    assert report["joinSeconds"]["p95"] < 2
    # Two renditions, two parts a second, a playlist and a part each.
    assert 30 * 8 * 0.8 <= report["requestsPerSecond"] <= 30 * 8 * 1.3
    assert (report["hints"] > 30 * 40) == bool(options)
    assert report["connections"] <= 30 * (1 if version == "h2" else 6)
    assert 0 < report["server"]["cpuSeconds"] <= live.cpu_seconds() - before + 0.1
    record_property("join p50/p95, s", [report["joinSeconds"][p] for p in ("p50", "p95")])
    record_property("latency p50/p95, s", [report["latencySeconds"][p] for p in ("p50", "p95")])
    record_property("cores a thousand viewers, client and server", [
        round(report[side]["coresPerThousandViewers"], 3) for side in ("client", "server")])


def test_viewers_come_and_go(live):
    run, report = load(f"{live.url()}/live/show/index.m3u8", "--viewers", 10, "--seconds", 12, "--ramp", 1, "--churn", 3)
    assert run.returncode == 0, (run.stderr, report)
    assert report["came"] > 25
    assert report["errors"] == 0


def test_one_rendition_by_itself(live):
    run, report = load(f"{live.url()}/live/show/audio/index.m3u8", "--viewers", 2, "--seconds", 4, "--ramp", 0)
    assert run.returncode == 0, (run.stderr, report)
    assert report["joined"] == 2 and report["parts"] > 10


def test_text_is_for_people(live):
    run = command("load", f"{live.url()}/live/show/index.m3u8", "--viewers", 2, "--seconds", 2, "--ramp", 0)
    assert run.returncode == 0, run.stderr
    for words in ("join, s", "latency", "errors: none", "cores per 1,000 viewers"):
        assert words in run.stdout


def test_limits_make_it_fail(live):
    run, report = load(
        f"{live.url()}/live/show/index.m3u8", "--viewers", 2, "--seconds", 4, "--ramp", 0, "--max-latency", 0.5)
    assert run.returncode == 1
    assert "0.5 s allowed" in run.stderr and len(run.stderr.splitlines()) == 1
    assert report["failure"] in run.stderr


@pytest.mark.parametrize("name", list(ANSWERS))
def test_a_hostile_server_is_survived(name):
    with HostileServer(name) as server:
        run, report = load(
            server.url, "--viewers", 20, "--seconds", 5, "--ramp", 0.5, "--catch-up", 1, timeout=60)
        media = name.endswith("media")
        assert run.returncode == 1, report
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr
        slow = name in ("nothing", "trickle", "endless media")
        assert slow or report["errors"] > 0
        assert report["joined"] == 0 or media
        assert report["client"]["residentBytes"] < 300 << 20
        # No storm: a handful of requests a second and viewer at most.
        assert server.requests < 20 * 6 * 5


def test_nobody_listens():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{s.getsockname()[1]}/index.m3u8"
        run, report = load(url, "--viewers", 3, "--seconds", 3, "--ramp", 0)
    assert run.returncode == 1
    assert set(report["errorsByKind"]) == {"connect"}


@pytest.mark.parametrize("arguments,words", [
    (("nonsense",), ["nonsense", "m3u8"]),
    (("http://no.such.host.invalid/index.m3u8",), ["no.such.host.invalid"]),
    (("http://127.0.0.1:1/index.m3u8", "--server-pid", "4194305"), ["4194305", "--server-pid"]),
])
def test_what_cannot_be_is_said_in_a_sentence(arguments, words):
    run = command("load", *arguments, "--seconds", 1)
    assert run.returncode == 1
    (sentence,) = run.stderr.strip().splitlines()
    for word in words:
        assert word in sentence


@pytest.mark.parametrize("option", [("--viewers", "0"), ("--seconds", "0"), ("--catch-up", "3"), ("--churn", "0")])
def test_misuse(option):
    assert command("load", "http://127.0.0.1:1/", *option).returncode in (2, 64)
