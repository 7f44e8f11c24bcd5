"""A running `shopcast serve` with settings, ports and data of its own."""
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import yaml

import halves
from deadline import wait_until
from metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SHOPCAST_BINARY", ROOT / ".build/release/shopcast"))
#: Where ports that are given out are noted, in a run of tests.
run_folder = None
_given = set()


def free_port(kind=socket.SOCK_STREAM):
    """A TCP port of the loopback address that nobody listens on and that this run has not given out."""
    while True:
        with socket.socket(socket.AF_INET, kind) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in _given and (run_folder is None or halves.claim(run_folder, port)):
            _given.add(port)
            return port


def free_udp_port():
    return free_port(socket.SOCK_DGRAM)


def show(id="show", key=None, **more):
    """A show of the settings file; its stream key is `streamkey-ID` unless given."""
    return {"id": id, "title": f"Show {id}", "streamKey": key or f"streamkey-{id}", **more}


class Server:
    """Starts in `start()`, ready to serve when that returns; `stop()` ends it gracefully."""

    def __init__(self, folder, shows=None, certificate=None, **settings):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.http_port, self.rtmp_port = free_port(), free_port()
        self.srt_port = free_udp_port()
        self.https_port, self.rtmps_port = (free_port(), free_port()) if certificate else (None, None)
        self.shows = [show()] if shows is None else shows
        self.data = self.folder / "data"
        self.log_path = self.folder / "server.log"
        self.settings_path = self.folder / "shopcast.yaml"
        self.settings = {
            "host": "127.0.0.1",
            "http": {"port": self.http_port},
            "rtmp": {"port": self.rtmp_port},
            "srt": {"port": self.srt_port},
            "data": str(self.data),
            "shows": self.shows,
        }
        if certificate:
            self.settings["https"] = {
                "port": self.https_port,
                "certificate": str(certificate / "certificate.pem"),
                "key": str(certificate / "key.pem"),
            }
            self.settings["rtmps"] = {"port": self.rtmps_port}
        for name, value in settings.items():
            # What a test says of http, say, goes beside the port.
            old = self.settings.get(name)
            both = isinstance(old, dict) and isinstance(value, dict)
            self.settings[name] = {**old, **value} if both else value
        self.data = Path(self.settings["data"])
        self.process = None
        self.http = httpx.Client(timeout=20)

    @property
    def pid(self):
        return self.process.pid

    def url(self, path=""):
        return f"http://127.0.0.1:{self.http_port}{path}"

    def secure_url(self, path=""):
        return f"https://127.0.0.1:{self.https_port}{path}"

    def rtmp(self, show_id="show", key=None):
        """The address that the host of a show publishes to."""
        key = key or next(s["streamKey"] for s in self.shows if s["id"] == show_id)
        return f"rtmp://127.0.0.1:{self.rtmp_port}/live/{key}"

    def srt(self, show_id="show", key=None, **options):
        """The same over SRT, as ffmpeg takes it; `options` are ffmpeg's, such as passphrase."""
        key = key or next(s["streamKey"] for s in self.shows if s["id"] == show_id)
        more = "".join(f"&{name}={value}" for name, value in options.items())
        return f"srt://127.0.0.1:{self.srt_port}?streamid=#!::r={key},m=publish&pkt_size=1316{more}"

    def write_settings(self):
        self.settings_path.write_text(yaml.safe_dump(self.settings, sort_keys=False))

    def start(self):
        self.write_settings()
        log = open(self.log_path, "ab")
        # A crash prints where it was; without this the runtime asks debuggers first and is slow about it.
        environment = {**os.environ, "SWIFT_BACKTRACE": "enable=yes,interactive=no,color=no"}
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", self.settings_path], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, cwd=self.folder, env=environment)
        log.close()
        wait_until(self.is_ready, 30, "the server answers /health/ready with 200")
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"
        try:
            return self.http.get(self.url("/health/ready"), timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=20):
        """Ends the server with SIGTERM and returns its exit code; a server that hangs is killed and reported."""
        self.http.close()
        if self.process is None or self.process.poll() is not None:
            return None if self.process is None else self.process.returncode
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end within {seconds} s of SIGTERM:\n{self.log(40)}")

    def log(self, lines=None):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return text if lines is None else "\n".join(text.splitlines()[-lines:])

    def end_show(self, show_id="show"):
        done = command("show", "end", show_id, "--config", self.settings_path)
        assert done.returncode == 0, done.stderr

    def metrics(self):
        answer = self.http.get(self.url("/metrics"))
        assert answer.status_code == 200, answer
        return Metrics(answer.text)

    def cpu_seconds(self):
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mebibytes(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def private_mebibytes(self):
        """What it has written to and shares with nobody: of its memory, what a leak would be in."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no Private_Dirty")


def command(*arguments, timeout=30, cwd=None, env=None):
    """Runs the shopcast binary to its end; the result carries text output and the exit code."""
    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, cwd=cwd,
        env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)


def make_certificate(folder):
    """A self-signed certificate in `folder`, made by the same script as the demo's."""
    subprocess.run([ROOT / "Deploy/certificate", folder], check=True, timeout=60)
    return Path(folder)


def tool(name):
    """The path of a program that Deploy/test installs; a test that lacks it fails and says so."""
    path = shutil.which(name)
    assert path, f"{name} is not installed: run Deploy/test, which installs what the tests need"
    return path
