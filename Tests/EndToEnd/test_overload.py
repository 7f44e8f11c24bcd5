"""A machine that is too slow for the show: it does with less, stays in real time, and has it all back afterwards.

The server runs on one core, of which it is given a part. What it needs is measured in the same run, so that a faster or
busier machine changes nothing."""
import time

import pytest

from checker import check, told
from deadline import wait_until
from starved import EdgeWatch, Throttle, pin
from viewer import Viewer

STEPS = [{"shortSide": 480, "kilobits": 1200}, {"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}]
LATE = {"part-due", "blocking-wait", "report-attributes", "time-continuous"}
NAMES = ["source", "480p", "360p", "240p", "audio"]


def starving(launch, publish, file="hd", **ladder):
    """A live show on one core; returns the server and a viewer once every rendition is there."""
    server = launch(ladder={"steps": STEPS, "admission": False, **ladder})
    pin(server.pid, 0)
    publish(server, file)
    viewer = Viewer(server.url())
    viewer.wait_live(60)
    return server, viewer


def feed(server):
    answer = server.http.get(
        server.url("/api/v1/shows/show/feed"), headers={"Authorization": "Bearer streamkey-show"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def level(server):
    return server.metrics().total("shopcast_overload_level", show="show") or 0


def cores(server, seconds):
    """What the show takes of a core, in normal times."""
    began, used = time.monotonic(), server.cpu_seconds()
    wait_until(lambda: time.monotonic() - began >= seconds, seconds + 5, "time passes")
    return (server.cpu_seconds() - used) / (time.monotonic() - began)


def expect_whole_sound(viewer):
    """Audio has a segment for every number, each where the one before ends, and all of it can be fetched."""
    sound = viewer.listing("audio").complete
    assert not any(s.gap or s.discontinuity or any(p.gap for p in s.parts) for s in sound)
    for before, after in zip(sound, sound[1:]):
        hole = (after.date - before.date).total_seconds() - before.duration
        assert abs(hole) < 0.03 and after.number == before.number + 1, (before, after)
    for segment in sound[-8:]:
        assert len(viewer.fetch(segment.url)) > 1000


def expect_rested(viewer, name):
    """A list that was kept alive with gaps, in step with the source's."""
    rested, source = viewer.listing(name), viewer.listing("source")
    assert rested.model.media_sequence == source.model.media_sequence
    assert rested.model.discontinuity_sequence == source.model.discontinuity_sequence
    by_number = {s.number: s for s in source.complete}
    gaps = [s for s in rested.complete if s.gap]
    assert gaps
    for segment in rested.complete:
        if other := by_number.get(segment.number):
            # The host's pictures lie where they came, encoded ones on the frame grid: half a picture apart at most.
            assert abs(segment.duration - other.duration) <= 1 / 60
            assert abs((segment.date - other.date).total_seconds()) <= 1 / 60
            assert segment.discontinuity == other.discontinuity
    return gaps


@pytest.mark.alone
def test_the_costliest_rendition_goes_and_comes_back(launch, publish, record_property):
    server, viewer = starving(launch, publish, recoverySeconds=1)
    wait_until(lambda: level(server) == 0, 30, "nothing is left out in normal times")
    need = cores(server, 3)
    assert feed(server)["overload"] is None or need > 0.6
    with Throttle(server.pid, need / 4):
        wait_until(lambda: "480p" not in viewer.renditions(), 40, "480p leaves the choice", every=0.3)
        told_now = feed(server)
        assert told_now["overload"]["level"] >= 4 and "480p" in told_now["overload"]["shed"]
        finding = next(f for f in told_now["findings"] if f["code"] == "machine-overloaded")
        assert finding["title"].startswith("This machine is overloaded:") and finding["severity"] != "info"
        shed = {r["name"] for r in told_now["renditions"] if r["isShed"]}
        assert shed == set(told_now["overload"]["shed"]) and not shed & {"source", "360p", "audio"}
        assert server.metrics().total("shopcast_overload_shed_renditions", show="show") >= 1
        assert {"source", "360p", "audio"} <= set(viewer.renditions())
        number = viewer.listing("480p").last_number
        wait_until(lambda: viewer.listing("480p").last_number >= number + 2, 20, "its list goes on", every=0.3)
    wait_until(lambda: level(server) == 0, 60, "everything is back", every=0.3)
    wait_until(lambda: set(viewer.renditions()) == set(NAMES), 15, "and can be chosen", every=0.3)
    viewer.wait_segments("480p", 1)
    expect_rested(viewer, "480p")
    listing = viewer.listing("480p")
    assert not listing.complete[-1].gap and len({s.init_url for s in listing.complete if s.init_url}) == 1
    expect_whole_sound(viewer)
    assert feed(server)["overload"] is None
    log = server.log()
    assert "too slow for the show" in log and "has room again" in log
    record_property("cores in normal times", round(need, 2))


@pytest.mark.alone
@pytest.mark.long
def test_a_third_of_the_cpu_keeps_real_time(launch, publish, record_property):
    server, viewer = starving(launch, publish)
    wait_until(lambda: level(server) == 0, 60, "nothing is left out in normal times")
    with EdgeWatch(server, ["source", "360p", "audio"]) as edge:
        began = time.monotonic()
        need = cores(server, 15)
        resident = server.resident_mebibytes()
        normal = {name: edge.median(name, began) for name in edge.names}
        record_property("cores in normal times", round(need, 2))
        record_property("behind the clock in normal times, s", {n: round(v, 2) for n, v in normal.items()})
        cut, peak, report = time.monotonic(), resident, None
        with Throttle(server.pid, need / 3):
            while time.monotonic() - cut < 75:
                wait_until(lambda: level(server) is not None, 10, "the server answers")
                peak = max(peak, server.resident_mebibytes())
                if time.monotonic() - cut > 30 and report is None:
                    report, _ = check(viewer.index_url(), seconds=20)
            overload = feed(server)["overload"]
        freed = time.monotonic()
        record_property("level at a third", f"{overload['level']} of {overload['levels']}: {overload}")
        for name in edge.names:
            settled = edge.settled(name, normal[name] + 1.0, cut, freed)
            record_property(f"{name}: seconds until within 1 s of normal", settled and round(settled, 1))
            record_property(f"{name}: median behind from 20 s on", round(edge.median(name, cut + 20, freed), 2))
            record_property(f"{name}: worst behind", round(edge.worst(name, cut, freed), 2))
            assert edge.median(name, cut + 20, freed) <= normal[name] + 1.0
            assert settled is not None and settled <= 20, (name, settled)
        record_property("MiB before, at most", (round(resident), round(peak)))
        assert peak < resident * 1.2 + 40
        faults = told(report, "fail")
        record_property("what the checker found in the worst 20 s", [f.split(" (")[0] for f in faults])
        # A server without time is late, and a segment may end where one more part was expected; nothing else.
        assert [f for f in faults if f.split(":")[0] not in LATE] == []
        expect_whole_sound(viewer)
        # Each try that failed meanwhile has doubled the time until the next one, to 160 s at most; further steps take 10 s.
        wait_until(lambda: level(server) == 0, 240, "everything is back", every=0.5)
        record_property("seconds until everything was back", round(time.monotonic() - freed, 1))
    wait_until(lambda: set(viewer.renditions()) == set(NAMES), 15, "and can be chosen")
    for name in overload["shed"]:
        expect_rested(viewer, name)
    expect_whole_sound(viewer)
    assert edge.faults == []
