boot() {
    cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid
}
# When a process began, which tells it from a later one of the same number; nothing when it is gone.
begun() {
    if [ -r /proc/self/stat ]; then
        line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
        # The program's name may hold anything; fields are counted behind it.
        set -- ${line##*) }
        [ "$1" = Z ] || echo "${20}"
    else
        ps -o lstart= -p "$1" | tr -s ' ' _
    fi
}
group_of() {
    if [ -r /proc/self/stat ]; then
        line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
        set -- ${line##*) }
        echo "$3"
    else
        ps -o pgid= -p "$1" | tr -d ' '
    fi
}
