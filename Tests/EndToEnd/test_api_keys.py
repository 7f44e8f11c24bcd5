"""Stream keys and the timeline of a show over the API."""
from api import Client, refused
from deadline import wait_until


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
    assert {"count", "bytes", "maximumBytes"} == set(status["recordings"]) and status["recordings"]["maximumBytes"] > 0
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
