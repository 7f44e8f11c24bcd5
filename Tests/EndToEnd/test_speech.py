"""Captions of what is said: the words, their times, and that a show never suffers from who hears it."""
import contextlib
import json
import os
import signal
import stat
import statistics
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

import spoken
from api import operator
from caption_stage import Watcher
from deadline import wait_until
from server import free_port, show
from starved import EdgeWatch, Throttle
from viewer import Viewer

TRACK = [{"language": "en", "source": "speech"}]
LADDER = {"steps": [], "admission": False}
SHORT = spoken.LINES[1:4]
#: A process that hears nothing, in three ways, and one that hears the same each second; told apart by the show's language.
STRANGER = r'''#!/usr/bin/python3
import json, struct, sys, time
order = json.loads(sys.stdin.buffer.readline())
def say(**news): print(json.dumps(news), flush=True)
if order["language"] == "fr": sys.exit(1)
if order["language"] == "es": print("rubbish", flush=True); time.sleep(60)
say(type="ready", engine="stranger")
if order["language"] == "de": time.sleep(3600)
heard, number = 0, 0
while head := sys.stdin.buffer.read(12):
    count, date = struct.unpack("<Iq", head)
    sys.stdin.buffer.read(count * 2)
    heard += count
    if heard >= 16000:
        heard, number = 0, number + 1
        line = {"id": number, "start": date - 900, "end": date, "text": f"numero {number}", "isFinal": True, "words": []}
        say(type="line", line=line)
        say(type="pace", pace={"level": 0, "behind": 0, "dropped": 0, "spent": 0, "heard": date})
'''


def children(pid):
    """Processes that a process has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def captiond(server):
    """The process that hears the show; None where there is none."""
    for pid in children(server.pid):
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "captiond":
                return pid
        except OSError:
            pass
    return None


def state(ops, language="en", id="show"):
    tracks = ops.get(f"/shows/{id}/captions").json()["captions"]
    return next(t for t in tracks if t["language"] == language)["state"]


def on_air(launch, publish, speech, engine, **settings):
    server = launch([show(language="en", captions=TRACK)], ladder=LADDER, speech={"engine": engine, **settings})
    publisher = publish(server, speech.path, loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live()
    first = viewer.listing("source").complete[0].date.timestamp()
    ops = operator(server)
    return server, publisher, viewer, first, ops, spoken.Watch(viewer, ops)


@pytest.fixture(scope="module")
def heard(launch_once, publish_once):
    """A show that says three lines twice; what hears it is killed after the first three."""
    speech = spoken.made(SHORT * 2)
    server, publisher, viewer, first, ops, watch = on_air(launch_once, publish_once, speech, "pocketsphinx")

    def lines_are_there(count):
        watch.look()
        return all(watch.of(said, first) for said in speech.said[:count])

    wait_until(lambda: lines_are_there(2), 25, "captions of the first lines", every=0.1)
    before = state(ops)
    first_process = captiond(server)
    nice = int(Path(f"/proc/{first_process}/stat").read_text().rpartition(")")[2].split()[16])
    killed = time.time()
    os.kill(first_process, signal.SIGKILL)
    resumed = wait_until(lambda: watch.look() or next(
        (c for i, c in watch.cues.items() if watch.seen[i] > killed), None), 12, "captions after the kill", every=0.1)
    wait_until(lambda: lines_are_there(5), 25, "captions of the lines that follow", every=0.1)
    yield locals()
    viewer.close()
    ops.close()


def test_words_are_those_that_were_said(heard):
    said = [w for s in heard["speech"].said[:5] for w in spoken.words(s.text)]
    told = [w for s in heard["speech"].said[:5] for c in heard["watch"].of(s, heard["first"]) for w in spoken.words(c["text"])]
    wrong, count = spoken.errors(told, said)
    assert wrong / count < 0.4, (told, said)
    cue = heard["watch"].of(heard["speech"].said[0], heard["first"])[0]
    assert cue["source"] == "speech" and cue["engine"] == "pocketsphinx"


def test_captions_begin_with_their_words(heard):
    offsets = [
        spoken.unix(cues[0]["start"]) - heard["first"] - said.start
        for said in heard["speech"].said[:5] if (cues := heard["watch"].of(said, heard["first"]))]
    assert abs(statistics.median(offsets)) <= 0.3 and min(offsets) > -0.1, offsets


def test_captions_are_in_the_playlist(heard):
    listed = [i for i in heard["watch"].listed if i in heard["watch"].cues]
    assert len(listed) >= 2


def test_the_host_is_told_who_hears_and_how(heard):
    before = heard["before"]
    assert before["state"] == "running" and before["engine"] == "pocketsphinx" and "errors" in before["why"]
    assert heard["nice"] >= 10


def test_captions_go_on_after_a_kill(heard):
    cue, watch = heard["resumed"], heard["watch"]
    late = watch.seen[cue["id"]] - max(heard["killed"], spoken.unix(cue["end"]))
    assert late < 5, cue
    metrics = heard["server"].metrics()
    assert metrics.total("shopcast_speech_process_starts_total", show="show") == 2
    assert metrics.total("shopcast_speech_process_ends_total", show="show") == 1
    listing = heard["viewer"].listing("source").complete
    assert not any(s.gap or s.discontinuity for s in listing) and heard["publisher"].is_running()


def test_who_hears_nothing_is_borne_with(launch, publish, tmp_path):
    """It dies at once, talks nonsense, or hangs: the shows are as always, and their hosts are told."""
    program = tmp_path / "captiond"
    program.write_text(STRANGER)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    languages = ["fr", "es", "de", "it"]
    shows = [show(l, language=l, captions=[{"language": l, "source": "speech"}]) for l in languages]
    server = launch(shows, ladder=LADDER, speech={"program": str(program), "engine": "sidecar", "sidecar": ["none"], "shows": 8})
    hosts = [publish(server, "small", show=l) for l in languages]
    viewers = {l: Viewer(server.url(), l) for l in languages}
    for viewer in viewers.values():
        viewer.wait_live()
    metrics = server.metrics
    wait_until(lambda: metrics().total("shopcast_speech_process_starts_total", show="fr") >= 3, 15, "it is started again")
    wait_until(lambda: metrics().total("shopcast_speech_process_starts_total", show="es") >= 2, 15, "nonsense ends it")
    wait_until(lambda: metrics().total("shopcast_speech_process_kills_total", show="de") >= 1, 30, "what hangs is ended")
    ops = operator(server)
    cues = lambda: ops.get("/shows/it/captions/it/cues", params={"limit": 1000}).json()["cues"]
    assert cues()[0]["text"] == "numero 1" and cues()[0]["engine"] == "sidecar"
    assert state(ops, "it", "it")["state"] == "running"
    # Stopped by somebody, and started again.
    assert ops.post("/shows/it/captions/it/stop").status_code < 300
    last = [len(cues()), time.monotonic()]

    def is_quiet():
        if len(cues()) != last[0]:
            last[:] = [len(cues()), time.monotonic()]
        return time.monotonic() - last[1] > 2.2

    wait_until(is_quiet, 8, "nobody hears it any more")
    assert state(ops, "it", "it")["state"] == "stopped"
    assert ops.post("/shows/it/captions/it/start").status_code < 300
    wait_until(lambda: len(cues()) > last[0], 8, "it is heard again")
    for language, viewer in viewers.items():
        listing = viewer.listing("source").complete
        assert len(listing) >= 3 and not any(s.gap or s.discontinuity for s in listing), language
        viewer.close()
    assert all(h.is_running() for h in hosts)
    ops.close()


# What takes longer

STEPS = [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}]


@pytest.mark.long
@pytest.mark.parametrize("engine, most_errors, most_seconds", [("moonshine", 0.15, 3), ("pocketsphinx", 0.4, 3)])
def test_figures(launch, publish, record_property, engine, most_errors, most_seconds):
    """Ten sentences, beside a ladder: words, times, delays, CPU. Tests/Benchmarks/speech has them for more voices."""
    figures = figures_of(launch, publish, engine, spoken.made())
    for name, value in figures.items():
        record_property(name, value)
    assert figures["word error rate"] <= most_errors
    assert abs(figures["cue begins after its words, median s"]) <= 0.3 and figures["earliest cue, s"] > -0.1
    assert figures["speech end to hall, median s"] <= most_seconds
    assert figures["gaps"] == 0


def figures_of(launch, publish, engine, speech, **settings):
    server = launch(
        [show(language="en", captions=TRACK)], ladder={"steps": STEPS, "admission": False},
        speech={"engine": engine, **settings})
    publish(server, speech.path, loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live(60)
    first = viewer.listing("source").complete[0].date.timestamp()
    ops = operator(server)
    watch = spoken.Watch(viewer, ops)
    pid = wait_until(lambda: captiond(server), 10, "somebody hears the show")
    began, used = time.monotonic(), sum(map(cpu, family(pid)))
    end = first + speech.said[-1].end

    def is_over():
        watch.look()
        return time.time() > end + 9

    wait_until(is_over, speech.length + 30, "everything was said", every=0.1)
    share = (sum(map(cpu, family(pid))) - used) / (time.monotonic() - began)
    resident = sum(map(memory, family(pid)))
    wrong, count = spoken.errors(spoken.words(watch.text()), [w for s in speech.said for w in spoken.words(s.text)])
    figures = {"word error rate": round(wrong / count, 3)}
    if len(speech.said) > 1:
        told = [(s, watch.of(s, first)) for s in speech.said]
        told = [(s, cues) for s, cues in told if cues]
        offsets = [spoken.unix(cues[0]["start"]) - first - s.start for s, cues in told]
        hall = [watch.seen[cues[-1]["id"]] - first - s.end for s, cues in told]
        listed = [watch.listed[cues[-1]["id"]] - first - s.end for s, cues in told if cues[-1]["id"] in watch.listed]
        figures |= {
            "cue begins after its words, median s": round(statistics.median(offsets), 2),
            "earliest cue, s": round(min(offsets), 2),
            "speech end to hall, median s": round(statistics.median(hall), 2),
            "speech end to hall, worst s": round(max(hall), 2),
            "speech end to playlist, median s": round(statistics.median(listed), 2) if listed else None,
            "lines with captions": f"{len(told)} of {len(speech.said)}",
        }
    listing = viewer.listing("source").complete
    figures |= {
        "cores": round(share, 3), "memory, MB": round(resident),
        "gaps": sum(s.gap or s.discontinuity for s in listing),
    }
    viewer.close()
    ops.close()
    return figures


def family(pid):
    """It, and its sidecar."""
    return [pid, *children(pid)]


def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    line = next(l for l in Path(f"/proc/{pid}/status").read_text().splitlines() if l.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


@pytest.mark.long
def test_who_is_too_slow_does_with_less(launch, publish, record_property):
    """The process that hears gets a twentieth of a core: the show stays in real time, captions say what they leave out, and
    are as before once there is time again."""
    speech = spoken.made(spoken.LINES * 3)
    server, publisher, viewer, first, ops, watch = on_air(launch, publish, speech, "moonshine")
    level = lambda: server.metrics().total("shopcast_speech_level", show="show") or 0
    dropped = lambda: server.metrics().total("shopcast_speech_dropped_seconds_total", show="show") or 0
    wait_until(lambda: watch.look() or watch.cues, 25, "captions")
    with EdgeWatch(server, ["source"]) as edge:
        began = time.monotonic()
        with Throttle(captiond(server), 0.05):
            wait_until(lambda: level() == 3, 60, "sound is left out")
            wait_until(lambda: "captions" in (state(ops).get("why") or ""), 5, "the host is told")
        relieved = time.monotonic()
        wait_until(lambda: level() <= 2, 40, "it catches up")
        seen = len(watch.cues)
        wait_until(lambda: watch.look() or len(watch.cues) > seen, 30, "captions again")
        worst = edge.worst("source", began)
    record_property("sound left out, s", dropped())
    record_property("captions again after, s", round(time.monotonic() - relieved, 1))
    record_property("live edge behind, worst s", round(worst, 2))
    assert dropped() > 0 and worst < 3 and edge.faults == []
    assert not any(s.gap or s.discontinuity for s in viewer.listing("source").complete)
    viewer.close()
    ops.close()


class Service:
    """A speech service on this machine that behaves as it is told: `well`, `failing`, `wrong` or `slow`."""

    def __init__(self):
        self.conduct, self.port = "well", free_port()
        #: (path, fields, body) of each request.
        self.asked = []

    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"


class Transcriptions(Service):
    """Of the shape of OpenAI's: a request for each piece."""

    key = "Bearer the-key"

    def __init__(self):
        super().__init__()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.asked.append((self.path, dict(self.headers), body))
                conduct = service.conduct
                if conduct == "slow":
                    threading.Event().wait(6)
                answer = {"text": f"piece {len(service.asked)}", "segments": [
                    {"start": 0.1, "end": 1.5, "text": f" piece {len(service.asked)}"}]}
                content = b"<html>" if conduct == "wrong" else json.dumps(answer).encode()
                self.send_response(500 if conduct == "failing" else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Listening(Service):
    """Of the shape of Deepgram's: a connection that takes all sound, and is told of every two seconds of it."""

    key = "Token the-key"

    def __init__(self):
        super().__init__()
        self.server = serve(self._listen, "127.0.0.1", self.port, process_request=self._enter)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _enter(self, connection, request):
        self.asked.append((request.path, dict(request.headers.raw_items()), b""))
        return connection.respond(500, "no") if self.conduct == "failing" else None

    def _listen(self, connection):
        heard, told = 0, 0
        with contextlib.suppress(ConnectionClosed):
            for message in connection:
                if isinstance(message, str) or self.conduct == "failing":
                    return
                heard += len(message) / 32_000
                if self.conduct == "wrong":
                    connection.send("<html>")
                if self.conduct != "well":
                    continue
                while heard >= told + 2:
                    words = [{"word": w, "start": told + 0.1 + k, "end": told + 0.9 + k} for k, w in enumerate(["piece", str(told)])]
                    for is_final in (False, True):
                        connection.send(json.dumps({
                            "type": "Results", "start": told, "duration": 2, "is_final": is_final,
                            "channel": {"alternatives": [{"transcript": f"piece {told}", "confidence": 1, "words": words}]}}))
                    told += 2

    def close(self):
        self.server.shutdown()


@pytest.mark.long
@pytest.mark.parametrize("shape", ["transcriptions", "listen"])
def test_a_service_that_fails_is_borne_with(launch, publish, record_property, shape):
    """It answers 500, rubbish, or too late: video goes on, and captions are back within five seconds of the next words."""
    service = {"transcriptions": Transcriptions, "listen": Listening}[shape]()
    remote = {"shape": shape, "url": service.url(), "key": "the-key", "model": "whisper-1"}
    server = launch(
        [show(language="en", captions=TRACK)], ladder=LADDER, outbound={"allow": ["127.0.0.1"]},
        speech={"engine": "remote", "remote": remote, "remoteDeadlineSeconds": 3, "paidMinutesPerShow": 5})
    publisher = publish(server, spoken.made(spoken.LINES * 3).path, loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live()
    ops = operator(server)
    watch = spoken.Watch(viewer, ops)
    wait_until(lambda: watch.look(False) or watch.cues, 25, "captions")
    cue = next(iter(watch.cues.values()))
    assert cue["text"].startswith("piece ") and cue["engine"] == "whisper-1"
    path, fields, body = service.asked[0]
    assert fields["Authorization"] == service.key
    if shape == "listen":
        assert path.startswith("/v1/listen?model=whisper-1&language=en&encoding=linear16&sample_rate=16000&")
    else:
        assert path == "/v1/audio/transcriptions" and b"RIFF" in body
    wait_until(lambda: state(ops)["cost"]["spent"] > 0, 5, "what it costs is told")
    cost = state(ops)["cost"]
    assert cost["unit"] == "seconds" and cost["cap"] == 300 and cost["spent"] < 60
    for conduct in ("failing", "wrong", "slow"):
        service.conduct = conduct
        asked = len(service.asked)
        wait_until(lambda: len(service.asked) > asked + 1, 25, f"it was asked while {conduct}")
        wait_until(lambda: state(ops).get("why"), 10, "the host is told")
        service.conduct = "well"
        well, seen = time.time(), set(watch.cues)

        def back():
            watch.look(False)
            return [c for i, c in watch.cues.items() if i not in seen and spoken.unix(c["end"]) > well]

        cue = wait_until(back, 25, f"captions after {conduct}")[0]
        late = watch.seen[cue["id"]] - spoken.unix(cue["end"])
        record_property(f"captions after {conduct}, s behind their words", round(late, 1))
        assert late < 5
    assert "the-key" not in server.log() and publisher.is_running()
    assert not any(s.gap or s.discontinuity for s in viewer.listing("source").complete)
    viewer.close()
    ops.close()
    service.close()


@pytest.mark.long
def test_captions_are_on_the_page(launch, publish, browser, record_property):
    """Somebody watches in Chromium: what is said can be read while its picture is there."""
    speech = spoken.made()
    server, publisher, viewer, first, ops, watch = on_air(launch, publish, speech, "moonshine")
    with Watcher(browser, server.url(), locale="en-US") as ada:
        ada.open()
        ada.wait_playing(40)
        ada.choose("en")
        seen, began = {}, time.time()
        while time.time() < first + speech.length:
            watch.look(False)
            # Lines are broken where they have to be; words are told apart by them all the same.
            text = " ".join(ada.reads().replace("|", " ").split())
            now, latency = time.time(), ada.told("latency") or 0
            for number, cue in watch.cues.items():
                if " ".join(cue["text"].split()) in text:
                    seen.setdefault(number, (now, now - latency))
            ada.wait(0.1)
        assert ada.faults() == []
    said = [(s, cues[-1]) for s in speech.said if first + s.start > began + 2 and (cues := watch.of(s, first))]
    shown = [(s, *seen[cue["id"]]) for s, cue in said if cue["id"] in seen]
    assert len(shown) >= len(said) - 1 >= 4, (said, seen)
    record_property("speech end to page, median s", round(statistics.median(now - first - s.end for s, now, _ in shown), 2))
    behind = statistics.median(picture - first - s.end for s, _, picture in shown)
    record_property("end of the words in the picture to their caption, median s", round(behind, 2))
    assert behind < 2
    viewer.close()
    ops.close()
