//! This machine, asked the same questions as any other: by its files, and by programs without a shell.

use std::fmt::Write;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Facts, Metrics};
use crate::cancel::Cancel;
use crate::process::{Invocation, run};
use crate::tools::on_path;

/// How long a program may take to say something about the machine.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// Between two looks at what only grows.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// This machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

impl Here {
    /// What it is.
    #[must_use]
    pub fn facts(self, cancel: &Cancel) -> Facts {
        let mut report = Lines::default();
        let mac = cfg!(target_os = "macos");
        report.say("system", if mac { "Darwin" } else { "Linux" });
        report.say("kernel", &said("uname", &["-r"], cancel));
        report.say("arch", std::env::consts::ARCH);
        report.say("uid", &said("id", &["-u"], cancel));
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        report.say("cores", &cores.to_string());
        if mac {
            report.say("version", &said("sw_vers", &["-productVersion"], cancel));
            report.say("cpu", &said("sysctl", &["-n", "machdep.cpu.brand_string"], cancel));
            report.say("ram_bytes", &said("sysctl", &["-n", "hw.memsize"], cancel));
            let displays = said("system_profiler", &["SPDisplaysDataType"], cancel);
            report.say_each("chipset", displays.lines().filter_map(|line| line.trim().strip_prefix("Chipset Model: ")));
        } else {
            linux_facts(&mut report, cancel);
        }
        Facts::parse(&report.0)
    }

    /// How it feels. Takes half a second, or until it is cancelled.
    #[must_use]
    pub fn metrics(self, work_dir: &Path, cancel: &Cancel) -> Metrics {
        let mut report = Lines::default();
        report.say("disk_kib", &disk_kib(work_dir).unwrap_or_default());
        if cfg!(target_os = "macos") {
            // The first of two looks is an average since the machine was started.
            let top = said("top", &["-l", "2", "-s", "1", "-n", "0"], cancel);
            let used = top.lines().filter_map(|line| line.strip_prefix("CPU usage: ")).next_back();
            report.say("top", used.unwrap_or_default());
            report.say("load", said("sysctl", &["-n", "vm.loadavg"], cancel).trim_matches(['{', '}', ' ']));
            report.say("ram_bytes", &said("sysctl", &["-n", "hw.memsize"], cancel));
            report.say_each("vm", said("vm_stat", &[], cancel).lines());
        } else {
            linux_metrics(&mut report, cancel);
        }
        Metrics::parse(&report.0)
    }
}

/// A report, as the scripts for other machines print it.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn say(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            // A string takes whatever is written to it.
            let _ = writeln!(self.0, "{key} {}", text.trim());
        }
    }

    fn say_each<'a>(&mut self, key: &str, lines: impl IntoIterator<Item = &'a str>) {
        lines.into_iter().for_each(|line| self.say(key, line));
    }
}

fn linux_facts(report: &mut Lines, cancel: &Cancel) {
    let release = [text("/etc/os-release"), text("/usr/lib/os-release")];
    report.say_each("os", release.iter().find(|text| !text.is_empty()).into_iter().flat_map(|text| text.lines()));
    let processor = text("/proc/cpuinfo");
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let board = text("/proc/device-tree/model");
    report.say("cpu", model.map_or(board.trim_end_matches('\0'), |(_, name)| name));
    let memory = text("/proc/meminfo");
    let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    report.say("ram_kib", total.unwrap_or_default());
    for device in entries("/sys/bus/pci/devices") {
        let read = |name: &str| text(device.join(name)).trim().to_owned();
        if read("class").starts_with("0x03") {
            let slot = device.file_name().unwrap_or_default().to_string_lossy();
            let driver = fs::read_link(device.join("driver")).unwrap_or_default();
            let driver = driver.file_name().unwrap_or_default().to_string_lossy();
            report.say("display", &format!("{slot} {} {driver}", read("vendor")));
        }
    }
    report.say_each("pci", said("lspci", &["-Dmm"], cancel).lines());
    let asked = ["--query-gpu=pci.bus_id,name,driver_version", "--format=csv,noheader"];
    report.say_each("nvidia", said("nvidia-smi", &asked, cancel).lines());
    report.say("nvidia_module", &text("/sys/module/nvidia/version"));
    let is_render = |node: &PathBuf| node.file_name().is_some_and(|name| name.to_string_lossy().starts_with("renderD"));
    let nodes = entries("/dev/dri").into_iter().filter(is_render).chain([PathBuf::from("/dev/nvidia0")]);
    let is_closed = |node: &PathBuf| OpenOptions::new().read(true).write(true).open(node).is_err();
    for node in nodes.filter(|node| node.exists()).filter(is_closed) {
        report.say("closed", &node.display().to_string());
    }
}

fn linux_metrics(report: &mut Lines, cancel: &Cancel) {
    let ticks = |report: &mut Lines, when: &str| {
        report.say(&format!("stat_{when}"), text("/proc/stat").lines().next().unwrap_or_default());
        let uptime = text("/proc/uptime");
        let uptime = uptime.split(' ').next().unwrap_or_default();
        for card in cards() {
            let files = [card.join("gt/gt0/rc6_residency_ms"), card.join("power/rc6_residency_ms")];
            let rested = files.iter().map(text).find(|rested| !rested.is_empty());
            if let (Some(rested), Some(name)) = (rested, card.file_name()) {
                let said = format!("{} {} {uptime}", name.to_string_lossy(), rested.trim());
                report.say(&format!("rested_{when}"), &said);
            }
        }
    };
    ticks(report, "before");
    cancel.wait_timeout(BETWEEN_LOOKS);
    ticks(report, "after");
    report.say("load", &text("/proc/loadavg"));
    report.say_each("mem", text("/proc/meminfo").lines());
    for zone in entries("/sys/class/thermal") {
        let (degrees, kind) = (text(zone.join("temp")), text(zone.join("type")));
        report.say("zone", &one_line(&degrees, &kind));
    }
    for sensor in entries("/sys/class/hwmon") {
        let name = text(sensor.join("name"));
        for file in entries(&sensor) {
            let file_name = file.file_name().unwrap_or_default().to_string_lossy();
            if file_name.starts_with("temp") && file_name.ends_with("_input") {
                report.say("sensor", &one_line(&text(&file), &name));
            }
        }
    }
    for card in cards() {
        let name = card.file_name().unwrap_or_default().to_string_lossy();
        let device = card.join("device");
        report.say("busy", &one_line(&name, &text(device.join("gpu_busy_percent"))));
        report.say("vram_used", &one_line(&name, &text(device.join("mem_info_vram_used"))));
        report.say("vram_total", &one_line(&name, &text(device.join("mem_info_vram_total"))));
        for monitor in entries(device.join("hwmon")) {
            report.say("gpu_temperature", &one_line(&name, &text(monitor.join("temp1_input"))));
            report.say("gpu_fan", &one_line(&name, &text(monitor.join("pwm1"))));
        }
    }
    let asked = "--query-gpu=utilization.gpu,memory.used,memory.total,temperature.gpu,fan.speed";
    report.say_each("nvidia", said("nvidia-smi", &[asked, "--format=csv,noheader,nounits"], cancel).lines());
}

/// Two words of a line; nothing where one of them is missing.
fn one_line(first: &str, second: &str) -> String {
    let (first, second) = (first.trim(), second.trim());
    if first.is_empty() || second.is_empty() { String::new() } else { format!("{first} {second}") }
}

/// Graphics devices as the kernel lists them: `card0`, and not its outputs `card0-HDMI-A-1`.
fn cards() -> Vec<PathBuf> {
    let is_card = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_prefix("card").is_some_and(|number| number.parse::<u32>().is_ok())
    };
    entries("/sys/class/drm").into_iter().filter(is_card).collect()
}

/// What lies in a folder, in its order; nothing where there is none.
fn entries(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    all
}

/// A file of the kernel; empty where there is none, or none that may be read.
fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// What a program says; nothing where there is none, or it fails or hangs.
fn said(program: &str, args: &[&str], cancel: &Cancel) -> String {
    if on_path(program).is_empty() {
        return String::new();
    }
    match run(&Invocation::new(program, args.iter().copied()), &cancel.with_time_limit(TIME_LIMIT)) {
        Ok(output) if output.success() => output.stdout_text().trim().to_owned(),
        _ => String::new(),
    }
}

fn disk_kib(work_dir: &Path) -> Option<String> {
    let folder = work_dir.ancestors().find(|folder| folder.is_dir())?;
    let disk = rustix::fs::statvfs(folder).ok()?;
    let kib = |blocks: u64| blocks.saturating_mul(disk.f_frsize) / 1024;
    Some(format!("{} {}", kib(disk.f_bavail), kib(disk.f_blocks)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_says_what_it_is_and_how_it_feels() {
        let facts = Here.facts(&Cancel::new());
        assert!(!facts.os.id.is_empty() && !facts.kernel.is_empty(), "{facts:?}");
        assert!(facts.cpu_cores.is_some() && facts.ram_bytes.is_some(), "{facts:?}");
        let metrics = Here.metrics(&std::env::temp_dir().join("not/there/yet"), &Cancel::new());
        assert!(metrics.cpu_percent.is_some_and(|percent| (0.0..=100.0).contains(&percent)), "{metrics:?}");
        assert!(metrics.ram_used_bytes <= metrics.ram_total_bytes && metrics.ram_total_bytes.is_some(), "{metrics:?}");
        assert!(metrics.disk_free_bytes.is_some() && metrics.load_1m.is_some(), "{metrics:?}");
        assert_eq!(metrics.ram_total_bytes, facts.ram_bytes);
    }
}
