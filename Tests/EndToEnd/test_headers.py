"""What answers tell caches and browsers, by the table of lifetimes: lists, media, refusals; and what is answered first."""
import re
import subprocess


from server import tool


def answers(viewer):
    """One answer of each kind: {name: (answer, how long it may be kept, how urgent it is)}."""
    listing = viewer.listing("240p")
    number, part = listing.next_part
    segment = listing.complete[-1]
    source, audio = viewer.listing("source").complete[-1], viewer.listing("audio").complete[-1]
    playlist = viewer.index_url("240p")
    urls = {
        "multivariant": (viewer.index_url(), "public, max-age=1", "u=1"),
        "plain": (playlist, "public, max-age=1", "u=1"),
        "blocking": (f"{playlist}?_HLS_msn={number}&_HLS_part={part}", "public, max-age=12", "u=1"),
        "long past": (f"{playlist}?_HLS_msn={number - 2}", "public, max-age=12", "u=1"),
        "init": (segment.init_url, "public, max-age=31536000, immutable", "u=1"),
        "segment": (segment.url, "public, max-age=31536000, immutable", "u=2"),
        "part": (segment.parts[0].url, "public, max-age=31536000, immutable", "u=2"),
        "sound": (audio.url, "public, max-age=31536000, immutable", "u=2"),
        "large": (source.url, "public, max-age=31536000, immutable", "u=6"),
        "no such show": (viewer.base + "/live/nobody/index.m3u8", "max-age=1", None),
        "not begun": (viewer.base + "/live/later/index.m3u8", "max-age=1", None),
        "no such part": (segment.url.replace("/s", "/x"), "max-age=1", None),
        "part alone": (playlist + "?_HLS_part=1", "max-age=1", None),
        "too far": (f"{playlist}?_HLS_msn={number + 9}", "max-age=1", None),
    }
    return {name: (viewer.get(url), kept, urgency) for name, (url, kept, urgency) in urls.items()}


def test_every_kind_of_answer_says_how_long_it_holds_and_how_urgent_it_is(viewer):
    for name, (answer, kept, urgency) in answers(viewer).items():
        assert (answer.status_code == 200) == ("public" in kept), name
        assert answer.headers["cache-control"] == kept, name
        assert answer.headers.get("priority") == urgency, name
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["date"]), name
        assert answer.headers["access-control-allow-origin"] == "*", name
        assert answer.headers["timing-allow-origin"] == "*", name
        assert {"age", "date"} <= set(answer.headers["access-control-expose-headers"].lower().split(", ")), name
        assert "set-cookie" not in answer.headers, name
        assert answer.headers.get("vary", "Accept-Encoding") == "Accept-Encoding", name


def test_who_has_it_already_is_told_so(viewer):
    for name, (answer, kept, _) in answers(viewer).items():
        if answer.status_code != 200:
            continue
        tag = answer.headers["etag"]
        again = viewer.get(str(answer.url), headers={"If-None-Match": tag})
        if name in ("multivariant", "plain", "long past") and again.status_code == 200:
            assert again.headers["etag"] != tag, "the list has gone on"
            continue
        assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == tag, name
        assert again.headers["cache-control"] == kept, name
        other = viewer.get(str(answer.url), headers={"If-None-Match": '"other"'})
        assert other.status_code == 200, name


def test_a_preflight_is_asked_once_a_day(server, viewer):
    for url in (viewer.index_url(), viewer.listing("240p").complete[-1].url):
        answer = viewer.http.options(url, headers={
            "Origin": "https://shop.example", "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "range, if-none-match"})
        assert answer.status_code == 204 and answer.content == b""
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "GET" in answer.headers["access-control-allow-methods"]
        assert answer.headers["access-control-allow-headers"] == "*"
        assert int(answer.headers["access-control-max-age"]) == 86400


def test_http2_says_the_same(server, viewer, tmp_path):
    url = viewer.listing("240p").complete[-1].url.replace(server.url(), server.secure_url())
    run = subprocess.run(
        [tool("curl"), "-sSk", "--http2", "-D", "-", "-o", str(tmp_path / "body"), url], capture_output=True, text=True)
    head = run.stdout.lower()
    assert head.startswith("http/2 200")
    for line in ("priority: u=2", "timing-allow-origin: *", "cache-control: public, max-age=31536000, immutable"):
        assert line in head
