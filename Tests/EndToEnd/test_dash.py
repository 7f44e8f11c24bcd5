"""The DASH description over the same segments: read by rule, and played by ffmpeg and GStreamer, live and ended."""
import datetime
import json
import re
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from urllib.parse import urljoin

import pytest

import probe
from deadline import wait_until
from server import ROOT, command, show, tool
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"


def seconds(text):
    """An xs:duration of seconds only."""
    return float(re.fullmatch(r"PT([0-9]+(?:\.[0-9]{3})?)S", text).group(1))


class Description:
    """A description that was read strictly: every segment of every representation with its address and time."""

    def __init__(self, text, url):
        self.text, self.url = text, url
        self.root = ElementTree.fromstring(text)
        assert self.root.tag == NAMESPACE + "MPD"
        self.is_live = self.root.get("type") == "dynamic"
        self.periods = self.root.findall(NAMESPACE + "Period")
        self.segments = {}
        for period in self.periods:
            start = seconds(period.get("start"))
            for number, adaptation in enumerate(period.findall(NAMESPACE + "AdaptationSet")):
                assert adaptation.get("id") == str(number)
                for representation in adaptation.findall(NAMESPACE + "Representation"):
                    self._read(start, adaptation, representation)

    def _read(self, start, adaptation, representation):
        outer = adaptation.find(NAMESPACE + "SegmentTemplate")
        inner = representation.find(NAMESPACE + "SegmentTemplate")
        told = {**(outer.attrib if outer is not None else {}), **(inner.attrib if inner is not None else {})}
        found = [t for t in (inner, outer) if t is not None and t.find(NAMESPACE + "SegmentTimeline") is not None]
        name, scale = representation.get("id"), int(told["timescale"])
        number, offset = int(told["startNumber"]), int(told.get("presentationTimeOffset", "0"))
        clock = None
        listed = self.segments.setdefault(name, [])
        for entry in found[0].find(NAMESPACE + "SegmentTimeline"):
            assert entry.tag == NAMESPACE + "S" and set(entry.attrib) <= {"t", "d", "r"}
            clock = int(entry.get("t", clock if clock is not None else "x"))
            duration = int(entry.get("d"))
            for _ in range(int(entry.get("r", "0")) + 1):
                address = told["media"].replace("$RepresentationID$", name).replace("$Number$", str(number))
                listed.append({
                    "url": urljoin(self.url, address), "init": urljoin(self.url, told["initialization"]),
                    "media_time": clock / scale, "duration": duration / scale,
                    "shown": start + (clock - offset) / scale})
                number, clock = number + 1, clock + duration


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(language="en"), show("later")], ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("source", 5)
    viewer.close()
    return server


def url(server, name="show"):
    return server.url(f"/live/{name}/manifest.mpd")


def described(server, name="show"):
    answer = server.http.get(url(server, name))
    assert answer.status_code == 200, answer.text
    return Description(answer.text, url(server, name))


def test_answers_as_playlists_do(server):
    answer = server.http.get(url(server))
    assert answer.headers["content-type"] == "application/dash+xml"
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["access-control-allow-origin"] == "*"
    again = server.http.get(url(server), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code in (200, 304)
    head = server.http.head(url(server))
    assert head.status_code == 200 and not head.content
    missing = server.http.get(url(server, "later"))
    assert missing.status_code == 404 and missing.headers["content-type"] == "application/problem+json"
    clock = server.http.head(urljoin(url(server), "clock"))
    assert clock.status_code == 204 and clock.headers["cache-control"] == "no-store, max-age=0"
    assert clock.headers["date"]


def test_is_what_the_schema_asks_for(server):
    root = described(server).root
    assert {"profiles", "minBufferTime", "type", "availabilityStartTime", "publishTime", "minimumUpdatePeriod"} <= set(
        root.attrib)
    assert [child.tag.removeprefix(NAMESPACE) for child in root] == ["Period", "UTCTiming"]
    allowed = {
        "Period": {"id", "start"}, "Role": {"schemeIdUri", "value"},
        "AdaptationSet": {"id", "contentType", "mimeType", "lang", "segmentAlignment", "startWithSAP"},
        "Representation": {"id", "codecs", "bandwidth", "width", "height", "frameRate", "audioSamplingRate"},
        "SegmentTemplate": {"timescale", "presentationTimeOffset", "startNumber", "media", "initialization"},
        "SegmentTimeline": set(), "S": {"t", "d", "r"}, "UTCTiming": {"schemeIdUri", "value"},
        "AudioChannelConfiguration": {"schemeIdUri", "value"},
    }
    # The order of children that the schema fixes (DASH-MPD.xsd).
    order = {
        "AdaptationSet": ["AudioChannelConfiguration", "Role", "SegmentTemplate", "Representation"],
        "Representation": ["AudioChannelConfiguration", "SegmentTemplate"],
    }
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        if name == "MPD":
            continue
        assert set(element.attrib) <= allowed[name], (name, element.attrib)
        if name in order:
            places = [order[name].index(child.tag.removeprefix(NAMESPACE)) for child in element]
            assert places == sorted(places)
    for element in root.iter(NAMESPACE + "Representation"):
        assert int(element.get("bandwidth")) > 0 and element.get("codecs")
    videos = [r for r in root.iter(NAMESPACE + "Representation") if r.get("width")]
    assert {r.get("id") for r in videos} == {"source", "240p"}
    audio = next(a for a in root.iter(NAMESPACE + "AdaptationSet") if a.get("contentType") == "audio")
    assert audio.get("lang") == "en"


def test_tells_the_times_that_are_in_the_media(server, tmp_path):
    description = described(server)
    assert set(description.segments) == {"source", "240p", "audio"}
    for name, segments in description.segments.items():
        for index in (0, len(segments) // 2, len(segments) - 1):
            segment = segments[index]
            path = tmp_path / f"{name}{index}.mp4"
            init, media = server.http.get(segment["init"]), server.http.get(segment["url"])
            assert (init.status_code, media.status_code) == (200, 200), segment["url"]
            assert "immutable" in media.headers["cache-control"]
            path.write_bytes(init.content + media.content)
            packets = probe.packets(path, "a:0" if name == "audio" else "v:0")
            assert min(p["pts"] for p in packets) == pytest.approx(segment["media_time"], abs=0.001)
            end = max(p["pts"] + p["duration"] for p in packets)
            assert end == pytest.approx(segment["media_time"] + segment["duration"], abs=0.035)


def test_segments_are_told_when_the_clock_has_passed_them(server):
    description = described(server)
    zero = datetime.datetime.fromisoformat(description.root.get("availabilityStartTime")).timestamp()
    for segments in description.segments.values():
        last = segments[-1]
        delay = time.time() - (zero + last["shown"] + last["duration"])
        assert -0.1 < delay < 4.5, delay
    # And they line up with the date that the playlists tell.
    viewer = Viewer(server.url())
    listed = {s.url: s.date.timestamp() for s in viewer.listing("source").complete}
    viewer.close()
    common = [s for s in description.segments["source"] if s["url"] in listed]
    assert len(common) >= 3
    assert all(abs(zero + s["shown"] - listed[s["url"]]) < 0.002 for s in common)


def ffmpeg_frames(address, count, timeout=60):
    """Pictures and sound that ffmpeg decodes from the description, and what it complains of."""
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-i", address, "-map", "0:v:0", "-map", "0:a:0",
         *(("-frames:v", str(count)) if count else ()), "-progress", "-", "-f", "null", "-"],
        capture_output=True, text=True, timeout=timeout)
    frames = [int(n) for n in re.findall(r"^frame=(\d+)", run.stdout, re.M)]
    return (frames or [0])[-1], run.stderr


def gstreamer_plays(address, seconds):
    """What came out of GStreamer in so many seconds of real time, or up to the end."""
    run = subprocess.run(
        ["/usr/bin/python3", ROOT / "Tests/EndToEnd/gstreamer_dash.py", address, str(seconds)],
        capture_output=True, text=True, timeout=seconds + 30)
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout.splitlines()[-1])
    assert seen["demuxer"] and seen["error"] is None, seen
    return seen


# ffmpeg's demuxer goes back to the beginning of its list where it comes late for a segment.
@pytest.mark.alone
def test_ffmpeg_plays_it_live(server):
    frames, complaints = ffmpeg_frames(url(server), 240)
    assert frames >= 240, complaints
    assert not complaints


@pytest.mark.long
def test_gstreamer_plays_it_live(server):
    # Longer than the window: what it reads must go on while segments leave.
    seen = gstreamer_plays(url(server), 45)
    assert not seen["ended"]
    assert 30 * 30 < seen["video"] <= 30 * 45 + 60 and seen["audio"] > 1000, seen


@pytest.mark.long
def test_a_return_of_the_host_is_a_period_and_the_end_is_static(launch, publish):
    server = launch([show()], ladder=LADDER, feed={"reconnectSeconds": 1})
    viewer = Viewer(server.url())
    publisher = publish(server, "small")
    viewer.wait_live()
    viewer.wait_segments("source", 3)
    publisher.stop()
    wait_until(lambda: "(paused)" in command("show", "list", "--config", server.settings_path).stdout
               or "EXT-X-GAP" in viewer.fetch(viewer.index_url("source")).decode(), 20, "the feed is away", every=0.3)
    publisher = publish(server, "small")
    wait_until(lambda: len(described(server).periods) == 2, 30, "a second period", every=0.5)
    viewer.wait_segments("source", 3)
    before = described(server)
    starts = [seconds(p.get("start")) for p in before.periods]
    for segments in before.segments.values():
        for segment in segments:
            assert server.http.head(segment["url"]).status_code == 200, segment["url"]
    # The host was away between the two: nothing overlaps.
    assert starts[1] >= max(s["shown"] + s["duration"] for s in before.segments["source"] if s["shown"] < starts[1]) - 0.01
    frames, complaints = ffmpeg_frames(url(server), 90)
    assert frames >= 90, complaints
    said = command("show", "end", "show", "--config", server.settings_path)
    assert said.returncode == 0, said.stderr
    wait_until(lambda: not described(server).is_live, 20, "a static description", every=0.3)
    ended = described(server)
    length = seconds(ended.root.get("mediaPresentationDuration"))
    assert seconds(ended.periods[0].get("start")) == 0
    last = max(s["shown"] + s["duration"] for s in ended.segments["source"])
    assert length == pytest.approx(last, abs=0.01)
    assert server.http.get(url(server)).headers["cache-control"].startswith("public, max-age=60")
    # ffmpeg's demuxer knows one period only and comes to an end; GStreamer plays them all.
    frames, complaints = ffmpeg_frames(url(server), 0)
    assert frames >= 90, complaints
    seen = gstreamer_plays(url(server), 75)
    assert seen["ended"], seen
    told = sum(s["duration"] for s in ended.segments["source"])
    assert seen["video"] >= 30 * told * 0.8, (seen, told)
    viewer.close()
