# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: what Shopcast needs from Debian 12 and from the Swift toolchain.
# Nothing is touched that is already there.

# What the server is built from.
build_packages=(
    ca-certificates pkg-config libavfilter-dev libavformat-dev libavcodec-dev libswscale-dev
    libswresample-dev libx264-dev libzimg-dev libsrt-gnutls-dev zlib1g-dev libsqlite3-dev libargon2-dev
    libcld2-dev
)

# What the demo adds: a clip is made and published, the player is fetched, a certificate is signed.
demo_packages=(ffmpeg espeak-ng fonts-dejavu-core openssl curl unzip python3 python3-venv)

# What the tests add: real publishers, players and load generators.
test_packages=(
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-plugins-ugly gstreamer1.0-libav chromium fonts-liberation nghttp2-client wrk procps
    iproute2 varnish varnish-vmod-digest gir1.2-gstreamer-1.0 python3-gi nginx
)

# Translation on this machine between English, Spanish, Portuguese, French and Italian: `Deploy/translators`, and the tests.
translation_packages=(apertium apertium-eng-spa apertium-es-pt apertium-fr-es apertium-spa-ita)

# Speech recognition from Debian alone: `Deploy/speech --pocketsphinx`, and the tests.
speech_packages=(libpocketsphinx3 pocketsphinx-en-us)

# What `Deploy/test --long` adds: two players, OBS Studio on a virtual screen, and the peers of the benchmarks.
long_packages=(
    mpv vlc-bin vlc-plugin-base obs-studio obs-plugins xvfb xauth libgl1-mesa-dri libnginx-mod-rtmp
    libnginx-mod-nchan gcc libc6-dev
)

say() { printf '==> %s\n' "$*"; }

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# as_root COMMAND...: directly where we are root, through sudo where we are not.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        die "Installing Debian packages needs root: run this as root, or install sudo. Wanted: $*"
    fi
}

# install_packages NAME...: installs those of the named Debian packages that are missing.
install_packages() {
    local name missing=()
    command -v apt-get >/dev/null || die "This script installs Debian packages and found no apt-get. Wanted: $*"
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "Installing from Debian: ${missing[*]}"
    as_root apt-get -o DPkg::Lock::Timeout=600 update -q
    as_root apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends "${missing[@]}"
}

# require_swift: stops with a sentence where there is no Swift 6.2 or later.
require_swift() {
    local version
    command -v swift >/dev/null \
        || die "Swift is not in PATH: install Swift 6.2 or later for Debian 12 from https://www.swift.org/install/linux/"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    if [ "$(printf '%s\n' 6.2 "${version:-0}" | sort -V | head -n 1)" != 6.2 ]; then
        die "Swift ${version:-of an unknown version} was found; Shopcast needs 6.2 or later."
    fi
}

# python_environment: .venv with the pinned packages of Tests/EndToEnd/requirements.txt; Debian's own Python
# takes none. Reads nothing from the network where the list has not changed.
python_environment() {
    local list=Tests/EndToEnd/requirements.txt stamp
    stamp=.venv/.installed-$(sha256sum "$list" | cut -c 1-16)
    [ ! -e "$stamp" ] || return 0
    say "Installing the tests' Python packages into .venv"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$list"
    rm -f .venv/.installed-*
    : >"$stamp"
}
