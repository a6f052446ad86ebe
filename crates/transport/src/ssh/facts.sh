# Says what a machine is, a line each: a key, a blank, and what it says. For `sh` of Linux, BusyBox and macOS.
PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:/opt/homebrew/bin
LC_ALL=C
export PATH LC_ALL
exec 2>/dev/null
has() { command -v "$1" >/dev/null; }
say() { [ -z "$2" ] || printf '%s %s\n' "$1" "$2"; }

system=$(uname -s)
say system "$system"
say kernel "$(uname -r)"
say arch "$(uname -m)"
say uid "$(id -u)"
if has sudo && sudo -n true </dev/null; then
    echo root_by sudo
elif has doas && doas -n true </dev/null; then
    echo root_by doas
fi
for name in dd sha256sum shasum openssl setsid nohup nvidia-smi apt-get dnf yum apk pacman brew; do
    say "program $name" "$(command -v "$name")"
done

if [ "$system" = Darwin ]; then
    say version "$(sw_vers -productVersion)"
    say cpu "$(sysctl -n machdep.cpu.brand_string)"
    say cores "$(sysctl -n hw.logicalcpu)"
    say ram_bytes "$(sysctl -n hw.memsize)"
    system_profiler SPDisplaysDataType | sed -n 's/^ *Chipset Model: /chipset /p'
    exit 0
fi

for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] && { sed 's/^/os /' "$file"; break; }
done
cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
# Processors of ARM have no name there.
[ -n "$cpu" ] || cpu=$(lscpu | sed -n 's/^Model name: *//p' | head -n 1)
[ -n "$cpu" ] || cpu=$(tr -d '\000' </proc/device-tree/model)
say cpu "$cpu"
say cores "$(nproc || getconf _NPROCESSORS_ONLN || grep -c '^processor' /proc/cpuinfo)"
say ram_kib "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"

for device in /sys/bus/pci/devices/*; do
    # Class 3 is what drives a display, and what computes like it.
    case $(cat "$device/class") in
    0x03*)
        driver=$(readlink "$device/driver")
        echo "display ${device##*/} $(cat "$device/vendor") ${driver##*/}"
        ;;
    esac
done
has lspci && { lspci -Dmm || lspci -mm; } | grep -E '^[^"]*"[^"]*(VGA|3D|Display|03[0-9a-f][0-9a-f])' | sed 's/^/pci /'
has nvidia-smi && nvidia-smi --query-gpu=pci.bus_id,name,driver_version --format=csv,noheader </dev/null |
    grep -i '^[0-9a-f]*:' | sed 's/^/nvidia /'
say nvidia_module "$(cat /sys/module/nvidia/version)"

for node in /dev/dri/renderD* /dev/nvidia0; do
    [ -e "$node" ] && { [ -r "$node" ] && [ -w "$node" ] || say closed "$node"; }
done

container=$(systemd-detect-virt --container)
if [ -z "$container" ]; then
    if [ -e /.dockerenv ]; then
        container=docker
    elif [ -e /run/.containerenv ]; then
        container=podman
    else
        container=$(tr '\000' '\n' </proc/1/environ | sed -n 's/^container=//p')
    fi
fi
say container "$container"
exit 0
