#!/usr/bin/env python3
"""cpu_rounds.py ROUNDS SECONDS FILE: compares commands by CPU time on a shared machine.

FILE holds lines of 'name<TAB>shell command'. The commands run in turn, A B C A B C, ROUNDS times; user + system time
comes from wait4, children included. Prints the median, and the median of each round's ratio to the first command."""
import os
import statistics
import subprocess
import sys
import time

rounds, seconds, path = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
commands = [line.rstrip("\n").split("\t", 1) for line in open(path) if "\t" in line]
results = {name: [] for name, _ in commands}
for _ in range(rounds):
    for name, command in commands:
        began = time.monotonic()
        process = subprocess.Popen(
            ["/bin/bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        if status:
            sys.exit(f"{name}: exit {status}: {errors.decode(errors='replace')[-600:]}")
        results[name].append(
            (usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024))
first = commands[0][0]
print("| command | CPU s / video s (min..max) | ratio | wall s | peak MiB |\n|---|---|---|---|---|")
for name, _ in commands:
    cpu = [result[0] / seconds for result in results[name]]
    ratio = statistics.median(a[0] / b[0] for a, b in zip(results[name], results[first]))
    wall = statistics.median(result[1] for result in results[name])
    print(f"| {name} | {statistics.median(cpu):.3f} ({min(cpu):.3f}..{max(cpu):.3f}) | {ratio:.3f} | {wall:.1f} | "
          f"{max(result[2] for result in results[name]):.0f} |", flush=True)
