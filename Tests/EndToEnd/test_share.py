"""What other sites get of a show: its card (Open Graph, JSON-LD, read by PyPI's extruct), oEmbed, and the embedded player
in a page of an origin that may have it and in one that may not."""
import http.server
import signal
import threading
from urllib.parse import quote

import extruct
import pytest

from deadline import wait_until
from page_browser import Visit
from server import free_port, show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}
HOSTILE = "</script><script>alert(1)</script> \"'><b>"


class Shop:
    """A page of another origin, with the player in a frame."""

    def __init__(self):
        self.port, self.frame = free_port(), ""
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = f"<!doctype html><title>Shop</title><h1>Shop</h1>{shop.frame}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        # Another origin than the server's 127.0.0.1, and another site.
        self.origin = f"http://localhost:{self.port}"


@pytest.fixture(scope="module")
def shop():
    shop = Shop()
    yield shop
    shop.http.shutdown()
    shop.http.server_close()


@pytest.fixture(scope="module")
def server(launch_once, publish_once, shop):
    server = launch_once([
        show("show", title="Silk", language="en", embedOrigins=[shop.origin]), show("ours"), show("all", embedOrigins=["*"]),
        show("silk", title=HOSTILE, start="2026-12-01T18:00:00Z", lengthMinutes=90, language="en",
             descriptions={"en": "By hand"}, tags=["silk"]),
        show("hidden", visibility="unlisted"),
        show("secret", protect={"tokens": True}),
    ], ladder=LADDER, protection={"secrets": [{"kid": "k", "secret": "0123456789abcdef0123456789abcdef"}]})
    publish_once(server, "small")
    return server


def card(server, name):
    page = server.http.get(server.url(f"/shows/{name}")).text
    return extruct.extract(page, base_url=server.url(), syntaxes=["json-ld", "opengraph"], uniform=True)


def test_the_card_is_read_by_others(server):
    found = card(server, "silk")
    (video,) = found["json-ld"]
    assert video["@type"] == "VideoObject" and video["name"] == HOSTILE and video["description"] == "By hand"
    assert video["url"] == server.url("/shows/silk") and video["embedUrl"] == server.url("/embed/silk")
    event = video["publication"]
    assert event["@type"] == "BroadcastEvent" and event["isLiveBroadcast"] is True
    assert (event["startDate"], event["endDate"]) == ("2026-12-01T18:00:00Z", "2026-12-01T19:30:00Z")
    (graph,) = found["opengraph"]
    assert graph["og:title"] == HOSTILE and graph["@type"] == "video.other" and graph["og:url"] == video["url"]
    assert card(server, "hidden")["json-ld"] == [] and card(server, "hidden")["opengraph"]


def test_others_are_told_the_address_that_the_settings_say(launch):
    server = launch([show("silk", title="Silk", start="2026-12-01T18:00:00Z")])
    server.settings["http"]["publicURL"] = "https://shop.example"
    server.write_settings()
    server.process.send_signal(signal.SIGHUP)
    get = lambda path: server.http.get(server.url(path)).text
    canonical = '<link rel="canonical" href="https://shop.example/shows/silk">'
    wait_until(lambda: canonical in get("/shows/silk"), 10, "the settings are read anew")
    page = get("/shows/silk")
    assert 'property="og:video" content="https://shop.example/embed/silk"' in page and "127.0.0.1" not in page
    calendar = get("/shows/silk/calendar.ics")
    assert "UID:silk@shop.example\r\n" in calendar and "URL:https://shop.example/shows/silk\r\n" in calendar
    assert '"provider_url":"https://shop.example"' in get("/api/oembed?url=https://shop.example/shows/silk")


def test_oembed_gives_the_player(server):
    page = server.http.get(server.url("/shows/silk")).text
    address = page.split('type="application/json+oembed" href="')[1].split('"')[0].replace("&amp;", "&")
    answer = server.http.get(address)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    document = answer.json()
    assert (document["version"], document["type"], document["title"]) == ("1.0", "video", HOSTILE)
    assert (document["width"], document["height"]) == (640, 360)
    assert f'src="{server.url("/embed/silk")}"' in document["html"] and "<script" not in document["html"]
    ask = lambda url, more="": server.http.get(server.url(f"/api/oembed?url={quote(url, safe='')}{more}"))
    assert ask(server.url("/shows/silk"), "&maxwidth=320&maxheight=100").json()["width"] == 177
    assert ask(server.url("/shows/silk"), "&format=xml").status_code == 501
    assert ask(server.url("/shows/secret")).status_code == 401
    assert ask(server.url("/shows/hidden")).status_code == 200
    for url in ("", "https://elsewhere.example/shows/silk", server.url("/shows/nobody"), server.url("/studio/silk")):
        answer = ask(url)
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json", url
    assert server.http.get(server.url("/api/oembed")).status_code == 404


def framed(visit, shop, server, name):
    shop.frame = f'<iframe src="{server.url(f"/embed/{name}")}" width="640" height="360" allow="autoplay; fullscreen"></iframe>'
    visit.page.goto(shop.origin)
    return wait_until(lambda: visit.page.frames[1:] and visit.page.frames[1], 5, "there is a frame")


def test_an_origin_that_may_have_it_plays_it(server, shop, browser):
    with Visit(browser, shop.origin) as visit:
        frame = framed(visit, shop, server, "show")
        wait_until(lambda: frame.evaluate("window.shopcast?.status") == "playing", 40, "the player plays", every=0.2)
        pictures = "document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"
        before = frame.evaluate(pictures)
        wait_until(lambda: frame.evaluate(pictures) > before + 20, 10, "the picture moves")
        box = frame.evaluate("(({width, height}) => [width, height])(document.getElementById('stage').getBoundingClientRect())")
        assert box == [640, 360] and frame.locator("h1, #share, .bar").count() == 0
        assert frame.get_attribute("#open", "href") == server.url("/shows/show")
        assert frame.get_attribute("#open", "target") == "_blank"
        assert visit.complaints == []


@pytest.mark.parametrize("name, may", [("ours", False), ("silk", False), ("all", True)])
def test_other_origins_are_refused_unless_all_are_let_in(server, shop, browser, name, may):
    with Visit(browser, shop.origin) as visit:
        frame = framed(visit, shop, server, name)
        if may:
            wait_until(lambda: frame.evaluate("window.shopcast?.state") == "soon", 10, "the player is there")
            assert visit.complaints == []
        else:
            wait_until(lambda: any("frame-ancestors" in c for c in visit.complaints), 10, "the browser refuses it")
            assert frame.url.startswith("chrome-error:")
    # Our own pages may, and a watch page is never framed.
    assert "frame-ancestors 'none'" in server.http.get(server.url(f"/shows/{name}")).headers["content-security-policy"]
