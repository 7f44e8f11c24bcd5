"""What is said in one language, in every language at once: over sockets, in the playlists and in the recording; while the
translator dies, and with whatever a translation service answers."""
import contextlib
import os
import re
import signal
import time
from datetime import datetime, timezone

import pytest

from api import Client, operator, refused
from captions import at, cues_of
from chat_client import Chat, Stream
from checker import check, told
from deadline import wait_until
from far_translator import FarTranslator
from processes import children
from server import show
from viewer import Replay, Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
TRACKS = [{"language": "en"}, *({"language": tag, "source": "translation"} for tag in ("es", "pt", "fr", "zh-Hans"))]
CAPTIONS = "/shows/show/captions"
CUES = f"{CAPTIONS}/en/cues"
PASSWORD = "correct horse battery"
HOSTILE = "</c>\n\n00:00:01.000 --> 99:00:00.000\n<b>5 < 6 & more</b> \u202egnp\x07"


def now():
    return datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def aired(launch_once, publish_once):
    """A live show in five languages, and somebody who writes what is said."""
    server = launch_once(
        [show(language="en", captions=TRACKS)], ladder=LADDER, window={"dvrSeconds": 60})
    ops = operator(server)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    # Translators load what they need with their first text.
    ops.made(CUES, {"text": "Good evening, dear friends."})
    for tag in ("es", "pt", "fr"):
        wait_until(lambda: cues(ops, tag), 30, f"a caption in {tag}", every=0.2)
    yield type("Aired", (), {"server": server, "ops": ops, "viewer": viewer})
    viewer.close()
    ops.close()


@pytest.fixture
def line(aired):
    """Makes readers that are gone at the test's end."""
    with contextlib.ExitStack() as held:
        def make(kind=Chat, *arguments, **options):
            made = kind(aired.server, *arguments, **options)
            held.callback(made.close)
            return made
        yield make


@pytest.fixture(scope="module")
def writer(aired):
    """An interpreter of English and Spanish, signed in as programs do."""
    person = aired.ops.person("ines")
    assert aired.ops.put(f"/shows/show/members/{person['id']}", {"role": "interpreter", "languages": ["en", "es"]}).status_code == 200
    token = aired.ops.made(f"/people/{person['id']}/tokens", {"name": "cart", "scopes": ["shows"]})["secret"]
    return {"Authorization": f"Bearer {token}"}


def cues(client, tag, show="show"):
    return client.get(f"/shows/{show}/captions/{tag}/cues", params={"limit": 1000}).json()["cues"]


def states(client):
    return {t["language"]: t["state"] for t in client.get(CAPTIONS).json()["captions"]}


def follow(line, *tags):
    line.say(type="captions", languages=list(tags))
    return {tag: line.until("captions", language=tag)["cues"] for tag in tags}


def say(line, id, text, language="en", **more):
    """What the server answers to a caption."""
    line.say(type="caption", id=id, text=text, language=language, **more)
    return wait_for_answer(line, id)


def wait_for_answer(line, id):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for place, event in enumerate(line.waiting):
            if event["type"] in ("ack", "refused") and event.get("id") == id:
                return line.waiting.pop(place)
        line.receive(deadline - time.monotonic())
    raise AssertionError(f"no answer to {id}")


def test_what_is_said_comes_in_every_language_at_once(aired, line, record_property):
    reader = line()
    assert all(cue["text"] for cue in sum(follow(reader, "es", "pt", "fr").values(), []))
    times = []
    for number in range(3):
        began = time.monotonic()
        said = aired.ops.made(CUES, {"text": f"The delivery of {number + 3} jackets to Mexico takes ten days."})["cues"][0]
        for tag in ("es", "pt", "fr"):
            heard = reader.until("cue", seconds=5, language=tag, start=said["start"])
            assert heard["end"] == said["end"] and heard["source"] == "translation" and heard["from"] == "en"
            assert heard["engine"] and heard["hops"] in (1, 2) and heard["revision"] == 1
            assert str(number + 3) in heard["text"] and heard["text"] != said["text"]
        times.append(time.monotonic() - began)
    record_property("seconds", times)
    assert min(times) < 1, times
    # What was not asked for does not come.
    assert not [e for e in reader.all if e.get("language") == "en" and e["type"] == "cue"]


def test_it_stands_in_the_right_segment(aired):
    edge = aired.viewer.listing("source").complete[-1]
    said = aired.ops.made(CUES, {"start": at(edge.date, 4.5), "end": at(edge.date, 6), "text": "Free shipping to Mexico."})["cues"][0]
    aired.viewer.wait_number("captions-es", edge.number + 5)
    heard = {}
    for tag in ("en", "es", "pt", "fr", "zh-Hans"):
        (made,) = [c for c in cues(aired.ops, tag) if c["start"] == said["start"]]
        heard[tag] = cues_of(aired.viewer, f"captions-{tag}")[f"c{made['id']}"]
    (first, _), *_ = heard["en"]
    assert len({(c.start, c.end) for found in heard.values() for _, c in found}) == 1, "the times of what was said"
    assert {tag: found[0][0].date for tag, found in heard.items()} == dict.fromkeys(heard, first.date)
    assert "墨西哥" in heard["zh-Hans"][0][1].text, "the phrasebook knows it in every language"


def test_changes_reach_every_reader(aired, line):
    reader, stream = line(), line(Stream, query="language=en&captions=es,en")
    assert stream.until("captions", language="es")["cues"]
    follow(reader, "es", "en")
    edge = aired.viewer.listing("source").complete[-1]
    # Too late for its segment, and at its right time all the same.
    late = {"start": at(edge.date, -9), "end": at(edge.date, -7), "text": "Do you have it in red?"}
    said = aired.ops.made(CUES, late)["cues"][0]
    for events in (reader, stream):
        assert events.until("cue", language="en", id=said["id"])["start"] == late["start"]
        heard = events.until("cue", language="es", start=late["start"])
    aired.ops.patch(f"{CUES}/{said['id']}", {"text": "Do you have it in green?", "start": at(edge.date, -8.5)}, match=None)
    for events in (reader, stream):
        assert events.until("cue", language="en", id=said["id"])["revision"] == 2
        changed = events.until("cue", language="es", id=heard["id"])
        assert changed["revision"] == 2 and changed["start"] == at(edge.date, -8.5) and changed["text"] != heard["text"]
    # Somebody puts it right: it stays.
    better = {"text": "¿La tienen en verde?"}
    aired.ops.patch(f"{CAPTIONS}/es/cues/{heard['id']}", better, match=None)
    aired.ops.patch(f"{CUES}/{said['id']}", {"text": "Do you have it in blue?"}, match=None)
    assert reader.until("cue", language="es", id=heard["id"])["text"] == better["text"]
    assert reader.until("cue", language="en", id=said["id"])["text"] == "Do you have it in blue?"
    assert aired.ops.delete(f"{CUES}/{said['id']}").status_code == 204
    for events in (reader, stream):
        events.until("cueRemoved", language="en", id=said["id"])
        events.until("cueRemoved", language="es", id=heard["id"])
    assert heard["id"] not in [c["id"] for c in cues(aired.ops, "es")]
    # Nothing more is wanted.
    follow(reader)
    reader.say(type="ping")
    reader.until("pong")
    before = len(reader.all)
    aired.ops.made(CUES, {"text": "Unheard"})
    stream.until("cue", language="en", text="Unheard")
    assert not [e for e in reader.all[before:] if e["type"] == "cue"]
    # At most three, and languages only.
    reader.say(type="captions", languages=["en", "es", "pt", "fr"])
    assert reader.until("refused")["code"] == "bad-request"
    reader.say(type="captions", languages=["!"])
    assert reader.until("refused")["code"] == "bad-request"
    # What there is not, nobody claims to know.
    reader.say(type="captions", languages=["ko"])
    told = reader.until("captions", language="ko")
    assert told["cues"] == [] and told["from"] == told["until"]


def test_captions_are_written_over_the_socket(aired, line, writer):
    typist, reader = line(headers=writer), line()
    follow(reader, "en", "es")
    ack = say(typist, "1", "These boots are warm.", speaker="Ana")
    assert ack["type"] == "ack" and [c["text"] for c in ack["cues"]] == ["These boots are warm."]
    cue = ack["cues"][0]
    assert reader.until("cue", language="en", id=cue["id"])["speaker"] == "Ana"
    reader.until("cue", language="es", start=cue["start"])
    # The same once more is the same: after a break, too.
    again = line(headers=writer)
    assert say(again, "1", "These boots are warm.", speaker="Ana")["cues"] == [cue]
    same = Client(aired.server, writer["Authorization"].split()[1]).made(
        CUES, {"text": "These boots are warm."}, headers={"Idempotency-Key": "1"})
    assert same["cues"][0]["id"] == cue["id"]
    # What is being typed is heard at once and kept nowhere.
    typist.say(type="caption", id="2", language="en", text="And they", final=False)
    partial = reader.until("cue", language="en", id="p")
    assert partial["final"] is False and partial["text"] == "And they" and "revision" not in partial
    assert {c["text"] for c in follow(line(), "en")["en"]} >= {"These boots are warm.", "And they"}
    typist.say(type="caption", id="3", language="en", text="", final=False)
    reader.until("cueRemoved", language="en", id="p")
    assert "And they" not in [c["text"] for c in cues(aired.ops, "en")]
    # Times as numbers or as text.
    edge = aired.viewer.listing("source").complete[-1].date
    start = int((edge.timestamp() + 3) * 1000)
    timed = say(typist, "4", "At its time.", start=start, end=at(edge, 5))["cues"][0]
    assert timed["start"] == at(datetime.fromtimestamp(start / 1000, timezone.utc), 0) and timed["end"] == at(edge, 5)
    # Put right, and taken away.
    edited = say(typist, "5", "At its own time.", edit=timed["id"])["cues"][0]
    assert edited["revision"] == 2 and edited["start"] == timed["start"]
    assert say(typist, "6", "", edit=timed["id"])["cues"] == []
    reader.until("cueRemoved", language="en", id=timed["id"])
    for id, wrong, code in [
        ("7", {"text": "x", "edit": timed["id"]}, "unknown"), ("8", {"text": "x", "language": "ko"}, "unknown"),
        ("9", {"text": "x", "language": "pt"}, "not-allowed"), ("10", {"text": " \u202e"}, "empty"),
        ("11", {"text": "x" * 1001}, "too-long"), ("12", {"text": "x", "start": "soon"}, "bad-request"),
        ("13", {"text": "x", "start": 5}, "bad-request"), ("14", {"text": "x", "speaker": "a\nb"}, "bad-request"),
        ("15", {"text": "x", "start": at(edge, 5), "end": at(edge, 5)}, "bad-request"),
    ]:
        answer = say(typist, id, **wrong)
        assert (answer["type"], answer.get("code")) == ("refused", code), (id, answer)
    nobody = line()
    assert say(nobody, "1", "Me too")["code"] == "not-allowed"
    nobody.name("Guest")
    assert say(nobody, "2", "Me too", final=False)["code"] == "not-allowed"
    typist.say(type="caption", language="en", text="without a name")
    assert typist.until("refused")["code"] == "bad-request"


def test_a_hostile_caption_is_words_in_every_language(aired, line, writer):
    typist, reader = line(headers=writer), line()
    follow(reader, "en", "es")
    cue = say(typist, "hostile", HOSTILE)["cues"][0]
    assert "\u202e" not in cue["text"] and "\x07" not in cue["text"] and "<b>5 < 6 & more</b>" in cue["text"]
    assert reader.until("cue", language="en", id=cue["id"])["text"] == cue["text"]
    edge = aired.viewer.listing("source").complete[-1].number
    # Ten kilobytes are no caption, and no message either.
    refused(aired.ops.post(CUES, {"text": "x" * 10_000}), 422, field="text")
    typist.say(type="caption", id="big", language="en", text="x" * 10_000)
    assert typist.until_closed() == 1009
    aired.viewer.wait_number("captions-es", edge + 2)
    for tag in ("en", "es"):
        cues_of(aired.viewer, f"captions-{tag}")  # Every segment is well formed.


def test_a_track_is_stopped_and_goes_on(aired, line):
    ops = aired.ops
    # Whatever its translator went through before: it says something again.
    reader = line()
    follow(reader, "es", "fr")
    first = ops.made(CUES, {"text": "We begin again."})["cues"][0]
    reader.until("cue", language="es", start=first["start"])
    wait_until(lambda: states(ops)["es"]["state"] == "running" and states(ops)["es"]["engine"], 10,
               f"it runs: {states(ops)['es']}", every=0.1)
    assert "state" not in Client(aired.server).get(CAPTIONS).json()["captions"][0]
    refused(ops.post(f"{CAPTIONS}/en/stop"), 409)
    refused(ops.post(f"{CAPTIONS}/ko/stop"), 404)
    stopped = ops.made(f"{CAPTIONS}/fr/stop")
    assert stopped["state"]["state"] == "stopped" and stopped["from"] == "en"
    said = ops.made(CUES, {"text": "Meanwhile it is raining."})["cues"][0]
    reader.until("cue", language="es", start=said["start"])
    assert said["start"] not in [c["start"] for c in cues(ops, "fr")]
    assert ops.made(f"{CAPTIONS}/fr/start")["state"]["state"] != "stopped"
    reader.until("cue", language="fr", start=said["start"])
    assert states(ops)["es"]["cuesPerMinute"] > 0


def test_a_translator_that_is_killed_comes_back(aired, line):
    """Nobody else notices: neither the picture nor the chat."""
    reader, chat = line(), line()
    follow(reader, "es")
    chat.name("Ana")
    before = aired.viewer.listing("source").last_number
    killed = children(aired.server.pid)
    assert killed, "translators run"
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    said = aired.ops.made(CUES, {"text": "The black shoes are beautiful."})["cues"][0]
    assert chat.send("Still here")["type"] == "ack"
    reader.until("cue", seconds=5, language="es", start=said["start"])
    assert time.monotonic() - began < 5
    aired.viewer.wait_number("source", before + 3, 10)
    assert not set(killed) & set(children(aired.server.pid))


def test_check_finds_nothing_and_the_recording_has_everything(aired):
    server, viewer = aired.server, aired.viewer
    names = [f"captions-{t['language']}" for t in TRACKS]
    report, code = check(f"{server.url()}/live/show/index.m3u8")
    assert told(report, "fail") == [] and code == 0 and len(report["renditions"]) >= 3 + len(names)
    wanted = {tag: {(c["start"], c["text"]) for c in cues(aired.ops, tag)} for tag in ("en", "es")}
    server.end_show()
    wait_until(lambda: viewer.listing("captions-es").is_ended, 15, "the end mark")
    replay = Replay(server.url())
    wait_until(replay.is_there, 30, "the recording")
    for place in ("live", "replay"):
        report, code = check(f"{server.url()}/{place}/show/index.m3u8", seconds=5)
        assert told(report, "fail") == [] and code == 0, place
    first = replay.listing("source").complete[0].date
    end = replay.listing("source").complete[-1].date
    for tag, kept in wanted.items():
        there = {" ".join(re.sub("^<v [^>]*>", "", c.text).split()) for found in cues_of(replay, f"captions-{tag}").values() for _, c in found}
        for start, text in kept:
            if first <= datetime.fromisoformat(start.replace("Z", "+00:00")) < end and not set("<>&") & set(text):
                assert " ".join(text.split()) in there, (tag, start)
    # What is put right afterwards is put right in the other languages, too.
    cue = next(c for c in cues(aired.ops, "en") if c["text"] == "Free shipping to Mexico.")
    aired.ops.patch(f"{CUES}/{cue['id']}", {"text": "Free shipping to Brazil."}, match=None)

    def is_put_right():
        # The list may be of the moment before, whose segments are there no more.
        with contextlib.suppress(AssertionError):
            return any("Brasil" in c.text for found in cues_of(replay, "captions-es").values() for _, c in found)
    wait_until(is_put_right, 15, "the correction in the other language", every=0.3)
    text = aired.ops.get(f"{CAPTIONS}/es/file", params={"format": "txt"})
    assert "Brasil" in text.text and text.headers["content-type"].startswith("text/plain")
    replay.close()


@pytest.fixture(scope="module")
def far(launch_once):
    """A show whose only translator is a service elsewhere, and that service."""
    service = FarTranslator()
    server = launch_once(
        [show(language="en", captions=[{"language": "en"}, {"language": "uk", "source": "translation"}])],
        outbound={"allow": ["127.0.0.1"]}, translation={
            "apertium": False, "remoteDeadlineMilliseconds": 400, "deadlineMilliseconds": 600,
            "remotes": [{"kind": "libretranslate", "url": service.url, "paid": True}]})
    ops = operator(server)
    line = Chat(server)
    follow(line, "uk")
    yield type("Far", (), {"service": service, "server": server, "ops": ops, "line": line})
    line.close()
    ops.close()
    service.close()


def test_a_service_elsewhere_translates_and_is_counted(far):
    far.service.mood = "good"
    said = far.ops.made(CUES, {"text": "Only 20 left of the blue ones"})["cues"][0]
    heard = far.line.until("cue", language="uk", start=said["start"])
    assert "[uk]" in heard["text"] and "20" in heard["text"] and heard["engine"] == "libretranslate"
    state = states(far.ops)["uk"]
    assert state["state"] == "running" and state["cost"]["unit"] == "characters" and state["cost"]["spent"] >= len(said["text"]) // 2
    assert state["cost"]["cap"] == 500_000


@pytest.mark.parametrize("mood", ["slow", "500", "garbage", "empty", "book", "numbers", "few"])
def test_whatever_a_service_answers_captions_go_on(far, mood):
    """What it cannot translate is not shown; whatever comes after is."""
    ops, line = far.ops, far.line
    far.service.mood = mood
    said = ops.made(CUES, {"text": f"While it is {mood} 7 pieces"})["cues"][0]
    wait_until(lambda: states(ops)["uk"]["state"] == "failed", 5, "it says so", every=0.1)
    assert "why" in states(ops)["uk"]
    assert said["start"] not in [c["start"] for c in cues(ops, "uk")]
    # The rest of the server has not noticed.
    began = time.monotonic()
    assert ops.get("/shows/show").status_code == 200 and time.monotonic() - began < 1
    far.service.mood = "good"
    began = time.monotonic()
    after = ops.made(CUES, {"text": f"After it was {mood} 8 pieces"})["cues"][0]
    heard = line.until("cue", seconds=6, language="uk", start=after["start"])
    assert "8" in heard["text"] and time.monotonic() - began < 5
    wait_until(lambda: states(ops)["uk"]["state"] == "running", 15, f"it is well again: {states(ops)['uk']}", every=0.1)


def test_a_hostile_service_breaks_nothing(far):
    """What turns the direction of a text is no translation, and nobody sees it."""
    far.service.mood = "hostile"
    said = far.ops.made(CUES, {"text": "Nine boxes"})["cues"][0]
    wait_until(lambda: states(far.ops)["uk"]["state"] == "failed", 5, "it says so", every=0.1)
    assert said["start"] not in [c["start"] for c in cues(far.ops, "uk")]
    far.service.mood = "good"
    after = far.ops.made(CUES, {"text": "Ten boxes"})["cues"][0]
    heard = far.line.until("cue", language="uk", start=after["start"])
    assert "\u202e" not in heard["text"] and "\n\n" not in heard["text"]
