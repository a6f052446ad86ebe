//! How a machine feels at a moment.

mod parse;
#[cfg(test)]
mod tests;

/// How a machine feels at a moment. What it does not tell is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// How much of all processors is used, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// Programs that want a processor, averaged over a minute.
    pub load_1m: Option<f64>,
    /// Memory that programs could not get.
    pub ram_used_bytes: Option<u64>,
    /// All of its memory.
    pub ram_total_bytes: Option<u64>,
    /// What an ordinary account may still write in the working folder.
    pub disk_free_bytes: Option<u64>,
    /// How large that disk is.
    pub disk_total_bytes: Option<u64>,
    /// The hottest of what it measures near its processors, in degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Graphics devices that tell something.
    pub gpus: Vec<GpuMetrics>,
}

/// How a graphics device feels at a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GpuMetrics {
    /// How much of the time it worked, 0 to 100.
    pub percent: Option<f64>,
    /// Memory of its own that is used.
    pub memory_used_bytes: Option<u64>,
    /// All of it.
    pub memory_total_bytes: Option<u64>,
    /// In degrees Celsius.
    pub temperature_c: Option<f64>,
    /// How fast its fan turns, 0 to 100.
    pub fan_percent: Option<f64>,
}

impl Metrics {
    /// The one that works hardest: a worker with several is shown by it.
    #[must_use]
    pub fn main_gpu(&self) -> Option<&GpuMetrics> {
        let percent = |gpu: &&GpuMetrics| gpu.percent.unwrap_or(-1.0);
        self.gpus.iter().max_by(|one, other| percent(one).total_cmp(&percent(other)))
    }
}
