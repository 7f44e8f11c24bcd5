"""`shopcast check` on our own output: live, every rendition, over HTTP/1.1 and HTTP/2, without a failure; and what it
says of output that is not ours."""
import json
import xml.etree.ElementTree as xml

import pytest

from server import command, show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture(scope="module")
def live(launch_once, publish_once):
    server = launch_once([show(language="en")], tls=True, ladder=LADDER)
    publish_once(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    viewer.wait_segments("source", 4)
    yield server
    viewer.close()


def check(url, *options, seconds=12):
    answer = command("check", url, "--seconds", seconds, "--format", "json", *options, timeout=seconds + 60)
    assert answer.returncode in (0, 1), answer.stderr
    return json.loads(answer.stdout), answer.returncode


def told(report, state):
    """Every broken rule with its first finding, for the message of a failing test."""
    return [f"{rule['id']}: {rule['findings'][0]['message']} ({rule['findings'][0]['url']})"
            for rule in report["rules"] if rule["state"] == state]


@pytest.mark.parametrize("secure", [False, True], ids=["h1", "h2"])
def test_our_live_output_breaks_no_rule(live, record_property, secure):
    base = live.secure_url() if secure else live.url()
    report, code = check(f"{base}/live/show/index.m3u8", *(["--insecure"] if secure else []))
    record_property("warnings", told(report, "warn"))
    assert told(report, "fail") == [] and code == 0
    assert report["live"] and len(report["renditions"]) >= 3
    # It has looked: at the live edge, at directives and at media of every rendition.
    states = {rule["id"]: rule for rule in report["rules"]}
    for rule in ("part-due", "hint-held", "blocking-kept", "parts-equal", "idr-start", "bandwidth-true", "codecs-true"):
        assert states[rule]["state"] == "pass", rule
    assert states["http2"]["state"] == ("pass" if secure else "unseen")
    assert all(rendition["segments"] >= 3 for rendition in report["renditions"])


def test_a_single_rendition_can_be_checked(live):
    report, code = check(f"{live.url()}/live/show/240p/index.m3u8", seconds=4)
    assert code == 0, told(report, "fail")
    assert len(report["renditions"]) == 1


def test_text_and_junit_say_the_same(live):
    url = f"{live.url()}/live/show/index.m3u8"
    text = command("check", url, "--seconds", 3, timeout=60)
    assert text.stdout.startswith(url) and "rules:" in text.stdout, text.stderr
    answer = command("check", url, "--seconds", 3, "--format", "junit", "--fail-on", "warn", timeout=60)
    suite = xml.fromstring(answer.stdout)
    cases = suite.findall("testcase")
    assert suite.tag == "testsuite" and int(suite.get("tests")) == len(cases) > 100
    failures = sum(case.find("failure") is not None for case in cases)
    assert int(suite.get("failures")) == failures
    assert answer.returncode == (1 if failures else 0)


@pytest.mark.parametrize("arguments, code", [
    (["check"], 64),
    (["check", "ftp://127.0.0.1/x"], 64),
    (["check", "http://127.0.0.1/x", "--seconds", "0"], 64),
    (["check", "http://127.0.0.1:1/index.m3u8"], 1),
])
def test_misuse_and_absence_are_told_apart(arguments, code):
    answer = command(*arguments, timeout=60)
    assert answer.returncode == code
    if code == 1:
        assert answer.stdout == "" and answer.stderr.count("\n") == 1, answer.stderr
        assert answer.stderr.startswith("shopcast: http://127.0.0.1:1/index.m3u8 could not be had")


def test_what_is_no_playlist_is_refused_in_a_sentence(live):
    answer = command("check", f"{live.url()}/", timeout=60)
    assert answer.returncode == 1 and "is no HLS playlist" in answer.stderr
