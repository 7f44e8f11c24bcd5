"""The picture that comes with the page itself, before the player is there."""
from collections import Counter

import pytest

from deadline import wait_until
from page_browser import Visit
from server import show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}
SHOWN = "window.shopcastOpening?.isShown === true"
PICTURES = "document.querySelector('.opening').getVideoPlaybackQuality().totalVideoFrames"


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(), show("later")], ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    viewer.close()
    return server


@pytest.fixture
def visit(browser, server):
    with Visit(browser, server.url()) as visit:
        yield visit


def test_the_picture_moves_without_the_player_and_goes_on_with_it(visit):
    withheld = []
    visit.page.route("**/hls.mjs", lambda route: withheld.append(route))
    visit.open()
    wait_until(lambda: visit.page.evaluate(SHOWN), 5, "there is a picture")
    wait_until(lambda: visit.page.evaluate(PICTURES) > 10, 5, "it moves")
    visit.wait_state("live", 5)
    assert visit.told("firstFrame") < 3000
    assert visit.page.is_visible("#sound")
    stage, picture = (visit.page.locator(s).bounding_box() for s in ("#stage", ".opening"))
    assert stage == picture
    wait_until(lambda: withheld, 5, "the player is asked for")
    withheld[0].continue_()
    visit.wait_playing()
    wait_until(lambda: visit.page.locator(".opening").count() == 0, 5, "the player's picture is there instead")
    assert visit.told("stalls") == 0 and visit.complaints == []


def test_a_pause_holds_it(visit):
    visit.page.route("**/hls.mjs", lambda route: None)
    visit.open()
    wait_until(lambda: visit.page.evaluate(SHOWN) and visit.state == "live", 5, "there is a picture")
    visit.page.keyboard.press("k")
    assert visit.page.evaluate("document.querySelector('.opening').paused")
    visit.page.keyboard.press("k")
    wait_until(lambda: not visit.page.evaluate("document.querySelector('.opening').paused"), 2, "it goes on")


@pytest.mark.parametrize("answer", ["abort", "fulfil"])
def test_the_page_plays_where_the_opening_fails(visit, answer):
    spoilt = Counter()

    def spoil(route):
        spoilt[route.request.url] += 1
        if spoilt[route.request.url] > 1:
            route.continue_()
        elif answer == "abort":
            route.abort()
        else:
            route.fulfill(body=b"\0\0\0\x08free" * 40, headers={"Access-Control-Allow-Origin": "*"})
    visit.page.route("**/live/show/**/init*.mp4", spoil)
    visit.open()
    visit.wait_playing()
    assert visit.page.locator(".opening").count() == 0
    assert visit.told("engine") == "hls.js"


def test_nothing_that_never_changes_is_fetched_twice(visit):
    fetched, cached, whole = Counter(), set(), set()
    session = visit.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    addresses = {}
    session.on("Network.requestWillBeSent", lambda e: addresses.__setitem__(e["requestId"], e["request"]["url"]))
    # What the player gives up half way, because it changes the rendition, is not fetched.
    session.on("Network.loadingFinished", lambda e: whole.add(e["requestId"]))
    session.on("Network.requestServedFromCache", lambda e: cached.add(e["requestId"]))
    session.on("Network.responseReceived", lambda e: cached.add(e["requestId"])
               if e["response"].get("fromDiskCache") or e["response"].get("fromPrefetchCache") else None)
    visit.open()
    visit.wait_playing()
    visit.wait(4)
    for identity, url in addresses.items():
        if identity in whole - cached:
            fetched[url] += 1
    media = {url: times for url, times in fetched.items() if url.endswith((".mp4", ".mjs"))}
    assert len(media) > 15
    assert {url for url, times in media.items() if times > 1} == set()
    # The first playlists are asked for by the page ahead of the player, which takes those.
    assert fetched[visit.base + "/live/show/index.m3u8"] == 1
    assert visit.complaints == []


def test_the_pages_head_names_what_comes_first(server, visit):
    page = visit.open()
    links = page.headers["link"].split(", ")
    assert len(links) == 2
    for link in links:
        url, *rest = link.split("; ")
        assert rest == ["rel=preload", "as=fetch", "crossorigin"]
        assert server.http.get(server.url(url.strip("<>"))).status_code == 200
    assert "link" not in server.http.get(server.url("/shows/later")).headers
    assert page.headers["content-encoding"] == "gzip" and page.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert "unsafe" not in page.headers["content-security-policy"]
