"""Who watches and how it goes: the page's beats, what players say in CMCD, the viewers' number, and what is refused."""
import json
import sqlite3
import uuid

import httpx
import pytest

from api import operator, refused
from deadline import wait_until
from page_browser import Visit
from server import command, show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
BEATS = "/api/v1/beats"


@pytest.fixture(scope="module")
def live(launch_once, publish_once):
    """A live show behind a proxy on this machine, which tells addresses and countries."""
    server = launch_once(
        [show(), show("later")], ladder=LADDER, audience={"beatsPerAddress": 2}, metrics={"public": True},
        http={"trustedProxies": ["127.0.0.1"]}, protection={"countryField": "X-Country"})
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.close()
    return server


def viewers(server, name="show"):
    return httpx.get(server.url(f"/api/v1/shows/{name}")).json()["viewers"]


def counted(server, kind, name="show"):
    return server.metrics().total("shopcast_audience_viewers", show=name, kind=kind) or 0


def beat(name="show", sequence=0, session=None, state="playing", **more):
    return {"session": session or uuid.uuid4().hex, "show": name, "sequence": sequence, "state": state, **more}


def send(server, content, address="203.0.113.1", **fields):
    body = content if isinstance(content, (bytes, str)) else json.dumps(content)
    headers = {"X-Forwarded-For": address, "Content-Type": "application/json", **fields}
    return httpx.post(server.url(BEATS), content=body, headers=headers)


def test_two_pages_are_two_viewers_until_they_are_left(live, browser):
    """Their beats count, at once when they come and when they go; their media addresses carry nothing of it."""
    wait_until(lambda: viewers(live) == 0, 20, "nobody watches")
    asked, sent = [], []
    first, second = Visit(browser, live.url()), Visit(browser, live.url())
    first.page.on("request", lambda request: asked.append(request.url))
    first.page.on("request", lambda request: BEATS in request.url and sent.append(request.post_data_json))
    for visit in (first, second):
        visit.open()
        visit.wait_playing()
    wait_until(lambda: counted(live, "beats") == 2 and viewers(live) == 2, 12, "two viewers are counted")
    # Asking the page something lets what it has sent come in.
    told = wait_until(
        lambda: first.frames() and next((b for b in sent if b["joinMs"] and b["cmcd"]["br"]), None), 24,
        "the first page has told its join time and its quality")
    assert 0 < told["joinMs"] < 20_000 and told["state"] in ("starting", "playing", "waiting")
    assert told["cmcd"]["st"] == "l" and told["cmcd"]["sf"] == "h" and told["cmcd"]["br"] > 100
    assert told["rendition"] in ("source", "240p")
    assert not any("CMCD" in url for url in asked)
    assert {b["session"] for b in sent} == {sent[0]["session"]}
    assert first.context.cookies() == []
    assert first.complaints == [] and second.complaints == []
    for left, visit in enumerate((first, second)):
        visit.page.goto("about:blank")
        wait_until(lambda: counted(live, "beats") == 1 - left, 8, "a page that was left is counted no more")
        visit.context.close()
    wait_until(lambda: viewers(live) == 0, 20, "nobody watches any longer")


def test_beats_are_right_where_requests_do_not_come_here(live):
    """Three viewers behind a cache: nobody asks this server for a playlist, and still they are three."""
    wait_until(lambda: viewers(live, "later") == 0, 10, "nobody waits for the other show")
    sessions = [uuid.uuid4().hex for _ in range(3)]
    for number, session in enumerate(sessions):
        answer = send(live, beat("later", session=session), address=f"203.0.113.{number}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "set-cookie" not in answer.headers and answer.headers["cache-control"] == "no-store"
    wait_until(lambda: viewers(live, "later") == 3, 6, "three viewers")
    # The same beat again is not another viewer, and the last one takes its session out.
    send(live, beat("later", session=sessions[0]))
    send(live, beat("later", session=sessions[0], sequence=1, state="ended"))
    wait_until(lambda: viewers(live, "later") == 2, 6, "two viewers are left")
    for session in sessions[1:]:
        send(live, beat("later", session=session, sequence=1, state="ended"))
    wait_until(lambda: viewers(live, "later") == 0, 6, "nobody is left")


@pytest.mark.parametrize("content, status", [
    ("", 400), ("beat", 400), ("[]", 400), ("{}", 400), (b"\xff\xfe\x00", 400), (beat(session="x"), 400),
    (beat(state="dancing"), 400), (beat(latency=-1), 400), (beat(playedMs=1e12), 400), (beat(stalls=2.5), 400),
    (beat(rendition="<script>"), 400), (beat(name="no-such-show"), 404), (beat(name="../etc"), 400),
    (beat(cmcd={"br": "fast"}), 400), ("{" * 2000, 400), ("x" * 2049, 413), ("x" * 100_000, 413),
])
def test_junk_is_refused(live, content, status):
    answer = send(live, content, address=f"198.51.100.{uuid.uuid4().int % 250}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_post_is_taken_and_only_from_pages_of_this_server(live):
    answer = httpx.get(live.url(BEATS))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert send(live, beat(), address="192.0.2.9", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_an_address_that_floods_is_slowed_and_nobody_else(live):
    with httpx.Client(headers={"X-Forwarded-For": "192.0.2.77"}) as client:
        answers = [client.post(live.url(BEATS), content="{}") for _ in range(100)]
        codes = [answer.status_code for answer in answers]
        assert codes.count(429) > 10 and codes.count(400) >= 20
        assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 429)
        # What the flood writes before the proxy's word changes nothing.
        spoofed = [client.post(live.url(BEATS), content="{}", headers={
            "X-Forwarded-For": f"1.2.3.{n}, 192.0.2.77"}).status_code for n in range(10)]
        assert 429 in spoofed
    assert send(live, beat("later", state="ended"), address="192.0.2.78").status_code == 204


def test_what_players_say_in_cmcd_counts(live):
    """Two players through one address, told apart by their sessions; nonsense is counted as such and changes nothing."""
    viewer = Viewer(live.url())
    uri = viewer.listing("240p").complete[-1].url
    before = live.metrics()
    for session in ("one", "two"):
        data = f'br%3D250%2Cd%3D2000%2Cot%3Dv%2Csf%3Dh%2Csid%3D%22{session}%22%2Cst%3Dl'
        assert viewer.get(f"{uri}?CMCD={data}").status_code == 200
    assert viewer.get(uri, headers={"CMCD-Session": 'sid="one"', "CMCD-Status": "bs"}).status_code == 200
    for junk in ("?CMCD=%zz", "?CMCD=br%3D-1", "?CMCD=" + "a" * 5000):
        assert viewer.get(uri + junk).content == viewer.get(uri).content
    wait_until(lambda: counted(live, "cmcd") == 2, 6, "two players are counted")
    after = live.metrics()
    assert after.total("shopcast_cmcd_total", result="refused") == (
        before.total("shopcast_cmcd_total", result="refused") or 0) + 2
    played = "shopcast_audience_played_seconds_total"
    assert after.total(played, rendition="240p") >= (before.total(played, rendition="240p") or 0) + 4
    viewer.close()


def test_a_viewer_is_told_what_is_kept_and_is_forgotten(live):
    """By a call and by a command; then nothing in the house knows the name any more."""
    ops = operator(live)
    viewer = uuid.uuid4().hex
    place = f"/viewers/{viewer}"
    def say(word, name=viewer):
        return command("viewer", word, name, "--config", live.settings_path)
    def watch(sequence, address):
        assert send(live, beat("later", sequence, viewer, playedMs=sequence * 500), address=address).status_code == 204

    assert refused(ops.get(place), 404, "nothing is kept") and refused(ops.get("/viewers/short"), 404)
    watch(0, "192.0.2.90")
    watch(3, "192.0.2.91")
    kept = ops.get(place).json()
    assert kept["viewer"] == viewer
    (session,) = kept["kept"]["sessions"]
    assert session["show"] == "later" and session["playedMilliseconds"] == 1500 and session["secondsSinceLastBeat"] < 10
    assert "192.0.2" not in json.dumps(kept), "an address is not kept with it"
    printed = say("export")
    assert printed.returncode == 0 and json.loads(printed.stdout)["kept"]["sessions"][0]["show"] == "later"

    assert ops.delete(place).status_code == 204
    assert refused(ops.get(place), 404) and refused(ops.delete(place), 404)
    (entry, *_) = ops.get("/audit", params={"action": "viewer."}).json()["entries"]
    assert entry["action"] == "viewer.erase" and viewer not in json.dumps(entry)
    watch(4, "192.0.2.92")
    done = say("erase")
    assert done.returncode == 0 and "forgotten" in done.stdout
    again = say("erase")
    assert again.returncode == 1 and "nothing is kept" in again.stderr
    assert say("export", "no such name").returncode == 1
    stored = b"".join(path.read_bytes() for path in live.data.glob("shopcast.sqlite*"))
    assert viewer.encode() not in stored and viewer not in live.log()


def test_old_entries_of_the_log_go(launch):
    server = launch([], audit={"keepDays": 30})
    ops = operator(server)
    assert ops.get("/audit").json()["entries"]
    assert server.stop() == 0
    with sqlite3.connect(server.data / "shopcast.sqlite") as store:
        store.execute("UPDATE audit SET at = at - 31 * 86400000 WHERE action = 'token.create'")
    launch([], audit={"keepDays": 30}, data=str(server.data))
    def actions():
        with sqlite3.connect(f"file:{server.data}/shopcast.sqlite?mode=ro", uri=True) as store:
            return {action for action, in store.execute("SELECT action FROM audit")}
    wait_until(lambda: "token.create" not in actions(), 10, "what is old is deleted")
    assert "person.create" in actions(), "what is not stays"


def test_figures_outlive_the_server(launch):
    """The minute that ran when the server stopped is there after it started again."""
    server = launch(ladder=LADDER)
    session = uuid.uuid4().hex
    for sequence in range(2):
        assert send(server, beat(sequence=sequence, session=session, playedMs=sequence * 900,
                                 latency=2.1, rendition="240p", cmcd={"br": 250})).status_code == 204
    assert server.stop() == 0
    for file in server.data.glob("*.sqlite"):
        tables = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        if not tables.execute("SELECT count(*) FROM sqlite_master WHERE name = 'audience'").fetchone()[0]:
            continue
        rows = tables.execute(
            "SELECT span, kind, name, sum(starts), sum(played) FROM audience GROUP BY span, kind, name").fetchall()
        assert rows == [
            (60, "all", "", 1, 900), (60, "rendition", "240p", 1, 900),
            (3600, "all", "", 1, 900), (3600, "rendition", "240p", 1, 900)]
        return
    raise AssertionError("no table of audiences")
