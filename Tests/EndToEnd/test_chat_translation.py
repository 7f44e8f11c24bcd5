"""A chat whose translations take a while, or whose translator dies: every message comes at once as it was written, and what it
says in the reader's language comes behind it."""
import contextlib
import os
import signal
import time

import pytest

from api import operator
from chat_client import Chat, Stream
from deadline import Late, wait_until
from far_translator import FarTranslator
from processes import children
from server import show

WIDE = {"burst": 10000, "perSecond": 10000}
LIMITS = {"author": WIDE, "address": WIDE, "room": WIDE, "guests": WIDE}
#: Longer than a message takes to its readers, by far.
DELAY = 1


@pytest.fixture
def room():
    """Makes readers that are gone at the test's end."""
    with contextlib.ExitStack() as held:
        def make(server, kind=Chat, **options):
            made = kind(server, **options)
            held.callback(made.close)
            # A socket has been welcomed by now; what is sent before an event stream's hello would be in it.
            if kind is Stream:
                made.until("hello")
            return made
        yield make


@pytest.fixture(scope="module")
def far(launch_once):
    """A server whose only translator is a service elsewhere, which takes its time."""
    service = FarTranslator()
    service.delay = DELAY
    server = launch_once(
        [show(language="en")], chat=LIMITS, outbound={"allow": ["127.0.0.1"]}, translation={
            "apertium": False, "python": "/nonexistent", "deadlineMilliseconds": 6000, "remoteDeadlineMilliseconds": 5000,
            "remotes": [{"kind": "libretranslate", "url": service.url, "paid": False}]})
    yield type("Far", (), {"server": server, "service": service})
    service.close()


def at_once(writer, text, *readers):
    """Sends a message, which all have at once as it was written; gives it and when it was sent."""
    began = time.monotonic()
    ack = writer.send(text)
    assert ack["type"] == "ack", ack
    for reader in readers:
        heard = reader.until("message", id=ack["message"]["id"])
        assert heard["text"] == text and "original" not in heard
    assert time.monotonic() - began < DELAY, "nobody waits for the translator"
    return ack["message"], began


def test_a_late_translation_comes_behind_its_message(far, room):
    writer, peer = room(far.server), room(far.server)
    readers = [room(far.server, language="uk"), room(far.server, Stream, query="language=uk")]
    writer.name("Ana")
    message, began = at_once(writer, "The grey scarf was knitted by my grandmother", *readers, peer)
    # The translator has its hands full: whatever is written meanwhile is not behind it.
    second, _ = at_once(writer, "And the hat by her sister in Odessa", *readers, peer)
    for reader in readers:
        told = reader.until("translation", id=message["id"])
        assert time.monotonic() - began >= DELAY
        assert told["text"] == f"[uk] {message['text']}" and told["language"] == "uk"
        assert told["engine"] == "libretranslate" and told["hops"] == 1 and "seq" not in told
        assert reader.until("translation", id=second["id"])["text"] == f"[uk] {second['text']}"
    # Whoever comes now reads it translated from the beginning.
    late = room(far.server, language="uk")
    known = {m["id"]: m for m in late.hello["messages"]}
    assert known[message["id"]]["text"] == f"[uk] {message['text']}"
    assert known[message["id"]]["original"] == {"text": message["text"], "language": "en"}
    assert "translation" not in [event["type"] for event in peer.all + writer.all], "who reads the language needs none"


def test_a_translation_of_what_is_said_no_more_is_not_told(far, room):
    writer, reader = room(far.server), room(far.server, language="uk")
    writer.name("Bea")
    edited, _ = at_once(writer, "The wooden table stands in the kitchen", reader)
    deleted, _ = at_once(writer, "The wooden chair stands in the garden", reader)
    writer.say(type="edit", message=edited["id"], text="The wooden table stands in the bedroom")
    reader.until("edited", id=edited["id"])
    writer.say(type="delete", message=deleted["id"])
    reader.until("deleted", id=deleted["id"])
    last, _ = at_once(writer, "The wooden bench stands in the street", reader)
    # In no order among each other, but behind those that were asked for before.
    wanted = {edited["id"]: "[uk] The wooden table stands in the bedroom", last["id"]: f"[uk] {last['text']}"}
    for id, text in wanted.items():
        reader.until("translation", id=id, text=text)
    assert {e["id"]: e["text"] for e in reader.all if e["type"] == "translation"} == wanted


def test_a_service_that_is_gone_delays_nothing_and_comes_back(far, room):
    writer, reader = room(far.server), room(far.server, language="uk")
    writer.name("Cleo")
    port = far.service.port
    before, _ = at_once(writer, "The old lamp still gives a warm light", reader)
    wait_until(lambda: any("lamp" in text for asked in far.service.asked for text in asked["q"]), 5, "it is asked", every=0.01)
    # In the middle of an answer.
    far.service.close()
    gone = [at_once(writer, f"The new lamp in the {place} gives a cold light", reader)[0] for place in ("hall", "kitchen")]
    assert not [e for e in reader.all if e["type"] == "translation" and e["id"] in (before["id"], gone[0]["id"], gone[1]["id"])]
    far.service = FarTranslator(port)
    rooms = iter(("garden", "cellar", "street", "attic", "library", "bathroom", "office", "museum", "station", "church"))

    def comes_back():
        message, _ = at_once(writer, f"The lamp in the {next(rooms)} gives no light at all", reader)
        with contextlib.suppress(Late):
            return reader.until("translation", id=message["id"], seconds=1)["text"] == f"[uk] {message['text']}"
    wait_until(comes_back, 9, "the translation comes back")


def test_a_program_that_is_killed_delays_nothing_and_comes_back(launch, room):
    server = launch([show(language="en")], chat=LIMITS)
    writer, reader = room(server), room(server, language="es")
    writer.name("Dora")
    chatty = (f"The grandmother of neighbour number {n} has two small dogs" for n in range(100))

    def comes_back():
        message, _ = at_once(writer, next(chatty), reader)
        with contextlib.suppress(Late):
            return reader.until("translation", id=message["id"], seconds=3)
    wait_until(comes_back, 30, "the translator has loaded what it needs")
    killed = children(server.pid)
    assert killed, "translators run"
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    told = wait_until(comes_back, 10, "the translation comes back")
    assert told["engine"] == "apertium" and told["language"] == "es" and "abuela" in told["text"]
    assert time.monotonic() - began < 10
    assert not set(killed) & set(children(server.pid))
