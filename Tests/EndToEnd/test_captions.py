"""Captions from the API to the player: tracks that are told of from the first picture on, cues on the media clock, live, in
the window on disk, and in the recording, where everything stands at its right place."""
import datetime
import subprocess

import pytest

import cea608
import players
from api import Client, operator, refused
from captions import at, cues_of, parse
from checker import check, states, told
from deadline import wait_until
from page_browser import Visit
from server import show, tool
from viewer import Replay, Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
WINDOW = {"dvrSeconds": 40}
TRACKS = [{"language": "en"}, {"language": "es", "source": "translation"}, {"language": "zh-Hans", "name": "中文", "source": "upload"}]
NAMES = ["captions-en", "captions-es", "captions-zh-Hans"]
CUES = "/shows/show/captions/en/cues"
HOSTILE = "</c>\n\n00:00:01.000 --> 99:00:00.000\n<b>5 < 6 & more</b> \u202egnp\x07"
SCRIPT = "WEBVTT\n\n00:00.500 --> 00:03.500\n这款羊绒毛衣今天只要1,299元\n\n00:59.000 --> 01:00.000\n再见\n"


@pytest.fixture(scope="module")
def aired(launch_once, publish_once, browser):
    """One show with captions, from its first picture to its recording; what was seen of it on the way."""
    server = launch_once([show(language="en", captions=TRACKS)], ladder=LADDER, window=WINDOW)
    ops = operator(server)
    put = {"content": SCRIPT.encode(), "headers": {"Content-Type": "text/vtt"}}
    assert ops.put("/shows/show/captions/zh-Hans/file", **put).json() == {"cues": 2, "badLines": [], "isScript": True}
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    master = viewer.multivariant()
    first = viewer.wait_segments("source", 2).complete[0]
    # Said in time, over a boundary; then too late; then what nobody should send.
    edge = viewer.listing("source").complete[-1]
    said = ops.made(CUES, {"start": at(edge.date, 4.5), "end": at(edge.date, 7), "text": "Half price today"})["cues"][0]
    late = ops.made(CUES, {"start": at(edge.date, -1.5), "end": at(edge.date, -0.2), "text": "came too late"})["cues"][0]
    hostile = ops.made(CUES, {"start": at(edge.date, 8), "end": at(edge.date, 9), "text": HOSTILE})["cues"][0]
    viewer.wait_number("captions-en", edge.number + 6)
    live = cues_of(viewer, "captions-en")
    bytes_of = {s.url: viewer.fetch(s.url) for s in viewer.listing("captions-en").complete}
    fixed = ops.patch(f"{CUES}/{said['id']}", {"text": "Half price, today only"}, match=None).json()
    gone = ops.made(CUES, {"text": "never mind"})["cues"][0]
    assert ops.delete(f"{CUES}/{gone['id']}").status_code == 204
    report = check(f"{server.url()}/live/show/index.m3u8")
    listings = {name: viewer.listing(name) for name in ["source", *NAMES]}
    with Visit(browser, server.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        yield locals()
    viewer.close()
    ops.close()


@pytest.fixture(scope="module")
def recorded(aired):
    """The same show when it is over."""
    server, viewer = aired["server"], aired["viewer"]
    server.end_show()
    wait_until(lambda: viewer.listing("captions-en").is_ended, 15, "the end mark")
    replay = Replay(server.url())
    wait_until(replay.is_there, 30, "the recording")
    yield replay
    replay.close()


def test_tracks_are_told_of_before_their_first_cue(aired):
    texts = [m for m in aired["master"].media if m.type == "SUBTITLES"]
    assert [(m.language, m.name, m.uri) for m in texts] == [
        ("en", "English", "captions-en/index.m3u8"), ("es", "Español", "captions-es/index.m3u8"),
        ("zh-Hans", "中文", "captions-zh-Hans/index.m3u8")]
    assert {m.default for m in texts} == {"NO"} and {m.autoselect for m in texts} == {"YES"}
    assert [m.characteristics for m in texts] == [None, "public.machine-generated", None]
    assert all(p.stream_info.subtitles == texts[0].group_id for p in aired["master"].playlists)


def test_text_keeps_step_with_the_picture(aired):
    for name in NAMES:
        text, picture = aired["listings"][name], aired["listings"]["source"]
        pictures = {s.number: s for s in picture.complete}
        assert abs(text.segments[0].number - picture.segments[0].number) <= 1
        assert text.lines("#EXT-X-SERVER-CONTROL") == picture.lines("#EXT-X-SERVER-CONTROL")
        assert text.parts == [] and text.hint_url is None and text.lines("#EXT-X-PART-INF") == []
        shared = [s for s in text.complete if s.number in pictures]
        assert len(shared) >= 8
        for segment in shared:
            other = pictures[segment.number]
            assert (segment.date, segment.duration) == (other.date, other.duration)
            assert (segment.discontinuity, segment.gap) == (other.discontinuity, other.gap)


def test_check_finds_nothing_in_a_live_show(aired):
    report, code = aired["report"]
    assert told(report, "fail") == [] and code == 0
    assert len(report["renditions"]) >= 3 + len(NAMES)
    said = states(report)
    for rule in ("vtt-header", "vtt-timestamp-map", "vtt-cues", "vtt-period", "vtt-repeated", "date-aligned", "media-type"):
        assert said[rule] == "pass", rule


def test_a_cue_goes_with_its_picture(aired):
    """Ten seconds of media time are the first picture, whose date is that of its segment."""
    heard = aired["live"][f"c{aired['said']['id']}"]
    assert len(heard) >= 2, "it goes over a boundary, and stands in both segments"
    assert len({(c.start, c.end, c.text) for _, c in heard}) == 1
    cue = heard[0][1]
    offset = 4.5 + (aired["edge"].date - aired["first"].date).total_seconds()
    assert cue.text == "Half price today"
    assert cue.start - 10 == pytest.approx(offset, abs=0.1) and cue.end - cue.start == pytest.approx(2.5, abs=0.01)


def test_a_late_cue_goes_into_the_next_segment(aired):
    ((segment, cue),) = aired["live"][f"c{aired['late']['id']}"]
    assert segment.date > aired["edge"].date and cue.text == "came too late"
    start = 10 + (segment.date - aired["first"].date).total_seconds()
    assert start - 0.05 <= cue.start < start + segment.duration


def test_a_hostile_cue_is_words(aired):
    ((_, cue), *_) = aired["live"][f"c{aired['hostile']['id']}"]
    assert "&lt;b&gt;5 &lt; 6 &amp; more" in cue.text
    assert "00:00:01.000 --&gt; 99:00:00.000" in cue.text and "\u202e" not in cue.text and "\x07" not in cue.text
    assert aired["hostile"]["text"].endswith("</b> gnp")


def test_what_was_listed_never_changes(aired):
    viewer = aired["viewer"]
    same = [s.url for s in viewer.listing("captions-en").complete if s.url in aired["bytes_of"]]
    assert len(same) >= 3
    for url in same:
        assert viewer.fetch(url) == aired["bytes_of"][url]


def test_the_api_tells_what_is_right(aired):
    anyone = Client(aired["server"])
    answer = anyone.get(CUES, params={"from": at(aired["edge"].date, -10)})
    cues = {c["id"]: c for c in answer.json()["cues"]}
    assert "max-age=1" in answer.headers["cache-control"]
    assert cues[aired["said"]["id"]]["text"] == "Half price, today only" and aired["fixed"]["revision"] == 2
    assert cues[aired["late"]["id"]]["start"] == at(aired["edge"].date, -1.5)
    assert aired["gone"]["id"] not in cues and all("editor" not in c for c in cues.values())
    page = anyone.get(CUES, params={"limit": 1}).json()
    rest = anyone.get(CUES, params={"cursor": page["next"]}).json()["cues"]
    assert [c["id"] for c in page["cues"] + rest] == list({c["id"]: 0 for c in anyone.get(CUES).json()["cues"]})
    tracks = anyone.get("/shows/show/captions").json()["captions"]
    assert [t["rendition"] for t in tracks] == NAMES and tracks[1]["isMachineMade"] and tracks[0]["cues"] == 3


def test_a_script_begins_with_the_show(aired):
    heard = cues_of(aired["viewer"], "captions-zh-Hans")
    if "c1" in heard:
        assert heard["c1"][0][1].start == pytest.approx(10.5, abs=0.05)
    stored = aired["ops"].get("/shows/show/captions/zh-Hans/cues").json()["cues"]
    assert [c["text"] for c in stored] == ["这款羊绒毛衣今天只要1,299元", "再见"]
    assert stored[0]["start"] == at(aired["first"].date, 0.5)


def test_text_is_compressed_and_kept_by_caches(aired):
    viewer = aired["viewer"]
    segment = next(s for s, _ in aired["live"][f"c{aired['hostile']['id']}"])
    url = viewer.listing("captions-en").complete[-1].url
    for place in (segment.url, url):
        plain = viewer.get(place, headers={"Accept-Encoding": "identity"})
        packed = viewer.get(place, headers={"Accept-Encoding": "gzip"})
        assert plain.headers["content-type"] == "text/vtt" and "immutable" in plain.headers["cache-control"]
        assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding" and plain.content == packed.content
        tag = {"If-None-Match": plain.headers["etag"]}
        assert viewer.get(place, headers=tag).status_code == 304
        part = viewer.get(place, headers={"Range": "bytes=0-5"})
        assert part.status_code == 206 and part.content == b"WEBVTT"
    first = viewer.get(segment.url, headers={"Accept-Encoding": "gzip"})
    assert first.headers.get("content-encoding") == "gzip" or len(first.content) < 200


@pytest.mark.parametrize("body, field", [
    ({}, "text"), ({"text": ""}, "text"), ({"text": "x" * 1001}, "text"), ({"text": "\u202e\x00 \n"}, "text"),
    ({"text": "a", "start": "2026-01-01T00:00:05Z", "end": "2026-01-01T00:00:05Z"}, "end"),
    ({"text": "a", "start": "2026-01-01T00:00:05Z", "end": "2026-01-01T00:02:05Z"}, "end"),
    ({"text": "a", "start": "soon"}, "start"), ({"text": "a", "speaker": "x\ny"}, "speaker"),
    ({"text": "a", "speaker": "\u202e"}, "speaker"), ({"text": "a", "speaker": "e" + "\u0301" * 90}, "speaker"),
    ({"text": "a", "engine": "e" + "\u0301" * 90}, "engine"), ({"text": "a", "x": 1}, "x"),
    ({"cues": []}, "cues"), ({"cues": [{"text": "a"}, {"text": ""}]}, "cues.1.text"),
])
def test_what_no_caption_is_is_refused(aired, body, field):
    refused(aired["ops"].post(CUES, body), 422, field=field)


def test_tracks_and_cues_that_are_not_there(aired):
    ops = aired["ops"]
    refused(ops.post("/shows/show/captions/fr/cues", {"text": "a"}), 404)
    refused(ops.get("/shows/show/captions/fr/cues"), 404)
    refused(ops.delete(f"{CUES}/9999"), 404)
    refused(ops.patch(f"{CUES}/{aired['said']['id']}", {"text": "b"}, match='"r1"'), 412)
    bad = {"content": b"\xff\xfe", "headers": {"Content-Type": "text/plain"}}
    refused(ops.put("/shows/show/captions/zh-Hans/file", **bad), 422, "UTF-8")
    refused(ops.post("/shows", {"titles": {"en": "A"}, "captions": [{"language": "en"}, {"language": "en"}]}), 422,
            field="captions.1.language")


def test_an_interpreter_writes_their_own_language_only(aired):
    ops, server = aired["ops"], aired["server"]
    person = ops.person("ines", "correct horse battery")
    member = {"role": "interpreter", "languages": ["es-MX"]}
    assert ops.put(f"/shows/show/members/{person['id']}", member).status_code == 200
    ines = Client(server)
    assert ines.sign_in("ines", "correct horse battery").status_code == 200
    long = "Este suéter de cachemira cuesta hoy solamente 1.299 pesos, y durante los próximos diez minutos hay 30% de descuento."
    made = ines.made("/shows/show/captions/es/cues", {"text": long})["cues"]
    assert len(made) == 2 and made[0]["end"] == made[1]["start"], "too long for one"
    assert " ".join(c["text"].replace("\n", " ") for c in made) == long
    refused(ines.post(CUES, {"text": "hello"}), 403)
    refused(ines.get("/shows/show/captions/en/file"), 403)
    ines.close()


def test_the_page_shows_captions_when_asked(aired):
    """Off by default; hls.js plays undisturbed, with and without."""
    visit, ops = aired["visit"], aired["ops"]
    button, box = visit.page.locator("#captions"), visit.page.locator("#caption-box")
    assert visit.told("captions") == "" and box.is_hidden()
    assert button.get_attribute("aria-label") == "Captions: Off"
    visit.controls()
    button.click()
    labels = visit.page.locator("#captions-menu [role=menuitemradio]").all_inner_texts()
    assert labels == ["Off", "English", "Español (automatic)", "中文"]
    visit.page.click("#captions-menu [data-choice=en]")
    assert visit.told("captions") == "en" and visit.page.locator("#captions-menu").is_hidden()
    edge = aired["viewer"].listing("source").complete[-1]
    ops.made(CUES, {"start": at(edge.date, 4), "end": at(edge.date, 12), "text": "Seen <i>on</i> the page"})
    wait_until(lambda: box.is_visible() and box.inner_text() == "Seen <i>on</i> the page", 20, "the caption", every=0.1)
    stage, words = visit.page.locator("#stage").bounding_box(), box.bounding_box()
    assert words["y"] > stage["y"] + stage["height"] * 0.6 and words["y"] + words["height"] <= stage["y"] + stage["height"]
    visit.page.keyboard.press("c")
    assert visit.told("captions") == "" and box.is_hidden()
    visit.page.keyboard.press("c")
    assert visit.told("captions") == "en"
    assert visit.told("stalls") == 0 and visit.complaints == []
    visit.page.reload()
    visit.wait_playing()
    wait_until(lambda: visit.told("captions") == "en", 5, "the choice is remembered")


def test_the_recording_has_everything_at_its_place(aired, recorded):
    said, late = aired["said"]["id"], aired["late"]["id"]
    texts = [m for m in recorded.multivariant().media if m.type == "SUBTITLES"]
    assert {m.language for m in texts} >= {"en", "zh-Hans"}
    heard = cues_of(recorded, "captions-en")
    listing = recorded.listing("captions-en")
    assert listing.is_ended and [s.date for s in listing.complete] == [s.date for s in recorded.listing("source").complete]
    assert {c.text for _, c in heard[f"c{said}"]} == {"Half price, today only"}
    base = 10 + (aired["edge"].date - aired["first"].date).total_seconds()
    assert heard[f"c{late}"][0][1].start == pytest.approx(base - 1.5, abs=0.1)
    assert heard[f"c{said}"][0][1].start == pytest.approx(base + 4.5, abs=0.1)
    assert f"c{aired['gone']['id']}" not in heard


def test_a_correction_after_the_show_has_new_addresses(aired, recorded):
    before = recorded.listing("captions-en")
    aired["ops"].patch(f"{CUES}/{aired['said']['id']}", {"text": "Half price, today and tomorrow"}, match=None)
    wait_until(lambda: recorded.listing("captions-en").complete[0].url != before.complete[0].url, 15, "another edition")
    heard = cues_of(recorded, "captions-en")
    assert {c.text for _, c in heard[f"c{aired['said']['id']}"]} == {"Half price, today and tomorrow"}
    assert recorded.get(before.complete[0].url).status_code == 404


def test_check_finds_nothing_in_the_recording(aired, recorded):
    for place in ("live", "replay"):
        report, code = check(f"{aired['server'].url()}/{place}/show/index.m3u8")
        assert told(report, "fail") == [] and code == 0, place
        assert len(report["renditions"]) >= 3 + len(NAMES) and states(report)["vtt-period"] == "pass"


def test_a_track_is_a_file_afterwards(aired, recorded):
    ops = aired["ops"]
    files = {form: ops.get("/shows/show/captions/en/file", params={"format": form}) for form in ("vtt", "srt", "txt")}
    assert files["vtt"].headers["content-type"] == "text/vtt" and "show-en.vtt" in files["vtt"].headers["content-disposition"]
    assert "came too late" in files["txt"].text and files["srt"].text.startswith("1\r\n")
    offset = 4.5 + (aired["edge"].date - aired["first"].date).total_seconds()
    minutes, seconds = divmod(offset, 60)
    line = next(l for l in files["vtt"].text.splitlines() if f"{int(minutes):02}:{int(seconds):02}." in l)
    assert "-->" in line
    # What was taken out can be put back.
    put = {"content": files["vtt"].content, "headers": {"Content-Type": "text/vtt"}}
    before = ops.get(CUES).json()["cues"]
    assert ops.put("/shows/show/captions/en/file", **put).json()["cues"] == len(before)
    after = ops.get(CUES).json()["cues"]
    assert [(c["start"], c["text"].split()) for c in after] == [(c["start"], c["text"].split()) for c in before]


def test_ffmpeg_reads_the_text(recorded, tmp_path):
    """By its own address: of a show's renditions FFmpeg 5.1 takes no text."""
    path = tmp_path / "captions.srt"
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", "-i", recorded.index_url("captions-en"), "-map", "0:s:0",
         "-f", "srt", path], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "Half price, today" in path.read_text()


@pytest.mark.parametrize("name", [p for p in players.ALL if p != "ffprobe"])
def test_players_play_with_captions_beside(aired, recorded, tmp_path, name):
    pictures, complaints = getattr(players, name)(recorded.index_url(), tmp_path)
    assert complaints == [] and pictures > (players.SECONDS - 2) * 25


def test_captions_in_the_picture_come_out_as_the_same_text(launch, publish, tmp_path):
    """CEA-608 in the host's H.264, as a broadcaster's encoder puts it there."""
    captions = [(4, "Half price today"), (7, None), (8, "Only twenty left"), (11, None)]
    film = cea608.captioned(tmp_path, captions, seconds=20)
    server = launch([show(captions=[{"language": "en", "source": "embedded"}])], ladder=LADDER)
    publish(server, film, loop=False)
    viewer, anyone = Viewer(server.url()), Client(server)
    viewer.wait_live()
    first = viewer.listing("source").complete[0]
    def kept():
        cues = anyone.get(CUES).json()["cues"]
        return cues if len(cues) == 2 else None
    cues = wait_until(kept, 25, "both captions", every=0.2)
    assert [(c["text"], c["source"]) for c in cues] == [("Half price today", "embedded"), ("Only twenty left", "embedded")]
    for cue, (second, _), (end, _) in zip(cues, captions[::2], captions[1::2]):
        for told, wanted in ((cue["start"], second), (cue["end"], end)):
            passed = (datetime.datetime.fromisoformat(told.replace("Z", "+00:00")) - first.date).total_seconds()
            assert passed == pytest.approx(wanted, abs=0.3), (cue, first.date)
    # In the playlist too, at its time, in pieces that do not overlap.
    last = viewer.listing("captions-en").complete[-1].number
    viewer.wait_number("captions-en", last + 2)
    heard = sorted((c.start, c.end) for ((_, c), *_) in cues_of(viewer, "captions-en").values() if c.text == "Half price today")
    assert heard[0][0] - 10 == pytest.approx(4, abs=0.3) and heard[-1][1] - 10 == pytest.approx(7, abs=0.3)
    assert all(a[1] <= b[0] + 0.05 for a, b in zip(heard, heard[1:]))
    viewer.close()
    anyone.close()
