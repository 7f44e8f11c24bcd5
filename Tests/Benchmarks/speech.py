"""See `speech` beside it."""
import json
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

import publisher
import server as servers
import spoken
from speech_stage import figures_of

KEPT = ROOT / ".cache/speech/figures.json"
REPORT = ROOT / "Tests/Benchmarks/Speech.md"
#: "It was the best of times…", which the package moonshine-voice has read by a person.
RECORDING = ROOT / ".cache/speech/moonshine-0.0.73/two_cities.wav"
CITIES = """It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was the
epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of Darkness, it was the spring of
hope, it was the winter of despair, we had everything before us, we had nothing before us, we were all going direct to Heaven, we
were all going direct the other way – in short, the period was so far like the present period, that some of its noisiest
authorities insisted on its being received, for good or for evil, in the superlative degree of comparison only."""
VOICES = {"moonshine": ["slt", "rms", "en-us"], "pocketsphinx": ["slt", "rms"], "sidecar": ["slt", "rms"]}
COLUMNS = [
    ("word error rate", "Word errors"), ("cue begins after its words, median s", "Cue after its words, s"),
    ("earliest cue, s", "Earliest, s"), ("speech end to hall, median s", "Delay, s"),
    ("speech end to hall, worst s", "Worst, s"), ("speech end to playlist, median s", "Delay in the playlist, s"),
    ("lines with captions", "Lines"), ("cores", "Cores"), ("memory, MB", "Memory, MB"), ("gaps", "Gaps")]
HEAD = """# What speech recognisers make of a show

Made by `Tests/Benchmarks/speech`: a host says ten sentences (`Tests/EndToEnd/spoken.py`) over RTMP, with 1.2 s between them, into a
show with its source and renditions of 360p and 240p beside it, on this machine. *slt* and *rms* are voices of flite, *en-us* is
espeak-ng's, *person* is 44 s of a reading that moonshine-voice carries. Synthetic voices are clearer than people are: take the
figures as a ranking. *Delay* is from the end of a sentence until its last caption could be had from the API, *in the playlist* until
a listed segment had it, both on one clock; *cores* is the CPU of `captiond` (and its sidecar) only; *gaps* are those in the video.

"""


def measured(engine, voice):
    speech = spoken.recorded(RECORDING, CITIES) if voice == "person" else spoken.made(voice=voice)
    started = []
    folder = Path(tempfile.mkdtemp())

    def launch(shows, **settings):
        started.append(servers.Server(folder / "server", shows, **settings))
        return started[-1].start()

    def publish(server, path, **options):
        started.append(publisher.Publisher(path, server.rtmp(), folder / "publisher.log", **options))
        return started[-1]

    try:
        return figures_of(launch, publish, engine, speech)
    finally:
        for thing in reversed(started):
            thing.stop()
        shutil.rmtree(folder)


def main():
    known = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for engine in sys.argv[1:] or list(VOICES):
        for voice in VOICES[engine] + (["person"] if RECORDING.exists() else []):
            known[f"{engine} {voice}"] = figures = measured(engine, voice)
            print(engine, voice, json.dumps(figures), flush=True)
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            KEPT.write_text(json.dumps(known))
    rows = [["Engine", "Voice", *(title for _, title in COLUMNS)]]
    rows.append(["---"] * len(rows[0]))
    for engine, voices in VOICES.items():
        for voice in [*voices, "person"]:
            figures = known.get(f"{engine} {voice}")
            if figures:
                rows.append([engine, voice, *(str(figures.get(name, "")) for name, _ in COLUMNS)])
    REPORT.write_text(HEAD + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n")


if __name__ == "__main__":
    main()
