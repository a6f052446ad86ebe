#!/usr/bin/env bash
# Installs what is missing, builds MediaFlow and starts it.
#
#   ./run.sh [ARGS]          the server with its web app on http://127.0.0.1:9876; ARGS go to `mediaflow serve`
#   ./run.sh --demo [ARGS]   the main job on a sample library, then the server; ARGS go to `mediaflow demo`
#   ./run.sh COMMAND [ARGS]  any command of mediaflow
#   ./run.sh --backend-only  the server as it is, without building the web app first
#   ./run.sh --frontend-only the web app with live reload, against a server that runs (MEDIAFLOW_URL)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/setup.sh
source scripts/setup.sh

# The data directory that the command will use, so that ffmpeg is installed where it is looked for.
data_dir=()
for ((i = 1; i <= $#; i++)); do
    case ${!i} in
    --data-dir)
        next=$((i + 1))
        data_dir=(--data-dir "${!next:-}")
        ;;
    --data-dir=*) data_dir=("${!i}") ;;
    esac
done

case ${1:-} in
--frontend-only)
    shift
    need_web_packages || die "the web app needs Node.js"
    say "The web app talks to the server at ${MEDIAFLOW_URL:-http://127.0.0.1:9876}."
    cd web && npm run --silent generate >/dev/null && exec npm run --silent dev -- "$@"
    ;;
esac

need_compiler
need_rust
need_ffmpeg || warn "without a system ffmpeg, only the one that MediaFlow brings itself can be used"

if [ "${1:-}" = --backend-only ]; then
    shift
    set -- serve "$@"
else
    build_web || warn "MediaFlow is built without its web app"
fi

mediaflow=${CARGO_TARGET_DIR:-target}/release/mediaflow
# The first build takes minutes and shows it; after that, cargo only has something to say when it fails.
quiet=()
[ -x "$mediaflow" ] && quiet=(--quiet)
cargo build --release -p mediaflow --locked ${quiet[@]+"${quiet[@]}"} </dev/null
export MEDIAFLOW_CALLED_AS=./run.sh

# Only where the found ffmpeg lacks something; Debian 12's has no VMAF.
if [ -z "${FFMPEG_PATH:-}" ]; then
    need_pip || warn "without pip, MediaFlow cannot bring its own ffmpeg"
    "$mediaflow" doctor --install-ffmpeg --quiet ${data_dir[@]+"${data_dir[@]}"} </dev/null ||
        warn "MediaFlow goes on with the ffmpeg that it finds"
fi

case ${1:-} in
--demo)
    shift
    exec "$mediaflow" demo "$@"
    ;;
'' | --host | --host=* | --port | --port=* | --data-dir | --data-dir=*) exec "$mediaflow" serve "$@" ;;
*) exec "$mediaflow" "$@" ;;
esac
