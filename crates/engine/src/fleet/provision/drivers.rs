//! What a worker's graphics devices need to encode.

use mediaflow_core::media::hardware::Gpu;
use mediaflow_transport::vitals::{Facts, GpuFacts, GpuMaker, PackageManager};

/// What would make a device encode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Driver {
    /// Packages of the distribution.
    Packages {
        /// The device.
        what: String,
        /// Their names.
        packages: &'static [&'static str],
    },
    /// Something that only its owner should do.
    ByHand {
        /// The device.
        what: String,
        /// What to do.
        advice: &'static str,
    },
}

/// Devices of which no encoder works, each with what it lacks.
pub(super) fn wanted(facts: &Facts, working: &[Gpu]) -> Vec<Driver> {
    let lacks = |gpu: &&GpuFacts| families(gpu.maker).iter().all(|family| !working.contains(family));
    let devices = facts.gpus.iter().filter(|gpu| !families(gpu.maker).is_empty()).filter(lacks);
    devices.map(|gpu| driver(facts, gpu)).collect()
}

/// Whether a driver is installed that has not taken its device yet.
pub(super) fn wants_restart(facts: &Facts) -> bool {
    let is_idle = |gpu: &GpuFacts| gpu.maker == GpuMaker::Nvidia && gpu.driver.as_deref() != Some("nvidia");
    facts.gpus.iter().any(is_idle)
}

const fn families(maker: GpuMaker) -> &'static [Gpu] {
    match maker {
        GpuMaker::Nvidia => &[Gpu::Nvenc],
        GpuMaker::Intel => &[Gpu::Qsv, Gpu::Vaapi],
        GpuMaker::Amd => &[Gpu::Amf, Gpu::Vaapi],
        GpuMaker::Apple => &[Gpu::VideoToolbox],
        GpuMaker::Other => &[],
    }
}

/// As the distributions name them in 2026; what is in none of their own repositories is for the owner to choose.
fn driver(facts: &Facts, gpu: &GpuFacts) -> Driver {
    use PackageManager::{Apk, Apt, Pacman};
    let what = gpu.name();
    let is_ubuntu = facts.is_kin_of("ubuntu");
    let packages: &'static [&'static str] = match (gpu.maker, facts.packages) {
        (GpuMaker::Nvidia, _) if gpu.driver.as_deref() == Some("nvidia") => {
            let advice = "its driver is there and NVENC does not work all the same; the next step says why";
            return Driver::ByHand { what, advice };
        }
        (GpuMaker::Nvidia, Some(Apt)) if is_ubuntu => {
            let advice = "run `sudo ubuntu-drivers install` there, restart it, and set it up again";
            return Driver::ByHand { what, advice };
        }
        (GpuMaker::Nvidia, Some(Apt)) => &["nvidia-driver", "libnvidia-encode1", "nvidia-smi"],
        (GpuMaker::Nvidia, Some(Pacman)) => &["nvidia-open", "nvidia-utils"],
        (GpuMaker::Nvidia, _) => {
            let advice =
                "install NVIDIA's driver there as nvidia.com says for its system, restart it, and set it up again";
            return Driver::ByHand { what, advice };
        }
        (GpuMaker::Intel, Some(Apt)) => &["intel-media-va-driver", "libmfx-gen1.2"],
        (GpuMaker::Intel, Some(Apk)) => &["intel-media-driver"],
        (GpuMaker::Intel, Some(Pacman)) => &["intel-media-driver", "vpl-gpu-rt"],
        (GpuMaker::Amd, Some(Apt)) => &["mesa-va-drivers"],
        (GpuMaker::Amd, Some(Apk)) => &["mesa-va-gallium"],
        (GpuMaker::Amd, Some(Pacman)) => &["mesa"],
        (GpuMaker::Apple, _) => {
            let advice = "VideoToolbox comes with macOS and does not work; was ffmpeg built with it?";
            return Driver::ByHand { what, advice };
        }
        _ => {
            let advice = "install its VAAPI driver there from a repository of your choice, and set it up again";
            return Driver::ByHand { what, advice };
        }
    };
    Driver::Packages { what, packages }
}

#[cfg(test)]
mod tests {
    use mediaflow_transport::vitals::Os;

    use super::*;

    fn facts(id: &str, packages: PackageManager, maker: GpuMaker, driver: Option<&str>) -> Facts {
        let gpu = GpuFacts { maker, model: "X1".to_owned(), driver: driver.map(str::to_owned), driver_version: None };
        let os = Os { id: id.to_owned(), ..Os::default() };
        Facts { os, packages: Some(packages), gpus: vec![gpu], ..Facts::default() }
    }

    #[test]
    fn what_works_needs_nothing() {
        let intel = facts("debian", PackageManager::Apt, GpuMaker::Intel, Some("i915"));
        assert_eq!(wanted(&intel, &[Gpu::Vaapi]), []);
        assert_eq!(wanted(&facts("debian", PackageManager::Apt, GpuMaker::Other, Some("cirrus")), &[]), []);
        let Some(Driver::Packages { packages, .. }) = wanted(&intel, &[Gpu::Nvenc]).pop() else { panic!() };
        assert_eq!(packages, ["intel-media-va-driver", "libmfx-gen1.2"]);
    }

    #[test]
    fn a_driver_from_elsewhere_is_left_to_the_owner() {
        for (id, manager, driver) in [
            ("ubuntu", PackageManager::Apt, Some("nouveau")),
            ("rocky", PackageManager::Dnf, None),
            ("debian", PackageManager::Apt, Some("nvidia")),
        ] {
            let wanted = wanted(&facts(id, manager, GpuMaker::Nvidia, driver), &[]);
            assert!(matches!(wanted.as_slice(), [Driver::ByHand { .. }]), "{id}: {wanted:?}");
        }
        let fresh = facts("debian", PackageManager::Apt, GpuMaker::Nvidia, Some("nouveau"));
        assert!(matches!(wanted(&fresh, &[]).as_slice(), [Driver::Packages { .. }]));
        assert!(wants_restart(&fresh));
    }
}
