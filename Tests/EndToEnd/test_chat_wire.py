"""The chat's wire with clients that are not ours: WebSocket and server-sent events, what is hostile, slow or cut off."""
import contextlib
import json
import signal
import socket

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

import api
from chat_client import Chat, Raw, Stream, close_frame, frame, trusting
from deadline import wait_until
from server import show

OPEN = {"burst": 100_000, "perSecond": 100_000}
# Nobody is held up by what bounds one writer: that is tested elsewhere.
UNBOUND = {"author": OPEN, "address": OPEN, "room": OPEN, "guests": OPEN}
SHOWS = [show(), show("other"), show("quiet"), show("flooded"), show("slow"), show("counted")]


@pytest.fixture(scope="module")
def server(launch_once):
    return launch_once(
        SHOWS, tls=True, chat={
            **UNBOUND, "readers": {
                "perAddress": 200, "backlogKilobytes": 64, "words": OPEN, "sample": {"burst": 40, "perSecond": 20}}})


@pytest.fixture
def chat(server):
    """Makes readers that are gone at the test's end."""
    with contextlib.ExitStack() as held:
        def make(kind=Chat, *arguments, **options):
            made = kind(server, *arguments, **options)
            held.callback(made.close)
            return made
        yield make


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
def test_what_one_writes_all_read(chat, secure):
    writer = chat(secure=secure, subprotocols=["shopcast.v1"])
    reader = chat(secure=secure, language="es")
    assert writer.socket.subprotocol == "shopcast.v1"
    assert writer.hello["v"] == 1 and writer.hello["you"]["canWrite"] is False
    assert set(writer.hello["mode"]) == {"slowSeconds", "writing", "links", "hold"}
    refused = writer.send("Hello before I have a name")
    assert refused["type"] == "refused" and refused["code"] == "read-only"
    you = writer.name("Ana")
    assert you["name"] == "Ana" and you["canWrite"] and you["guest"]
    text = f"Hello {secure} «quoted» \\ \"x\" <b>é 你好 🎉"
    ack = writer.send(text, id="first")
    assert ack["type"] == "ack", ack
    heard = reader.until("message", id=ack["message"]["id"])
    assert (heard.get("original") or heard)["text"] == text
    assert heard["author"] == {"id": you["id"], "name": "Ana"}
    own = writer.until("message", id=ack["message"]["id"])
    assert own["seq"] == heard["seq"] == ack["message"]["seq"]
    # The same once more is the same message.
    again = writer.send(text, id="first")
    assert again["message"]["id"] == ack["message"]["id"]
    marker = writer.send(f"A message after it, {secure}")["message"]
    reader.until("message", id=marker["id"])
    assert [m["id"] for m in reader.messages()].count(ack["message"]["id"]) == 1
    # A name comes back with its secret.
    back = chat(secure=secure, guest=you["guest"])
    assert back.hello["you"]["id"] == you["id"] and back.hello["you"]["canWrite"]
    assert back.hello["messages"][-1]["id"] == marker["id"]


def test_edits_deletions_reactions_and_languages(chat):
    writer, reader = chat(show="other"), chat(show="other")
    writer.name("Bea")
    id = writer.send("Wiht a mistake")["message"]["id"]
    reader.until("message", id=id)
    writer.say(type="edit", message=id, text="With no mistake")
    assert reader.until("edited", id=id)["text"] == "With no mistake"
    reader.say(type="delete", message=id)
    assert reader.until("refused")["code"] in ("not-allowed", "read-only", "unknown")
    writer.say(type="delete", message=id)
    deleted = reader.until("deleted", id=id)
    for _ in range(3):
        reader.say(type="react", emoji="❤️")
    assert writer.until("reactions")["counts"]["❤️"] >= 1
    reader.say(type="react", emoji="🦄")
    assert reader.until("refused")["code"] == "bad-request"
    reader.say(type="language", language="pt-BR")
    fresh = reader.until("hello")
    assert fresh["language"] == "pt" and fresh["sequence"] == deleted["seq"]
    reader.say(type="ping")
    reader.until("pong")
    # What a later version may say is passed over.
    reader.say(type="dance", with_="you")
    reader.say(type="ping")
    reader.until("pong")


@pytest.mark.parametrize("version, secure", [("--http1.1", False), ("--http1.1", True), ("--http2", True)])
def test_server_sent_events(server, chat, version, secure):
    writer = chat()
    writer.name("Carla")
    stream = chat(Stream, secure=secure, version=version)
    hello = stream.until("hello")
    assert "text/event-stream" in stream.head.lower() and stream.head.startswith("HTTP/2" if "2" in version[-1] else "HTTP/1.1")
    first = writer.send(f"To all who stream {version} {secure}")["message"]
    assert stream.until("message", id=first["id"])["text"] == first["text"]
    assert stream.ids[-1] == f"{hello['room']}-{first['seq']}"
    stream.close()
    missed = [writer.send(f"Missed {n} {version} {secure}")["message"] for n in range(3)]
    back = chat(Stream, secure=secure, version=version, headers=[f"Last-Event-ID: {stream.ids[-1]}"])
    assert back.until("hello")["resumed"] is True
    for message in missed:
        back.until("message", id=message["id"])
    assert [m["id"] for m in back.messages()] == [m["id"] for m in missed]
    # Writing goes by POST.
    answer = server.http.post(
        server.url("/api/v1/shows/show/chat/messages"), json={"text": f"By POST {version} {secure}"},
        headers={"Authorization": f"Guest {writer.you['guest']}"})
    assert answer.status_code == 201, answer.text
    back.until("message", id=answer.json()["id"])


def test_who_comes_back_gets_what_they_missed(chat):
    writer, reader = chat(show="quiet"), chat(show="quiet")
    writer.name("Dora")
    last = writer.send("Before the tunnel")["message"]
    reader.until("message", id=last["id"])
    reader.abort()
    missed = [writer.send(f"In the tunnel, {n}")["message"]["id"] for n in range(5)]
    back = chat(show="quiet", after=last["seq"], room=reader.hello["room"])
    assert back.hello["resumed"] is True and back.hello["messages"] == []
    back.until("message", id=missed[-1])
    assert [m["id"] for m in back.messages()] == missed
    # Of another row of numbers, or of none that ever were: everything anew.
    for after, room in [(last["seq"], "elsewhere"), (10**9, reader.hello["room"])]:
        fresh = chat(show="quiet", after=after, room=room)
        assert fresh.hello["resumed"] is False
        assert [m["id"] for m in fresh.hello["messages"]][-5:] == missed


def test_pages_of_other_sites_get_nothing(server, chat):
    own = f"http://127.0.0.1:{server.http_port}"
    chat(origin=own)
    for origin in ["https://evil.example", "null", f"http://127.0.0.1.evil.example:{server.http_port}"]:
        with pytest.raises(InvalidStatus) as refused:
            chat(origin=origin, headers={"Cookie": "shopcast_session=x"})
        assert refused.value.response.status_code == 403
    answer = server.http.get(
        server.url("/api/v1/shows/show/events"), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers


def test_only_shows_that_are_there_have_a_chat(server, chat):
    for id in ["nothing", "a%2Fb", "x" * 200]:
        with pytest.raises(InvalidStatus) as refused:
            chat(show=id)
        assert refused.value.response.status_code == 404
    client = api.operator(server)
    draft = client.show("not-yet")
    assert draft["state"] == "draft"
    with pytest.raises(InvalidStatus) as refused:
        chat(show=draft["id"])
    assert refused.value.response.status_code == 404
    # Who may see it reads its chat; who only pretends to be somebody is shown out.
    bearer = client.http.headers["Authorization"]
    assert chat(show=draft["id"], headers={"Authorization": bearer}).hello["you"]["badge"] == "operator"
    stranger = chat(show=draft["id"], headers={"Cookie": "shopcast_session=nonsense"}, says_hello=False)
    stranger.say(type="hello", v=1)
    assert stranger.until_closed() == 1008
    client.close()


HOSTILE = [
    ("text that is no UTF-8", frame(1, b"\xff"), 1007),
    ("a surrogate", frame(1, b"\xed\xa0\x80"), 1007),
    ("no UTF-8 before the frame's end", frame(1, b'{"a":"\xc0', length=4000), 1007),
    ("no mask", frame(1, b"x", masked=False), 1002),
    ("reserved bits", frame(1, b"x", reserved=4), 1002),
    ("an unknown opcode", frame(3), 1002),
    ("an unknown control opcode", frame(11), 1002),
    ("a continuation of nothing", frame(0, b"x"), 1002),
    ("a message within another", frame(1, b"x", final=False) + frame(1, b"y"), 1002),
    ("a ping in pieces", frame(9, b"x", final=False), 1002),
    ("a long ping", frame(9, b"x" * 126), 1002),
    ("a length in a longer form", b"\x81\xfe\x00\x05" + bytes(9), 1002),
    ("a length beyond 63 bits", b"\x81\xff" + b"\xff" * 8 + bytes(4), 1002),
    ("a frame of gigabytes", frame(1, b"", length=1 << 40), 1009),
    ("pieces that are too much together",
     frame(1, b"x" * 8000, final=False) + frame(0, b"x" * 8000, final=False), 1009),
    ("binary", frame(2, b"x"), 1003),
    ("a close with one byte", frame(8, b"\x03"), 1002),
    ("a close with a bad code", close_frame(1005), 1002),
    ("a close whose reason is no UTF-8", close_frame(1000, b"\xff"), 1007),
    ("a thousand pongs", frame(10) * 2000, 1008),
    ("a thousand empty pieces", frame(1, b"", final=False) + frame(0, b"", final=False) * 2000, 1008),
    ("some empty pieces", frame(1, b"", final=False) + frame(0, b"", final=False) * 50, None),
]


@pytest.mark.parametrize("data, code", [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_frames(server, chat, data, code):
    raw = chat(Raw)
    raw.say(data)
    if code is None:
        # Not wrong, as long as it does no harm.
        raw.say(frame(0, b'{"type":"ping"}') + frame(9, b"there?"))
        answers = {raw.frame() for _ in range(2)}
        assert (10, b"there?") in answers and (1, b'[{"type":"pong"}]') in answers
        return
    assert raw.close_code() == code
    raw.say(close_frame(1000))
    with pytest.raises((EOFError, ConnectionResetError)):
        while True:
            raw.frame()


def test_frames_that_are_good_however_odd(chat):
    raw = chat(Raw)
    text = json.dumps({"type": "dance", "words": "«κόσμε 🎉»"}, ensure_ascii=False).encode()
    # Byte by byte, within characters, with pings between the pieces.
    for at in range(len(text) - 1):
        raw.say(frame(0 if at else 1, text[at:at + 1], final=False))
        if at % 10 == 0:
            raw.say(frame(9, bytes([at])))
    raw.say(frame(0, text[-1:]) + frame(9, b"end"))
    while raw.frame() != (10, b"end"):
        pass
    for byte in frame(1, b'{"type":"ping"}'):
        raw.say(bytes([byte]))
    assert raw.frame() == (1, b'[{"type":"pong"}]')
    raw.say(close_frame(4321, b"x" * 100))
    assert raw.close_code() == 4321


BAD_WORDS = [
    b"", b"[]", b"null", b"{", b'{"type":7}', b'{"type":"send","text":"no id"}', b"[" * 5000, b'{"a":' * 1000,
    b'{"type":"send","id":"a","text":{"$gt":""}}', b'{"type":"edit","message":"../../x","text":"x"}',
]


def test_bad_words_are_refused_and_nothing_else_is_disturbed(chat):
    raw = chat(Raw)
    for word in BAD_WORDS:
        raw.say(frame(1, word))
        opcode, content = raw.frame()
        event, = json.loads(content)
        assert opcode == 1 and event["type"] == "refused" and event["code"] == "bad-request", content
    for word in [b'{"type":"ping"}', b'{"type":"hello","v":2}', b"nonsense"]:
        other = chat(Raw, hello=False)
        other.say(frame(1, word))
        assert other.close_code() == 1008


def test_what_is_no_handshake_is_answered_as_such(server):
    def ask(request, secure=False):
        with socket.create_connection(("127.0.0.1", server.https_port if secure else server.http_port), 10) as plain:
            line = trusting().wrap_socket(plain) if secure else plain
            line.sendall(request.encode())
            return line.recv(4096).decode()
    get = "GET /ws/shows/show HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    upgrade = get + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    assert "426" in ask(get + "\r\n")[:14]
    answer = ask(get + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 7\r\n" + key + "\r\n")
    assert "426" in answer[:14] and "sec-websocket-version: 13" in answer.lower()
    assert "400" in ask(upgrade + "\r\n")[:14]
    assert "400" in ask(upgrade + key + "Content-Length: 4\r\n\r\nabcd")[:14]
    accepted = ask(upgrade + key + "\r\n", secure=True)
    assert accepted.startswith("HTTP/1.1 101 ") and "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in accepted
    assert "101" not in ask("POST" + upgrade[3:] + key + "\r\n")[:14]


def test_a_slow_reader_loses_the_oldest_and_is_told(server, chat):
    slow = chat(Raw, show="slow", window=4096)
    quick = chat(show="slow")
    host = chat(show="slow", headers={"Authorization": f"Bearer {SHOWS[4]['streamKey']}"})
    assert host.you["badge"] == "host"
    # More than lies between here and there: each message is half a kilobyte, and the backlog holds 64.
    before = server.metrics().total("shopcast_chat_lost_messages_total") or 0
    count = 0
    while (server.metrics().total("shopcast_chat_lost_messages_total") or 0) < before + 20:
        assert count < 4000, "nothing was lost"
        for _ in range(100):
            count += 1
            host.say(type="send", id=f"s{count}", text=f"{count} " + "x" * 480)
            if count % 10 == 0:
                last = host.until("ack", id=f"s{count}")["message"]
    quick.until("message", id=last["id"], seconds=20)
    assert len(quick.messages()) == count
    gaps, numbers = [], []
    while not numbers or numbers[-1] != last["seq"]:
        for event in json.loads(slow.frame()[1]):
            if event["type"] == "gap":
                gaps.append((event["from"], event["to"]))
            elif event["type"] == "message":
                numbers.append(event["seq"])
    assert gaps and numbers == sorted(set(numbers))
    missing = set(range(min(numbers), last["seq"] + 1)) - set(numbers)
    assert missing and all(any(a <= n <= b for a, b in gaps) for n in missing)
    # What came last is there without a hole.
    assert numbers[-20:] == list(range(last["seq"] - 19, last["seq"] + 1))


def test_in_a_flood_everybody_gets_a_fair_sample_with_the_host_in_it(server, chat):
    writers = [chat(show="flooded") for _ in range(4)]
    for number, writer in enumerate(writers):
        writer.name(f"Guest {number}")
    host = chat(show="flooded", headers={"Authorization": f"Bearer {SHOWS[3]['streamKey']}"})
    reader = chat(show="flooded")
    acked = []
    for round in range(60):
        for number, writer in enumerate(writers):
            writer.say(type="send", id=f"f{round}", text=f"Flood {round} of {number}")
        if round % 20 == 0:
            acked.append(host.send(f"From the host {round}")["message"]["id"])
        for writer in writers:
            assert writer.until("ack", id=f"f{round}")
    acked.append(host.send("The last of the host")["message"]["id"])
    reader.until("message", id=acked[-1])
    ids = [m["id"] for m in reader.messages()]
    assert set(acked) <= set(ids)
    dropped = sum(e["dropped"] for e in reader.all if e["type"] == "sampled")
    assert dropped > 0 and dropped + len(ids) == 240 + len(acked)


def test_limits_of_one_address(launch):
    server = launch([show()], chat={**UNBOUND, "readers": {"perAddress": 3}})
    held = [Chat(server) for _ in range(3)]
    with pytest.raises(InvalidStatus) as refused:
        Chat(server)
    assert refused.value.response.status_code == 429 and refused.value.response.headers["Retry-After"]
    assert server.http.get(server.url("/api/v1/shows/show/events")).status_code == 429
    held[0].close()

    def is_let_in():
        with contextlib.suppress(InvalidStatus):
            return Chat(server)
    held[0] = wait_until(is_let_in, 10, "a place that is given back is there for the next")
    # A flood of words is refused, and ends in the door.
    with contextlib.suppress(ConnectionClosed):
        for _ in range(200):
            held[1].say(type="ping")
    assert held[1].until("refused")["code"] == "flood"
    assert held[1].until_closed() == 1008
    # The server stops: everybody is told to come back, and it does not take long.
    server.process.send_signal(signal.SIGTERM)
    assert held[2].until("bye")["code"] == 1001
    assert held[2].until_closed(5) == 1001
    held[0].close()
    assert server.process.wait(10) == 0


def test_counts_reach_readers_and_metrics(server, chat):
    first = chat(show="counted")
    assert first.hello["count"]["readers"] == 1
    second = chat(show="counted")
    assert first.until("count", readers=2)["viewers"] == 0
    assert server.http.get(server.url("/api/v1/shows/counted/chat")).json()["counts"]["readers"] == 2
    second.close()
    first.until("count", readers=1)
    metrics = server.metrics()
    assert metrics.total("shopcast_lines_open") >= 1
    assert metrics.total("shopcast_lines_opened_total", kind="websocket") >= 2
    assert metrics.total("shopcast_line_parcels_sent_total") >= 2
