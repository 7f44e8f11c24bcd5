"""Every route of the API over real HTTP: what it does, and what it says no to."""
import io
import subprocess
import threading

import pytest
import yaml

from api import BASE, Client, instant, operator, refused
from deadline import wait_until
from server import show, tool

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def house(launch_once):
    return launch_once([show()], ladder=LADDER)


@pytest.fixture(scope="module")
def ops(house):
    client = operator(house)
    yield client
    client.close()


@pytest.fixture
def nobody(house):
    client = Client(house)
    yield client
    client.close()


def picture(kind="png", size="1600x1200"):
    made = subprocess.run(
        [tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}", "-frames:v", "1",
         "-c:v", {"png": "png", "jpg": "mjpeg", "webp": "libwebp"}[kind], "-f", "image2pipe", "-"],
        capture_output=True, check=True, timeout=30)
    return made.stdout


# Shows

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


# Covers

@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_cover_is_made_small_and_kept(ops, nobody, kind):
    name = f"cover-{kind}"
    ops.show(name, isScheduled=True)
    assert refused(nobody.get(f"/shows/{name}/cover"), 404, "no cover")
    mime = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}[kind]
    put = ops.ask("PUT", f"/shows/{name}/cover", content=picture(kind), headers={"Content-Type": mime})
    assert put.status_code == 200 and (put.json()["width"], put.json()["height"]) == (960, 720)
    place = nobody.get(f"/shows/{name}").json()["cover"]
    assert place == put.json()["cover"]
    file = nobody.http.get(place)
    assert file.headers["content-type"] == "image/jpeg" and "immutable" in file.headers["cache-control"]
    assert file.content.startswith(b"\xff\xd8") and b"Lavc" not in file.content
    assert nobody.http.get(place, headers={"If-None-Match": file.headers["etag"]}).status_code == 304
    current = nobody.get(f"/shows/{name}/cover")
    assert current.content == file.content
    assert nobody.get(f"/shows/{name}/cover", headers={"If-None-Match": current.headers["etag"]}).status_code == 304
    assert ops.delete(f"/shows/{name}/cover").status_code == 204
    wait_until(lambda: "cover" not in nobody.get(f"/shows/{name}").json(), 5, "the picture is gone")


def test_what_is_no_cover(ops, nobody):
    ops.show("no-cover")
    def send(content, mime="image/png"):
        return ops.ask("PUT", "/shows/no-cover/cover", content=content, headers={"Content-Type": mime})
    assert refused(send(b"<svg onload='alert(1)'/>"), 422, field="content")
    assert refused(send(b"GIF89a" + b"\0" * 50), 422, field="content")
    assert refused(send(picture()[:500]), 422, field="content")
    assert refused(send(b""), 422, field="content")
    assert refused(send(b"x", "image/svg+xml"), 415, "image/jpeg")
    assert refused(send(b"\0" * ((10 << 20) + 1)), 413)
    for path in ("/covers/nothing.jpg", "/covers/" + "0" * 32 + ".jpg", "/covers/..%2fshopcast.db", "/covers/%2e%2e/lock"):
        assert nobody.http.get(path).status_code == 404


# Keys, timeline, members

def test_keys_are_told_once_rotated_and_revoked(house, ops):
    ops.show("keyed", isScheduled=True)
    made = ops.post("/shows/keyed/keys", {"role": "primary", "label": "studio"})
    assert made.status_code == 201 and made.json()["secret"].startswith("live_")
    key = made.json()
    listed = ops.get("/shows/keyed/keys").json()["keys"]
    assert [k["id"] for k in listed] == [key["id"]] and "secret" not in listed[0]
    host = Client(house, key["secret"])
    assert host.get("/shows/keyed/feed").status_code == 200
    assert host.get("/session").json() == {"kind": "streamKey", "show": "keyed"}
    assert refused(host.get("/shows/show/feed"), 401, "the stream key of this show is needed")
    assert refused(host.get("/shows/keyed/keys"), 403)
    second = ops.made("/shows/keyed/keys", {"role": "backup"})
    assert Client(house, second["secret"]).get("/shows/keyed/feed").status_code == 200
    rotated = ops.post(f"/shows/keyed/keys/{key['id']}/rotate")
    assert rotated.status_code == 201 and rotated.json()["label"] == "studio"
    assert refused(host.get("/shows/keyed/feed"), 401), "at once"
    assert Client(house, rotated.json()["secret"]).get("/shows/keyed/feed").status_code == 200
    assert ops.delete(f"/shows/keyed/keys/{rotated.json()['id']}").status_code == 204
    assert refused(Client(house, rotated.json()["secret"]).get("/shows/keyed/feed"), 401)
    for name in ("nothing", "k" + "0" * 12, "%2e%2e"):
        assert refused(ops.delete(f"/shows/keyed/keys/{name}"), 404)
    assert refused(ops.post("/shows/keyed/keys", {"role": "third"}), 422, field="role")
    assert refused(ops.post("/shows/keyed/keys", {"secret": "mine"}), 422, field="secret")
    assert ops.get("/shows/show/keys").json()["keys"][0]["isFromSettings"] is True


def test_a_revoked_key_cuts_its_feed(house, ops, publish):
    ops.show("cut", isScheduled=True, startsWithFeed=True, rehearsal=False)
    key = ops.made("/shows/cut/keys", {"role": "primary"})
    host = publish(house, "small", url=f"rtmp://127.0.0.1:{house.rtmp_port}/live/{key['secret']}")
    wait_until(lambda: ops.get("/shows/cut").json()["state"] == "live", 20, "the feed starts the show")
    status = ops.get("/status").json()
    assert "cut" in [item["id"] for item in status["shows"]] and status["disk"]["freeBytes"] > 0
    assert refused(ops.post("/shows/cut/feed/switch", {"role": "backup"}), 409, "no backup feed")
    assert ops.post("/shows/cut/feed/switch", {"role": "primary"}).status_code == 200
    assert ops.post("/shows/cut/preview").json()["playlist"].startswith("/live/preview-")
    assert ops.delete(f"/shows/cut/keys/{key['id']}").status_code == 204
    wait_until(lambda: not host.is_running(), 15, "the host is cut off")
    assert ops.post("/shows/cut/end").json() == {"state": "ended"}
    kinds = {event["kind"] for event in ops.get("/shows/cut/timeline").json()["events"]}
    assert {"state", "feed"} <= kinds


def test_a_timeline_is_noted_and_read_from_anywhere(ops):
    ops.show("noted")
    for n in range(5):
        event = ops.post("/shows/noted/timeline", {"kind": "note", "payload": {"text": f"note {n}"}})
        assert event.status_code == 201
    assert event.json()["actor"].startswith("token:") and event.json()["kind"] == "note"
    page = ops.get("/shows/noted/timeline", params={"limit": 3}).json()
    assert [e["kind"] for e in page["events"]] == ["state", "note", "note"], "made, and noted"
    assert [e["payload"]["text"] for e in page["events"][1:]] == ["note 0", "note 1"]
    rest = ops.get("/shows/noted/timeline", params={"after": page["events"][-1]["sequence"]}).json()
    assert [e["sequence"] for e in page["events"] + rest["events"]] == list(range(1, page["last"] + 1))
    assert ops.get("/shows/noted/timeline", params={"after": page["last"]}).json()["events"] == []
    assert refused(ops.post("/shows/noted/timeline", {"kind": "state", "payload": {}}), 422, field="kind")
    assert refused(ops.post("/shows/noted/timeline", {"kind": "note", "payload": {"text": ""}}), 422, field="payload.text")
    assert refused(ops.post("/shows/noted/timeline", {"kind": "note", "payload": "x"}), 422, field="payload")
    assert refused(ops.get("/shows/noted/timeline", params={"after": -1}), 400, field="after")


def test_roles_are_given_and_taken(ops):
    ops.show("staffed")
    person = ops.person("staff")["id"]
    place = f"/shows/staffed/members/{person}"
    assert refused(ops.get(place), 404, "no role")
    assert ops.put(place, {"role": "interpreter", "languages": ["pt-br", "es"]}).json()["languages"] == ["pt-BR", "es"]
    assert refused(ops.put(place, {"role": "host", "languages": ["es"]}), 422, field="languages")
    assert refused(ops.put(place, {"role": "chief"}), 422, field="role")
    assert refused(ops.put(place, {}), 422, field="role")
    assert ops.put(place, {"role": "host"}).status_code == 200
    assert ops.get("/shows/staffed").json()["hosts"] == [person]
    assert ops.get("/shows/staffed/members").json()["members"][0]["role"] == "host"
    assert ops.get(f"/people/{person}").json()["roles"] == {"staffed": "host"}
    assert ops.delete(place).status_code == 204
    assert refused(ops.delete(place), 404)
    assert refused(ops.put("/shows/staffed/members/p" + "0" * 12, {"role": "host"}), 404)


# People and sessions

def test_a_person_from_invitation_to_erasure(house, ops):
    person = ops.made("/people", {"login": "Maria@Shop.example", "name": "María", "language": "es"})
    assert person["login"] == "maria@shop.example" and person["isOperator"] is False
    assert refused(ops.post("/people", {"login": "maria@shop.example"}), 409, "login")
    assert refused(ops.post("/people", {"login": "no spaces"}), 422, field="login")
    invitation = ops.post(f"/people/{person['id']}/invitation")
    assert invitation.status_code == 201
    old = invitation.json()["link"].removeprefix("/welcome/")
    secret = ops.made(f"/people/{person['id']}/invitation")["link"].removeprefix("/welcome/")
    browser = Client(house, **{"User-Agent": "Test/1"})
    assert refused(browser.post("/welcome", {"secret": old, "password": PASSWORD}), 404, "not good"), "void by the newer"
    assert refused(browser.post("/welcome", {"secret": secret, "password": "short"}), 422, field="password")
    assert refused(browser.post("/welcome", {"secret": secret, "password": "aaaaaaaaaaaa"}), 422, field="password")
    taken = browser.post("/welcome", {"secret": secret, "password": PASSWORD, "name": "María B."})
    assert taken.status_code == 200 and taken.json()["person"]["name"] == "María B."
    cookie = taken.headers["set-cookie"]
    for part in ("shopcast_session=", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie, "there is no HTTPS here"
    assert refused(browser.post("/welcome", {"secret": secret, "password": PASSWORD}), 404), "once"
    me = browser.get("/session").json()
    assert me["kind"] == "person" and me["csrf"] == taken.json()["csrf"]
    browser.csrf = me["csrf"]
    assert browser.get(f"/people/{person['id']}").json()["name"] == "María B."
    assert browser.patch(f"/people/{person['id']}", {"language": "pt"}).json()["language"] == "pt"
    assert refused(browser.patch(f"/people/{person['id']}", {"isOperator": True}), 403)
    assert refused(browser.patch(f"/people/{person['id']}", {"login": "boss"}), 403)
    second = Client(house)
    assert second.sign_in("MARIA@shop.example ", PASSWORD, next="//evil.example").status_code == 200
    assert second.get("/session").json()["person"]["id"] == person["id"]
    assert refused(browser.post("/password", {"current": "wrong wrong", "new": "another long one"}), 422, field="current")
    assert refused(browser.post("/password", {"current": PASSWORD, "new": "tiny"}), 422, field="new")
    assert browser.post("/password", {"current": PASSWORD, "new": "another long one"}).status_code == 204
    assert browser.get("/session").status_code == 200, "this one stays"
    assert refused(second.get("/session"), 401), "others end"
    export = ops.get(f"/people/{person['id']}/export")
    assert export.status_code == 200 and "maria@shop.example" in export.text
    assert "argon2" not in export.text and me["csrf"] not in export.text
    assert browser.get(f"/people/{person['id']}/export").status_code == 200, "one's own"
    assert ops.delete(f"/people/{person['id']}").status_code == 204
    assert refused(browser.get("/session"), 401)
    assert refused(ops.get(f"/people/{person['id']}"), 404)
    assert "maria@shop.example" not in ops.get("/audit", params={"limit": 200}).text


def test_signing_out_ends_the_session(house, ops):
    ops.person("leaver", PASSWORD)
    browser = Client(house)
    signed = browser.sign_in("leaver", PASSWORD, next="/console#/shows")
    assert signed.json()["next"] == "/console#/shows"
    cookie = {"Cookie": f"shopcast_session={browser.http.cookies['shopcast_session']}"}
    assert browser.delete("/session").status_code == 204
    assert refused(Client(house, **cookie).get("/session"), 401)
    assert Client(house).delete("/session").status_code == 204
    assert Client(house, **cookie).get("/shows").status_code == 200, "an old cookie does no harm"


def test_who_is_disabled_is_out_at_once(house, ops):
    person = ops.person("gone", PASSWORD)
    browser = Client(house)
    browser.sign_in("gone", PASSWORD)
    token = ops.made(f"/people/{person['id']}/tokens", {"name": "t", "scopes": ["all"]})["secret"]
    program = Client(house, token)
    assert program.get("/session").status_code == 200
    assert ops.patch(f"/people/{person['id']}", {"isDisabled": True}).json()["isDisabled"] is True
    assert refused(browser.get("/session"), 401) and refused(program.get("/session"), 401)
    assert refused(Client(house).sign_in("gone", PASSWORD), 401, "login or the password")


def test_the_last_operator_stays(house, ops):
    people = [p for p in ops.get("/people", params={"limit": 200}).json()["people"] if p["isOperator"]]
    me = ops.get("/session").json()["person"]["id"]
    for other in people:
        if other["id"] != me:
            assert ops.delete(f"/people/{other['id']}").status_code == 204
    assert refused(ops.delete(f"/people/{me}"), 409)
    assert refused(ops.patch(f"/people/{me}", {"isOperator": False}), 409)
    assert refused(ops.patch(f"/people/{me}", {"isDisabled": True}), 409)


def test_tokens_are_told_once_and_never_grow(house, ops):
    me = ops.get("/session").json()
    assert me["kind"] == "token" and me["scopes"] == ["all"]
    place = f"/people/{me['person']['id']}/tokens"
    made = ops.made(place, {"name": "people", "scopes": ["people"], "expiresAt": instant(days=1)})
    assert made["secret"].startswith("sc_")
    small = Client(house, made["secret"])
    assert refused(small.post(place, {"name": "more", "scopes": ["all"]}), 403, "more than itself")
    assert small.post(place, {"name": "same", "scopes": ["people"]}).status_code == 201
    assert made["secret"] not in ops.get(place).text
    assert refused(ops.post(place, {"name": "t", "scopes": []}), 422, field="scopes")
    assert refused(ops.post(place, {"name": "t", "scopes": ["everything"]}), 422)
    assert refused(ops.post(place, {"name": "t", "scopes": ["read"], "expiresAt": instant(days=-1)}), 422, field="expiresAt")
    assert ops.delete(f"{place}/{made['id']}").status_code == 204
    assert refused(small.get("/session"), 401, "revoked")
    assert refused(ops.delete(f"{place}/t{'0' * 12}"), 404)


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


# The whole

def test_methods_that_an_address_does_not_take(ops, house, nobody):
    document = yaml.safe_load(house.http.get(house.url(f"{BASE}/openapi.yaml")).text)
    values = {"show": "show", "person": "p" + "a" * 12, "key": "k" + "a" * 12, "token": "t" + "a" * 12,
              "hook": "h" + "a" * 12, "delivery": "d" + "a" * 20}
    for path, item in document["paths"].items():
        if path == "/beats":
            continue  # It is served apart from the others.
        place = path.format(**values)
        taken = {m.upper() for m in item if m != "parameters"}
        allow = ops.ask("OPTIONS", place)
        assert allow.status_code == 204
        assert set(allow.headers["allow"].split(", ")) == taken | ({"HEAD"} if "GET" in taken else set())
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
    server = launch([], ladder=LADDER)
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
