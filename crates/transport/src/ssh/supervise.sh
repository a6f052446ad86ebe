# One attempt of MediaFlow on this machine; see executor.rs. It starts in the attempt's folder.
trap '' HUP
mkdir claim 2>/dev/null || exit 0
group=$(group_of $$)
boot=$(boot)
mine=$(begun $$)
# Room for the last word, so that a full disk can still be reported.
dd if=/dev/zero of=exit.reserved bs=4096 count=1 2>/dev/null || { echo 'no room left on the disk' >&2; exit 1; }

state() {
    printf '%s %s %s %s %s\n' "$$" "$group" "$1" "$mine" "$boot" >state.new && mv -f state.new state
}
# end STEP KIND VALUE LOG
end() {
    { printf '%s %s %s\n' "$1" "$2" "$3"; [ -n "$4" ] && tail -c 2000 "$4" 2>/dev/null; } |
        dd of=exit.reserved conv=notrunc bs=4096 2>/dev/null
    mv -f exit.reserved exit
    exit 0
}
# needs STEP FILE
needs() {
    [ -s "$2" ] || end "$1" lacks "$2" ''
}
# step NUMBER LOG OUT PROGRAM ARGUMENT...: the first and the last 2 MiB of what it says are kept.
step() {
    number=$1 log=$2 out=$3
    shift 3
    state "$number"
    while [ -e paused ]; do sleep 1; done
    command -v "$1" >/dev/null 2>&1 || end "$number" missing "$1" ''
    rm -f said && mkfifo said || end "$number" missing mkfifo ''
    { head -c 2097152; tail -c 2097152; } <said >>"$log" &
    keeper=$!
    "$@" </dev/null >"$out" 2>said &
    wait $!
    code=$?
    wait $keeper
    [ $code -eq 0 ] || end "$number" code "$code" "$log"
    last=$log
}
