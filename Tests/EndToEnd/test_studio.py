"""The studio page: what a feed's findings say, and what the page does when server, feed and browser do not as they should."""
import time

from deadline import wait_until
from page_browser import PHONE
from server import show
from studio import LADDER, Host, Studio


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
