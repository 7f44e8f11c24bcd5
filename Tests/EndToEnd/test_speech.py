"""Captions of what is said: the words, their times, and that a show never suffers from who hears it."""
import os
import signal
import stat
import statistics
import time
from pathlib import Path

import pytest

import spoken
from api import operator
from caption_stage import Watcher
from deadline import wait_until
from far_listener import Listening, Transcriptions
from server import show
from speech_stage import LADDER, TRACK, captiond, figures_of, on_air, state
from starved import EdgeWatch, Throttle
from viewer import Viewer

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


@pytest.mark.long
def test_who_is_too_slow_does_with_less(launch, publish, record_property):
    """The process that hears gets a fifteenth of a core: the show stays in real time, captions say what they leave out, and
    are as before once there is time again."""
    speech = spoken.made(spoken.LINES * 3)
    server, publisher, viewer, first, ops, watch = on_air(launch, publish, speech, "moonshine")
    level = lambda: server.metrics().total("shopcast_speech_level", show="show") or 0
    dropped = lambda: server.metrics().total("shopcast_speech_dropped_seconds_total", show="show") or 0
    wait_until(lambda: watch.look() or watch.cues, 25, "captions")
    with EdgeWatch(server, ["source"]) as edge:
        began = time.monotonic()
        with Throttle(captiond(server), 0.07):
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
