#!/usr/bin/env bash
# What one passed-through 5 Mbit/s stream costs, beside nginx with its RTMP module doing RTMP to HLS in the same run.
# usage: Tests/Benchmarks/remux.sh [ROUNDS (3)] [SECONDS (24)] [STREAMS (8)]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Deploy/packages.sh
. Deploy/packages.sh
install_packages ffmpeg nginx libnginx-mod-rtmp python3-venv
Deploy/build
python_environment
exec .venv/bin/python Tests/Benchmarks/remux.py "$@"
