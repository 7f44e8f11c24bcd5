#!/usr/bin/env bash
# The server's own delay: from the arrival of a part's last frame to the part being listed, as /metrics tells it.
# usage: Tests/Benchmarks/delay.sh [SECONDS (40)]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Deploy/packages.sh
. Deploy/packages.sh
install_packages ffmpeg python3-venv
Deploy/build
python_environment
exec .venv/bin/python Tests/Benchmarks/delay.py "$@"
