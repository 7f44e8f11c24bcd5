"""Rehearsals, and previews of what is not for everybody: nobody else sees them, and nothing of them is left."""
import json
import time

from deadline import wait_until
from page_browser import Visit
from server import command, show
from studio import LADDER, Host, Studio, nothing_is_on
from viewer import Replay, Viewer


def test_a_rehearsal_is_seen_by_its_host_only_and_going_live_starts_with_now(launch, publish, browser):
    server = launch([show(rehearsal=True)], ladder=LADDER, tls=True)
    host = Host(server)
    publish(server, "small")
    with Studio(browser, server.url()) as studio, Visit(browser, server.url()) as viewer:
        viewer.open()
        viewer.wait_state("soon")
        studio.enter()
        wait_until(lambda: host.state == "rehearsal", 20, "the feed begins a rehearsal")
        studio.wait_preview()
        assert "Rehearsal: only you can see this" in studio.text("#state-title")
        assert studio.page.evaluate("document.querySelector('video').muted")
        # Nobody else: no playlist, no description, no word of it, and nothing on the disk.
        assert nothing_is_on(server)
        for path in ("source/index.m3u8", "240p/index.m3u8", "audio/index.m3u8", "manifest.mpd"):
            assert server.http.get(server.url(f"/live/show/{path}")).status_code == 404
        assert server.http.get(server.url("/replay/show/index.m3u8")).status_code == 404
        assert server.http.get(server.url("/api/v1/shows/show")).json()["state"] == "scheduled"
        assert viewer.state == "soon"
        assert not list(server.data.glob("media/**/*.mp4"))
        rehearsed = host.preview()
        assert rehearsed == host.preview(), "one name for one window"
        assert server.http.get(server.url(rehearsed)).headers["cache-control"].startswith("private")
        names = json.loads(server.http.get(server.url("/api/v1/shows")).text)["shows"]
        assert [s["viewers"] for s in names] == [0]
        assert "preview-" not in server.metrics().text

        wait_until(lambda: studio.page.evaluate("window.shopcastStudio.show.feed.observed") == "on", 10, "all is looked at")
        went_live = time.time()
        studio.page.click("#go-live")
        wait_until(lambda: studio.page.evaluate("document.activeElement.id") == "main", 5, "the focus is not lost")
        viewer.wait_playing(30)
        assert host.state == "live"
        wait_until(lambda: studio.text("#state-title") == "You are live", 10, "the studio says so")
        wait_until(lambda: studio.player == "playing" and host.preview() != rehearsed, 25, "the preview is the show's")
        live = Viewer(server.url())
        listing = live.wait_segments("source", 2)
        first = listing.segments[0].date.timestamp()
        assert first > went_live - 1, "nothing of the rehearsal is in the window"
        assert not listing.lines("#EXT-X-DISCONTINUITY") and not any(s.gap for s in listing.segments)
        wait_until(lambda: server.http.get(server.url(rehearsed)).status_code == 404, 10, "the rehearsal's name is void")
        assert host.tell("go-live").status_code == 409

        studio.page.click("#end")
        studio.page.click("#ask-yes")
        wait_until(lambda: host.state in ("ended", "replay"), 10, "the show has ended")
        viewer.wait_state("ended", 30)
        wait_until(lambda: studio.page.locator("#end").is_hidden(), 10, "there is nothing left to end")
        assert "The show has ended" in studio.text("#state-title")
        assert studio.serious_complaints == [], studio.complaints
        lasted = time.time() - went_live
    replay = Replay(server.url())
    wait_until(replay.is_there, 20, "the recording")
    seconds = sum(s.duration for s in replay.listing("source").complete)
    assert 3 < seconds < lasted + 1, "nothing of the rehearsal is in the recording"


def test_rehearse_by_hand_and_over_a_restart(launch, publish):
    """A show that goes live by itself can be rehearsed when asked before; the server's end does not let viewers in."""
    server = launch(ladder=LADDER)
    host = Host(server)
    assert host.tell("rehearse").json() == {"state": "rehearsal"}
    encoder = publish(server, "small")
    wait_until(lambda: host.feed()["renditions"], 20, "the rehearsal runs")
    assert {r["name"] for r in host.feed()["renditions"]} == {"source", "240p", "audio"}
    assert host.state == "rehearsal" and nothing_is_on(server)
    refused = host.tell("end")
    assert refused.status_code == 409 and "is rehearsal, not live" in refused.json()["detail"]
    encoder.stop()
    server.process.kill()
    server.process.wait()
    server.start()
    assert host.state == "rehearsal"
    publish(server, "small")
    wait_until(lambda: host.feed()["renditions"], 20, "the rehearsal goes on")
    assert nothing_is_on(server)
    said = command("show", "go-live", "show", "--config", server.settings_path)
    assert (said.returncode, said.stdout) == (0, "show 'show' goes live\n"), said.stderr
    Viewer(server.url()).wait_live()
    assert host.state == "live"
    said = command("show", "rehearse", "show", "--config", server.settings_path)
    assert said.returncode == 1 and "is live, not scheduled" in said.stderr


def test_a_protected_show_is_previewed_without_a_token(launch, publish):
    server = launch([show(protect={"tokens": True, "encrypt": "aes-128"})], ladder=LADDER,
                    protection={"secrets": [{"kid": "k1", "secret": "0123456789abcdef0123456789abcdef"}]})
    host = Host(server)
    publish(server, "small")
    wait_until(lambda: host.state == "live", 20, "live")
    assert server.http.get(server.url("/live/show/index.m3u8")).status_code == 403
    wait_until(lambda: server.http.get(server.url(host.preview())).status_code == 200, 10, "the host sees it")
    assert server.http.get(server.url(f"/live/preview-{'0' * 32}/index.m3u8")).status_code == 404
