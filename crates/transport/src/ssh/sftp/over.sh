# Ends a process, told from a later one of the same number: its number, when it began, the boot.
over() {
    [ "$3" = "$(boot)" ] || return 0
    n=0
    while [ "$(begun "$1")" = "$2" ]; do
        kill -9 "$1" 2>/dev/null
        n=$((n+1))
        [ $n -gt 100 ] && { echo "the server of a connection that broke, process $1, does not end" >&2; return 1; }
        sleep 0.05 2>/dev/null || sleep 1
    done
}
