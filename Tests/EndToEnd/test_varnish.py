"""Varnish in front of the server, with Deploy/varnish/shopcast.vcl: one request to the server for each address, however
many viewers ask; the page plays through it; what is not there yet is not remembered."""
import re
import threading

import httpx
import pytest

from checker import check, states, told
from crowd import Crowd
from deadline import wait_until
from page_browser import Visit
from server import show
from varnish import Varnish
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def server(launch_once, publish_once):
    server = launch_once([show(), show("later")], ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("240p", 3)
    viewer.close()
    return server


@pytest.fixture(scope="module")
def edge(server, tmp_path_factory):
    edge = Varnish(tmp_path_factory.mktemp("varnish"), server).start()
    yield edge
    edge.stop()


@pytest.fixture
def viewer(edge):
    viewer = Viewer(edge.url())
    yield viewer
    viewer.close()


def requests_at(server):
    """Playlists and media that the server has answered."""
    metrics = server.metrics()
    return sum(metrics.total("shopcast_http_requests_total", kind=kind) or 0 for kind in ("playlist", "media", "init"))


def test_two_hundred_viewers_cost_the_server_one_request_for_each_address(server, edge, record_property):
    edge.flush()
    known, before = edge.origin_requests(), requests_at(server)
    crowd = Crowd(edge.url(), ["/live/show/240p/index.m3u8", "/live/show/audio/index.m3u8"], 200, 10).run()
    everything = edge.origin_requests() - known
    gained = {key: times for key, times in everything.items() if "/mark-" not in key[0]}
    assert crowd.faults == []
    assert crowd.parts > 200 * 14
    for (address, status), times in gained.items():
        assert status == 200, address
        # Only a playlist without a number is asked for again, since it changes.
        if "_HLS_msn" in address or not address.endswith("index.m3u8"):
            assert times == 1, address
    assert set(crowd.asked) <= {address for address, _ in known} | {address for address, _ in gained}
    wait_until(lambda: requests_at(server) - before >= sum(gained.values()), 5, "the server has counted")
    # What the server has counted late of what went before may be among it.
    assert requests_at(server) - before <= sum(everything.values()) + 6
    waits = sorted(crowd.waits)
    record_property("viewers' requests", sum(crowd.asked.values()))
    record_property("the server's requests", sum(gained.values()))
    record_property("seconds a viewer waits for a part, median and 99 of 100",
                    f"{waits[len(waits) // 2]:.2f}, {waits[len(waits) * 99 // 100]:.2f}")


@pytest.mark.alone
def test_the_page_plays_through_it(edge, browser, record_property):
    with Visit(browser, edge.url()) as visit:
        visit.open()
        visit.wait_playing(40)
        visit.wait(8)
        assert visit.told("engine") == "hls.js"
        assert visit.told("stalls") == 0 and visit.told("faults") == []
        assert visit.told("latency") < 3
        record_property("seconds behind live", f"{visit.told('latency'):.2f}")


def test_what_comes_through_it_breaks_no_rule(edge, record_property):
    report, code = check(edge.url("/live/show/index.m3u8"), seconds=8)
    record_property("warnings", told(report, "warn"))
    assert told(report, "fail") == [] and code == 0
    said = states(report)
    for rule in ("part-due", "hint-held", "blocking-kept", "parts-equal"):
        assert said[rule] == "pass", rule


def test_a_part_that_was_not_there_yet_is_given_once_it_is(viewer, edge):
    name = re.compile(r"s(\d+)\.(\d+)-")
    for _ in range(3):
        listing = viewer.listing("240p")
        number, index = map(int, name.search(listing.hint_url).groups())
        early = listing.hint_url.replace(f"s{number}.{index}-", f"s{number + 1}.0-")
        assert viewer.get(early).status_code == 404
        listing = viewer.listing("240p", number + 1, 0)
        assert early in [part.url for part in listing.parts]
        wait_until(lambda: viewer.get(early).status_code == 200, 0.5, "the part is given", every=0.02)


@pytest.mark.parametrize("path, status", [
    ("/live/show/240p/s1.0-nothing.mp4", 404), ("/live/later/index.m3u8", 404), ("/live/nobody/index.m3u8", 404),
    ("/live/show/240p/index.m3u8?_HLS_part=1", 400)])
def test_no_refusal_is_kept_beyond_200_ms(viewer, edge, path, status):
    answer = viewer.get(edge.url(path))
    assert answer.status_code == status
    again = viewer.get(edge.url(path))
    times = edge.origin_requests()[(path, status)]
    assert again.status_code == status and times <= 2
    # Well above the 200 ms, and again: asked anew each time.
    for _ in range(2):
        viewer.http.get(edge.url(path))
        pause(0.3)
    assert viewer.get(edge.url(path)).status_code == status
    assert edge.origin_requests()[(path, status)] >= times + 2


def test_viewers_queries_do_not_split_copies(viewer, edge):
    listing = viewer.listing("240p")
    number, part = listing.next_part
    path = "/live/show/240p/index.m3u8"
    queries = [f"_HLS_msn={number}&_HLS_part={part}", f"_HLS_part={part}&_HLS_msn={number}",
               f"token=a&_HLS_msn={number}&x=1&_HLS_part={part}&session=9", f"_HLS_msn={number}&_HLS_part={part}&v=2"]
    bodies = {viewer.get(edge.url(f"{path}?{query}")).content for query in queries}
    assert len(bodies) == 1
    found = edge.origin_requests()
    assert [times for (address, _), times in found.items() if f"_HLS_msn={number}&_HLS_part={part}" in address] == [1]
    media = listing.complete[-1].parts[-1].url
    assert viewer.get(media + "?viewer=1").content == viewer.get(media + "?viewer=2").content
    assert found_once(edge, media.removeprefix(edge.url()))


def test_ages_dates_and_permissions_come_through(viewer, edge):
    url = viewer.listing("240p").complete[-1].url
    viewer.get(url)
    answer = viewer.get(url, headers={"Origin": "https://shop.example"})
    assert int(answer.headers["age"]) >= 0 and answer.headers["date"]
    assert "age" in answer.headers["access-control-expose-headers"].lower()
    assert "immutable" in answer.headers["cache-control"]
    part = viewer.get(url, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == answer.content[10:20]
    preflight = httpx.options(url, headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"})
    assert preflight.status_code == 204 and preflight.headers["access-control-max-age"]


def test_the_servers_own_figures_stay_inside(edge):
    assert httpx.get(edge.url("/metrics")).status_code == 404


def found_once(edge, path):
    return sum(times for (address, _), times in edge.origin_requests().items() if address == path) == 1


def pause(seconds):
    """Lets a copy grow old: that time passes is what is tested."""
    threading.Event().wait(seconds)
