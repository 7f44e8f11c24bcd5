"""`kill -9` in the middle of writing: what was acknowledged is there, and what is asked for again is made once."""
import random
import sqlite3
import threading

import httpx

from api import Client, operator


def test_nothing_acknowledged_is_lost(launch, record_property):
    server = launch([])
    ops = operator(server)
    token = ops.http.headers["authorization"].split()[1]
    ops.show("log")
    seed = random.randrange(1 << 32)
    record_property("seed", seed)
    chance = random.Random(seed)
    shows, notes, open_claims = [], [], []
    number = 0
    while len(shows) + len(notes) < 200:
        enough = threading.Event()
        #: The kill comes after so many acknowledged writes, at a moment of its own.
        goal, count = chance.randint(5, 40), [0]

        def write(first):
            client = Client(server, token)
            n = first
            while not enough.is_set():
                n += 10
                name = f"w{n}"
                try:
                    if n % 20 < 10:
                        open_claims.append((name, {"id": name, "titles": {"en": name}}))
                        answer = client.post("/shows", open_claims[-1][1], headers={"Idempotency-Key": name})
                        assert answer.status_code == 201, answer.text
                        shows.append(name)
                        open_claims.remove((name, {"id": name, "titles": {"en": name}}))
                    else:
                        answer = client.post("/shows/log/timeline", {"kind": "note", "payload": {"text": name}})
                        assert answer.status_code == 201, answer.text
                        notes.append(answer.json()["sequence"])
                except httpx.TransportError:
                    return
                count[0] += 1
                if count[0] >= goal:
                    enough.set()

        writers = [threading.Thread(target=write, args=(number + k,)) for k in range(4)]
        for writer in writers:
            writer.start()
        enough.wait(30)
        threading.Event().wait(chance.uniform(0, 0.01))
        server.process.kill()
        server.process.wait()
        enough.set()
        for writer in writers:
            writer.join(30)
        number += 1000
        server.http = httpx.Client(timeout=20)
        server.start()
        ops = Client(server, token)
        for name, body in list(open_claims):
            again = ops.post("/shows", body, headers={"Idempotency-Key": name})
            assert again.status_code == 201 and again.json()["id"] == name, again.text
            shows.append(name)
        open_claims.clear()
    events, after = [], 0
    while page := ops.get("/shows/log/timeline", params={"after": after, "limit": 500}).json()["events"]:
        events += page
        after = page[-1]["sequence"]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1)), "no gap, nothing twice"
    assert set(notes) <= {event["sequence"] for event in events}
    for name in shows:
        assert ops.get(f"/shows/{name}").status_code == 200, name
    assert server.stop() == 0
    (path,) = [path for path in server.data.iterdir() if path.suffix in (".db", ".sqlite")]
    with sqlite3.connect(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
