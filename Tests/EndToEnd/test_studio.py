"""The host's side: what a feed's findings say, rehearsals that nobody else sees, and who may ask."""
import json
import time

import pytest

from deadline import wait_until
from page_browser import PHONE, Visit, chromium
from server import command, show
from viewer import Replay, Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
KEY = "streamkey-show"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


class Host:
    """Who has the key, without a page."""

    def __init__(self, server, show_id="show", key=KEY):
        self.server, self.show, self.key = server, show_id, key

    def ask(self, path, method="GET", key=None, **options):
        key = self.key if key is None else key
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **options.pop("headers", {})}
        return self.server.http.request(
            method, self.server.url(f"/api/v1/shows/{self.show}/{path}"), headers=headers, **options)

    def feed(self):
        answer = self.ask("feed")
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    @property
    def state(self):
        return self.feed()["state"]

    def finding(self, code):
        return next((f for f in self.feed()["findings"] if f["code"] == code), None)

    def tell(self, what):
        return self.ask(what, "POST")

    def preview(self):
        answer = self.tell("preview")
        assert answer.status_code == 200, answer.text
        return answer.json()["playlist"]


class Studio(Visit):
    """A host's browser on the studio page."""

    def enter(self, key=KEY, show_id="show"):
        self.page.goto(f"{self.base}/studio/{show_id}")
        self.page.fill("#key", key)
        self.page.press("#key", "Enter")

    @property
    def player(self):
        return self.page.evaluate("window.shopcastStudio.player")

    @property
    def position(self):
        return self.page.evaluate("document.querySelector('video').currentTime")

    def text(self, selector):
        return self.page.inner_text(selector)

    def listen(self):
        """From now on `said` is all that a screen reader was told."""
        self.page.evaluate("""() => {
            const place = document.querySelector("#announcer");
            window.said = [];
            new MutationObserver(() => window.said.push(place.textContent)).observe(place, {childList: true, characterData: true, subtree: true});
        }""")

    @property
    def said(self):
        return " | ".join(self.page.evaluate("window.said"))

    def wait_preview(self, seconds=30):
        wait_until(lambda: self.player == "playing", seconds, f"the preview plays, and is not {self.player}")
        before = self.position
        wait_until(lambda: self.position > before + 1, 10, "the preview moves")


def nothing_is_on(server):
    viewer = server.http.get(server.url("/live/show/index.m3u8"))
    return viewer.status_code == 404 and viewer.json()["detail"] == "Nothing is on yet."


def test_a_finding_comes_with_its_fix_and_goes(launch, publish, browser):
    """Key frames every 10 s are found and told; once they come every 2 s, nothing more is said of them."""
    server = launch(ladder=LADDER)
    host = Host(server)
    assert host.feed()["feed"] is None and host.feed()["findings"] == []
    with Studio(browser, server.url(), PHONE) as studio:
        studio.enter()
        studio.page.wait_for_selector("text=Your encoder is not connected.")
        studio.listen()
        encoder = publish(server, "gop10")
        wait_until(lambda: (host.finding("keyframe-interval") or {}).get("title") == "Your keyframe interval is 10 s.",
                   40, "the finding names the interval")
        finding = host.finding("keyframe-interval")
        assert finding["severity"] == "warning"
        assert "Set it to 2 s in OBS → Settings → Output" in finding["fix"]
        since = time.mktime(time.strptime(finding["since"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        assert 0 < time.time() - since < 45
        studio.page.wait_for_selector("text=Your keyframe interval is 10 s.")
        studio.page.wait_for_selector("text=Set it to 2 s in OBS")
        feed = host.feed()["feed"]
        assert feed["protocol"] == "rtmp"
        assert feed["video"] | {"latenessSeconds": 0} == {
            "codec": "avc1.64001f", "width": 1280, "height": 720, "framesPerSecond": 30,
            "keyframeIntervalSeconds": 10, "bFrames": False, "latenessSeconds": 0}
        assert feed["audio"] == {"codec": "mp4a.40.2", "sampleRate": 48000, "channels": 2}
        assert len(feed["bitrate"]["kilobitsPerSecond"]) >= 9
        assert 1500 < max(feed["bitrate"]["kilobitsPerSecond"]) < 5000
        assert -40 < feed["levels"]["momentary"] < -10 and -30 < feed["levels"]["peak"][0] < 0
        assert feed["unobserved"] == 0 and feed["srt"] is None
        encoder.stop()
        studio.page.wait_for_selector("text=Your encoder is not connected.")
        publish(server, "hd")
        wait_until(lambda: ((host.feed()["feed"] or {}).get("video") or {}).get("keyframeIntervalSeconds") == 2, 30, "2 s")
        assert host.finding("keyframe-interval") is None
        wait_until(lambda: "keyframe interval" not in studio.text("#findings"), 10, "the page takes it back")
        assert "Solved: Your keyframe" not in studio.said, "another connection solves nothing"
        assert "Your encoder is not connected." in studio.said
        wait_until(lambda: "All good" in studio.text("#verdict"), 20, "nothing is left to complain about")
        assert "Nothing to complain about." in studio.text("#findings")
        assert studio.serious_complaints == [], studio.complaints
    dropped = server.metrics().total("shopcast_preflight_dropped_total", show="show")
    assert dropped == 0


def test_a_finding_clears_while_the_feed_goes_on(launch, publish, browser):
    """The host plugs the microphone in: silence at first, then a tone, in one connection."""
    server = launch(ladder=LADDER)
    host = Host(server)
    tone = "aevalsrc='if(lt(t,16),0,0.2)*sin(2*PI*440*t)':s=48000"
    publish(server, "mute", loop=False, before=("-re", "-f", "lavfi", "-i", tone),
            codecs=("-map", "1:v", "-map", "0:a", "-c:v", "copy", "-c:a", "aac", "-ac", "2"))
    with Studio(browser, server.url()) as studio:
        studio.enter()
        studio.page.wait_for_selector("#room:not([hidden])")
        studio.listen()
        wait_until(lambda: host.finding("audio-silent"), 25, "silence is found")
        assert host.finding("audio-silent")["severity"] == "error"
        title = host.finding("audio-silent")["title"]
        wait_until(lambda: not host.finding("audio-silent"), 25, "and is gone")
        wait_until(lambda: f"Solved: {title}" in studio.said, 10, "and says so")
    assert host.feed()["feed"]["levels"]["momentary"] > -40


def test_sound_that_is_not_there(launch, publish):
    server = launch(ladder=LADDER)
    publish(server, "mute")
    wait_until(lambda: Host(server).finding("audio-missing"), 20, "the missing sound is found")


def test_srt_tells_of_its_line(launch, publish):
    server = launch(ladder=LADDER)
    host = Host(server)
    publish(server, "small", url=server.srt())
    line = wait_until(lambda: (host.feed()["feed"] or {}).get("srt"), 20, "SRT's figures")
    assert host.feed()["feed"]["protocol"] == "srt"
    assert set(line) == {
        "roundTripMilliseconds", "received", "lost", "retransmitted", "dropped", "bufferMilliseconds"}
    wait_until(lambda: host.feed()["feed"]["srt"]["received"] > 100, 20, "packets")


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


def test_a_stream_that_nobody_looks_at_and_a_browser_that_waits_for_a_tap(launch, publish, browser):
    server = launch([show(rehearsal=True)], ladder=LADDER, feed={"observed": False})
    host = Host(server)
    publish(server, "small")
    with Studio(browser, server.url()) as studio:
        studio.page.add_init_script("""
            const play = HTMLMediaElement.prototype.play;
            let isAllowed = false;
            addEventListener("click", (event) => { isAllowed ||= event.target.id === "show-preview"; }, true);
            HTMLMediaElement.prototype.play = function () {
                return isAllowed ? play.call(this) : Promise.reject(new DOMException("", "NotAllowedError"));
            };""")
        studio.enter()
        studio.page.wait_for_selector("text=Your stream is not looked at.")
        assert studio.page.evaluate("document.activeElement.id") == "main"
        assert studio.text("#verdict") == "Not looked at" and host.feed()["feed"]["observed"] == "off"
        studio.page.wait_for_selector("#show-preview:not([hidden])", timeout=30_000)
        assert studio.player == "blocked"
        studio.page.click("#show-preview")
        studio.wait_preview()
        assert studio.page.locator("#show-preview").is_hidden()
        studio.page.click("#go-live")
        studio.page.wait_for_selector("text=Go live unchecked?")
        studio.page.click("#ask button[value=no]")
        assert host.state == "rehearsal"
        studio.page.click("#go-live")
        studio.page.click("#ask-yes")
        wait_until(lambda: host.state == "live", 10, "live all the same")


def test_the_studio_outlives_the_server(launch, publish, browser):
    """The preview's address is forgotten in a restart; a page that is loaded anew meanwhile waits with its key."""
    server = launch(ladder=LADDER)
    publish(server, "small")
    with Studio(browser, server.url()) as studio:
        studio.enter()
        studio.wait_preview()
        server.process.kill()
        server.process.wait()
        server.start()
        publish(server, "small")
        wait_until(lambda: studio.player != "playing", 20, "the old preview ends")
        studio.wait_preview(60)
        studio.page.route("**/feed", lambda route: route.abort())
        studio.page.reload()
        studio.page.wait_for_selector("text=Trying again with the key of this tab.")
        studio.page.unroute("**/feed")
        studio.page.wait_for_selector("#room:not([hidden])")
        studio.wait_preview()


def test_leaving_while_the_preview_is_on_its_way(launch, publish, browser):
    server = launch(ladder=LADDER)
    host = Host(server)
    publish(server, "small")
    wait_until(lambda: host.feed()["renditions"], 20, "the show runs")
    held = []
    with Studio(browser, server.url()) as studio:
        studio.page.route("**/preview", lambda route: held.append(route))
        studio.enter()
        # Playwright hands routes on while it is asked something.
        wait_until(lambda: studio.page.evaluate("1") and held, 10, "the page asks for an address")
        studio.page.click("#leave")
        with studio.page.expect_response("**/preview"):
            held[0].continue_()
        # One more exchange: the page has had the answer for long then.
        studio.page.evaluate("fetch('/studio/show').then((answer) => answer.text())")
        assert studio.player == "idle"


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


def refused(answer, status, words):
    assert answer.status_code == status, (answer.status_code, answer.text[:200])
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and words in problem["detail"], problem
    return True


@pytest.fixture(scope="module")
def open_server(launch_once):
    return launch_once([show(), show("other")], ladder=LADDER, tls=True)


PLACES = [("feed", "GET"), ("preview", "POST"), ("rehearse", "POST"), ("go-live", "POST"), ("end", "POST")]


@pytest.mark.parametrize(("path", "method"), PLACES)
def test_only_the_shows_own_key_opens(open_server, path, method):
    host = Host(open_server)
    for key in ("", "streamkey-other", "streamkey-sho", "streamkey-show2"):
        answer = host.ask(path, method, key=key)
        assert refused(answer, 401, "the stream key of this show is needed")
        assert answer.headers["www-authenticate"] == "Bearer" and answer.headers["cache-control"] == "no-store"
    for field in (KEY, f"Basic {KEY}", f"Bearer {KEY} {KEY}", "Bearer", f"Bearer {'x' * 5000}"):
        assert refused(host.ask(path, method, key="", headers={"Authorization": field}), 401, "the stream key")
    assert refused(host.ask(f"{path}?key={KEY}", method, key=""), 401, "the stream key")
    assert refused(Host(open_server, "nobody").ask(path, method), 404, "there is no such show")
    assert refused(Host(open_server, "%2e%2e").ask(path, method), 404, "there is no such show")
    other = "POST" if method == "GET" else "GET"
    answer = host.ask(path, other)
    assert refused(answer, 405, "takes")
    assert method in answer.headers["allow"]
    assert refused(host.ask(path, "DELETE"), 405, "takes")


def test_content_that_nobody_asked_for(open_server):
    host = Host(open_server)
    assert refused(host.ask("preview", "POST", content=b"{" * 100), 400, "not a JSON object")
    assert refused(host.ask("preview", "POST", content=b"[1]"), 400, "not a JSON object")
    assert refused(host.ask("preview", "POST", content=b"\xff\x00garbage"), 400, "not a JSON object")
    assert refused(host.ask("preview", "POST", content=b"x" * 5000), 413, "at most 1024 bytes")
    assert host.ask("preview", "POST", content=b" {} ").status_code == 200

    def endless():
        for _ in range(1000):
            yield b"x" * 65536
    try:
        answer = host.ask("preview", "POST", content=endless())
        assert refused(answer, 413, "at most 1024 bytes")
    except Exception as error:  # The server may close before all is sent.
        assert "httpx" in type(error).__module__, error
    assert host.feed()["id"] == "show"


def test_guessing_is_slowed_down(launch):
    server = launch([show(), show("other")], ladder=LADDER)
    host = Host(server)
    answers = [host.ask("feed", key=f"guess-{n}") for n in range(25)]
    codes = [a.status_code for a in answers]
    assert codes[:20] == [401] * 20 and codes[-1] == 429
    assert refused(answers[-1], 429, "too many wrong keys")
    wait = int(answers[-1].headers["retry-after"])
    assert 1 <= wait <= 10
    assert host.ask("feed").status_code == 429, "the right key does not tell itself from others meanwhile"
    assert server.metrics().total("shopcast_host_refused_total", reason="rate") >= 2
    wait_until(lambda: host.ask("feed").status_code == 200, 15, "the host is let in after a while")


def test_the_key_is_nowhere(launch, publish, browser):
    """Not in addresses, not in what the browser keeps beyond the tab, not in the log."""
    server = launch(ladder=LADDER, log={"format": "json", "level": "trace"})
    asked = []
    with Studio(browser, server.url()) as studio:
        studio.page.on("request", lambda request: asked.append(request.url))
        studio.enter("not-the-key")
        wait_until(lambda: "not the key of this show" in studio.text("#entry-trouble"), 10, "refused in plain words")
        studio.page.fill("#key", KEY)
        studio.page.press("#key", "Enter")
        studio.page.wait_for_selector("#room:not([hidden])")
        publish(server, "small")
        studio.wait_preview()
        assert studio.page.evaluate("localStorage.length") == 0 and studio.page.evaluate("document.cookie") == ""
        studio.page.reload()
        studio.page.wait_for_selector("#room:not([hidden])")
        studio.page.click("#leave")
        studio.page.wait_for_selector("#entry:not([hidden])")
        assert studio.page.evaluate("sessionStorage.length") == 0
    assert asked and not [url for url in asked if "key" in url]
    assert KEY not in server.log() and "not-the-key" not in server.log()
    assert server.http.get(server.url("/studio/nobody")).status_code == 404
    page = server.http.get(server.url("/studio/show"))
    assert page.headers["referrer-policy"] == "no-referrer" and "no-store" in page.headers["cache-control"]
    assert "script-src 'self';" in page.headers["content-security-policy"]
