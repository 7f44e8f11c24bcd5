"""Who guesses stream keys is slowed down, over every protocol together; who is only mistaken is not."""
import pytest

from deadline import wait_until
from rtmp import Host, Refused
from server import show

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


@pytest.fixture
def server(launch):
    return launch([show()], ladder=LADDER)


def answer(server, key):
    """What an RTMP host with this key is told: nothing where it may publish."""
    host = Host(server.rtmp(key=key))
    try:
        host.publish()
    except Refused as refused:
        return refused.args[1]
    finally:
        host.close()


def guess(server, name):
    """Tries keys until it is told to wait; how many it took."""
    for number in range(40):
        if "too many wrong keys" in answer(server, f"guess-{name}-{number}"):
            return number
    raise AssertionError("never slowed down")


def test_guessing_over_rtmp_is_slowed_down_for_all_protocols(server, publish):
    assert guess(server, "a") == 20
    caller = publish(server, "small", url=server.srt())
    assert "too many wrong keys" in answer(server, "streamkey-show"), "the right key does not tell itself from others"
    told = server.http.get(server.url("/api/v1/shows/show/feed"), headers={"Authorization": "Bearer streamkey-show"})
    assert told.status_code == 429
    assert caller.wait(15) != 0 and "transport=srt" in server.log()
    assert server.metrics().total("shopcast_host_refused_total", reason="rate") >= 3
    wait_until(lambda: answer(server, "streamkey-show") is None, 15, "the host is let in after a while", every=0.5)
    assert "guess-" not in server.log() and "streamkey" not in server.log()


def test_an_encoder_with_an_old_key_locks_nobody_out(server):
    for _ in range(40):
        assert "unknown" in answer(server, "the-key-of-last-week")
    assert answer(server, "streamkey-show") is None
