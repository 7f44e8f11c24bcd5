"""What outlives the process: the first operator, shows that are made at run time, keys, the timeline, backups."""
import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from api import instant, operator
from deadline import wait_until
from person import PASSWORD, Person
from server import BINARY, command, show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


def say(server, *words):
    return command(*words, "--config", server.settings_path)


def told(server, *words):
    done = say(server, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def rows(server, sql, *arguments):
    """Reads the store beside the running server."""
    path = Path(server.settings["data"]) / "shopcast.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        return store.execute(sql, arguments).fetchall()


def timeline(server, show_id):
    found = rows(server, "SELECT kind, payload FROM timeline WHERE show = ? ORDER BY sequence", show_id)
    return [(kind, json.loads(payload)) for kind, payload in found]


def feed_words(server, show_id):
    return [payload["what"] for kind, payload in timeline(server, show_id) if kind == "feed"]


def states(server, show_id):
    return [payload["to"] for kind, payload in timeline(server, show_id) if kind == "state"]


def test_the_first_operator_gets_in(launch):
    server = launch(shows=[])
    (link,) = [line for line in server.log().splitlines() if "/welcome/" in line]
    assert "three days" in link
    token = told(server, "operator", "add", "Ada@shop.example")
    assert token.startswith("sc_") and len(token) == 43
    other = told(server, "operator", "add", "ada@shop.example")
    assert other != token, "each is a new one"
    assert rows(server, "SELECT login, isOperator FROM person WHERE login LIKE 'ada%'") == [("ada@shop.example", 1)]
    bad = say(server, "operator", "add", "not a login")
    assert bad.returncode == 1 and "login" in bad.stderr and bad.stdout == ""
    assert server.stop() == 0

    # Without a server straight into the file; and nobody needs a link any more.
    assert told(server, "operator", "add", "bob").startswith("sc_")
    stored = (server.data / "shopcast.sqlite").read_bytes()
    assert token.encode() not in stored and token not in server.log()
    again = launch(shows=[], data=str(server.data))
    assert "/welcome/" not in again.log()
    for path in server.data.glob("shopcast.sqlite*"):
        assert path.stat().st_mode & 0o077 == 0, f"{path.name} is nobody else's"


def test_a_show_made_at_run_time(launch, publish):
    server = launch(shows=[], ladder=LADDER)
    made = told(server, "show", "create", "evening", "--title", "Evening & more", "--starts-with-feed",
                "--start", "2030-12-01T18:00:00+01:00", "--minutes", "30", "--zone", "Europe/Berlin")
    name, key = made.split()
    assert name == "evening" and key.startswith("live_")
    assert say(server, "show", "create", "evening", "--title", "Again").returncode == 1
    assert server.http.get(server.url("/api/v1/shows/evening")).json()["state"] == "scheduled"
    assert "Evening &amp; more" in server.http.get(server.url("/")).text
    assert told(server, "show", "list") == "evening:scheduled"

    host = publish(server, "small", url=server.rtmp(key=key))
    viewer = Viewer(server.url(), show="evening")
    viewer.wait_live()
    assert told(server, "show", "list") == "evening:live"
    backup = told(server, "show", "add-key", "evening", "--role", "backup")
    keys = told(server, "show", "keys", "evening").split()
    assert [k.split(":")[1:] for k in keys] == [["backup", "good"], ["primary", "good"]]

    # A key that has leaked: its feed is cut, and it opens nothing any more. The other key is good.
    told(server, "show", "revoke-key", "evening", keys[1].split(":")[0])
    assert host.wait(10) is not None
    refused = publish(server, "small", url=server.rtmp(key=key))
    assert refused.wait(15) != 0
    wait_until(lambda: "slate" in feed_words(server, "evening"), 10, "the slate is in the timeline")
    publish(server, "small", url=server.rtmp(key=backup))
    wait_until(lambda: "restored" in feed_words(server, "evening"), 20, "the other feed is shown")

    server.end_show("evening")
    assert states(server, "evening") == ["scheduled", "live", "ended"]
    words = feed_words(server, "evening")
    order = [words.index(w) for w in ("connected", "codec", "shown", "lost", "slate", "restored")]
    assert order == sorted(order), words
    sequences = [n for n, in rows(server, "SELECT sequence FROM timeline WHERE show = 'evening'")]
    assert sorted(sequences) == list(range(1, len(sequences) + 1))
    stored = b"".join(p.read_bytes() for p in server.data.glob("shopcast.sqlite*"))
    assert key.encode() not in stored and key not in server.log()
    viewer.close()


def test_a_draft_and_a_cancelled_show_take_no_feed(launch, publish):
    server = launch(shows=[], ladder=LADDER)
    _, key = told(server, "show", "create", "plan", "--title", "Plan", "--draft").split()
    assert server.http.get(server.url("/api/v1/shows/plan")).status_code == 404
    assert server.http.get(server.url("/shows/plan")).status_code == 404
    assert publish(server, "small", url=server.rtmp(key=key)).wait(15) != 0
    wait_until(lambda: "is a draft" in server.log(), 5, "the log says why")
    told(server, "show", "schedule", "plan")

    # Nobody has said that it starts by itself: its feed begins a rehearsal.
    host = publish(server, "small", url=server.rtmp(key=key))
    wait_until(lambda: told(server, "show", "list") == "plan:rehearsal", 20, "a rehearsal")
    told(server, "show", "cancel", "plan")
    assert host.wait(10) is not None
    assert told(server, "show", "list") == "plan:cancelled"
    assert say(server, "show", "go-live", "plan").returncode == 1
    assert publish(server, "small", url=server.rtmp(key=key)).wait(15) != 0


def test_a_killed_server_knows_its_live_show(launch, publish, tmp_path):
    server = launch(shows=[], ladder=LADDER)
    _, key = told(server, "show", "create", "evening", "--title", "Evening", "--starts-with-feed").split()
    publish(server, "small", url=server.rtmp(key=key))
    viewer = Viewer(server.url(), show="evening")
    viewer.wait_live()
    last = viewer.listing("240p").last_number
    server.process.kill()
    server.process.wait()

    again = launch(shows=[], ladder=LADDER, data=str(server.data))
    assert told(again, "show", "list") == "evening:live(paused)"
    publish(again, "small", url=again.rtmp(key=key))
    newer = Viewer(again.url(), show="evening")
    newer.wait_live()
    wait_until(lambda: newer.listing("240p").last_number > last, 20, "numbers go on")
    assert states(again, "evening") == ["scheduled", "live"]
    viewer.close()
    newer.close()


def test_backup_and_restore(launch, tmp_path):
    server = launch([show()])
    told(server, "show", "create", "kept", "--title", "Kept")
    backup = tmp_path / "kept.sqlite"
    told(server, "backup", backup)
    assert backup.exists() and not backup.with_name("kept.sqlite-wal").exists()
    told(server, "show", "create", "later", "--title", "Later")
    refused = say(server, "restore", backup)
    assert refused.returncode == 1 and "in use" in refused.stderr, "not under a running server"
    assert server.stop() == 0

    assert "before-restore" in told(server, "restore", backup)
    assert told(server, "show", "list") == "kept:scheduled show:scheduled"
    assert say(server, "restore", __file__).returncode == 1
    again = launch([show()], data=str(server.data))
    assert again.http.get(again.url("/api/v1/shows/kept")).status_code == 200
    assert again.http.get(again.url("/api/v1/shows/later")).status_code == 404


def test_an_older_data_folder_is_taken_over(launch):
    server = launch([show(), show("over")])
    assert server.stop() == 0
    for path in server.data.glob("shopcast.sqlite*"):
        path.unlink()
    record = {"state": "ended", "lastSequence": 4102444800, "discontinuitySequence": 3}
    (server.data / "shows" / "over.json").write_text(json.dumps(record))
    again = launch([show(), show("over")], data=str(server.data))
    assert told(again, "show", "list") == "over:ended show:scheduled"


def test_a_store_of_a_newer_version_is_refused(launch):
    server = launch([show()])
    assert server.stop() == 0
    with sqlite3.connect(server.data / "shopcast.sqlite") as store:
        store.execute("INSERT INTO grdb_migrations VALUES ('99 future')")
    run = command("serve", "--config", server.settings_path)
    assert run.returncode == 1
    assert "newer shopcast" in run.stderr


@pytest.mark.long
def test_ten_thousand_shows(launch, browser, record_property):
    """The server starts with them in a moment, makes windows for none, and every list and page answers as quickly as ever."""
    server = launch([show()])
    assert server.stop() == 0
    subprocess.run([BINARY.with_name("StoreBenchmark"), "fill", server.data / "shopcast.sqlite", "10000"],
                   check=True, timeout=600)
    began = time.monotonic()
    again = launch([show()], data=str(server.data))
    times = {"start": time.monotonic() - began}
    ops = operator(again)
    ops.person("olga", PASSWORD, isOperator=True)
    for path in ("/", "/api/v1/shows", "/api/v1/shows/show-77", "/shows/show-4000", "/console"):
        times[path] = seconds(lambda: again.http.get(again.url(path)))
    month = {"from": instant(days=30), "to": instant(days=60), "limit": 200}
    for path, query in (("/status", {}), ("/shows", {"state": "draft,scheduled", "limit": 200}), ("/shows", month),
                        ("/shows", {"q": "4321"}), ("/shows", {"order": "updated", "mine": "true"}), ("/audit", {"limit": 200})):
        times[f"{path} {query}"] = seconds(lambda: ops.get(path, params=query))
    with Person(browser, again.url()) as person:
        person.enter("olga")
        for view in ("", "shows", "calendar", "replays"):
            began = time.monotonic()
            person.page.goto(f"{again.url()}/console#/{view}")
            person.settled()
            times[f"console: {view or 'today'}"] = time.monotonic() - began
    for what, took in times.items():
        record_property(f"seconds for {what}", f"{took:.3f}")
    record_property("memory", f"{again.resident_mebibytes():.0f} MiB")
    assert times.pop("start") < 10 and all(took < 2 for took in times.values()), times
    assert again.resident_mebibytes() < 400


def seconds(ask):
    """How long the answer takes, when it was asked for before."""
    assert ask().status_code == 200
    began = time.monotonic()
    assert ask().status_code == 200
    return time.monotonic() - began
