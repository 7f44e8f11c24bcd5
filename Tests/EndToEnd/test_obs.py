"""OBS Studio, on a virtual screen, publishes with the profile of Samples/obs."""
import json
import os
import re
import shutil
import signal
import subprocess

import pytest

import probe
from deadline import wait_until
from server import ROOT, show, tool
from viewer import Viewer, last_piece

pytestmark = pytest.mark.long

LADDER = {"steps": [{"shortSide": 720, "kilobits": 2500}, {"shortSide": 240, "kilobits": 250}], "admission": False}


class OBS:
    """A headless OBS Studio with a configuration folder of its own, streaming from its start."""

    def __init__(self, folder, address, key, encoder=None):
        self.folder = folder
        own = folder / "config/obs-studio"
        (own / "basic/profiles").mkdir(parents=True)
        (own / "basic/scenes").mkdir(parents=True)
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        profile = own / "basic/profiles/Shopcast"
        shutil.copytree(ROOT / "Samples/obs/Shopcast", profile)
        shutil.copy(ROOT / "Samples/obs/Shopcast.json", own / "basic/scenes")
        service = json.loads((profile / "service.json").read_text())
        service["settings"] |= {"server": address, "key": key}
        (profile / "service.json").write_text(json.dumps(service))
        if encoder is not None:
            (profile / "streamEncoder.json").write_text(json.dumps(encoder))
        (own / "global.ini").write_text(
            "[General]\nFirstRun=true\nEnableAutoUpdates=false\nInfoIncrement=9999\n\n"
            "[Basic]\nProfile=Shopcast\nProfileDir=Shopcast\nSceneCollection=Shopcast\n"
            "SceneCollectionFile=Shopcast\n")
        self.log_path = folder / "obs.log"
        self.screen, display = self._screen()
        environment = {
            **os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(runtime), "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1",
            "QT_QPA_PLATFORM": "xcb"}
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [tool("obs"), "--startstreaming", "--profile", "Shopcast", "--collection", "Shopcast", "--scene", "Live",
                 "--multi", "--disable-updater", "--disable-missing-files-check"],
                env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def _screen(self):
        """A virtual screen; Xvfb picks its number and tells it through a pipe."""
        read, write = os.pipe()
        screen = subprocess.Popen(
            [tool("Xvfb"), "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            return screen, f":{told.readline().strip()}"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def end(self):
        for process in (self.process, self.screen):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(8)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@pytest.fixture
def obs(tmp_path):
    started = []

    def start(server, key, **options):
        folder = tmp_path / f"obs{len(started)}"
        folder.mkdir()
        started.append(OBS(folder, f"rtmp://127.0.0.1:{server.rtmp_port}/live", key, **options))
        return started[-1]

    yield start
    for one in started:
        one.end()


def watched(viewer, tmp_path):
    """The renditions' names, after three sound segments of each have been decoded."""
    names = list(viewer.wait_live(60))
    for name in names:
        piece = last_piece(viewer.wait_segments(name, 4))[-3:]
        path = tmp_path / f"{name}.mp4"
        path.write_bytes(viewer.fetch(piece[0].init_url) + b"".join(viewer.fetch(s.url) for s in piece))
        assert probe.decode_errors(path) == "", name
    return names


def test_obs_publishes_with_the_sample_profile(launch, obs, tmp_path):
    server = launch([show()], ladder=LADDER, feed={"reconnectSeconds": 1})
    host = obs(server, "streamkey-show")
    viewer = Viewer(server.url())
    assert set(watched(viewer, tmp_path)) == {"source", "240p", "audio"}
    assert "Streaming Start" in host.log()
    host.end()
    # OBS says goodbye; the show goes on, with a slate and then with gaps, and is not ended.
    wait_until(lambda: any(s.gap for s in viewer.listing("240p").segments), 15, "gaps after OBS has gone")
    assert not viewer.listing("240p").is_ended
    viewer.close()


def test_obs_with_automatic_key_frames_is_encoded(launch, obs, tmp_path):
    server = launch([show()], ladder=LADDER)
    host = obs(server, "streamkey-show", encoder={"rate_control": "CBR", "bitrate": 2500, "preset": "veryfast"})
    viewer = Viewer(server.url())
    assert set(watched(viewer, tmp_path)) == {"720p", "240p", "audio"}
    assert re.search(r"keyint:\s+250", host.log())
    viewer.close()


def test_obs_is_told_when_its_key_is_wrong(launch, obs):
    server = launch([show()], ladder=LADDER)
    host = obs(server, "this-is-not-the-key")
    wait_until(lambda: "refused" in server.log().lower(), 40, "the refusal in the server's log")
    wait_until(lambda: re.search(r"(?i)publish.*(fail|error|bad)|BadName|failed: -\d|Invalid stream key", host.log()), 20,
               "OBS's log tells the refusal")
    assert "this-is-not-the-key" not in server.log()
