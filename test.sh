#!/usr/bin/env bash
# Installs what the tests need and runs them all: format, clippy, tests, the web app's checks, and the browser.
#
#   ./test.sh          what every change must pass
#   ./test.sh --full   with the long proofs and the downloads
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
# shellcheck source=scripts/setup.sh
source scripts/setup.sh

full=no
case ${1:-} in
'') ;;
--full) full=yes ;;
*) die "usage: ./test.sh [--full]" ;;
esac

failed=()
# step TITLE COMMAND...: a failure is kept for the end, so that one fault does not hide another.
step() {
    local title=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$title"
    if "$@" </dev/null; then
        printf '== %s: passed in %d s\n' "$title" "$((SECONDS - start))"
    else
        printf '== %s: FAILED after %d s\n' "$title" "$((SECONDS - start))"
        failed+=("$title")
    fi
}

need_component() {
    cargo "$1" --version >/dev/null 2>&1 && return
    install_missing "cargo $1" "$2" "$1" - || true
    cargo "$1" --version >/dev/null 2>&1 && return
    say "cargo $1 is missing: install it with \`rustup component add $3\`, or the package of your distribution"
    return 1
}

check_format() { need_component fmt rustfmt-web rustfmt && cargo fmt --all --check; }
check_clippy() {
    need_component clippy rust-web-clippy clippy &&
        cargo clippy --workspace --all-targets --locked -- -D warnings
}

# Tests that need VMAF use a full build of ffmpeg, which is kept for the next time. Without it they use the one on PATH.
bring_full_ffmpeg() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/mediaflow-test dir
    cargo build -p mediaflow --locked || return
    need_pip || warn "without pip there is no full build of ffmpeg for the tests"
    "${CARGO_TARGET_DIR:-target}/debug/mediaflow" doctor --install-ffmpeg --quiet --data-dir "$cache" ||
        warn "the tests use the ffmpeg on PATH"
    for dir in "$cache"/tools/ffmpeg-*/; do
        if [ -x "${dir}ffmpeg" ] && [ -x "${dir}ffprobe" ]; then
            export MEDIAFLOW_TEST_FFMPEG=${dir}ffmpeg MEDIAFLOW_TEST_FFPROBE=${dir}ffprobe
            say "the tests use $MEDIAFLOW_TEST_FFMPEG"
        fi
    done
}

# Workers are tested with real SSH servers on this machine, each started by its test and heard by nobody else.
need_sshd() {
    have sshd || [ -x /usr/sbin/sshd ] || install_missing "an SSH server" "openssh-server openssh-client" "openssh-server" -
}

run_tests() {
    need_sshd || warn "the tests of other machines are left out"
    if cargo nextest --version >/dev/null 2>&1; then
        local options=(--workspace --locked --no-fail-fast)
        [ "$full" = yes ] && options+=(--run-ignored all --profile full)
        cargo nextest run "${options[@]}"
    else
        local options=()
        [ "$full" = yes ] && options=(-- --include-ignored)
        cargo test --workspace --locked --no-fail-fast ${options[@]+"${options[@]}"}
    fi
}

# Types, lint and unit tests of the web app, then its build, which the binary embeds.
check_web() {
    need_web_packages && (cd web && npm run --silent check) && build_web
}

need_browser() {
    have chromium || install_missing "a browser" "chromium fonts-dejavu-core" "chromium" -
}

# The whole flow in a real browser, against the real server.
check_browser() {
    need_browser || return
    # The catalog's generator makes the library of many rows that the browser scrolls through.
    cargo build -p mediaflow -p mediaflow-testkit --bins --locked || return
    local bin
    bin=$(realpath "${CARGO_TARGET_DIR:-target}/debug/mediaflow")
    (
        export MEDIAFLOW_BIN=$bin
        [ -n "${MEDIAFLOW_TEST_FFMPEG:-}" ] && export FFMPEG_PATH=$MEDIAFLOW_TEST_FFMPEG FFPROBE_PATH=$MEDIAFLOW_TEST_FFPROBE
        cd web && npm run --silent e2e
    )
}

need_compiler
need_rust
need_ffmpeg || die "the tests need ffmpeg and ffprobe on PATH"
[ "$full" = yes ] && export MEDIAFLOW_CRASH_RUNS=${MEDIAFLOW_CRASH_RUNS:-400}

step "web app" check_web
step "format" check_format
step "clippy" check_clippy
if [ -z "${MEDIAFLOW_TEST_FFMPEG:-}" ]; then
    step "a full ffmpeg for the tests" bring_full_ffmpeg
fi
step "tests" run_tests
step "browser" check_browser

printf '\n'
if [ ${#failed[@]} -gt 0 ]; then
    printf 'FAILED:'
    printf ' %s;' "${failed[@]}"
    printf ' after %d s\n' "$SECONDS"
    exit 1
fi
say "all passed in $SECONDS s"
