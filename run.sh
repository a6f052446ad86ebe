#!/usr/bin/env bash
# Installs what is missing, builds MediaFlow and starts it.
#
#   ./run.sh --demo [ARGS]   the main job on a sample library; ARGS go to `mediaflow demo`
#   ./run.sh COMMAND [ARGS]  any command of mediaflow
#   ./run.sh                 what mediaflow can do
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

need_compiler
need_rust
need_ffmpeg || warn "without a system ffmpeg, only the one that MediaFlow brings itself can be used"

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
    exec "$mediaflow" demo --no-serve "$@"
    ;;
'')
    say "MediaFlow is built: $mediaflow"
    say "It has no server yet, only the command line; \`./run.sh --demo\` shows the main job."
    say ""
    exec "$mediaflow" --help
    ;;
*) exec "$mediaflow" "$@" ;;
esac
