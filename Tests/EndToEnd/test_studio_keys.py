"""Who may ask for what a host may: the show's own stream key opens, nothing else does, and it is nowhere to be found."""
import pytest

from deadline import wait_until
from server import show
from studio import KEY, LADDER, Host, Studio


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
