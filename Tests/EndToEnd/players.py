"""Players that are not ours, without a screen: each plays an address for a while and says how many pictures it saw."""
import os
import re
import subprocess

from server import tool

SECONDS = 8


def ffmpeg(url, folder):
    run = subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-hide_banner", "-v", "warning", "-stats", "-i", url, "-map", "0:v:0", "-map", "0:a:0",
         "-t", str(SECONDS), "-f", "null", "-"], capture_output=True, text=True, timeout=60)
    complaints = [l for l in re.split(r"[\r\n]", run.stderr) if l.strip() and not l.startswith("frame=")]
    assert run.returncode == 0, run.stderr
    return int(re.findall(r"frame=\s*(\d+)", run.stderr)[-1]), complaints


def ffprobe(url, folder):
    run = subprocess.run(
        [tool("ffprobe"), "-v", "warning", "-select_streams", "v:0", "-read_intervals", f"%+{SECONDS}", "-show_entries",
         "packet=pts_time", "-of", "csv=p=0", url], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return len(run.stdout.split()), [l for l in run.stderr.splitlines() if l.strip()]


def gstreamer(url, folder):
    """playbin3, which takes hlsdemux2; every picture that reaches the sink is one line."""
    command = [tool("gst-launch-1.0"), "-v", "playbin3", f"uri={url}", "video-sink=fakesink silent=false sync=true",
               "audio-sink=fakesink sync=true"]
    text = _for_a_while(command, SECONDS + 6, folder / "gstreamer.log")
    pictures = len(re.findall(r"fakesink\w*: last-message = chain .*\(\d+ bytes", text))
    return pictures, re.findall(r"ERROR.*", text)


def mpv(url, folder):
    # Without a limit it would load a recording's end first; --frames ends it by itself.
    run = subprocess.run(
        [tool("mpv"), "--no-config", "--vo=null", "--ao=null", "--untimed=no", f"--frames={SECONDS * 30}",
         "--msg-level=all=warn,cplayer=info", url], capture_output=True, text=True, timeout=60)
    text = run.stdout + run.stderr
    assert run.returncode == 0, text
    return SECONDS * 30 if "Exiting... (End of file)" in text else 0, re.findall(r"\[(?!cplayer).*", text)


def vlc(url, folder):
    """Not as root, which VLC refuses to run as; its own statistics tell what was shown."""
    os.chmod(folder, 0o777)
    command = [tool("vlc"), "--intf", "rc", "--rc-fake-tty", "--no-rc-show-pos", "--vout", "dummy", "--aout", "dummy",
               "--avcodec-hw", "none", "--no-media-library", url]
    if os.geteuid() == 0:
        command = [tool("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", "env", f"HOME={folder}", *command]
    text = _for_a_while(command, SECONDS + 4, folder / "vlc.log", b"stats\nquit\n")
    shown = re.findall(r"frames displayed\s*:\s*(\d+)", text)
    return int(shown[-1]) if shown else 0, []


def _for_a_while(command, seconds, log_path, farewell=None):
    """What a program writes in so many seconds; then it is asked to go."""
    with open(log_path, "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.PIPE)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        if farewell:
            process.stdin.write(farewell)
            process.stdin.close()
        else:
            process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return log_path.read_text(errors="replace")
