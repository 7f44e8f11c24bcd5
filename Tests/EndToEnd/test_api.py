"""Shows over the API, with real HTTP: made, found, changed, moved on; and what is said of the whole API."""
import threading

import pytest
import yaml

from api import BASE, Client, instant, operator, refused
from deadline import wait_until

PASSWORD = "correct horse battery"


def test_a_show_is_made_read_changed_and_deleted(house, ops, nobody):
    body = {"id": "first", "titles": {"en": "First", "es": "Primero"}, "descriptions": {"en": "All of it."},
            "language": "en", "start": instant(days=1), "lengthMinutes": 60, "zone": "Europe/Berlin",
            "tags": ["shoes"], "profile": "low", "rungs": [360, 240], "srtPassphrase": "twelve bytes"}
    made = ops.post("/shows", body)
    assert made.status_code == 201 and made.headers["location"] == f"{BASE}/shows/first"
    document = made.json()
    assert document["state"] == "draft" and document["revision"] == 1 and made.headers["etag"] == '"r1"'
    assert document["hasSrtPassphrase"] is True and "srtPassphrase" not in document
    assert document["title"] == "First" and document["titles"]["es"] == "Primero"
    assert refused(nobody.get("/shows/first"), 404, "no such show"), "a draft is for those who work on it"
    changed = ops.patch("/shows/first", {"titles": {"es": None, "fr": "Premier"}, "rungs": None}, match='"r1"')
    assert changed.status_code == 200 and changed.headers["etag"] == '"r2"'
    assert changed.json()["titles"] == {"en": "First", "fr": "Premier"} and "rungs" not in changed.json()
    assert changed.json()["hasSrtPassphrase"] is True, "what is not said stays"
    assert ops.post("/shows/first/schedule").json() == {"state": "scheduled"}
    seen = nobody.get("/shows/first")
    assert seen.status_code == 200 and "hosts" not in seen.json() and "revision" not in seen.json()
    assert "max-age" in seen.headers["cache-control"] and "Authorization" in seen.headers["vary"]
    assert ops.get("/shows/first").headers["cache-control"] == "no-store"
    assert refused(ops.delete("/shows/first"), 409, "scheduled")
    assert ops.post("/shows/first/cancel").json() == {"state": "cancelled"}
    assert ops.delete("/shows/first", headers={"If-Match": '"r1"'}).status_code == 412
    assert ops.delete("/shows/first").status_code == 204
    assert refused(ops.get("/shows/first"), 404)


@pytest.mark.parametrize(("body", "field"), [
    ({}, "titles"), ({"titles": {}}, "titles"), ({"titles": {"en": ""}}, "titles.en"),
    ({"titles": {"en": "a\nb"}}, "titles.en"), ({"titles": {"en": "x" * 201}}, "titles.en"),
    ({"titles": {"no language": "A"}}, "titles.no language"), ({"titles": "A"}, "titles"), ({"titles": {"en": "A"}, "state": "live"}, "state"),
    ({"titles": {"en": "A"}, "id": "No Good"}, "id"), ({"titles": {"en": "A"}, "id": 7}, "id"),
    ({"titles": {"en": "A"}, "id": "preview-" + "0" * 32}, "id"),
    ({"titles": {"en": "A"}, "lengthMinutes": 0}, "lengthMinutes"), ({"titles": {"en": "A"}, "zone": "Mars/Olympus"}, "zone"),
    ({"titles": {"en": "A"}, "start": "2026-01-01"}, "start"), ({"titles": {"en": "A"}, "tags": ["a"] * 11}, "tags"),
    ({"titles": {"en": "A"}, "hosts": ["pxxx"]}, "hosts[0]"), ({"titles": {"en": "A"}, "encrypt": "aes-128"}, "encrypt"),
    ({"titles": {"en": "A"}, "embedOrigins": ["javascript:alert(1)"]}, "embedOrigins.0"),
    ({"titles": {"en": "A"}, "embedOrigins": ["https://a.example\r\nX: y"]}, "embedOrigins.0"),
    ({"titles": {"en": "A"}, "rungs": [361]}, "rungs"), ({"titles": {"en": "A"}, "srtPassphrase": "short"}, "srtPassphrase"),
    ({"titles": {"en": "A"}, "isScheduled": "yes"}, "isScheduled"), ({"titles": {"en": "A"}, "slate": "/etc/passwd"}, "slate"),
    ({"titles": {"en": "A"}, "recurrence": {"weekly": True, "daily": True}}, "recurrence.daily"),
])
def test_what_a_show_may_not_be(ops, body, field):
    assert refused(ops.post("/shows", body), 422, field=field)


def test_content_that_is_none(ops):
    def send(content, kind="application/json"):
        return ops.ask("POST", "/shows", content=content, headers={"Content-Type": kind} if kind else {})
    assert refused(send(b"{"), 400, "not a JSON object")
    assert refused(send(b"[]"), 400, "not a JSON object")
    assert refused(send(b"\xff\x00"), 400, "not a JSON object")
    assert refused(send(b"{}", "text/plain"), 415, "application/json")
    assert refused(send(b"{}", None), 415, "application/json")
    assert refused(send(b"{" + b" " * 70_000 + b"}"), 413, "65536")


def test_a_name_is_taken_once_and_found_of_the_title(ops):
    ops.show("taken")
    assert refused(ops.post("/shows", {"id": "taken", "titles": {"en": "Again"}}), 409, "taken")
    made = ops.made("/shows", {"titles": {"en": "Rebajas de otoño!"}})
    assert made["id"] and made["id"] != ops.made("/shows", {"titles": {"en": "Rebajas de otoño!"}})["id"]


def test_edits_name_what_they_change(ops):
    ops.show("edited")
    assert refused(ops.patch("/shows/edited", {"tags": ["a"]}, match=None), 428, "If-Match")
    assert ops.patch("/shows/edited", {"tags": ["a"]}, match='"r1"').status_code == 200
    late = ops.patch("/shows/edited", {"tags": ["b"]}, match='"r1"')
    assert refused(late, 412, "revision is 2") and late.headers["etag"] == '"r2"'
    assert refused(ops.patch("/shows/edited", {"tags": ["b"]}, match='W/"r2"'), 412)
    assert refused(ops.patch("/shows/edited", {"titles": None}), 422, field="titles")
    assert refused(ops.patch("/shows/edited", {"revision": 9}), 422, field="revision")
    assert refused(ops.patch("/shows/nothing", {"tags": []}), 404, "no such show")
    assert ops.patch("/shows/edited", {"tags": ["c"]}, match='"r1", "r2"').status_code == 200
    both = [ops.get("/shows/edited").headers["etag"]] * 8
    results = []
    threads = [threading.Thread(target=lambda tag=tag, n=n: results.append(
        ops.patch("/shows/edited", {"tags": [f"t{n}"]}, match=tag).status_code)) for n, tag in enumerate(both)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert sorted(results) == [200] + [412] * 7, "one of those who edit the same wins"


def test_shows_of_one_host_do_not_overlap(ops):
    host = ops.person("overlapped")
    more = {"hosts": [host["id"]], "lengthMinutes": 60}
    ops.show("early", start=instant(days=2), **more)
    assert refused(ops.post("/shows", {"titles": {"en": "L"}, "start": instant(days=2, minutes=30), **more}), 409, "early")
    assert ops.post("/shows", {"id": "late", "titles": {"en": "L"}, "start": instant(days=2, minutes=61), **more}).status_code == 201
    assert refused(ops.patch("/shows/late", {"start": instant(days=2, minutes=10)}), 409, "early")


def test_forbidden_moves_name_state_and_move(ops):
    ops.show("moved")
    for move, words in (("rehearse", "draft"), ("go-live", "draft"), ("end", "draft"), ("reopen", "draft")):
        assert refused(ops.post(f"/shows/moved/{move}"), 409, words)
    assert ops.post("/shows/moved/schedule").json()["state"] == "scheduled"
    assert refused(ops.post("/shows/moved/schedule"), 409, "scheduled")
    assert ops.post("/shows/moved/rehearse").json()["state"] == "rehearsal"
    assert Client(ops.server).get("/shows/moved").json()["state"] == "scheduled", "a rehearsal is nobody's business"
    assert ops.post("/shows/moved/go-live").json()["state"] == "live"
    assert ops.post("/shows/moved/end").json()["state"] == "ended"
    assert refused(ops.post("/shows/moved/cancel"), 409, "ended")
    assert ops.post("/shows/moved/reopen").json()["state"] == "live"
    assert ops.post("/shows/moved/end").json()["state"] == "ended"
    kinds = [(event["kind"], event["payload"].get("to")) for event in ops.get("/shows/moved/timeline").json()["events"]]
    assert [to for kind, to in kinds if kind == "state"] == [
        "draft", "scheduled", "rehearsal", "live", "ended", "live", "ended"]


def test_lists_go_on_where_they_stopped(ops, nobody):
    names = [f"list-{n:02}" for n in range(7)]
    for n, name in enumerate(names):
        ops.show(name, start=instant(days=20 + n), tags=["listed"], isScheduled=n < 5)
    def walk(client, **query):
        found, cursor = [], None
        while True:
            page = client.get("/shows", params={"tag": "listed", "limit": 2, **query, **({"cursor": cursor} if cursor else {})})
            assert page.status_code == 200, page.text
            assert len(page.json()["shows"]) <= 2
            found += [item["id"] for item in page.json()["shows"]]
            cursor = page.json().get("next")
            if not cursor:
                return found
    assert walk(ops) == names
    assert walk(nobody) == names[:5], "drafts are not for everybody"
    assert walk(ops, order="latest") == names[::-1]
    assert walk(ops, state="draft") == names[5:]
    assert walk(ops, **{"from": instant(days=22, minutes=-1), "to": instant(days=24, minutes=-1)}) == names[2:4]
    assert walk(ops, q="list-03") == ["list-03"]
    for query in ({"limit": 0}, {"limit": "x"}, {"state": "on"}, {"from": "soon"}, {"order": "odd"}, {"q": "x" * 101}):
        assert refused(ops.get("/shows", params=query), 400, field=next(iter(query)))
    assert ops.get("/shows", params={"cursor": "nonsense"}).status_code in (400, 422)
    assert refused(nobody.get("/shows", params={"mine": "true"}), 401)
    ops.patch("/shows/list-00", {"visibility": "unlisted"})
    wait_until(lambda: "list-00" not in walk(nobody), 5, "what everybody gets is a second old at most")
    assert nobody.get("/shows/list-00").status_code == 200


def test_made_once_however_often_it_is_asked_for(house, ops):
    key = {"Idempotency-Key": "one-and-only"}
    body = {"id": "once", "titles": {"en": "Once"}}
    first = ops.post("/shows", body, headers=key)
    again = ops.post("/shows", body, headers=key)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true" and again.headers["etag"] == '"r1"'
    assert refused(ops.post("/shows", body | {"tags": ["x"]}, headers=key), 422, "Idempotency-Key")
    assert refused(ops.post("/shows", body, headers={"Idempotency-Key": "two words"}), 400, "Idempotency-Key")
    other = operator(house, "other")
    assert refused(other.post("/shows", body, headers=key), 409, "once"), "keys are each client's own"
    person = ops.post("/people", {"login": "once"}, headers={"Idempotency-Key": "person"}).json()
    assert ops.post("/people", {"login": "once"}, headers={"Idempotency-Key": "person"}).json()["id"] == person["id"]
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(
        ops.post("/shows", {"titles": {"en": "At the same time"}}, headers={"Idempotency-Key": "race"}))) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert {a.status_code for a in answers} == {201} and len({a.json()["id"] for a in answers}) == 1


def test_the_log_says_who_changed_what(ops):
    ops.show("audited")
    ops.patch("/shows/audited", {"tags": ["x"], "srtPassphrase": "a long secret"})
    entries = ops.get("/audit", params={"subject": "show:audited"}).json()["entries"]
    assert [e["action"] for e in entries][-1] == "show.create" and len(entries) >= 2
    assert all(e["actor"].startswith("token:") and e["actorName"] == "ops" for e in entries)
    assert "a long secret" not in str(entries)
    assert all(e["action"].startswith("show.") for e in ops.get("/audit", params={"action": "show."}).json()["entries"])
    page = ops.get("/audit", params={"limit": 1}).json()
    assert page["entries"][0]["id"] > ops.get("/audit", params={"limit": 1, "cursor": page["next"]}).json()["entries"][0]["id"]
    assert refused(ops.get("/audit", params={"person": "me"}), 400, field="person")


def test_methods_that_an_address_does_not_take(ops, house, nobody):
    document = yaml.safe_load(house.http.get(house.url(f"{BASE}/openapi.yaml")).text)
    values = {"show": "show", "person": "p" + "a" * 12, "key": "k" + "a" * 12, "token": "t" + "a" * 12,
              "hook": "h" + "a" * 12, "delivery": "d" + "a" * 20, "viewer": "a" * 32,
              "message": "m" + "a" * 12, "sanction": "s" + "a" * 12, "author": "g_" + "a" * 16, "language": "en",
              "cue": "c" + "a" * 12}
    for path, item in document["paths"].items():
        place = path.format(**values)
        taken = {m.upper() for m in item if m != "parameters"}
        allow = ops.ask("OPTIONS", place)
        assert allow.status_code == 204
        # A line has no head.
        head = {"HEAD"} if "GET" in taken and not path.endswith("/events") else set()
        assert set(allow.headers["allow"].split(", ")) == taken | head
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - taken:
            answer = ops.ask(method, place)
            assert answer.status_code == 405 and set(answer.headers["allow"].split(", ")) >= taken, (method, path)
    head = nobody.http.head(f"{BASE}/shows/show")
    assert head.status_code == 200 and head.content == b"" and int(head.headers["content-length"]) > 0
    assert refused(nobody.get("/nothing"), 404)
    assert refused(nobody.get("/shows/nothing/feed"), 404, "no such show")


def test_secrets_are_in_no_log(house, ops):
    secret = ops.made("/shows", {"titles": {"en": "S"}})["id"]
    key = ops.made(f"/shows/{secret}/keys", {})["secret"]
    ops.person("secretive", "a very secret password")
    Client(house, key).get("/session")
    Client(house, "sc_" + "a" * 40).get("/session")
    log = house.log()
    for word in (key, "sc_", "a very secret password", ops.http.headers["authorization"].split()[1]):
        assert word not in log


def test_everything_is_there_after_a_restart(launch):
    server = launch([])
    ops = operator(server)
    ops.show("kept", tags=["a"])
    person = ops.person("keeper", PASSWORD)
    browser = Client(server)
    browser.sign_in("keeper", PASSWORD)
    key = ops.made("/shows/kept/keys", {"label": "k"})
    assert server.stop() == 0
    server.http = type(ops.http)(timeout=20)
    server.start()
    assert ops.get("/shows/kept").json()["tags"] == ["a"]
    assert ops.get(f"/people/{person['id']}").json()["login"] == "keeper"
    assert browser.get("/session").json()["person"]["id"] == person["id"]
    assert [k["id"] for k in ops.get("/shows/kept/keys").json()["keys"]] == [key["id"]]
