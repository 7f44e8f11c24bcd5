"""Shows whose sound is speech with known words at known times, and how well captions tell of it."""
import datetime
import hashlib
import json
import os
import re
import subprocess
import time
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy

import media
from captions import parse
from server import tool

RATE = 16_000
LINES = [
    "Welcome everybody to our evening show.",
    "Today we have a beautiful winter jacket for you.",
    "It is thirty percent off for the next ten minutes.",
    "The jacket comes in small, medium and large.",
    "We ship to Mexico and Brazil in five days.",
    "Please write your questions in the chat.",
    "This sweater is made of soft wool from Scotland.",
    "Only twenty pieces are left in the shop.",
    "You can send it back within thirty days.",
    "Thank you for watching and see you tomorrow.",
]
NUMBERS = {"30": "thirty", "10": "ten", "5": "five", "20": "twenty"}


@dataclass
class Said:
    text: str
    #: Seconds from the first picture.
    start: float
    end: float


@dataclass
class Speech:
    path: Path
    said: list
    length: float


def _flite(text, path, voice):
    source = path.with_suffix(".txt")
    source.write_text(text)
    subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", f"flite=textfile={source}:voice={voice}",
         "-ar", str(RATE), "-ac", "1", path], check=True, timeout=60)


def _espeak(text, path, voice):
    raw = path.with_suffix(".raw.wav")
    subprocess.run([tool("espeak-ng"), "-v", voice, "-s", "150", "-w", raw, text], check=True, timeout=60)
    subprocess.run([tool("ffmpeg"), "-nostdin", "-v", "error", "-y", "-i", raw, "-ar", str(RATE), "-ac", "1", path], check=True)


def samples(path):
    with wave.open(str(path)) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), dtype=numpy.int16)


def edges(sound):
    """Seconds of the first and last moment that is loud, to 10 ms."""
    hop = RATE // 100
    level = numpy.sqrt((sound[: len(sound) // hop * hop].reshape(-1, hop).astype(float) ** 2).mean(axis=1))
    loud = numpy.flatnonzero(level > level.max() * 0.05)
    return loud[0] / 100, (loud[-1] + 1) / 100


def made(lines=LINES, voice="slt", gap=1.2, lead=1.0, size="640x360", kilobits=700):
    """The file of a host who says these lines with pauses between them; made once."""
    recipe = ["spoken 2", lines, voice, gap, lead, size, kilobits]
    mark = hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    path, notes = media.FOLDER / f"spoken-{mark}.flv", media.FOLDER / f"spoken-{mark}.json"
    if not notes.exists():
        work = media.FOLDER / f"spoken-{mark}.{os.getpid()}"
        work.mkdir(parents=True, exist_ok=True)
        said, place = [], lead
        sound = numpy.zeros(0, dtype=numpy.int16)
        for number, line in enumerate(lines):
            wav = work / f"{number}.wav"
            (_espeak if voice.startswith("en") else _flite)(line, wav, voice)
            own = samples(wav)
            first, last = edges(own)
            start = int((place - first) * RATE)
            sound = numpy.concatenate([sound, numpy.zeros(max(0, start - len(sound)), dtype=numpy.int16)])
            sound = numpy.concatenate([sound[:max(start, 0)], own])
            said.append([line, start / RATE + first, start / RATE + last])
            place = start / RATE + last + gap
        length = 2 * int(place / 2 + 1)
        _mux(sound, length, path, size, kilobits, work)
        part = work / "notes"
        part.write_text(json.dumps({"said": said, "length": length}))
        part.rename(notes)
    told = json.loads(notes.read_text())
    return Speech(path, [Said(*s) for s in told["said"]], told["length"])


def recorded(wav, text, size="640x360", kilobits=700):
    """A file of a real recording of which only the words are known."""
    mark = hashlib.sha256(repr([str(wav), size, kilobits]).encode()).hexdigest()[:12]
    path = media.FOLDER / f"spoken-{mark}.flv"
    with wave.open(str(wav)) as file:
        length = 2 * int(file.getnframes() / file.getframerate() / 2 + 2)
    if not path.exists():
        media.FOLDER.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.flv")
        _encode(["-i", str(wav)], length, part, size, kilobits)
        part.rename(path)
    return Speech(path, [Said(text, 0, length)], length)


def _mux(sound, length, path, size, kilobits, work):
    wav = work / "all.wav"
    sound = numpy.concatenate([sound, numpy.zeros(max(0, int(length * RATE) - len(sound)), dtype=numpy.int16)])
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, RATE, len(sound), "NONE", ""))
        file.writeframes(sound.tobytes())
    part = work / "all.flv"
    _encode(["-i", str(wav)], length, part, size, kilobits)
    part.rename(path)


def _encode(sound, length, path, size, kilobits):
    subprocess.run(
        [tool("ffmpeg"), "-nostdin", "-v", "error", "-y", *media.picture(size), *sound, "-filter_complex", "[1:a]apad[a]",
         "-map", "0:v", "-map", "[a]", "-t", str(length), *media.x264(kilobits, 60), *media.AAC, "-ar", "48000",
         "-f", "flv", str(path)], check=True, timeout=600)


# What came of it

def words(text):
    """As they are compared: in lower case, without signs, numbers as words."""
    plain = re.sub(r"[^\w\s']", " ", text.lower().replace("%", " percent "))
    return [NUMBERS.get(w, w) for w in plain.split()]


def errors(heard, said):
    """Words put in, left out and changed, and how many were said."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        last, row[0] = row[0], i
        for j, word in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != wanted))
    return row[len(heard)], len(said)


def unix(date):
    return datetime.datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp()


@dataclass
class Watch:
    """Reads a track again and again, and notes when each cue was there first, in the API and in the playlist."""
    viewer: object
    ops: object
    show: str = "show"
    language: str = "en"
    cues: dict = field(default_factory=dict)
    seen: dict = field(default_factory=dict)
    listed: dict = field(default_factory=dict)
    _read: set = field(default_factory=set)

    def look(self, playlist=True):
        cues = self.ops.get(f"/shows/{self.show}/captions/{self.language}/cues", params={"limit": 1000}).json()["cues"]
        now = time.time()
        for cue in cues:
            self.seen.setdefault(cue["id"], now)
            self.cues[cue["id"]] = cue
        if not playlist:
            return
        for segment in self.viewer.listing(f"captions-{self.language}").complete[-3:]:
            if segment.gap or segment.url in self._read:
                continue
            self._read.add(segment.url)
            for cue in parse(self.viewer.fetch(segment.url).decode()):
                self.listed.setdefault(int(cue.id[1:]), time.time())

    def text(self):
        return " ".join(c["text"].replace("\n", " ") for c in sorted(self.cues.values(), key=lambda c: c["start"]))

    def of(self, said, zero):
        """The cues of a line, in their order; `zero` is the first picture's date."""
        middle = lambda c: (unix(c["start"]) + unix(c["end"])) / 2 - zero
        return sorted((c for c in self.cues.values() if said.start - 0.4 < middle(c) < said.end + 0.8), key=lambda c: c["start"])
