"""DVR on disk, replay, and what a restart brings back: with real hosts, real clients and kill -9."""
import contextlib
import subprocess
import time
from urllib.parse import urljoin

import pytest

import probe
from deadline import wait_until
from server import show, tool
from viewer import Replay, Viewer, last_piece

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
WINDOW = {"dvrSeconds": 30}
RECORDING = {"minimumFreeMegabytes": 1, "sweepSeconds": 1}


def reads(url, tmp_path, name, seconds=None):
    """ffmpeg copies what it reads at an address into a file, which is returned."""
    path = tmp_path / f"{name}.mp4"
    limit = ["-t", str(seconds)] if seconds else []
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "warning", "-y", "-live_start_index", "0", "-i", url, *limit, "-c", "copy",
         str(path)], capture_output=True, text=True, timeout=90)
    assert run.returncode == 0, run.stderr
    return path


def seconds_of(path, kind):
    packets = probe.packets(path, kind)
    return packets[-1]["pts"] + packets[-1]["duration"] - packets[0]["pts"]


@pytest.fixture(scope="module")
def life(launch_once, publish_once, tmp_path_factory):
    """One show's life: on air, killed with its server, back, ended, and the server restarted once more."""
    server = launch_once(ladder=LADDER, window=WINDOW, recording=RECORDING)
    host = publish_once(server, "flash", before=("-t", "40"), loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live()
    names = list(viewer.renditions())
    viewer.wait_segments(names[0], 7)
    # A segment is open when the server dies.
    wait_until(lambda: viewer.listing(names[0]).next_part[1] in (2, 3), 10, "a segment half done", every=0.05)
    taken = {name: viewer.listing(name) for name in names}
    bytes_of = {name: viewer.fetch(taken[name].complete[0].url) for name in names}
    server.process.kill()
    server.process.wait()
    host.kill()
    killed = time.monotonic()
    server.start()
    back = {name: viewer.listing(name) for name in names}
    away = time.monotonic() - killed
    paused_master = viewer.get(viewer.index_url()).status_code
    old_bytes = {name: viewer.fetch(taken[name].complete[0].url) for name in names}
    host = publish_once(server, "flash")
    wait_until(lambda: len(last_piece(viewer.listing(names[0]))) >= 4 and any(
        s.discontinuity for s in viewer.listing(names[0]).segments), 30, "the host is back", every=0.2)
    again = {name: viewer.listing(name) for name in names}
    server.end_show()
    wait_until(lambda: viewer.listing(names[0]).is_ended, 15, "ENDLIST")
    ended = {name: viewer.listing(name) for name in names}
    replay = Replay(server.url())
    wait_until(replay.is_there, 15, "the replay")
    host.stop()
    yield locals()
    viewer.close()
    replay.close()


def test_a_killed_server_lists_the_old_window_again(life):
    for name in life["names"]:
        before, back = life["taken"][name], life["back"][name]
        old = {s.number: s.url for s in before.complete}
        same = [s for s in back.complete if s.number in old and not s.gap]
        # The last segments may not have been on disk yet.
        assert len(same) >= len(old) - 2, (name, old, back.text)
        assert all(s.url == old[s.number] for s in same)
        assert life["bytes_of"][name] == life["old_bytes"][name]
        # Numbers never go back, and what was seen of the open segment is a gap.
        assert back.segments[-1].number >= before.segments[-1].number
        assert back.segments[-1].gap
        assert not back.is_ended
    assert life["paused_master"] == 200


def test_a_discontinuity_follows_when_the_host_is_back(life):
    for name in life["names"]:
        again = life["again"][name]
        breaks = [i for i, s in enumerate(again.segments) if s.discontinuity]
        assert len(breaks) == 1, again.text
        assert again.segments[breaks[0] - 1].gap
        assert again.segments[breaks[0]].init_url != again.segments[0].init_url
        numbers = {s.url: s.number for s in life["taken"][name].complete}
        assert all(numbers.get(s.url, s.number) == s.number for s in again.complete)
        urls = [s.url for s in again.complete]
        assert len(set(urls)) == len(urls)
        dates = [s.date for s in again.complete]
        assert dates == sorted(dates)
    places = {tuple(s.number for s in life["again"][n].segments if s.discontinuity) for n in life["names"]}
    assert len(places) == 1


def test_the_ended_show_and_its_replay_have_all_there_is(life):
    replay, names = life["replay"], life["names"]
    assert set(replay.renditions()) == set(names)
    for name in names:
        listing = replay.listing(name)
        assert listing.is_ended and "#EXT-X-PLAYLIST-TYPE:VOD" in listing.text
        assert "EXT-X-PART" not in listing.text and "SERVER-CONTROL" not in listing.text
        assert not any(s.gap for s in listing.segments)
        assert [s.discontinuity for s in listing.segments].count(True) == 1
        files = [s.url.rpartition("/")[2] for s in listing.complete]
        live = [s.url.rpartition("/")[2] for s in life["ended"][name].complete if not s.gap]
        assert files[-len(live):] == live
        head = replay.get(listing.complete[0].url, headers={"Range": "bytes=0-99"})
        assert head.status_code == 206 and len(head.content) == 100
        whole = replay.get(listing.complete[0].url)
        assert "immutable" in whole.headers["cache-control"] and whole.content[:100] == head.content
        tag = {"If-None-Match": whole.headers["etag"]}
        assert replay.get(listing.complete[0].url, headers=tag).status_code == 304


def test_ffmpeg_reads_the_replay_of_every_rendition(life, tmp_path):
    replay = life["replay"]
    for name in life["names"]:
        path = reads(replay.index_url(name), tmp_path, name)
        listed = sum(s.duration for s in replay.listing(name).complete)
        kind = "a:0" if name == "audio" else "v:0"
        # ffmpeg's times run on over a break: the packet before it is as long as the outage. Where they overlap instead,
        # it leaves the first packets out.
        assert sum(min(p["duration"], 0.1) for p in probe.packets(path, kind)) == pytest.approx(listed, abs=0.6)
        assert probe.decode_errors(path) == ""


def test_the_recording_as_one_file(life, tmp_path):
    replay, server = life["replay"], life["server"]
    url = server.url("/replay/show/download.mp4")
    answer = replay.get(url, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content.find(b"moov") < answer.content.find(b"mdat"), "the index comes first"
    path = tmp_path / "show.mp4"
    path.write_bytes(answer.content)
    listed = sum(s.duration for s in replay.listing(life["names"][0]).complete)
    assert seconds_of(path, "v:0") == pytest.approx(listed, abs=0.1)
    assert seconds_of(path, "a:0") == pytest.approx(listed, abs=0.1)
    assert probe.decode_errors(path) == ""
    # Flash and beep at each second, before the break and after it.
    start, samples = probe.decoded_samples(path)
    flashes = [t for (t0, l0), (t, l) in zip(probe.luma(path), probe.luma(path)[1:]) if l > 120 > l0]
    assert len(flashes) >= listed - 4
    checked = 0
    for flash in flashes:
        near = [i for i in range(int((flash - start - 0.2) * 48000), int((flash - start + 0.2) * 48000))
                if 0 <= i < len(samples) and abs(samples[i]) > 0.2]
        if near:
            assert abs(start + near[0] / 48000 - flash) < 0.08, flash
            checked += 1
    assert checked >= len(flashes) - 3
    part = replay.get(url, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206 and part.content == answer.content[100:200]
    for rendition, status in (("source", 200), ("240p", 200), ("999p", 404), ("audio", 404)):
        assert replay.get(url, params={"rendition": rendition}, timeout=60).status_code == status, rendition
    missing = replay.get(server.url("/replay/nobody/download.mp4"))
    assert missing.status_code == 404 and missing.headers["content-type"] == "application/problem+json"


def test_pictures_of_the_replay_for_seeking(life):
    """The I-frame playlist names bytes that are one picture each, with the init section a decoder needs."""
    replay = life["replay"]
    for name in life["names"]:
        if name == "audio":
            continue
        url = replay.index_url(name).replace("index.m3u8", "iframes.m3u8")
        text = replay.fetch(url).decode()
        assert "#EXT-X-I-FRAMES-ONLY" in text and text.count("#EXT-X-BYTERANGE:") == len(replay.listing(name).segments)
        length, _, offset = text.partition("#EXT-X-BYTERANGE:")[2].partition("\n")[0].partition("@")
        file = next(line for line in text.splitlines() if line and not line.startswith("#"))
        end = int(offset) + int(length) - 1
        part = replay.get(urljoin(url, file), headers={"Range": f"bytes={offset}-{end}"})
        assert part.status_code == 206 and b"moof" in part.content[:200] and len(part.content) == int(length)


def test_another_restart_keeps_the_end_and_the_replay(life):
    server, replay, viewer = life["server"], life["replay"], life["viewer"]
    before = {name: replay.listing(name).text for name in life["names"]}
    server.process.kill()
    server.process.wait()
    server.start()
    wait_until(replay.is_there, 15, "the replay after a restart")
    for name in life["names"]:
        assert replay.listing(name).text == before[name]
        assert viewer.listing(name).is_ended
        assert viewer.fetch(viewer.listing(name).complete[-1].url)


def test_replay_paths_that_name_nothing(life):
    for path in ("/replay/show/240p/nothing.mp4", "/replay/nobody/index.m3u8", "/replay/show/../../x.mp4",
                 "/replay/show/240p/journal", "/replay/show/240p/s1-x.mp4"):
        answer = life["replay"].get(life["server"].url(path))
        assert answer.status_code == 404, path


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 6 MiB: a tmpfs."""
    folder = tmp_path / "server0" / "data"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs may be mounted here: {mounted.stderr}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.long
def test_a_full_disk_leaves_live_alone(launch, publish, small_disk, tmp_path):
    """The disk fills up: live goes on, the recording has a gap and says so; with room again it goes on."""
    ballast = small_disk / "ballast"
    server = launch(ladder=LADDER, window=WINDOW, recording={
        "minimumFreeMegabytes": 0, "waitingMegabytes": 1, "sweepSeconds": 1})
    publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 4)
    with open(ballast, "wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(bytes(16384))
    wait_until(lambda: "segments cannot be written" in server.log(), 20, "the log tells of the disk")
    number = viewer.listing("240p").last_number
    wait_until(lambda: server.metrics().total("shopcast_recording_lost_segments_total") > 0, 40, "a lost segment")
    assert server.metrics().total("shopcast_recording_disk_trouble") == 1
    assert viewer.listing("240p").last_number > number, "live goes on"
    piece = last_piece(viewer.listing("240p"))
    assert len(piece) >= 3 and viewer.fetch(piece[-1].url)
    ballast.unlink()
    wait_until(lambda: "the recording goes on" in server.log(), 20, "the recording goes on")
    wait_until(lambda: len(last_piece(viewer.listing("240p"))) >= 3, 20, "segments after it")
    server.end_show()
    replay = Replay(server.url())
    wait_until(replay.is_there, 80, "the replay")
    lists = [replay.listing(name) for name in ("source", "240p", "audio")]
    missing = [s for listing in lists for s in listing.segments if s.gap or s.discontinuity]
    assert missing, lists[0].text
    for listing in lists:
        for segment in listing.complete:
            assert segment.gap or replay.fetch(segment.url)


@pytest.mark.long
def test_the_oldest_recording_goes_first_and_is_announced(launch, publish):
    server = launch([show("one"), show("two")], ladder=LADDER, window=WINDOW, recording={
        "minimumFreeMegabytes": 0, "maximumGigabytes": 0.002, "sweepSeconds": 2})
    for name in ("one", "two"):
        viewer = Viewer(server.url(), name)
        host = publish(server, "small", show=name)
        viewer.wait_live()
        viewer.wait_segments("240p", 7)
        server.end_show(name)
        host.stop()
    gone = Replay(server.url(), "one")
    wait_until(lambda: "a recording was deleted" in server.log(), 30, "the deletion")
    log = server.log()
    assert log.index("nine tenths") < log.index("will be deleted with the next sweep") < log.index("was deleted")
    assert not gone.is_there()
    assert gone.get(server.url("/live/one/index.m3u8")).status_code == 404
    assert server.metrics().total("shopcast_recordings_deleted_total") >= 1


@pytest.mark.long
def test_memory_does_not_grow_with_the_window(launch, publish, record_property):
    """Two minutes on air with a window of ten: what is kept beyond the newest seconds is on disk."""
    server = launch(ladder=LADDER, window={"dvrSeconds": 600}, recording=RECORDING)
    publish(server, "hd")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("source", 20, 60)
    early = server.resident_mebibytes()
    first = viewer.listing("source").complete[0]
    viewer.wait_segments("source", 70, 140)
    late = server.resident_mebibytes()
    record_property("MiB at 40 s", round(early))
    record_property("MiB at 140 s", round(late))
    # A hundred seconds of this host are 33 MB.
    assert late - early < 15
    assert viewer.fetch(first.url)
