"""What other programs are told, at a real web server: each event, its signature, and what becomes of what is not taken."""
import pytest

from api import instant, operator, refused
from deadline import wait_until
from letterbox import letterbox
from server import show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def box():
    with letterbox() as box:
        yield box


@pytest.fixture(scope="module")
def house(launch_once):
    return launch_once([show("evening", backupKey="streamkey-backup")], ladder=LADDER, outbound={"allow": ["127.0.0.1"]},
                       http={"publicURL": "https://live.example"})


@pytest.fixture(scope="module")
def flaky(ops, box):
    """A webhook whose receiver breaks down over the first message: it takes ten seconds until the next attempt."""
    hook = ops.made("/hooks", {"url": box.url("/flaky"), "events": ["show.scheduled"]})
    box.answers["/flaky"] = [500]
    ops.show("first", isScheduled=True)
    box.wait("/flaky", "show.scheduled")
    return hook


def deliveries(ops, hook, **query):
    return ops.get(f"/hooks/{hook['id']}/deliveries", params=query).json()["deliveries"]


def test_every_event_comes_signed(flaky, house, ops, box, publish):
    hook = ops.made("/hooks", {"url": box.url("/all"), "events": ["*"]})
    assert hook["secret"].startswith("whsec_")
    def told(event, **more):
        letter = box.wait("/all", event, **more)
        assert letter.signed_by(hook["secret"]) and not letter.signed_by(hook["secret"] + "x")
        assert letter.headers["Shopcast-Event"] == event and letter.headers["Shopcast-Delivery"]
        return letter.told

    # What is planned.
    ops.show("plan", isScheduled=True, start=instant(days=1), lengthMinutes=30)
    scheduled = told("show.scheduled")
    assert scheduled["show"]["url"] == "https://live.example/shows/plan"
    ops.patch("/shows/plan", {"start": instant(days=2)})
    moved = told("show.rescheduled")
    assert moved["previousStartsAt"] == scheduled["show"]["startsAt"] != moved["show"]["startsAt"]
    key = ops.made("/shows/plan/keys", {})
    fresh = ops.made(f"/shows/plan/keys/{key['id']}/rotate")
    rotated = box.wait("/all", "key.rotated")
    assert rotated.told["key"] == {"role": "primary"}
    assert not any(secret.encode() in rotated.body for secret in (key["secret"], fresh["secret"], key["id"]))
    assert ops.post("/shows/plan/cancel").status_code == 200
    assert told("show.cancelled")["show"]["state"] == "cancelled"

    # What happens on air: the host goes and comes back, and the other feed takes over.
    host = publish(house, "small", "evening")
    told("show.live")
    host.stop()
    assert told("feed.lost")["feed"]["role"] == "primary"
    publish(house, "small", "evening")
    back = told("feed.restored")
    assert back["feed"]["role"] == "primary" and 0 < back["feed"]["awaySeconds"] < 20
    publish(house, "small", url=house.rtmp(key="streamkey-backup"))
    wait_until(lambda: ops.post("/shows/evening/feed/switch", {"role": "backup"}).status_code == 200, 20, "the backup is on air")
    assert told("feed.switched")["feed"] == {"from": "primary", "to": "backup"}

    assert ops.post("/shows/evening/end").status_code == 200
    told("show.ended")
    recording = told("recording.ready")["recording"]
    assert recording["durationSeconds"] > 2 and recording["url"] == "https://live.example/replay/evening/index.m3u8"
    assert house.http.get(house.url("/replay/evening/index.m3u8")).status_code == 200
    kinds = [event["payload"]["what"] for event in ops.get("/shows/evening/timeline").json()["events"] if event["kind"] == "recording"]
    assert kinds == ["ready"]

    # A show that nobody came to.
    ops.show("empty", isScheduled=True)
    for move in ("go-live", "end"):
        assert ops.post(f"/shows/empty/{move}").status_code == 200
    assert told("recording.failed")["recording"]["reason"]

    ids = [letter.headers["Shopcast-Delivery"] for letter in box.at("/all")]
    assert len(set(ids)) == len(ids)
    assert {d["state"] for d in deliveries(ops, hook)} <= {"delivered", "pending"}


def test_a_webhook_is_tested_and_its_secret_rotated(ops, box):
    hook = ops.made("/hooks", {"url": box.url("/tested"), "events": ["show.live"], "isEnabled": False})
    done = ops.made(f"/hooks/{hook['id']}/test")
    assert (done["event"], done["state"], done["lastStatus"]) == ("webhook.test", "delivered", 204)
    fresh = ops.made(f"/hooks/{hook['id']}/rotate")["secret"]
    box.answers["/tested"] = [503, 302]
    for status in (503, 302):
        done = ops.made(f"/hooks/{hook['id']}/test")
        assert (done["state"], done["lastStatus"], done["attempt"]) == ("dead", status, 1), "a test is not repeated"
    assert not box.at("/elsewhere"), "redirects are not followed"
    newest = box.wait("/tested", count=3)
    assert newest.signed_by(fresh) and newest.signed_by(hook["secret"]), "the former one is good for a day"
    log = ops.get("/audit", params={"subject": f"hook:{hook['id']}"}).json()["entries"]
    assert [entry["action"] for entry in log] == ["hook.rotate", "hook.create"]
    assert "/tested" not in str(log), "the path of an address may be a secret"


def test_what_is_given_up_can_be_sent_again(ops, box):
    hook = ops.made("/hooks", {"url": box.url("/gone"), "events": ["show.scheduled"]})
    box.answers["/gone"] = [410]
    ops.show("second", isScheduled=True)
    (dead,) = wait_until(lambda: deliveries(ops, hook, state="dead"), 10, "it is a dead letter")
    assert dead["lastStatus"] == 410 and dead["attempt"] == 1 and "410" in dead["lastError"]
    assert ops.server.metrics().total("shopcast_webhook_dead_total") >= 1
    place = f"/hooks/{hook['id']}/deliveries/{dead['id']}/retry"
    assert ops.post(place).status_code == 200
    again = box.wait("/gone", count=2)
    assert again.headers["Shopcast-Delivery"] == dead["id"] and again.body == box.at("/gone")[0].body
    wait_until(lambda: [d["state"] for d in deliveries(ops, hook)] == ["delivered"], 5, "it is delivered")
    assert refused(ops.post(place), 409, "not given up")
    assert ops.get("/audit", params={"subject": f"hook:{hook['id']}"}).json()["entries"][0]["action"] == "hook.retry"


def test_private_addresses_are_for_who_allows_them(launch):
    ops = operator(launch([]))
    for url in ("http://127.0.0.1:9/", "http://[::1]/", "http://10.0.0.1/", "http://169.254.169.254/latest", "http://localhost/",
                "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0x7f.1/", "http://0/", "file:///etc/passwd"):
        assert refused(ops.post("/hooks", {"url": url}), 422, field="url"), url
    assert ops.get("/hooks").json()["hooks"] == []


def test_a_receiver_that_broke_down_gets_it_again(flaky, ops, box):
    """The last, since it waits."""
    first = box.at("/flaky")[0]
    def attempts():
        return [letter for letter in box.at("/flaky") if letter.headers["Shopcast-Delivery"] == first.headers["Shopcast-Delivery"]]
    second = wait_until(lambda: attempts()[1:], 20, "it is tried again")[0]
    assert 7 < second.at - first.at < 16, "after ten seconds, give or take a fifth"
    assert second.body == first.body and second.signed_by(flaky["secret"])
    told = wait_until(lambda: [d for d in deliveries(ops, flaky, state="delivered") if d["attempt"] == 2], 5, "it is delivered")
    assert told[0]["lastStatus"] == 204
