LC_ALL=C; export LC_ALL
# GNU and BusyBox spell it one way, macOS another.
if stat -c %f / >/dev/null 2>&1; then
    each='printf "%s\0" "$@" ""; stat -c "%f %s %d %i %h %Y %y %n" -- "$@" 2>/dev/null; printf "\0"'
else
    each='printf "%s\0" "$@" ""; stat -f "%Xp %z %d %i %l %m %Fm %N" -- "$@" 2>/dev/null; printf "\0"'
fi
# Names come as many as fit into one call, then what stat says of them; at the end how it went. Zeros and line ends change
# places, so that each name is a line.
list() {
    {
        said=$({ [ -d "$1" ] || exit 44; cd -- "$1" && find . ! -name . -prune -exec sh -c "$each" sh {} +; } 2>&1 >&3)
        printf '=%s %s\0' "$?" "$said"
    } 3>&1 </dev/null | tr '\000\n' '\n\000'
}
while IFS= read -r line; do
    eval "$(printf %b "$line")"
done
