//! A pair of programs on a worker, judged by what really works.

use std::cmp::Reverse;

use mediaflow_ffmpeg::build::{Build, EXPECTED_ENCODERS};
use mediaflow_ffmpeg::encoder::VideoEncoder;
use mediaflow_ffmpeg::failure::wants_newer_driver;
use mediaflow_store::WorkerTools;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::vitals::{Facts, GpuMaker};

use crate::toolchain::{ToolError, Toolchain, Trials};

/// A pair of programs there, with what really works.
pub(super) struct Candidate {
    toolchain: Toolchain,
    pub(super) trials: Trials,
}

impl Candidate {
    pub(super) fn new(toolchain: Toolchain, cancel: &Cancel) -> Result<Self, ToolError> {
        let trials = toolchain.try_all(cancel)?;
        Ok(Self { toolchain, trials })
    }

    /// The same, tried again: something was installed.
    pub(super) fn again(self, cancel: &Cancel) -> Result<Self, ToolError> {
        Self::new(self.toolchain, cancel)
    }

    pub(super) fn version(&self) -> &str {
        self.toolchain.version()
    }

    pub(super) fn path(&self) -> String {
        self.toolchain.ffmpeg.display().to_string()
    }

    pub(super) fn tools(&self) -> WorkerTools {
        WorkerTools { ffmpeg: self.path(), ffprobe: self.toolchain.ffprobe.display().to_string() }
    }

    /// What every plan may ask for and does not work, each with its reason; empty for a good build.
    pub(super) fn lacks(&self) -> Vec<String> {
        lacks(&self.trials)
    }

    pub(super) fn has_vmaf(&self) -> bool {
        self.toolchain.has_vmaf()
    }

    /// Why NVENC refuses this build, where another build may work with the same driver.
    pub(super) fn driver_is_too_old(&self) -> Option<&str> {
        driver_is_too_old(&self.trials)
    }

    pub(super) fn rank(&self) -> impl Ord + use<> {
        worth(&self.trials, &self.toolchain.build)
    }

    /// The encoders that work, for people.
    pub(super) fn works_text(&self) -> String {
        let works = self.trials.encoders.iter().filter(|one| one.works).map(|one| one.name.as_str());
        format!("works there: {}", works.collect::<Vec<_>>().join(", "))
    }

    /// A line for each encoder of a family that the machine has a device for.
    pub(super) fn hardware_texts(&self, facts: &Facts) -> Vec<String> {
        let has = |maker| facts.gpus.iter().any(|gpu| gpu.maker == maker);
        let concerns = |name: &str| match name.rsplit('_').next() {
            Some("nvenc") => has(GpuMaker::Nvidia),
            Some("qsv") => has(GpuMaker::Intel),
            Some("amf") => has(GpuMaker::Amd),
            Some("vaapi") => has(GpuMaker::Intel) || has(GpuMaker::Amd),
            Some("videotoolbox") => facts.os.id == "macos",
            _ => false,
        };
        let on_hardware = |name: &str| VideoEncoder::parse(name).is_some_and(|encoder| encoder.gpu.is_some());
        let reports = self.trials.encoders.iter().filter(|one| on_hardware(&one.name) && concerns(&one.name));
        reports.map(|one| format!("{}: {}", one.name, one.reason.as_deref().unwrap_or("works"))).collect()
    }
}

fn lacks(trials: &Trials) -> Vec<String> {
    let reports = EXPECTED_ENCODERS.iter().filter_map(|name| trials.encoders.iter().find(|one| one.name == *name));
    reports.filter_map(|one| Some(format!("{}: {}", one.name, one.reason.as_ref()?))).collect()
}

fn driver_is_too_old(trials: &Trials) -> Option<&str> {
    let reasons = trials.encoders.iter().filter(|one| one.name.ends_with("_nvenc"));
    reasons.filter_map(|one| one.reason.as_deref()).find(|reason| wants_newer_driver(reason))
}

/// Orders builds by what they are worth to a worker: what every plan needs, then hardware that works, then VMAF.
fn worth(trials: &Trials, build: &Build) -> impl Ord + use<> {
    (Reverse(lacks(trials).len()), trials.gpus().len(), build.has_vmaf())
}

/// Whether every plan can be carried out with it.
pub(super) fn is_enough(candidate: Option<&Candidate>) -> bool {
    candidate.is_some_and(|candidate| candidate.lacks().is_empty())
}

/// The first one, unless the other one is worth more.
pub(super) fn better(first: Option<Candidate>, other: Option<Candidate>) -> Option<Candidate> {
    match (first, other) {
        (Some(first), Some(other)) if other.rank() > first.rank() => Some(other),
        (first, other) => first.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::EncoderReport;

    fn build(filters: &[&str]) -> Build {
        let filters = filters.iter().map(|name| (*name).to_owned()).collect();
        Build { version: "1".to_owned(), encoders: std::collections::BTreeSet::new(), filters }
    }

    /// A build in which everything works but what fails with these words.
    fn trials(failing: &[(&str, &str)]) -> Trials {
        let reason = |name: &str| failing.iter().find(|(failed, _)| *failed == name).map(|(_, why)| (*why).to_owned());
        let encoders = EXPECTED_ENCODERS.into_iter().chain(["hevc_nvenc"]).map(|name| EncoderReport {
            name: name.to_owned(),
            works: reason(name).is_none(),
            ten_bit: false,
            two_pass: false,
            reason: reason(name),
            ten_bit_reason: None,
        });
        Trials { encoders: encoders.collect(), decoders: Vec::new() }
    }

    /// As n8.0 and 5.1 said on a driver whose NVENC has the API 12.0.
    #[test]
    fn a_build_that_the_driver_knows_is_worth_more_than_a_newer_one() {
        let words = "Driver does not support the required nvenc API version. Required: 13.0 Found: 12.0";
        let newer = trials(&[("hevc_nvenc", words)]);
        let older = trials(&[]);
        assert_eq!(driver_is_too_old(&newer), Some(words));
        assert_eq!(driver_is_too_old(&older), None);
        assert!(worth(&older, &build(&[])) > worth(&newer, &build(&["libvmaf"])));
        let without_x265 = trials(&[("libx265", "this build of ffmpeg does not have it")]);
        assert_eq!(lacks(&without_x265), ["libx265: this build of ffmpeg does not have it"]);
        assert!(
            worth(&newer, &build(&[])) > worth(&without_x265, &build(&["libvmaf"])),
            "every plan needs its encoders"
        );
        let no_driver = trials(&[("hevc_nvenc", "Cannot load libcuda.so.1")]);
        assert_eq!(driver_is_too_old(&no_driver), None);
        assert!(worth(&no_driver, &build(&["libvmaf"])) > worth(&no_driver, &build(&[])));
    }
}
