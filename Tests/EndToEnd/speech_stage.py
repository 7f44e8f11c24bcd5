"""A show whose words are known, and the process that hears it."""
import os
import statistics
import time
from pathlib import Path

import spoken
from api import operator
from deadline import wait_until
from processes import children
from server import show
from viewer import Viewer

TRACK = [{"language": "en", "source": "speech"}]
LADDER = {"steps": [], "admission": False}
STEPS = [{"shortSide": 360, "kilobits": 600}, {"shortSide": 240, "kilobits": 250}]


def captiond(server):
    """The process that hears the show; None where there is none."""
    for pid in children(server.pid):
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "captiond":
                return pid
        except OSError:
            pass
    return None


def state(ops, language="en", id="show"):
    tracks = ops.get(f"/shows/{id}/captions").json()["captions"]
    return next(t for t in tracks if t["language"] == language)["state"]


def on_air(launch, publish, speech, engine, **settings):
    server = launch([show(language="en", captions=TRACK)], ladder=LADDER, speech={"engine": engine, **settings})
    publisher = publish(server, speech.path, loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live()
    first = viewer.listing("source").complete[0].date.timestamp()
    ops = operator(server)
    return server, publisher, viewer, first, ops, spoken.Watch(viewer, ops)


def figures_of(launch, publish, engine, speech, **settings):
    """How well and how soon a speech is written down beside a ladder, and what that takes."""
    server = launch(
        [show(language="en", captions=TRACK)], ladder={"steps": STEPS, "admission": False},
        speech={"engine": engine, **settings})
    publish(server, speech.path, loop=False)
    viewer = Viewer(server.url())
    viewer.wait_live(60)
    first = viewer.listing("source").complete[0].date.timestamp()
    ops = operator(server)
    watch = spoken.Watch(viewer, ops)
    pid = wait_until(lambda: captiond(server), 10, "somebody hears the show")
    began, used = time.monotonic(), sum(map(cpu, family(pid)))
    end = first + speech.said[-1].end

    def is_over():
        watch.look()
        return time.time() > end + 9

    wait_until(is_over, speech.length + 30, "everything was said", every=0.1)
    share = (sum(map(cpu, family(pid))) - used) / (time.monotonic() - began)
    resident = sum(map(memory, family(pid)))
    wrong, count = spoken.errors(spoken.words(watch.text()), [w for s in speech.said for w in spoken.words(s.text)])
    figures = {"word error rate": round(wrong / count, 3)}
    if len(speech.said) > 1:
        told = [(s, watch.of(s, first)) for s in speech.said]
        told = [(s, cues) for s, cues in told if cues]
        offsets = [spoken.unix(cues[0]["start"]) - first - s.start for s, cues in told]
        hall = [watch.seen[cues[-1]["id"]] - first - s.end for s, cues in told]
        listed = [watch.listed[cues[-1]["id"]] - first - s.end for s, cues in told if cues[-1]["id"] in watch.listed]
        figures |= {
            "cue begins after its words, median s": round(statistics.median(offsets), 2),
            "earliest cue, s": round(min(offsets), 2),
            "speech end to hall, median s": round(statistics.median(hall), 2),
            "speech end to hall, worst s": round(max(hall), 2),
            "speech end to playlist, median s": round(statistics.median(listed), 2) if listed else None,
            "lines with captions": f"{len(told)} of {len(speech.said)}",
        }
    listing = viewer.listing("source").complete
    figures |= {
        "cores": round(share, 3), "memory, MB": round(resident),
        # The host's end, and the slate that follows, is none.
        "gaps": sum(s.gap or s.discontinuity for s in listing if s.date.timestamp() < first + speech.length - 2),
    }
    viewer.close()
    ops.close()
    return figures


def family(pid):
    """It, and its sidecar."""
    return [pid, *children(pid)]


def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    line = next(l for l in Path(f"/proc/{pid}/status").read_text().splitlines() if l.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
