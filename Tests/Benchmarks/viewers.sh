#!/usr/bin/env bash
# How many viewers of a passed-through 360p picture this machine carries, server and `shopcast load` together on it,
# over HTTP/1.1 and over HTTP/2 with TLS; and the CPU of a thousand viewers, split into server and client.
# usage: Tests/Benchmarks/viewers.sh [SECONDS a step (20)] [FIRST STEP (250)] [h1|h2]
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Deploy/packages.sh
. Deploy/packages.sh
install_packages ffmpeg openssl python3-venv
Deploy/build
python_environment
exec .venv/bin/python Tests/Benchmarks/viewers.py "$@"
