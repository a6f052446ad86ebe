# Says how a machine feels, a line each: a key, a blank, and what it says. `$w` is its working folder.
PATH=$PATH:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin
LC_ALL=C
export PATH LC_ALL
exec 2>/dev/null
say() { [ -z "$2" ] || printf '%s %s\n' "$1" "$2"; }

while [ ! -d "$w" ] && [ "$w" != / ] && [ "$w" != . ]; do w=$(dirname -- "$w"); done
# What is free, and all; what stands before these columns may be anything that is mounted.
say disk_kib "$(df -Pk -- "$w" | sed -n '2s/.* \([0-9][0-9]*\)  *[0-9][0-9]*  *\([0-9][0-9]*\)  *[0-9]*%.*/\2 \1/p')"

if [ "$(uname -s)" = Darwin ]; then
    # The first of two looks is an average since the machine was started.
    say top "$(top -l 2 -s 1 -n 0 | sed -n 's/^CPU usage: //p' | tail -n 1)"
    say load "$(sysctl -n vm.loadavg | tr -d '{}')"
    say ram_bytes "$(sysctl -n hw.memsize)"
    vm_stat | sed 's/^/vm /'
    ioreg -r -d 1 -c IOAccelerator | sed -n 's/.*"Device Utilization %"=\([0-9]*\).*/apple_gpu \1/p'
    exit 0
fi

# Milliseconds that an Intel device has rested so far.
rested() {
    for file in /sys/class/drm/card[0-9]/gt/gt0/rc6_residency_ms /sys/class/drm/card[0-9]/power/rc6_residency_ms; do
        [ -r "$file" ] || continue
        card=${file#/sys/class/drm/}
        say "$1" "${card%%/*} $(cat "$file") $(cut -d ' ' -f 1 /proc/uptime)"
    done
}
say stat_before "$(head -n 1 /proc/stat)"
rested rested_before
sleep 0.5 || sleep 1
say stat_after "$(head -n 1 /proc/stat)"
rested rested_after
say load "$(cat /proc/loadavg)"
sed 's/^/mem /' /proc/meminfo

for zone in /sys/class/thermal/thermal_zone*; do
    [ -r "$zone/temp" ] && say zone "$(cat "$zone/temp") $(cat "$zone/type")"
done
for sensor in /sys/class/hwmon/hwmon*; do
    for file in "$sensor"/temp*_input; do
        [ -r "$file" ] && say sensor "$(cat "$file") $(cat "$sensor/name")"
    done
done
for card in /sys/class/drm/card[0-9]; do
    [ -r "$card/device/gpu_busy_percent" ] || continue
    name=${card##*/}
    say busy "$name $(cat "$card/device/gpu_busy_percent")"
    say vram_used "$name $(cat "$card/device/mem_info_vram_used")"
    say vram_total "$name $(cat "$card/device/mem_info_vram_total")"
    say gpu_temperature "$name $(cat "$card"/device/hwmon/hwmon*/temp1_input | head -n 1)"
    say gpu_fan "$name $(cat "$card"/device/hwmon/hwmon*/pwm1 | head -n 1)"
done
command -v nvidia-smi >/dev/null &&
    nvidia-smi --query-gpu=utilization.gpu,memory.used,memory.total,temperature.gpu,fan.speed \
        --format=csv,noheader,nounits </dev/null | sed 's/^/nvidia /'
exit 0
