"""A host who publishes a file with ffmpeg, in real time and untouched unless told otherwise."""
import signal
import subprocess

from server import tool


class Publisher:
    def __init__(self, file, url, log_path, loop=True, codecs=("-c", "copy"), before=()):
        form = "mpegts" if url.startswith("srt:") else "flv"
        self.log_path = log_path
        command = [tool("ffmpeg"), "-nostdin", "-hide_banner", "-loglevel", "warning"]
        command += ["-re", *(("-stream_loop", "-1") if loop else ()), *before, "-i", str(file)]
        command += [*codecs, "-f", form, url]
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """Says goodbye as a host does who presses stop; returns the exit code."""
        return self._end(signal.SIGINT)

    def kill(self):
        """Goes away without a word."""
        return self._end(signal.SIGKILL)

    def hold(self):
        """Falls silent with the connection open; `resume` goes on."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def wait(self, seconds):
        return self.process.wait(seconds)

    def _end(self, how):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.send_signal(signal.SIGCONT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()
