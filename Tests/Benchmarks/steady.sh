#!/usr/bin/env bash
# Steady-state latency in the page: Chromium with hls.js over TLS and HTTP/2, while 50 viewers of `shopcast load` watch
# the same show from the same machine. Fails where the median is above PART-HOLD-BACK + 0.3 s, or the picture stalls.
# usage: Tests/Benchmarks/steady.sh [SECONDS (60)] [VIEWERS (50)]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Deploy/packages.sh
. Deploy/packages.sh
install_packages ffmpeg python3-venv chromium
Deploy/build
python_environment
exec .venv/bin/python Tests/Benchmarks/steady.py "$@"
