"""Recognises pieces of speech with faster-whisper.

usage: whisper_lines.py MODEL    a folder with a CTranslate2 model of Whisper

In: one JSON object a line, {"pcm": BASE64, "language": "es", "hints": ["..."]}, 16 kHz, 16 bits, little-endian. Out: one a line
for each, {"segments": [{"start": 0.0, "end": 1.9, "text": "...", "confidence": 0.9}]} or {"error": "..."}. It ends at the end of
its input. Nothing is fetched."""

import base64
import json
import math
import os
import sys

#: What is as likely to be noise, and what was guessed, is left out.
NOISE, GUESS = 0.6, -1.0


def main():
    # The package prints; the lines are for answers alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    os.environ["HF_HUB_OFFLINE"] = "1"
    import numpy
    from faster_whisper import WhisperModel

    model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    for line in sys.stdin.buffer:
        try:
            asked = json.loads(line)
            sound = numpy.frombuffer(base64.b64decode(asked["pcm"]), dtype="<i2").astype(numpy.float32) / 32768
            # One language, never guessed; no text from before, which it would repeat; no second tries, which take long.
            segments, _ = model.transcribe(
                sound, language=asked["language"], beam_size=1, temperature=0.0, condition_on_previous_text=False,
                initial_prompt=", ".join(asked.get("hints") or []) or None)
            answer = {"segments": [
                {"start": s.start, "end": s.end, "text": s.text, "confidence": min(1.0, math.exp(s.avg_logprob))}
                for s in segments if s.no_speech_prob < NOISE or s.avg_logprob > GUESS]}
        except Exception as error:  # One bad line must not end the others.
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
