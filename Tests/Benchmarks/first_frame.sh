#!/usr/bin/env bash
# From navigation to the first picture: Chromium without a cache opens a live show's page over TLS and HTTP/2, with a round
# trip of 100 ms added to every packet (a relay between two TUN devices, so that slow start is real), and with none.
# Fails where the median is above 900 ms, or 250 ms. Needs root, for a network namespace of its own.
# usage: Tests/Benchmarks/first_frame.sh [RUNS (11)] [ROUND TRIP ms …]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Deploy/packages.sh
. Deploy/packages.sh
install_packages ffmpeg python3-venv chromium iproute2 openssl libnss3-tools
Deploy/build
python_environment
exec unshare --net .venv/bin/python Tests/Benchmarks/first_frame.py "$@"
