"""Plays an address with GStreamer's dashdemux2 under playbin3, in real time: `gstreamer_dash.py URL SECONDS`.

Run by Debian's own Python, which has GStreamer's bindings. Left to itself dashdemux2 buffers 30 s before it plays, more
than a live window has; a player sets its watermarks, and so does this. Prints, as JSON, how many pictures and pieces of
sound came out, whether it came to the end, and what went wrong.
"""
import json
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

Gst.init(None)
seen = {"video": 0, "audio": 0, "ended": False, "error": None, "demuxer": False}
loop = GLib.MainLoop()
player = Gst.ElementFactory.make("playbin3")


def sink(kind):
    element = Gst.ElementFactory.make("fakesink")
    element.set_property("sync", True)
    element.set_property("signal-handoffs", True)
    element.connect("handoff", lambda *_: seen.update({kind: seen[kind] + 1}))
    return element


def on_element(_, __, element):
    if element.get_factory() and element.get_factory().get_name() == "dashdemux2":
        seen["demuxer"] = True
        element.set_property("low-watermark-time", 2 * Gst.SECOND)
        element.set_property("high-watermark-time", 6 * Gst.SECOND)


def on_message(_, message):
    if message.type == Gst.MessageType.ERROR:
        seen["error"] = str(message.parse_error())
        loop.quit()
    elif message.type == Gst.MessageType.EOS:
        seen["ended"] = True
        loop.quit()
    elif message.type == Gst.MessageType.BUFFERING:
        is_full = message.parse_buffering() >= 100
        player.set_state(Gst.State.PLAYING if is_full else Gst.State.PAUSED)


player.set_property("video-sink", sink("video"))
player.set_property("audio-sink", sink("audio"))
player.set_property("uri", sys.argv[1])
player.connect("deep-element-added", on_element)
bus = player.get_bus()
bus.add_signal_watch()
bus.connect("message", on_message)
player.set_state(Gst.State.PLAYING)
GLib.timeout_add(int(float(sys.argv[2]) * 1000), loop.quit)
loop.run()
player.set_state(Gst.State.NULL)
print(json.dumps(seen))
