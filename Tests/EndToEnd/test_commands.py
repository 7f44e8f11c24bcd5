"""The command line: what it prints, what it exits with, and what an operator reads when something is wrong."""
import re

import pytest
import yaml

from deadline import wait_until
from server import ROOT, Server, command, free_port, free_udp_port, show
from viewer import Viewer

LADDER = {"steps": [{"shortSide": 240, "kilobits": 250}], "admission": False}


def settings(tmp_path, **more):
    path = tmp_path / "shopcast.yaml"
    ports = {"http": {"port": free_port()}, "rtmp": {"port": free_port()}, "srt": {"port": free_udp_port()}}
    path.write_text(yaml.safe_dump({**ports, "data": str(tmp_path / "data"), "shows": [show()], **more}))
    return path


def test_the_version():
    run = command("--version")
    assert run.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", run.stdout)


def test_help_names_the_commands():
    run = command("--help")
    assert run.returncode == 0
    for name in ("serve", "publish", "doctor", "demo", "show"):
        assert name in run.stdout


@pytest.mark.parametrize("more,words", [
    ({"http": {"port": 70000}}, ["http.port", "70000"]),
    ({"log": {"format": "xml"}}, ["log.format", "xml", "json"]),
    ({"htp": {"port": 1}}, ["htp.port"]),
    ({"shows": [show("Bad Name")]}, ["id", "Bad Name"]),
    ({"shows": [show(), show()]}, ["shows"]),
    ({"shows": [{"id": "a", "title": "A", "streamKey": "short"}]}, ["streamKey"]),
    ({"shows": [show(profile="fastest")]}, ["profile", "fastest", "balanced"]),
    ({"ladder": {"steps": [{"shortSide": 361, "kilobits": 600}]}}, ["shortSide"]),
    ({"https": {"certificate": "/nowhere.pem"}}, ["https.key"]),
])
def test_bad_settings_stop_the_start_with_a_sentence(tmp_path, more, words):
    run = command("serve", "--config", settings(tmp_path, **more))
    assert run.returncode == 2
    (sentence,) = run.stderr.strip().splitlines()
    for word in words:
        assert word in sentence
    assert "short" not in run.stderr or "shortSide" in run.stderr


def test_a_missing_settings_file_is_named(tmp_path):
    run = command("serve", "--config", tmp_path / "nowhere.yaml")
    assert run.returncode == 2
    assert "nowhere.yaml" in run.stderr


def test_misuse_says_how():
    run = command("serve", "--colour", "blue")
    assert run.returncode in (2, 64)
    assert "--colour" in run.stderr


def test_the_environment_goes_over_the_file(tmp_path):
    run = command("serve", "--config", settings(tmp_path), env={"SHOPCAST_HTTP_PORT": "99999"})
    assert run.returncode == 2 and "99999" in run.stderr


def test_the_sample_settings_are_valid(tmp_path):
    run = command("doctor", "--config", ROOT / "Samples/shopcast.yaml", "--data", tmp_path,
                  env={"SHOPCAST_HTTP_PORT": "0", "SHOPCAST_RTMP_PORT": "0"})
    assert run.returncode in (0, 1), run.stderr
    assert run.stdout.startswith("ok    settings:")


def test_the_doctor_finds_this_machine_well(tmp_path):
    run = command("doctor", "--config", settings(tmp_path))
    assert run.returncode == 0, run.stdout
    for word in ("HTTP:", "RTMP:", "codecs:", "disk:", "settings:"):
        assert word in run.stdout


def test_the_doctor_says_what_to_do(tmp_path):
    run = command("doctor", "--config", settings(tmp_path, data="/proc/nowhere"))
    assert run.returncode == 1
    assert any(l.startswith("do ") and "disk" in l for l in run.stdout.splitlines())


def test_a_port_in_use_is_named(launch, tmp_path):
    server = launch()
    run = command("serve", "--config", settings(tmp_path, http={"port": server.http_port}))
    assert run.returncode == 1
    assert str(server.http_port) in run.stderr


def test_one_process_has_the_data_folder(launch, tmp_path):
    server = launch()
    run = command("serve", "--config", settings(tmp_path, data=str(server.data)))
    assert run.returncode == 1
    assert len(run.stderr.strip().splitlines()) >= 1
    assert server.is_running()


def test_show_commands_without_a_server(tmp_path):
    run = command("show", "end", "show", "--config", settings(tmp_path))
    assert run.returncode == 1
    assert "no shopcast server" in run.stderr


def test_ending_and_reopening_a_show(launch, publish):
    server = launch(ladder=LADDER)

    def say(*words):
        return command("show", *words, "--config", server.settings_path)

    assert say("end", "nobody").returncode == 1
    assert say("end", "show").returncode == 1, "a show that is not live cannot end"
    host = publish(server, "small")
    viewer = Viewer(server.url())
    names = viewer.wait_live()
    viewer.wait_segments("240p", 2)
    ended = say("end", "show")
    assert ended.returncode == 0 and "show" in ended.stdout

    wait_until(lambda: all(viewer.listing(n).is_ended for n in names), 10, "ENDLIST in every rendition")
    assert host.wait(10) is not None
    listing = viewer.listing("240p", 10**12)
    assert listing.is_ended and listing.hint_url is None
    last = listing.last_number
    for name in names:
        assert viewer.fetch(viewer.listing(name).complete[-1].url)

    refused = publish(server, "small")
    assert refused.wait(15) != 0
    wait_until(lambda: "ended" in server.log(), 5, "the log says why")

    assert say("reopen", "show").returncode == 0
    publish(server, "small")
    wait_until(lambda: viewer.get(viewer.index_url("240p")).status_code == 200
               and not viewer.listing("240p").is_ended
               and viewer.listing("240p").complete, 30, "a new run")
    assert viewer.listing("240p").complete[0].number > last
    viewer.close()


def test_a_restart_never_uses_a_number_or_an_address_again(launch, publish, tmp_path):
    first = launch(ladder=LADDER)
    publish(first, "small")
    viewer = Viewer(first.url())
    viewer.wait_live()
    before = viewer.wait_segments("240p", 2)
    first.process.kill()
    first.process.wait()
    second = Server(tmp_path / "again", ladder=LADDER)
    second.settings["data"] = str(first.data)
    try:
        second.start()
        publish(second, "small")
        again = Viewer(second.url())
        again.wait_live()
        known = {s.number for s in before.complete}
        wait_until(lambda: [s for s in again.listing("240p").complete if s.number not in known and not s.gap], 20,
                   "a new segment", every=0.2)
        after = again.listing("240p")
        # The old window is listed again, and every number and name still means what it meant.
        names = {s.number: s.url.rsplit("/", 1)[1] for s in before.complete}
        numbers = {name: number for number, name in names.items()}
        for segment in after.complete:
            name = segment.url.rsplit("/", 1)[1]
            assert numbers.get(name, segment.number) == segment.number
            if not segment.gap:
                assert names.get(segment.number, name) == name
        new = [s for s in after.complete if s.number not in names and not s.gap]
        assert new and min(s.number for s in new) > max(names)
        again.close()
    finally:
        second.stop()
        viewer.close()


def test_sigterm_ends_the_server_at_once(launch, publish):
    server = launch(ladder=LADDER)
    host = publish(server, "small")
    viewer = Viewer(server.url())
    viewer.wait_live()
    assert server.stop(12) == 0
    assert host.wait(10) is not None
    viewer.close()
