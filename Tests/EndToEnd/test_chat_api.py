"""A show's chat over the API: who writes, who runs it, what is kept of it, and that nothing acknowledged is lost."""
import csv
import io
import json
import random
import threading

import httpx
import pytest

from api import BASE, Client, operator, refused
from deadline import wait_until
from server import command, show

PASSWORD = "correct horse battery"
SHOW = "evening"
WIDE = {"burst": 10000, "perSecond": 10000}
LIMITS = {"author": WIDE, "address": WIDE, "room": WIDE, "guests": WIDE}


class Guest(Client):
    """Somebody with a display name."""

    def __init__(self, server, name, show=SHOW, **more):
        super().__init__(server)
        made = self.made(f"/shows/{show}/chat/guest", {"name": name, **more})
        self.id = made["you"]["id"]
        self.secret = made["guest"]
        self.http.headers["Authorization"] = f"Guest {self.secret}"
        self.chat = f"/shows/{show}/chat"

    def says(self, text, **more):
        return self.post(f"{self.chat}/messages", {"text": text, **more})

    def said(self, text, **more):
        answer = self.says(text, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def house(launch_once, tmp_path_factory):
    words = tmp_path_factory.mktemp("words")
    (words / "any.txt").write_text("spamword\n?casino\n")
    return launch_once([show(SHOW), show("second")], chat={"words": str(words), "links": "hold", **LIMITS})


@pytest.fixture(scope="module")
def ops(house):
    return operator(house)


@pytest.fixture(scope="module")
def host(house, ops):
    """Signed in as the show's host."""
    person = ops.person("hanna", PASSWORD)
    assert ops.put(f"/shows/{SHOW}/members/{person['id']}", {"role": "host"}).status_code == 200
    host = Client(house)
    assert host.sign_in("hanna", PASSWORD).status_code == 200
    return host


@pytest.fixture(autouse=True)
def as_it_was(ops):
    yield
    mode = {"slowSeconds": 0, "writing": "anyone", "links": "hold", "hold": False}
    for name in (SHOW, "second"):
        assert ops.patch(f"/shows/{name}/chat", mode).status_code == 200
        assert ops.post(f"/shows/{name}/chat/clear").status_code == 204


def texts(client, path=f"/shows/{SHOW}/chat/messages", **query):
    return [message["text"] for message in client.get(path, params=query).json()["messages"]]


def audited(ops, action):
    return [entry for entry in ops.get("/audit", params={"action": action}).json()["entries"]]


def test_a_guest_is_told_what_is_kept_and_is_forgotten(house, ops):
    mia, other = Guest(house, "Mia"), Guest(house, "Noah")
    told = mia.said("I live in Rose Street")
    other.said("Good to know")
    kept = ops.get(f"/viewers/{mia.id}").json()
    assert kept["viewer"] == mia.id
    (message,) = kept["kept"]["chat"]["messages"]
    assert message["text"] == "I live in Rose Street" and message["name"] == "Mia" and message["show"] == SHOW
    printed = command("viewer", "export", mia.id, "--config", house.settings_path)
    assert printed.returncode == 0 and json.loads(printed.stdout) == kept
    assert ops.delete(f"/viewers/{mia.id}").status_code == 204
    refused(ops.get(f"/viewers/{mia.id}"), 404, "nothing is kept")
    left = [message["id"] for message in other.get(f"{other.chat}/messages").json()["messages"]]
    assert told["id"] not in left and left
    (entry, *_) = ops.get("/audit", params={"action": "viewer."}).json()["entries"]
    assert entry["details"] == {"parts": ["chat"]} and mia.id not in json.dumps(entry)


def test_a_guest_writes_and_everybody_reads(house, ops):
    ada, nobody = Guest(house, " Ada\u202e "), Client(house)
    first = ada.said("hola <b>a</b> \u202etodos", id="c1")
    assert first["author"] == {"id": ada.id, "name": "Ada"} and first["text"] == "hola <b>a</b> todos"
    assert ada.said("something else", id="c1") == first, "the same id is the same message"
    reply = ada.said("¿cuánto cuesta?", replyTo=first["id"])
    assert reply["question"] and reply["replyTo"] == first["id"] and reply["seq"] > first["seq"]
    wait_until(lambda: texts(nobody)[-2:] == [first["text"], reply["text"]], 5, "nobody reads it")
    assert texts(nobody, after=first["seq"]) == [reply["text"]]
    assert texts(nobody, before=reply["seq"], limit=1) == [first["text"]]
    chat = nobody.get(f"/shows/{SHOW}/chat").json()
    assert chat["you"] == {"canWrite": False, "why": "read-only", "canModerate": False}
    assert chat["sequence"] >= reply["seq"] and "link" not in chat
    assert ada.get(f"/shows/{SHOW}/chat").json()["you"]["canWrite"]
    refused(nobody.post(f"/shows/{SHOW}/chat/messages", {"text": "x"}), 403, "display name")
    edited = ada.ask("PATCH", f"{ada.chat}/messages/{first['id']}", json={"text": "hola"})
    assert edited.json()["text"] == "hola" and edited.json()["editedAt"]
    assert ada.delete(f"{ada.chat}/messages/{reply['id']}").status_code == 204
    refused(Guest(house, "Bob").delete(f"{ada.chat}/messages/{first['id']}"), 404)
    wait_until(lambda: texts(nobody)[-1:] == ["hola"], 5, "the edit is read, the other is gone")
    renamed = ada.made(f"{ada.chat}/guest", {"name": "Ada L."})["you"]
    assert renamed == {"id": ada.id, "name": "Ada L."}


def test_what_is_not_taken_says_why(house, host):
    ada = Guest(house, "Ada")
    for text, status, code in (
            ("", 422, "empty"), ("\u200b\u2066", 422, "empty"), ("x" * 501, 422, "too-long"),
            ("buy SPAMW0RD now", 422, "word"), ("hello all of you", 201, None), ("Hello all, of you!", 409, "duplicate")):
        answer = ada.says(text)
        assert answer.status_code == status, (text, answer.text)
        assert answer.json().get("code") == code
    refused(ada.says("x", id="a b"), 422, "id")
    refused(ada.post(f"{ada.chat}/messages", {"text": 5, "more": 1}), 422)
    assert host.patch(f"/shows/{SHOW}/chat", {"slowSeconds": 30}).status_code == 200
    assert ada.says("one").status_code == 201
    slow = ada.says("two")
    assert slow.json()["code"] == "slow-mode" and 1 <= int(slow.headers["retry-after"]) <= 30
    for name in ("", "\u202e", "x" * 41, "Host", "spamword", "evil.example.com"):
        assert Client(house).post(f"{ada.chat}/guest", {"name": name}).status_code in (403, 422), name
    forged = Client(house, Authorization=f"Guest {ada.secret[:-2]}AA")
    refused(forged.post(f"{ada.chat}/messages", {"text": "x"}), 401)


def test_who_may_write(house, host):
    ada = Guest(house, "Ada")
    place = f"/shows/{SHOW}/chat"
    tag = host.get(place).headers["etag"]
    refused(host.patch(place, {"writing": "nobody"}, match=None), 428)
    refused(host.patch(place, {"writing": "sometimes"}), 422)
    refused(host.patch(place, {"slowSeconds": 3601}), 422)
    assert host.patch(place, {"writing": "link"}, match=tag).json()["writing"] == "link"
    refused(host.patch(place, {"writing": "anyone"}, match=tag), 412)
    assert ada.says("x").json()["code"] == "not-allowed"
    link = host.get(place).json()["link"]
    refused(Client(house).post(f"{place}/guest", {"name": "Eve", "link": "wrong"}), 403, "link")
    linked = Guest(house, "Eve", link=link)
    linked.said("by the link")
    assert host.post(f"{place}/link").json()["link"] != link
    assert linked.says("again").json()["code"] == "not-allowed"
    host.patch(place, {"writing": "signedIn"})
    assert ada.says("x").json()["code"] == "not-allowed"
    mine = host.made(f"{place}/messages", {"text": "from the host"})
    assert mine["author"]["badge"] == "host" and mine["author"]["name"] == "Hanna"
    host.csrf, csrf = None, host.csrf
    refused(host.post(f"{place}/messages", {"text": "from elsewhere"}), 403)
    host.csrf = csrf


def test_moderators_hold_approve_and_take_away(house, host, ops):
    ada, nobody = Guest(house, "Ada"), Client(house)
    place = f"/shows/{SHOW}/chat"
    held = ada.says("see bags.example.com")
    assert held.status_code == 202 and held.json()["state"] == "held"
    ada.says("a casino")
    queue = host.get(f"{place}/queue").json()["messages"]
    assert [(m["text"], m["heldFor"]) for m in queue] == [("see bags.example.com", "link"), ("a casino", "word")]
    assert host.get(place).json()["held"] == 2 and texts(nobody) == []
    assert host.post(f"{place}/messages/{queue[0]['id']}/approve").json()["state"] == "shown"
    assert host.post(f"{place}/messages/{queue[1]['id']}/reject").status_code == 204
    refused(host.post(f"{place}/messages/{queue[1]['id']}/approve"), 404)
    wait_until(lambda: texts(nobody) == ["see bags.example.com"], 5, "the approved one is read")
    pinned = host.post(f"{place}/messages/{queue[0]['id']}/pin").json()
    assert nobody.get(place).json()["pinned"]["id"] == pinned["id"]
    assert host.delete(f"{place}/pin").status_code == 204 and "pinned" not in nobody.get(place).json()
    assert host.delete(f"{place}/messages/{queue[0]['id']}").status_code == 204
    # A stream key is the host's too.
    key = Client(house, f"streamkey-{SHOW}")
    assert key.made(f"{place}/messages", {"text": "by key"})["author"] == {
        "id": "k_host", "name": "Host", "badge": "host"}
    refused(Client(house, "streamkey-second").get(f"{place}/queue"), 401)
    actions = [entry["action"] for entry in audited(ops, "chat.")]
    assert actions[:5] == ["chat.delete", "chat.unpin", "chat.pin", "chat.reject", "chat.approve"]
    assert "bags" not in json.dumps(audited(ops, "chat."))


def test_questions_are_answered_onto_the_timeline(house, host):
    ada = Guest(house, "Ada")
    place = f"/shows/{SHOW}/chat"
    first, second = ada.said("how much is it?"), ada.said("多少钱？")
    ada.said("lovely")
    open_ones = host.get(f"{place}/questions", params={"answered": "false"}).json()["messages"]
    assert [m["id"] for m in open_ones] == [first["id"], second["id"]]
    answer = host.post(f"{place}/messages/{first['id']}/answer", {"text": "9.99 euros"}).json()
    assert answer["replyTo"] == first["id"] and answer["author"]["badge"] == "host"
    aloud = host.post(f"{place}/messages/{second['id']}/answer", {}).json()
    assert aloud["answered"] and "answeredBy" not in aloud
    assert host.get(f"{place}/questions", params={"answered": "false"}).json()["messages"] == []
    done = host.get(f"{place}/questions", params={"answered": "true"}).json()["messages"]
    assert [m.get("answeredBy") for m in done] == [answer["id"], None]
    told = [e["payload"] for e in host.get(f"/shows/{SHOW}/timeline").json()["events"] if e["kind"] == "question"]
    assert told[-2]["text"] == "how much is it?" and told[-2]["answer"]["text"] == "9.99 euros"
    assert told[-1]["message"] == second["id"] and "answer" not in told[-1]


def test_sanctions_and_appeals(house, host, ops):
    ada, bob = Guest(house, "Ada"), Guest(house, "Bob")
    place = f"/shows/{SHOW}/chat"
    ada.said('=SUM(1) "quoted", and more')
    made = host.made(f"{place}/sanctions", {"author": ada.id, "kind": "ban", "seconds": 600, "reason": "rude"})
    assert made["name"] == "Ada" and made["until"] and made["by"].startswith("person:")
    banned = ada.says("again")
    assert banned.json()["code"] == "banned" and "rude" in banned.json()["detail"]
    # From where somebody was banned, guests are looked at first.
    assert bob.says("hello from bob").status_code == 202
    refused(host.post(f"{place}/sanctions", {"author": ada.id, "kind": "timeout", "reason": "x"}), 422, field="seconds")
    me = ops.get("/session").json()["person"]["id"]
    refused(host.post(f"{place}/sanctions", {"author": me, "kind": "ban", "reason": "x"}), 422, field="author")
    lines = [json.loads(line) for line in host.get(f"{place}/export").text.splitlines()]
    assert any(l["type"] == "sanction" and l["reason"] == "rude" for l in lines)
    assert any(l["type"] == "message" and l["author"]["id"] == ada.id for l in lines)
    answer = host.get(f"{place}/export", params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [r["text"] for r in rows if r["author"] == ada.id and r["type"] == "message"] == ['\'=SUM(1) "quoted", and more']
    part = host.get(f"{place}/export", params={"limit": 1})
    assert 'rel="next"' in part.headers["link"]
    assert host.delete(f"{place}/sanctions/{made['id']}").status_code == 204
    refused(host.delete(f"{place}/sanctions/{made['id']}"), 404)
    ada.said("back again")
    shadow = host.made(f"{place}/sanctions", {"author": ada.id, "kind": "shadow", "reason": "spam"})
    assert ada.says("into the void").status_code == 201
    wait_until(lambda: texts(Client(house))[-1:] == ["back again"], 5, "nobody else sees it")
    assert host.delete(f"{place}/sanctions/{shadow['id']}").status_code == 204


def test_somebody_is_erased(house, ops):
    ada, bob = Guest(house, "Ada", "second"), Guest(house, "Bob", "second")
    ada.said("mine, all mine")
    bob.said("and mine")
    person = ops.person("viewer", PASSWORD)
    viewer = Client(house)
    viewer.sign_in("viewer", PASSWORD)
    written = viewer.made("/shows/second/chat/messages", {"text": "as a person"})
    assert written["author"] == {"id": person["id"], "name": "Viewer", "badge": "verified"}
    export = viewer.get(f"/people/{person['id']}/export").json()
    assert [m["text"] for m in export["chat"]] == ["as a person"]
    cleo = Guest(house, "Cleo", "second")
    cleo.said("a guest wants to be forgotten")
    kept = ops.get(f"/viewers/{cleo.id}").json()["kept"]["chat"]
    assert [(m["name"], m["text"]) for m in kept["messages"]] == [("Cleo", "a guest wants to be forgotten")]
    assert ops.delete(f"/viewers/{cleo.id}").status_code == 204
    refused(ops.get(f"/viewers/{cleo.id}"), 404)
    refused(ops.delete(f"/viewers/{cleo.id}"), 404)
    assert ops.delete(f"/shows/second/chat/authors/{ada.id}").status_code == 204
    assert ops.delete(f"/people/{person['id']}").status_code == 204
    wait_until(lambda: texts(Client(house), "/shows/second/chat/messages") == ["and mine"], 5, "only the other is left")
    kept = ops.get("/shows/second/chat/export").text
    assert "all mine" not in kept and "as a person" not in kept and "Viewer" not in kept


def test_glossaries_are_edited(house, host):
    place = f"/shows/{SHOW}/glossary"
    empty = host.get(place)
    assert empty.json() == {"terms": []}
    terms = [{"text": "Acme", "keep": True}, {"text": "silk", "renderings": {"es": "seda"}}]
    refused(host.put(place, {"terms": terms}), 428)
    made = host.put(place, {"terms": terms}, headers={"If-Match": empty.headers["etag"]})
    assert made.status_code == 200 and [t["text"] for t in made.json()["terms"]] == ["Acme", "silk"]
    refused(host.put(place, {"terms": []}, headers={"If-Match": empty.headers["etag"]}), 412)
    refused(host.put(place, {"terms": [{"text": "a", "more": 1}]}, headers={"If-Match": "*"}), 422)
    refused(host.put(place, {"terms": [{"text": "a"}, {"text": "A"}]}, headers={"If-Match": "*"}), 422, "twice")


def test_hostile_names_and_texts_are_only_text(house, host):
    ada = Guest(house, "<script>alert(1)</script>")
    place = f"/shows/{SHOW}/chat"
    chance = random.Random(7)
    samples = ["'; DROP TABLE chat_message; --", "{{7*7}}", "%00%0d%0a", "\\u202e", "a\r\nSet-Cookie: x=1", "\ud83d\ude00"]
    for _ in range(30):
        samples.append("x" + "".join(chr(chance.choice(
            [chance.randrange(1, 0x300), chance.randrange(0x2000, 0x2100), chance.randrange(0xFE00, 0xFFFF),
             chance.randrange(0x1F000, 0x1FA00), chance.randrange(0xE0000, 0xE0200), chance.randrange(0x600, 0x700)]))
            for _ in range(chance.randrange(1, 40))))
    for number, sample in enumerate(samples):
        answer = ada.says(f"{number} {sample}".encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        assert answer.status_code in (201, 202, 422), answer.text
        if answer.status_code < 300:
            text = answer.json()["text"]
            assert not any(c in text for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\u0000\r\n"), repr(text)
    for body in (b"{", b"[]", b'{"text": "\xff"}', b'{"text": "\\ud800"}', b'{"text": {"a": 1}}', b'{"text": null}', b"{}" * 3):
        answer = ada.http.post(BASE + f"{place}/messages", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), (body, answer.text)
    assert host.get(f"{place}/export").status_code == 200


@pytest.mark.parametrize("rounds", [pytest.param(2, id="short"), pytest.param(15, id="long", marks=pytest.mark.long)])
def test_nothing_acknowledged_is_lost(launch, rounds, record_property):
    server = launch([show(SHOW)], chat=LIMITS)
    place = f"/shows/{SHOW}/chat"
    guests = [Guest(server, f"Guest {number}") for number in range(4)]
    seed = random.randrange(1 << 32)
    record_property("seed", seed)
    chance = random.Random(seed)
    acknowledged, unsure, number = {}, [], 0
    for _ in range(rounds):
        enough = threading.Event()
        goal, count = chance.randint(10, 60), [0]

        def write(place_in, first):
            guest, n = Guest.__new__(Guest), first
            Client.__init__(guest, server)
            guest.http.headers["Authorization"] = f"Guest {guests[place_in].secret}"
            guest.chat = place
            while not enough.is_set():
                n += 10
                draft = (place_in, f"c{n}", f"message {n}")
                unsure.append(draft)
                try:
                    message = guest.said(draft[2], id=draft[1])
                except httpx.TransportError:
                    return
                unsure.remove(draft)
                acknowledged[message["id"]] = (message["seq"], draft[2])
                count[0] += 1
                if count[0] >= goal:
                    enough.set()

        writers = [threading.Thread(target=write, args=(k, number + k)) for k in range(4)]
        for writer in writers:
            writer.start()
        enough.wait(30)
        threading.Event().wait(chance.uniform(0, 0.02))
        server.process.kill()
        server.process.wait()
        enough.set()
        for writer in writers:
            writer.join(30)
        number += 10_000
        server.http = httpx.Client(timeout=20)
        server.start()
        # What nobody knows the end of is sent again, and is there once.
        for place_in, name, text in list(unsure):
            again = Client(server, Authorization=f"Guest {guests[place_in].secret}")
            message = again.made(f"{place}/messages", {"id": name, "text": text})
            acknowledged[message["id"]] = (message["seq"], text)
        unsure.clear()
    lines = operator(server).get(f"{place}/export").text.splitlines()
    kept = {m["id"]: (m["seq"], m["text"]) for m in map(json.loads, lines) if m["type"] == "message"}
    assert {id: kept.get(id) for id in acknowledged} == acknowledged
    assert len({seq for seq, _ in kept.values()}) == len(kept), "each number once"
    assert sorted(text for _, text in kept.values()) == sorted(text for _, text in acknowledged.values()), "each once"
    record_property("acknowledged", len(acknowledged))
