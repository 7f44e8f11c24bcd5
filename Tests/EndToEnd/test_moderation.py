"""Messages that wait for a moderator: who runs the room hears of them at once, over every kind of line and on their pages, which
ask for nothing meanwhile; nobody else does, nor who did so a moment ago."""
import base64
import contextlib

import pytest
from websockets.exceptions import InvalidStatus

from api import Client, operator
from chat_client import Chat, Stream
from deadline import wait_until
from page_browser import Visit
from server import show

PASSWORD = "correct horse battery"
SHOW, KEY = "evening", "streamkey-evening"
PLACE = f"/shows/{SHOW}/chat"
WIDE = {"burst": 10000, "perSecond": 10000}
LIMITS = {"author": WIDE, "address": WIDE, "room": WIDE, "guests": WIDE}
NO_SOCKETS = "window.WebSocket = class { constructor() { throw new DOMException('blocked', 'SecurityError'); } };"


@pytest.fixture(scope="module")
def house(launch_once):
    return launch_once([show(SHOW), show("elsewhere")], chat=LIMITS)


@pytest.fixture(scope="module")
def ops(house):
    client = operator(house)
    assert client.patch(PLACE, {"hold": True}).status_code == 200
    yield client
    client.close()


@pytest.fixture
def guest(house):
    """Somebody with a display name, whose words wait for a moderator."""
    guest = Client(house)
    made = guest.made(f"{PLACE}/guest", {"name": "Ana"})
    guest.http.headers["Authorization"] = f"Guest {made['guest']}"
    guest.secret = made["guest"]

    def waits(text):
        answer = guest.post(f"{PLACE}/messages", {"text": text})
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]
    guest.waits = waits
    yield guest
    guest.close()


@pytest.fixture
def line(house):
    """Makes readers that are gone at the test's end."""
    with contextlib.ExitStack() as held:
        def make(kind=Chat, **options):
            made = kind(house, SHOW, **options)
            held.callback(made.close)
            return made
        yield make


def signed_in(house, ops, name, role=None, show=SHOW, **more):
    """A browser's session, of somebody with this role in a show; `cookie` and `bearer` are header fields for lines."""
    person = ops.person(name, PASSWORD)
    if role:
        assert ops.put(f"/shows/{show}/members/{person['id']}", {"role": role, **more}).status_code == 200
    client = Client(house)
    assert client.sign_in(name, PASSWORD).status_code == 200
    client.id = person["id"]
    client.cookie = {"Cookie": f"shopcast_session={client.http.cookies['shopcast_session']}"}
    return client


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def as_subprotocol(key):
    """As pages show a key, whose sockets have no header fields of their own."""
    return ["shopcast.v1", "shopcast.bearer." + base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")]


def kinds(line):
    return [event["type"] for event in line.all]


def test_who_runs_the_room_hears_of_it_at_once_and_nobody_else(house, ops, line, guest):
    token = ops.http.headers["Authorization"].split()[1]
    me = ops.get("/session").json()["person"]["id"]
    only_reads = ops.made(f"/people/{me}/tokens", {"name": "reads", "scopes": ["read"]})["secret"]
    host, moderator, interpreter, stranger = [
        signed_in(house, ops, f"{role}-{place}", role, place, **more) for role, place, more in [
            ("host", SHOW, {}), ("moderator", SHOW, {}), ("interpreter", SHOW, {"languages": ["es"]}), ("host", "elsewhere", {})]]
    staff = {
        "an operator": line(headers=bearer(token)),
        "a host": line(headers=host.cookie),
        "a moderator": line(headers=moderator.cookie),
        "the key": line(headers=bearer(KEY)),
        "the key, from a page": line(subprotocols=as_subprotocol(KEY)),
        "a token, from a page": line(subprotocols=as_subprotocol(token)),
        "the key, by events": line(Stream, headers=[f"Authorization: Bearer {KEY}"]),
        "a moderator, by events": line(Stream, headers=[f"Cookie: {moderator.cookie['Cookie']}"]),
    }
    others = {
        "nobody": line(), "nobody, by events": line(Stream),
        "who wrote it": line(guest=guest.secret),
        "who wrote it, by events": line(Stream, headers=[f"Authorization: Guest {guest.secret}"]),
        "an interpreter": line(headers=interpreter.cookie),
        "another show's host": line(headers=stranger.cookie),
        "another show's key": line(headers=bearer("streamkey-elsewhere")),
        "a token that only reads": line(headers=bearer(only_reads)),
    }
    assert staff["the key, from a page"].socket.subprotocol == "shopcast.v1"
    for name, stream in {**staff, **others}.items():
        if isinstance(stream, Stream):
            stream.hello = stream.until("hello")
        assert (stream.hello["you"].get("badge") in ("host", "moderator", "operator")) == (name in staff), name
    approved, rejected, taken_back = [guest.waits(f"May I say this, {what}?") for what in "abc"]
    for name, one in staff.items():
        for id, text in ((approved, "May I say this, a?"), (rejected, "May I say this, b?"), (taken_back, "May I say this, c?")):
            event = one.until("held", id=id)
            assert event["text"] == text and event["heldFor"] == "review" and event["author"]["name"] == "Ana", name
            assert "seq" not in event or event["seq"] == 0, name
    assert host.post(f"{PLACE}/messages/{approved}/approve").status_code == 200
    assert moderator.post(f"{PLACE}/messages/{rejected}/reject").status_code == 204
    assert guest.delete(f"{PLACE}/messages/{taken_back}").status_code == 204
    for one in staff.values():
        assert [one.until("released")["id"] for _ in range(3)] == [approved, rejected, taken_back]
    # What comes to everybody comes behind it.
    marker = host.made(f"{PLACE}/messages", {"text": "Heard by everybody"})["id"]
    for name, one in {**staff, **others}.items():
        one.until("message", id=marker)
        assert [e["id"] for e in one.messages()] == [approved, marker], name
        if name in others:
            assert not {"held", "released"} & set(kinds(one)), name
            assert rejected not in str(one.all) and taken_back not in str(one.all), name


def test_who_may_no_more_hears_no_more_and_who_may_now_does(house, ops, line, guest):
    """Without a word of theirs: what is changed reaches lines that stand."""
    host = line(headers=bearer(KEY))
    gone, signed_out, promoted = [signed_in(house, ops, name, role) for name, role in (
        ("gone", "moderator"), ("signed-out", "moderator"), ("promoted", None))]
    token = ops.made(f"/people/{gone.id}/tokens", {"name": "t", "scopes": ["all"]})
    lines = {
        "gone": line(headers=gone.cookie), "gone, by events": line(Stream, headers=[f"Cookie: {gone.cookie['Cookie']}"]),
        "signed out": line(headers=signed_out.cookie)}
    revoked, promoted_line = line(headers=bearer(token["secret"])), line(headers=promoted.cookie)
    first = guest.waits("Before anything changes")
    for one in (host, revoked, *lines.values()):
        one.until("held", id=first)
    assert ops.delete(f"/people/{gone.id}/tokens/{token['id']}").status_code == 204
    assert revoked.until_closed() == 1008
    assert ops.delete(f"/shows/{SHOW}/members/{gone.id}").status_code == 204
    assert signed_out.delete("/session").status_code == 204
    assert ops.put(f"/shows/{SHOW}/members/{promoted.id}", {"role": "moderator"}).status_code == 200
    number = iter(range(1000))

    def is_known():
        """Whether a message that waits now is heard by exactly who may."""
        n = next(number)
        id = guest.waits(f"After the change, {n}")
        host.until("held", id=id)
        marker = ops.made(f"{PLACE}/messages", {"text": f"Heard by everybody, {n}"})["id"]
        for one in (*lines.values(), promoted_line):
            one.until("message", id=marker)
        heard = [name for name, one in lines.items() if id in [e["id"] for e in one.all if e["type"] == "held"]]
        return heard == [] and id in [e["id"] for e in promoted_line.all if e["type"] == "held"]
    wait_until(is_known, 10, "who may hear of what waits is known", every=0.1)
    # Who loses what let them in here at all is shown out.
    ops.show("hidden")
    assert ops.put(f"/shows/hidden/members/{promoted.id}", {"role": "moderator"}).status_code == 200
    hidden = Chat(house, "hidden", headers=promoted.cookie)
    assert ops.delete(f"/shows/hidden/members/{promoted.id}").status_code == 204
    assert hidden.until_closed() == 1008
    hidden.close()


def test_what_opens_nothing_is_no_way_in(house, line):
    for shown in (as_subprotocol("no-key-at-all"), ["shopcast.v1", "shopcast.bearer.!!"], ["shopcast.bearer."]):
        stranger = line(says_hello=False, subprotocols=shown)
        stranger.say(type="hello", v=1)
        assert stranger.until_closed() == 1008, shown
    # Nor for pages of other sites, with a good key or without.
    with pytest.raises(InvalidStatus) as refused:
        line(origin="https://evil.example", subprotocols=as_subprotocol(KEY))
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("way", ["sockets", "events"])
@pytest.mark.parametrize("page", ["studio", "console"])
def test_the_queue_of_a_page_follows_the_line(house, ops, guest, browser, page, way):
    for message in ops.get(f"{PLACE}/queue").json()["messages"]:
        ops.post(f"{PLACE}/messages/{message['id']}/reject")
    earlier = guest.waits(f"Before the page was opened, {page} {way}")
    with Visit(browser, house.url(), locale="en-US") as visit:
        asked = []
        visit.page.on("request", lambda request: asked.append(request.url) if "/chat/queue" in request.url else None)
        if way == "events":
            visit.context.add_init_script(NO_SOCKETS)
        if page == "studio":
            visit.open(f"/studio/{SHOW}")
            visit.page.fill("#key", KEY)
            visit.page.click("#enter")
        else:
            person = signed_in(house, ops, f"m-{way}", "moderator")
            name, _, value = person.cookie["Cookie"].partition("=")
            visit.context.add_cookies([{"name": name, "value": value, "url": house.url()}])
            visit.open(f"/console#/shows/{SHOW}/chat")
        visit.page.wait_for_selector(".chat[data-line=open]", timeout=30_000)
        held = visit.page.locator(".desk-part").nth(1).locator(".desk-item")
        wait_until(lambda: held.evaluate_all("all => all.map((item) => item.dataset.id)") == [earlier], 10, "what waited before is there")
        wait_until(lambda: len(asked) == 2, 5, "it was asked for at first, and when the line stood")
        ids = [guest.waits(f"While it is open, {page} {way} {n}") for n in range(3)]
        wait_until(lambda: held.count() == 4, 3, "what waits is told", every=0.05)
        assert held.evaluate_all("all => all.map((item) => item.dataset.id)") == [earlier, *ids]
        held.nth(1).get_by_role("button", name="Show it").click()
        held.nth(0).get_by_role("button", name="Reject").click()
        wait_until(lambda: held.count() == 2, 3, "what was decided is gone", every=0.05)
        # Somebody else decides, or its author takes it back.
        ops.post(f"{PLACE}/messages/{ids[1]}/reject")
        guest.delete(f"{PLACE}/messages/{ids[2]}")
        wait_until(lambda: held.count() == 0, 3, "what others decided is gone", every=0.05)
        visit.page.locator(".chat-list .msg", has_text=f"While it is open, {page} {way} 0").wait_for(timeout=5000)
        if way == "sockets":
            visit.wait(5)  # A page that asks now and then would have done so.
        assert len(asked) == 2, "the line tells all of it"
        assert visit.serious_complaints == []
