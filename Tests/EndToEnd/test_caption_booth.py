"""Interpreters take turns: who is let in, whose turn it is, and what becomes of it when lines break; and whose business it
is what they write."""
import contextlib

import pytest

from api import Client, operator, refused
from caption_stage import CUES, Interpreter, interpreters
from chat_client import Chat
from deadline import wait_until
from server import show
from test_protected import SECRET, token

TRACKS = [{"language": "en"}, {"language": "es"}]


@pytest.fixture(scope="module")
def server(launch_once):
    shows = [show(language="en", captions=TRACKS), show("rehearsed", captions=TRACKS),
             show("secret", captions=TRACKS, protect={"tokens": True})]
    return launch_once(shows, protection={"secrets": [{"kid": "k1", "secret": SECRET}]})


@pytest.fixture(scope="module")
def ops(server):
    client = operator(server)
    interpreters(client, server, "ines")
    yield client
    client.close()


@pytest.fixture(scope="module")
def writers(ops):
    """By name the fields of a program that says who it is."""
    def writer(name, languages):
        person = ops.person(name)
        member = {"role": "interpreter", "languages": languages}
        assert ops.put(f"/shows/show/members/{person['id']}", member).status_code == 200
        token = ops.made(f"/people/{person['id']}/tokens", {"name": "booth", "scopes": ["shows"]})["secret"]
        return {"Authorization": f"Bearer {token}"}
    return {name: writer(name, ["es"]) for name in ("ana", "luis")}


@pytest.fixture
def come(server):
    with contextlib.ExitStack() as held:
        def come(headers=None, language="es"):
            line = Chat(server, headers=headers)
            held.callback(line.close)
            line.say(type="booth", language=language, act="enter")
            return line
        yield come


def on(line):
    """Who is on, by name, as this one is told next."""
    told = line.until("booth")
    names = {seat["id"]: seat["name"] for seat in told["seats"]}
    return names.get(told.get("on")), told["on"] == told["you"]


def test_the_turn_is_handed_over_taken_and_left(come, writers):
    ana = come(writers["ana"])
    assert on(ana) == ("Ana", True)
    luis = come(writers["luis"])
    assert on(luis) == ("Ana", False) and on(ana) == ("Ana", True)
    ana.say(type="booth", language="es", act="hand")
    assert on(luis) == ("Luis", True) and on(ana) == ("Luis", False)
    # Who is not on has nothing to hand over.
    ana.say(type="booth", language="es", act="hand")
    ana.say(type="booth", language="es", act="take")
    assert on(luis) == ("Ana", False) and on(ana) == ("Ana", True)
    ana.abort()
    assert on(luis) == ("Luis", True)
    luis.say(type="booth", language="es", act="leave")
    again = come(writers["ana"])
    assert on(again) == ("Ana", True)


def test_only_those_who_write_a_track_take_turns(come, writers):
    assert come().until("refused")["code"] == "not-allowed"
    refused = come(writers["ana"], "en").until("refused")
    assert refused["code"] == "not-allowed" and "their own languages" in refused["detail"]
    assert come(writers["ana"], "it").until("refused")["code"] == "unknown"


@pytest.mark.parametrize("word", [{}, {"language": "es"}, {"language": "-", "act": "enter"}, {"language": "es", "act": "sing"}, {"language": 5, "act": "take"}])
def test_what_is_no_turn_is_refused_and_nothing_is_lost(come, writers, word):
    ana = come(writers["ana"])
    assert on(ana)[1]
    ana.say(type="booth", **word)
    assert ana.until("refused")["code"] == "bad-request"
    ana.say(type="booth", language="en", act="take")
    assert ana.until("refused")["code"] == "unknown"
    ana.say(type="ping")
    ana.until("pong")


def test_there_is_room_for_eight(come, writers):
    lines = [come(writers["ana"]) for _ in range(8)]
    assert len(lines[-1].until("booth", seconds=10)["seats"]) == 8
    assert come(writers["luis"]).until("refused")["code"] == "busy"


def test_who_finds_the_booth_full_does_not_write(server, ops, browser, come, writers):
    lines = [come(writers["ana"]) for _ in range(8)]
    assert len(lines[-1].until("booth", seconds=10)["seats"]) == 8
    with Interpreter(browser, server.url(), locale="en-US") as ines:
        ines.begin("ines")
        ines.wait_turn("off")
        assert "There is no room" in ines.page.inner_text("#turn") and ines.page.is_hidden("#hand")
        ines.types("one too many")
        ines.page.keyboard.press("Enter")
        assert ines.page.input_value("#words") == "one too many" and "There is no room" in ines.page.inner_text("#note")
        for line in lines:
            line.close()
        ines.wait_turn("alone")
        ines.page.keyboard.press("Enter")
        wait_until(lambda: "one too many" in ines.rows(), 5, "now it is taken")


def test_nobodys_correction_is_written_over_unseen(server, ops, browser):
    """While one puts a caption right, another does, and so much is said that it leaves the list."""
    place = CUES.format("es")
    cue = ops.made(place, {"text": "Nueve euros"})["cues"][0]

    def stored():
        return next(c["text"] for c in ops.get(place, params={"limit": 1000}).json()["cues"] if c["id"] == cue["id"])

    with Interpreter(browser, server.url(), locale="en-US") as ines:
        ines.begin("ines")
        row = ines.page.locator(f"#own .cue-row[data-cue='{cue['id']}']")
        row.get_by_role("button", name="Edit").click()
        field = row.locator("textarea")
        field.fill("Diez euros")
        assert ops.patch(f"{place}/{cue['id']}", {"text": "Once euros"}, match=None).status_code == 200
        wait_until(lambda: row.locator(".cue-mark").inner_text(), 5, "the page knows that it has changed")
        for number in range(6):
            ops.made(place, {"cues": [{"text": f"dicho {number} {k}"} for k in range(40)]})
        wait_until(lambda: "dicho 5 39" in ines.rows(), 10, "the list goes on")
        field.press("Enter")
        wait_until(lambda: "Somebody else has changed" in ines.page.inner_text("#note"), 5, "it says so")
        assert stored() == "Once euros" and "Once euros" in row.locator(".cue-words").inner_text()
        assert field.input_value() == "Diez euros", "nothing that was typed is lost"
        field.press("Enter")
        wait_until(lambda: stored() == "Diez euros", 5, "who has seen it may")
        row.wait_for(state="detached", timeout=5000)


def test_what_is_written_in_a_rehearsal_is_practice(server, ops):
    place = "/shows/rehearsed/captions/en/cues"
    assert ops.post("/shows/rehearsed/rehearse").json()["state"] == "rehearsal"
    with contextlib.closing(Chat(server, "rehearsed")) as reader, contextlib.closing(
            Chat(server, "rehearsed", headers={"Authorization": ops.http.headers["Authorization"]})) as typist:
        reader.say(type="captions", languages=["en"])
        reader.until("captions", language="en")
        typist.say(type="caption", id="1", language="en", text="the price is a sec", final=False)
        typist.say(type="caption", id="2", language="en", text="the price is a secret")
        ack = typist.until("ack", id="2")
        assert ack["practice"] is True and ack["cues"] == []
        typist.say(type="caption", id="3", language="en", text=" ")
        assert typist.until("refused", id="3")["code"] == "empty", "it is looked at all the same"
        answer = ops.post(place, {"text": "the price is a secret"})
        assert answer.status_code == 202 and answer.json() == {"cues": []}
        refused(ops.post(place, {"text": ""}), 422, field="text")
        assert ops.get(place).json()["cues"] == [] == Client(server).get(place).json()["cues"]
        # Whoever comes now is told nothing, and who was there has heard nothing.
        reader.say(type="captions", languages=["en"])
        assert reader.until("captions", language="en")["cues"] == []
        assert not [e for e in reader.all if e["type"] == "cue"]


def test_holders_of_a_token_read_captions(server, ops):
    place = "/shows/secret/captions/en/cues"
    ops.made(place, {"text": "for holders"})
    anyone = Client(server)
    refused(anyone.get(place), 403, "token")
    refused(anyone.get(place, params={"token": token(show_id="show")}), 403, "token")
    answer = anyone.get(place, params={"token": token(show_id="secret")})
    assert [c["text"] for c in answer.json()["cues"]] == ["for holders"] and answer.headers["cache-control"] == "no-store"
    assert len(ops.get(place).json()["cues"]) == 1
