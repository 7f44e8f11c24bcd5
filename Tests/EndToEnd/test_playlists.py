"""Every list of a live show as other readers see it: delta updates, I-frame playlists, rates, steering."""
import gzip
import re
import subprocess
import time
from urllib.parse import urljoin

import m3u8
import pytest

from page_browser import Visit
from server import show, tool
from viewer import Listing, Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
WINDOW = {"dvrSeconds": 120}
STEERING = {"lifetime": 60, "pathways": [{"id": "edge", "host": "cdn.example:8443"}, {"id": "origin"}]}


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(language="en")], tls=True, ladder=LADDER, window=WINDOW)
    publish_once(server, "small")
    return server


@pytest.fixture(scope="module")
def viewer(viewer):
    # Far enough for delta updates: more than the skip boundary of 12 s.
    viewer.wait_segments("source", 9, seconds=60)
    return viewer


def attributes(text):
    """The attribute list of a tag, as a dict of texts without their quotation marks."""
    found = re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)(?:,|$)', text)
    return {name: value.strip('"') for name, value in found}


def tags(text, name):
    return [l.split(":", 1)[1] if ":" in l else "" for l in text.splitlines() if l.split(":")[0] == "#" + name]


def media_texts(viewer):
    """(address, text) of every list of every rendition, full and delta."""
    for name in viewer.renditions():
        for file in ("index", "iframes"):
            if name == "audio" and file == "iframes":
                continue
            url = urljoin(viewer.index_url(name), f"{file}.m3u8")
            for query in ("", "?_HLS_skip=YES", "?_HLS_skip=v2"):
                answer = viewer.get(url + query)
                assert answer.status_code == 200, url
                yield url + query, answer.text


def test_m3u8_reads_every_media_playlist_as_it_is_written(viewer):
    seen = 0
    for url, text in media_texts(viewer):
        model = m3u8.loads(text, uri=url)
        lines = text.splitlines()
        durations = [float(l.split(":")[1].rstrip(",")) for l in lines if l.startswith("#EXTINF:")]
        complete = [s for s in model.segments if s.uri]
        assert [s.duration for s in complete] == durations, url
        assert [s.uri for s in complete] == [l for l in lines if l and not l.startswith("#")]
        assert [s.byterange for s in complete if s.byterange] == tags(text, "EXT-X-BYTERANGE")
        parts = [attributes(t) for t in tags(text, "EXT-X-PART")]
        read = [p for s in model.segments for p in s.parts]
        assert [(p.uri, p.duration) for p in read] == [(a["URI"], float(a["DURATION"])) for a in parts]
        assert [p.independent or None for p in read] == [a.get("INDEPENDENT") for a in parts]
        reports = [attributes(t) for t in tags(text, "EXT-X-RENDITION-REPORT")]
        assert [(r.uri, r.last_msn, r.last_part) for r in model.rendition_reports] == [
            (a["URI"], int(a["LAST-MSN"]), int(a["LAST-PART"]) if "LAST-PART" in a else None) for a in reports]
        assert model.media_sequence == int(tags(text, "EXT-X-MEDIA-SEQUENCE")[0])
        assert model.discontinuity_sequence == int(tags(text, "EXT-X-DISCONTINUITY-SEQUENCE")[0])
        assert int(model.version) == int(tags(text, "EXT-X-VERSION")[0])
        assert model.server_control.can_skip_until == 12.0 and model.server_control.hold_back == 6.0
        assert model.is_i_frames_only == ("iframes" in url)
        skip = tags(text, "EXT-X-SKIP")
        assert (model.skip.skipped_segments if model.skip else None) == (
            int(attributes(skip[0])["SKIPPED-SEGMENTS"]) if skip else None)
        assert bool(skip) == ("_HLS_skip" in url)
        # What m3u8 writes from what it read is read alike again.
        again = m3u8.loads(model.dumps(), uri=url)
        assert [(s.uri, s.duration) for s in again.segments] == [(s.uri, s.duration) for s in model.segments]
        seen += 1
    assert seen == 15


def test_versions_are_no_higher_than_needed(viewer):
    for url, text in media_texts(viewer):
        wanted = 9 if "_HLS_skip" in url else 5 if "iframes" in url else 6
        assert tags(text, "EXT-X-VERSION") == [str(wanted)], url


def test_a_delta_update_completes_an_older_list(viewer):
    for name in viewer.renditions():
        url = viewer.index_url(name)
        old = Listing(viewer.get(url).text, url)
        number = old.last_number + 1
        query = f"?_HLS_msn={number}"
        delta = viewer.get(url + query + "&_HLS_skip=YES")
        full = viewer.get(url + query)
        head, tail = delta.text.split("#EXT-X-SKIP:SKIPPED-SEGMENTS=")
        skipped = int(tail.split("\n", 1)[0])
        # Players count discontinuities while they read: the number comes before what is skipped.
        assert "#EXT-X-DISCONTINUITY-SEQUENCE:" in head and "#EXT-X-MEDIA-SEQUENCE:" in head
        first = int(tags(delta.text, "EXT-X-MEDIA-SEQUENCE")[0])
        kept = [l for l in tail.splitlines()[1:] if l and not l.startswith("#")]
        whole = [l for l in full.text.splitlines() if l and not l.startswith("#")]
        have = {s.number: s.url.rsplit("/", 1)[1] for s in old.complete}
        made = [have[n] for n in range(first, first + skipped)] + kept
        assert made[:len(whole)] == whole[:len(made)], name
        # The first that is listed says for itself what it needs.
        opening = tail.split("\n", 1)[1].split("#EXTINF")[0]
        assert "#EXT-X-MAP:" in opening and "#EXT-X-PROGRAM-DATE-TIME:" in opening


def test_a_refresh_is_small(server, viewer, record_property):
    answer = viewer.get(viewer.index_url("source") + "?_HLS_skip=YES", headers={"Accept-Encoding": "gzip"})
    size = len(gzip.compress(answer.content, 5))
    sent = int(answer.headers["content-length"])
    record_property("delta update, bytes and gzip as sent", f"{len(answer.content)}, {sent}")
    assert sent < 1500 and abs(sent - size) < 60


def test_an_i_frame_playlist_names_key_pictures(viewer, tmp_path):
    """The init section and the byte range together are one picture that decodes by itself."""
    master = viewer.multivariant()
    assert {p.uri.split("/")[0] for p in master.iframe_playlists} == {"source", "240p"}
    for variant in master.iframe_playlists:
        url = urljoin(viewer.index_url(), variant.uri)
        info = variant.iframe_stream_info
        model = m3u8.loads(viewer.get(url).text, uri=url)
        assert model.target_duration == 2 and not any(s.parts for s in model.segments)
        assert model.preload_hint is None
        rates = []
        for segment in model.segments[-3:]:
            length, offset = map(int, segment.byterange.split("@"))
            answer = viewer.get(segment.absolute_uri, headers={"Range": f"bytes={offset}-{offset + length - 1}"})
            assert answer.status_code == 206 and len(answer.content) == length
            path = tmp_path / f"{variant.uri.replace('/', '-')}-{segment.uri}"
            path.write_bytes(viewer.fetch(urljoin(url, segment.init_section.uri)) + answer.content)
            rates.append(8 * length / segment.duration)
            # The fragment's other pictures are cut off, so only the first is there.
            run = subprocess.run(
                [tool("ffprobe"), "-v", "quiet", "-select_streams", "v:0", "-show_entries",
                 "frame=key_frame,pict_type,width,height", "-of", "csv=p=0", str(path)],
                capture_output=True, text=True, timeout=60)
            frames = [l.strip(",") for l in run.stdout.split() if l]
            assert len(frames) == 1, run.stdout
            assert frames[0].startswith("1,") and ",I" in frames[0]
            assert f"{info.resolution[0]},{info.resolution[1]}" in frames[0]
        assert max(rates) <= info.bandwidth * 1.1 and info.average_bandwidth <= info.bandwidth
        assert info.codecs.startswith("avc1.")


def test_an_i_frame_playlist_waits_for_its_segment(viewer):
    url = urljoin(viewer.index_url("240p"), "iframes.m3u8")
    model = m3u8.loads(viewer.get(url).text)
    number = model.media_sequence + len(model.segments)
    begin = time.monotonic()
    later = m3u8.loads(viewer.get(f"{url}?_HLS_msn={number}").text)
    assert later.media_sequence + len(later.segments) > number
    assert time.monotonic() - begin < 3
    assert viewer.get(f"{url}?_HLS_msn={number + 5}").status_code == 400
    assert viewer.get(urljoin(viewer.index_url("audio"), "iframes.m3u8")).status_code == 404


def test_the_multivariant_playlist_says_all_that_players_choose_by(viewer):
    text = viewer.get(viewer.index_url()).text
    variants = [attributes(t) for t in tags(text, "EXT-X-STREAM-INF")]
    assert len(variants) == 3
    for found in variants:
        assert found["CLOSED-CAPTIONS"] == "NONE" and found["AUDIO"] == "audio"
        assert {"SCORE", "STABLE-VARIANT-ID", "AVERAGE-BANDWIDTH", "CODECS"} <= set(found)
    assert len({v["SCORE"] for v in variants}) == 3
    *videos, sound = variants
    assert all(v["VIDEO-RANGE"] == "SDR" and v["FRAME-RATE"] == "30.000" for v in videos)
    assert "RESOLUTION" not in sound and sound["CODECS"] == "mp4a.40.2" and int(sound["BANDWIDTH"]) <= 192_000
    (media,) = [attributes(t) for t in tags(text, "EXT-X-MEDIA")]
    assert media["LANGUAGE"] == "en" and media["CHANNELS"] == "2" and media["STABLE-RENDITION-ID"] == "audio"
    assert "EXT-X-CONTENT-STEERING" not in text
    assert viewer.get(viewer.index_url().replace("index.m3u8", "steering.json")).status_code == 404


def test_averages_are_measured(viewer, record_property):
    """Once ten segments are there, what is stated is what was sent, to ten per cent."""
    viewer.wait_segments("source", 13, seconds=60)
    for variant in viewer.multivariant().playlists:
        name = variant.uri.split("/")[0]
        listing = viewer.listing(name)
        names = [name] if name == "audio" else [name, "audio"]
        rate = 0
        for each in names:
            segments = viewer.listing(each).complete
            rate += 8 * sum(len(viewer.fetch(s.url)) for s in segments) / sum(s.duration for s in segments)
        record_property(f"{name}: kbit/s stated and sent",
                        f"{variant.stream_info.average_bandwidth // 1000}, {rate / 1000:.0f}")
        assert rate / 1.1 < variant.stream_info.average_bandwidth < rate * 1.25, name
        assert listing.complete


def test_every_directive_gets_what_the_draft_says(viewer):
    listing = viewer.listing("source")
    last = listing.last_number
    url = viewer.index_url("source")
    for query, status in [
            ("_HLS_part=0", 400), (f"_HLS_msn={last + 4}", 400), (f"_HLS_msn={last + 1}&_HLS_part=30", 400),
            (f"_HLS_msn={last}&_HLS_part=99", 200), ("_HLS_msn=1&_HLS_skip=YES", 200), ("_HLS_skip=never", 200),
            ("_HLS_skip=YES&_HLS_skip=YES", 400)]:
        answer = viewer.get(f"{url}?{query}")
        assert answer.status_code == status, query
    assert "#EXT-X-SKIP" not in viewer.get(f"{url}?_HLS_skip=never").text
    assert "#EXT-X-SKIP" in viewer.get(f"{url}?_HLS_msn=1&_HLS_skip=YES").text


def test_hls_js_refreshes_by_delta_updates(server, browser, viewer):
    """The page plays on delta updates, and goes from one rendition to another by its reports."""
    with Visit(browser, server.url()) as visit:
        asked = []
        visit.page.on("response", lambda r: asked.append((r.url, r.status)))
        visit.open()
        visit.wait_playing()
        visit.wait(8)
        before = visit.video("currentTime")
        visit.wait(6)
        assert visit.video("currentTime") - before > 5
        refreshes = [(url, status) for url, status in asked if "_HLS_skip=" in url]
        assert len(refreshes) > 10, asked[-20:]
        asked = [a for a in asked if "/beats" not in a[0]]
        assert {status for _, status in asked if status} <= {200, 206}, [a for a in asked if a[1] >= 400]
        assert not visit.serious_complaints, visit.serious_complaints


def test_steering_is_told_to_players(launch, publish):
    server = launch([show()], ladder=LADDER, steering=STEERING)
    publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    text = viewer.get(viewer.index_url()).text
    assert attributes(tags(text, "EXT-X-CONTENT-STEERING")[0]) == {
        "SERVER-URI": "steering.json", "PATHWAY-ID": "origin"}
    assert all(attributes(t)["PATHWAY-ID"] == "origin" for t in tags(text, "EXT-X-STREAM-INF"))
    answer = viewer.get(viewer.index_url().replace("index.m3u8", "steering.json"),
                        params={"_HLS_pathway": '"origin"', "_HLS_throughput": "500000"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.apple.steering-list"
    assert answer.json() == {
        "VERSION": 1, "TTL": 60, "RELOAD-URI": "steering.json", "PATHWAY-PRIORITY": ["edge", "origin"],
        "PATHWAY-CLONES": [{"BASE-ID": "origin", "ID": "edge", "URI-REPLACEMENT": {"HOST": "cdn.example:8443"}}]}
    viewer.close()
