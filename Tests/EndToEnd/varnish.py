"""Varnish with the project's own VCL, in front of a server."""
import collections
import os
import subprocess

import httpx

from deadline import wait_until
from server import ROOT, free_port, tool

VCL = ROOT / "Deploy/varnish/shopcast.vcl"


class Varnish:
    """Listens at `url()`; `origin_requests()` is what it has asked the server for."""

    def __init__(self, folder, server):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.work = folder / "work"
        self.log_path = folder / "requests.log"
        text = VCL.read_text()
        assert text.count('.port = "8080";') == 1
        (folder / "edge.vcl").write_text(text.replace('.port = "8080";', f'.port = "{server.http_port}";'))

    def start(self):
        with open(self.folder / "varnishd.log", "ab") as log:
            self.process = subprocess.Popen(
                [tool("varnishd"), "-F", "-j", "none", "-n", self.work, "-a", f"127.0.0.1:{self.port}", "-f",
                 self.folder / "edge.vcl", "-s", "malloc,256m", "-p", "thread_pool_max=1000", "-p",
                 "vsl_space=256m"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(self.is_ready, 60, "Varnish answers")
        with open(self.log_path, "wb") as log:
            self.logger = subprocess.Popen(
                [tool("varnishncsa"), "-n", self.work, "-b", "-F", "%U%q %s"], stdout=log, stderr=log)
        return self

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "varnishd.log").read_text()
        try:
            # The probe has to find the server first.
            return httpx.get(self.url("/api/v1/shows"), timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def flush(self):
        """Waits until the log has all that was asked until now."""
        mark = f"/live/mark-{os.urandom(6).hex()}/index.m3u8"

        def is_there():
            # Asked for again, since a log that has only just begun may have missed it.
            httpx.get(self.url(mark))
            return mark in self.log_path.read_text()
        wait_until(is_there, 20, "the log of Varnish is complete", every=0.25)

    def origin_requests(self):
        """How often the server was asked for each address, and what it answered: {(address, status): times}."""
        self.flush()
        lines = [line.rsplit(" ", 1) for line in self.log_path.read_text().splitlines() if " " in line]
        return collections.Counter((address, int(status)) for address, status in lines if status.isdigit())

    def stop(self):
        for process in (self.logger, self.process):
            process.terminate()
        for process in (self.logger, self.process):
            process.wait(20)
