#!/usr/bin/env bash
# How far hls.js in Chromium is behind live at steady state, with viewers of `shopcast load` on HTTP/2 beside it.
# usage: Tests/Benchmarks/beside.sh [SECONDS (60)] [VIEWERS (50)]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Deploy/packages.sh
. Deploy/packages.sh
install_packages ffmpeg openssl chromium fonts-liberation python3-venv
Deploy/build
python_environment
exec .venv/bin/python Tests/Benchmarks/beside.py "$@"
