"""Every route of the API for everybody who could ask: let in, or kept out, and told as little as that takes."""
import httpx
import pytest
import yaml

from api import BASE, Client, instant, operator
from chat_client import Stream
from deadline import wait_until

PASSWORD = "correct horse battery"
NOBODYS = "p" + "0" * 12
SHOW = "evening"

EVERYBODY = {"nobody", "key", "host", "stranger", "moderator", "interpreter", "operator", "reader"}
PEOPLE = EVERYBODY - {"nobody", "key"}
MODERATING = {"operator", "host", "moderator", "key"}
#: For each operation: what it is asked with, how it answers whom it lets in (nothing is changed by it), and who that is.
#: The show is cancelled, so that no move is possible and all can be tried.
WRONG = {"json": {"?": 1}}
STALE = {"json": {"tags": []}, "headers": {"If-Match": '"r0"'}}
OPERATIONS = {
    "POST /session": (WRONG, 422, EVERYBODY),
    "GET /session": ({}, 200, EVERYBODY - {"nobody"}),
    "DELETE /session": ({}, 204, EVERYBODY),
    "POST /welcome": (WRONG, 422, EVERYBODY),
    "POST /password": (WRONG, 422, PEOPLE - {"reader"}),
    "GET /shows": ({}, 200, EVERYBODY),
    "POST /shows": (WRONG, 422, {"operator"}),
    "GET /shows/{show}": ({}, 200, EVERYBODY),
    "PATCH /shows/{show}": (STALE, 412, {"operator", "host"}),
    "DELETE /shows/{show}": ({"headers": {"If-Match": '"r0"'}}, 412, {"operator"}),
    "POST /shows/{show}/schedule": ({}, 409, {"operator", "host"}),
    "POST /shows/{show}/cancel": ({}, 409, {"operator", "host"}),
    "POST /shows/{show}/rehearse": ({}, 409, {"operator", "host", "key"}),
    "POST /shows/{show}/go-live": ({}, 409, {"operator", "host", "key"}),
    "POST /shows/{show}/end": ({}, 409, {"operator", "host", "key"}),
    "POST /shows/{show}/reopen": ({}, 409, {"operator", "host"}),
    "GET /shows/{show}/feed": ({}, (200, 409), {"operator", "host", "key", "reader"}),
    "POST /shows/{show}/feed/switch": (WRONG, 422, {"operator", "host"}),
    "POST /shows/{show}/preview": ({}, (200, 409), {"operator", "host", "key", "moderator", "interpreter"}),
    "GET /shows/{show}/quality": ({}, 200, {"operator", "host", "reader"}),
    "GET /shows/{show}/quality.csv": ({}, 200, {"operator", "host", "reader"}),
    "GET /shows/{show}/cover": ({}, 404, EVERYBODY),
    "PUT /shows/{show}/cover": ({"content": b"x", "headers": {"Content-Type": "image/png"}}, 422, {"operator", "host"}),
    "DELETE /shows/{show}/cover": ({}, 204, {"operator", "host"}),
    "GET /shows/{show}/keys": ({}, 200, {"operator", "host"}),
    "POST /shows/{show}/keys": (WRONG, 422, {"operator", "host"}),
    "DELETE /shows/{show}/keys/{key}": ({}, 404, {"operator", "host"}),
    "POST /shows/{show}/keys/{key}/rotate": ({}, 404, {"operator", "host"}),
    "GET /shows/{show}/timeline": ({}, 200, {"operator", "host", "moderator", "interpreter", "reader"}),
    "POST /shows/{show}/timeline": (WRONG, 422, {"operator", "host", "moderator"}),
    "GET /shows/{show}/chat": ({}, 200, EVERYBODY),
    "PATCH /shows/{show}/chat": ({"json": {"hold": False}, "headers": {"If-Match": '"r0"'}}, 412, MODERATING),
    "POST /shows/{show}/chat/link": ({}, 200, MODERATING),
    "POST /shows/{show}/chat/guest": (WRONG, 422, EVERYBODY),
    "GET /shows/{show}/chat/messages": ({}, 200, EVERYBODY),
    "POST /shows/{show}/chat/messages": (WRONG, 422, EVERYBODY),
    "PATCH /shows/{show}/chat/messages/{message}": (WRONG, 422, EVERYBODY),
    "DELETE /shows/{show}/chat/messages/{message}": ({}, 404, EVERYBODY),
    "POST /shows/{show}/chat/messages/{message}/approve": ({}, 404, MODERATING),
    "POST /shows/{show}/chat/messages/{message}/reject": ({}, 404, MODERATING),
    "POST /shows/{show}/chat/messages/{message}/pin": ({}, 404, MODERATING),
    "POST /shows/{show}/chat/messages/{message}/answer": ({"json": {}}, 404, MODERATING),
    "DELETE /shows/{show}/chat/pin": ({}, 204, MODERATING),
    "POST /shows/{show}/chat/clear": ({}, 204, MODERATING),
    "GET /shows/{show}/chat/queue": ({}, 200, MODERATING),
    "GET /shows/{show}/chat/questions": ({}, 200, MODERATING),
    "GET /shows/{show}/chat/sanctions": ({}, 200, MODERATING),
    "POST /shows/{show}/chat/sanctions": (WRONG, 422, MODERATING),
    "DELETE /shows/{show}/chat/sanctions/{sanction}": ({}, 404, MODERATING),
    "DELETE /shows/{show}/chat/authors/{author}": ({}, 204, MODERATING),
    "GET /shows/{show}/chat/export": ({}, 200, MODERATING - {"key"}),
    "GET /shows/{show}/glossary": ({}, 200, MODERATING - {"key"} | {"interpreter"}),
    "PUT /shows/{show}/glossary": (
        {"json": {"terms": []}, "headers": {"If-Match": '"r9"'}}, 412, MODERATING - {"key"} | {"interpreter"}),
    "GET /shows/{show}/captions": ({}, 200, EVERYBODY),
    "GET /shows/{show}/captions/{language}/cues": ({}, 200, EVERYBODY),
    "POST /shows/{show}/captions/{language}/cues": (WRONG, 422, {"operator", "host", "interpreter"}),
    "PATCH /shows/{show}/captions/{language}/cues/{cue}": (WRONG, 422, {"operator", "host", "interpreter"}),
    "DELETE /shows/{show}/captions/{language}/cues/{cue}": ({}, 404, {"operator", "host", "interpreter"}),
    "GET /shows/{show}/captions/{language}/file": ({}, 200, {"operator", "host", "interpreter"}),
    "PUT /shows/{show}/captions/{language}/file": (
        {"content": b"x", "headers": {"Content-Type": "text/vtt"}}, 422, {"operator", "host", "interpreter"}),
    "POST /shows/{show}/captions/{language}/start": ({}, 409, {"operator", "host"}),
    "POST /shows/{show}/captions/{language}/stop": ({}, 409, {"operator", "host"}),
    "GET /shows/{show}/members": ({}, 200, {"operator"}),
    "GET /shows/{show}/members/{person}": ({}, 404, {"operator"}),
    "PUT /shows/{show}/members/{person}": (WRONG, 422, {"operator"}),
    "DELETE /shows/{show}/members/{person}": ({}, 404, {"operator"}),
    "GET /people": ({}, 200, {"operator", "reader"}),
    "POST /people": (WRONG, 422, {"operator"}),
    "GET /people/{person}": ({}, 200, {"operator", "reader"}),
    "PATCH /people/{person}": (WRONG, 422, {"operator"}),
    "DELETE /people/{nobodys}": ({}, 404, {"operator"}),
    "GET /people/{person}/export": ({}, 200, {"operator"}),
    "POST /people/{nobodys}/invitation": ({}, 404, {"operator"}),
    "GET /people/{person}/tokens": ({}, 200, {"operator"}),
    "POST /people/{person}/tokens": (WRONG, 422, {"operator"}),
    "DELETE /people/{person}/tokens/{token}": ({}, 404, {"operator"}),
    "GET /viewers/{viewer}": ({}, 404, {"operator"}),
    "DELETE /viewers/{viewer}": ({}, 404, {"operator"}),
    "GET /hooks": ({}, 200, {"operator"}),
    "POST /hooks": (WRONG, 422, {"operator"}),
    "GET /hooks/{hook}": ({}, 404, {"operator"}),
    "PATCH /hooks/{hook}": (WRONG, 404, {"operator"}),
    "DELETE /hooks/{hook}": ({}, 404, {"operator"}),
    "POST /hooks/{hook}/test": ({}, 404, {"operator"}),
    "POST /hooks/{hook}/rotate": ({}, 404, {"operator"}),
    "GET /hooks/{hook}/deliveries": ({}, 404, {"operator"}),
    "POST /hooks/{hook}/deliveries/{delivery}/retry": ({}, 404, {"operator"}),
    "GET /audit": ({}, 200, {"operator", "reader"}),
    "GET /status": ({}, 200, {"operator", "reader"}),
    "GET /openapi.yaml": ({}, 200, EVERYBODY),
}
#: What has no end: who is let in is told `hello` first. The show is cancelled: it is for those who work on it.
STREAMS = {"GET /shows/{show}/events": (PEOPLE | {"key"}) - {"stranger"}}


@pytest.fixture(scope="module")
def house(launch_once):
    return launch_once([])


@pytest.fixture(scope="module")
def cast(house):
    """Everybody who could ask, and the id of somebody whom they ask about."""
    ops = operator(house)
    ops.show(SHOW, isScheduled=True, captions=[{"language": "es"}])
    ops.show("elsewhere", isScheduled=True)
    key = ops.made(f"/shows/{SHOW}/keys", {})["secret"]
    cast = {"nobody": Client(house), "key": Client(house, key), "operator": ops}
    for name, show, role in (("host", SHOW, "host"), ("stranger", "elsewhere", "host"),
                             ("moderator", SHOW, "moderator"), ("interpreter", SHOW, "interpreter")):
        person = ops.person(name, PASSWORD)
        more = {"languages": ["es"]} if role == "interpreter" else {}
        assert ops.put(f"/shows/{show}/members/{person['id']}", {"role": role, **more}).status_code == 200
        cast[name] = Client(house)
        assert cast[name].sign_in(name, PASSWORD).status_code == 200
    me = ops.get("/session").json()["person"]["id"]
    def token(person, **more):
        return ops.made(f"/people/{person}/tokens", {"name": "t", "scopes": ["all"], **more})["secret"]
    cast["reader"] = Client(house, token(me, scopes=["read"]))
    cast["expired"] = Client(house, token(me, expiresAt=instant(minutes=1 / 30)))
    left = ops.person("left")["id"]
    cast["disabled"] = Client(house, token(left))
    assert ops.patch(f"/people/{left}", {"isDisabled": True}).status_code == 200
    assert ops.post(f"/shows/{SHOW}/cancel").status_code == 200
    cast["somebody"] = ops.person("somebody")["id"]
    far = from_address(cast["expired"], 250)
    wait_until(lambda: far.get("/session").status_code == 401, 10, "the token runs out", every=0.5)
    return cast


def from_address(client, number):
    """The same, from another address: who is not known is slowed down by address."""
    other = Client(client.server)
    other.http = httpx.Client(
        base_url=client.server.url(), headers=client.http.headers,
        transport=httpx.HTTPTransport(local_address=f"127.0.0.{number}"))
    return other


def place(path, cast):
    return path.format(show=SHOW, person=cast["somebody"], nobodys=NOBODYS, language="es", cue=9,
                       key="k" + "0" * 12, token="t" + "0" * 12,
                       hook="h" + "0" * 12, delivery="d" + "0" * 20, viewer="0" * 32,
                       message="m" + "0" * 12, sanction="s" + "0" * 12, author="g_" + "0" * 16)


def expected(who, operation, path):
    """How somebody is refused."""
    if who == "nobody" or (who == "key" and operation in SIGNED_IN):
        return 401
    # Nobody learns who else there is.
    return 404 if "/people/{person}" in path else 403


SIGNED_IN = {o for o in OPERATIONS if "/people/{person}" in o} | {"POST /password"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_who_is_let_in(cast, operation):
    options, inside, admitted = OPERATIONS[operation]
    method, path = operation.split(" ")
    for who in sorted(EVERYBODY):
        if operation == "DELETE /session" and who in PEOPLE - {"operator", "reader"}:
            continue  # Their sessions are needed by what follows.
        answer = cast[who].ask(method, place(path, cast), **options)
        allowed = inside if isinstance(inside, tuple) else (inside,)
        if who in admitted:
            assert answer.status_code in allowed, (who, operation, answer.status_code, answer.text[:200])
        else:
            assert answer.status_code == expected(who, operation, path), (who, operation, answer.text[:200])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_good_no_more_opens_nothing(cast, operation):
    options, _, _ = OPERATIONS[operation]
    method, path = operation.split(" ")
    number = list(OPERATIONS).index(operation)
    for who in ("expired", "disabled"):
        client = from_address(cast[who], 2 + number)
        answer = client.ask(method, place(path, cast), **options)
        assert answer.status_code == 401, (who, operation, answer.text[:200])
        assert answer.headers["www-authenticate"].startswith("Bearer")
        client.close()


@pytest.mark.parametrize("operation", STREAMS)
def test_whom_a_stream_is_opened_to(house, cast, operation):
    def first(client, show):
        headers = [f"{name}: {client.http.headers[name]}" for name in ("authorization",) if name in client.http.headers]
        headers += ["Cookie: " + "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())]
        stream = Stream(house, show, headers=headers)
        try:
            wait_until(lambda: stream.receive(0.5) or stream.head, 10, "an answer", every=0.01)
            status = int(stream.head.split()[1])
            if status != 200:
                return status
            wait_until(lambda: stream.all or stream.receive(0.5), 10, "a word", every=0.01)
            return stream.all[0]["type"], stream.all[0].get("code")
        finally:
            stream.close()
    for who in sorted(EVERYBODY):
        told = first(cast[who], SHOW)
        if who in STREAMS[operation]:
            assert told == ("hello", None), who
        else:
            assert told in (404, ("bye", 1008)), who
        assert first(cast[who], "elsewhere") == ("hello", None), f"{who} reads what is for everybody"
    for who in ("expired", "disabled"):
        for place in (SHOW, "elsewhere"):
            assert first(cast[who], place) == ("bye", 1008), who


def test_no_route_is_left_out(house, cast):
    document = yaml.safe_load(house.http.get(house.url(f"{BASE}/openapi.yaml")).text)
    described = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item if method != "parameters"}
    # Players of viewers speak to it, and it does not look who they are.
    assert described - {"POST /beats"} == {operation.replace("{nobodys}", "{person}") for operation in {*OPERATIONS, *STREAMS}}
