//! What a machine is and how it feels, this one or another.

mod facts;
mod here;
mod metrics;
mod packages;
mod report;

pub use facts::{Facts, GpuFacts, GpuMaker, Os, PackageManager, Root};
pub use here::Here;
pub use metrics::{GpuMetrics, Metrics};
pub use packages::NoPackages;
