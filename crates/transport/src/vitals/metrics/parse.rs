//! From a report to metrics.

use super::super::report::Report;
use super::{GpuMetrics, Metrics};

/// Sensors that lie in a processor, by the names of their drivers and zones.
const PROCESSOR_SENSORS: [&str; 8] =
    ["coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "soc-thermal", "x86_pkg_temp"];

impl Metrics {
    /// Of what `metrics.sh` prints.
    pub(crate) fn parse(report: &str) -> Self {
        let report = Report(report);
        let disk_bytes =
            |column: usize| Some(report.first("disk_kib")?.split(' ').nth(column)?.parse::<u64>().ok()? * 1024);
        let memory = memory(report).or_else(|| memory_of_macos(report));
        let load = report.first("load").and_then(|line| line.split_whitespace().next()?.parse().ok());
        Self {
            cpu_percent: cpu_percent(report).or_else(|| cpu_percent_of_macos(report)),
            load_1m: load,
            ram_used_bytes: memory.map(|(used, _)| used),
            ram_total_bytes: memory.map(|(_, total)| total),
            disk_free_bytes: disk_bytes(0),
            disk_total_bytes: disk_bytes(1),
            temperature_c: temperature(report),
            gpus: nvidia(report).chain(amd(report)).chain(intel(report)).chain(apple(report)).collect(),
        }
    }
}

/// What of all processors was used between two readings of their times.
fn cpu_percent(report: Report<'_>) -> Option<f64> {
    let (before, after) = (ticks(report.first("stat_before")?)?, ticks(report.first("stat_after")?)?);
    share((after.0.checked_sub(before.0)?, after.1.checked_sub(before.1)?))
}

/// Work and rest of the line `cpu  user nice system idle iowait irq softirq steal guest guest_nice` of `/proc/stat`.
/// Waiting for a disk is rest, and guests' time is in the users' already.
fn ticks(line: &str) -> Option<(u64, u64)> {
    let numbers = line.strip_prefix("cpu ")?.split_whitespace().take(8).map(|word| word.parse().ok());
    let ticks: Vec<u64> = numbers.collect::<Option<_>>()?;
    let rest = ticks.get(3)? + ticks.get(4).unwrap_or(&0);
    Some((ticks.iter().sum::<u64>() - rest, rest))
}

#[allow(clippy::cast_precision_loss, reason = "ticks of half a second")]
fn share((work, rest): (u64, u64)) -> Option<f64> {
    (work + rest > 0).then(|| work as f64 * 100.0 / (work + rest) as f64)
}

/// `4.76% user, 9.52% sys, 85.71% idle`
fn cpu_percent_of_macos(report: Report<'_>) -> Option<f64> {
    let idle = report.first("top")?.split(", ").find_map(|part| part.strip_suffix("% idle"))?;
    Some(100.0 - idle.trim().parse::<f64>().ok()?)
}

/// Used and total bytes. What caches hold can be had, so it does not count as used.
fn memory(report: Report<'_>) -> Option<(u64, u64)> {
    let kib = |name: &str| {
        let line = report.all("mem").find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let total = kib("MemTotal")?;
    // Kernels before 3.14 do not tell what is available.
    let free = kib("MemAvailable").or_else(|| Some(kib("MemFree")? + kib("Buffers")? + kib("Cached")?))?;
    Some((total.saturating_sub(free) * 1024, total * 1024))
}

/// Used are pages of programs, of the system, and those that were squeezed, as in the Activity Monitor.
fn memory_of_macos(report: Report<'_>) -> Option<(u64, u64)> {
    let total = report.number("ram_bytes")?;
    let head = report.first("vm")?;
    let page_bytes: u64 = head.split("page size of ").nth(1)?.split(' ').next()?.parse().ok()?;
    let pages = |name: &str| {
        let count = report.all("vm").find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        count.trim().trim_end_matches('.').parse::<u64>().ok()
    };
    let used = pages("Pages active")? + pages("Pages wired down")? + pages("Pages occupied by compressor").unwrap_or(0);
    Some((used * page_bytes, total))
}

/// The hottest sensor of a processor; where none is known, the hottest zone that the firmware tells of.
fn temperature(report: Report<'_>) -> Option<f64> {
    let degrees = |line: &str| {
        let (value, name) = line.split_once(' ')?;
        // Sensors count in thousandths.
        let value = value.parse::<f64>().ok()? / 1000.0;
        // One that is not connected says something impossible.
        (1.0..150.0).contains(&value).then(|| (value, PROCESSOR_SENSORS.contains(&name)))
    };
    let all: Vec<_> = report.all("sensor").chain(report.all("zone")).filter_map(degrees).collect();
    let hottest = |values: &mut dyn Iterator<Item = f64>| values.reduce(f64::max);
    hottest(&mut all.iter().filter(|(_, is_processor)| *is_processor).map(|(value, _)| *value))
        .or_else(|| hottest(&mut report.all("zone").filter_map(degrees).map(|(value, _)| value)))
}

/// `35, 1024, 12282, 54, 30`: what it does not know is `[N/A]`.
fn nvidia(report: Report<'_>) -> impl Iterator<Item = GpuMetrics> {
    report.all("nvidia").filter_map(|line| {
        let fields: Vec<Option<f64>> = line.split(',').map(|field| field.trim().parse().ok()).collect();
        let [percent, used_mib, total_mib, temperature_c, fan_percent] = <[_; 5]>::try_from(fields).ok()?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole mebibytes")]
        let bytes = |mib: Option<f64>| mib.map(|mib| (mib as u64) << 20);
        Some(GpuMetrics {
            percent,
            memory_used_bytes: bytes(used_mib),
            memory_total_bytes: bytes(total_mib),
            temperature_c,
            fan_percent,
        })
    })
}

fn amd(report: Report<'_>) -> impl Iterator<Item = GpuMetrics> {
    report.all("busy").filter_map(move |line| {
        let (card, percent) = line.split_once(' ')?;
        let of_card = |key| report.all(key).find_map(|line| line.strip_prefix(card)?.trim().parse::<u64>().ok());
        #[allow(clippy::cast_precision_loss, reason = "thousandths of degrees, and steps of a fan up to 255")]
        let number = |key| of_card(key).map(|value| value as f64);
        Some(GpuMetrics {
            percent: percent.parse().ok(),
            memory_used_bytes: of_card("vram_used"),
            memory_total_bytes: of_card("vram_total"),
            temperature_c: number("gpu_temperature").map(|value| value / 1000.0),
            fan_percent: number("gpu_fan").map(|steps| steps * 100.0 / 255.0),
        })
    })
}

/// Intel's driver tells how long the device has rested so far, beside the time of the look: what is left is work.
fn intel(report: Report<'_>) -> impl Iterator<Item = GpuMetrics> {
    fn reading(line: &str) -> Option<(&str, f64, f64)> {
        let mut words = line.split(' ');
        let (card, rested_ms, uptime_s) = (words.next()?, words.next()?, words.next()?);
        Some((card, rested_ms.parse().ok()?, uptime_s.parse::<f64>().ok()? * 1000.0))
    }
    let mut seen = Vec::new();
    report.all("rested_after").filter_map(reading).filter_map(move |(card, rested_after, after)| {
        // Newer kernels have two files for the same.
        if seen.contains(&card) {
            return None;
        }
        seen.push(card);
        let (_, rested_before, before) =
            report.all("rested_before").filter_map(reading).find(|(name, ..)| *name == card)?;
        let passed = after - before;
        let percent =
            (passed > 0.0).then(|| (100.0 - (rested_after - rested_before) * 100.0 / passed).clamp(0.0, 100.0));
        Some(GpuMetrics { percent, ..GpuMetrics::default() })
    })
}

fn apple(report: Report<'_>) -> impl Iterator<Item = GpuMetrics> {
    report.all("apple_gpu").map(|percent| GpuMetrics { percent: percent.parse().ok(), ..GpuMetrics::default() })
}
