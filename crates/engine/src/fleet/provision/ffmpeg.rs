//! An ffmpeg for a worker: what is there and good, else ours, else its distribution's.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mediaflow_core::text::bytes;
use mediaflow_ffmpeg::build::{Build, EXPECTED_ENCODERS};
use mediaflow_ffmpeg::encoder::VideoEncoder;
use mediaflow_ffmpeg::failure::wants_newer_driver;
use mediaflow_store::WorkerTools;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::RemoteMachine;
use mediaflow_transport::vitals::{Facts, GpuMaker, PackageManager};

use super::error::SetupError;
use super::log::Step;
use super::{OurBuild, Setup};
use crate::fleet::ready::TOOLS_FOLDER;
use crate::toolchain::{ToolError, Toolchain, Trials};

/// Connections for a program that is sent.
const STREAMS: usize = 4;

/// A build that needs nothing but the system's C library is as large as all that it carries. What a distribution links
/// against its own libraries is small, and would not run elsewhere.
const CARRIES_ALL_FROM_BYTES: u64 = 20_000_000;

/// Where builds lie that no package puts on the path (Jellyfin's has hardware encoders for older drivers).
const ELSEWHERE: [&str; 2] = ["/usr/lib/jellyfin-ffmpeg/ffmpeg", "/usr/local/bin/ffmpeg"];

/// A pair of programs there, with what really works.
pub(super) struct Candidate {
    toolchain: Toolchain,
    pub(super) trials: Trials,
}

impl Candidate {
    fn new(toolchain: Toolchain, cancel: &Cancel) -> Result<Self, ToolError> {
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
    fn lacks(&self) -> Vec<String> {
        lacks(&self.trials)
    }

    /// Why NVENC refuses this build, where another build may work with the same driver.
    fn driver_is_too_old(&self) -> Option<&str> {
        driver_is_too_old(&self.trials)
    }

    fn rank(&self) -> impl Ord + use<> {
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

impl Setup<'_> {
    /// The first good one of what is there, of ours, and of what its distribution has.
    pub(super) fn bring_ffmpeg(&mut self, machine: &RemoteMachine, facts: &Facts) -> Result<Candidate, SetupError> {
        self.log.step(Step::DownloadFfmpeg, "looking for an ffmpeg that is there");
        let mut tried = Vec::new();
        let mut best = self.look(machine, &mut tried)?;
        if is_good(best.as_ref()) {
            self.log.say("it is good: nothing needs to be sent");
            self.log.step(Step::InstallFfmpeg, "nothing needs to be installed");
        } else {
            let sent = self.send(machine, facts, &mut tried)?;
            best = better(best, sent);
            self.log.step(Step::InstallFfmpeg, "what is there now");
            if !is_good(best.as_ref()) {
                best = better(best, self.install_ffmpeg(machine, facts, &mut tried)?);
            }
        }
        best.filter(|best| best.lacks().is_empty()).ok_or(SetupError::NoFfmpeg { tried })
    }

    /// Another build where this one's NVENC wants a newer driver than the machine has.
    pub(super) fn suit_driver(
        &mut self,
        machine: &RemoteMachine,
        facts: &Facts,
        chosen: Candidate,
    ) -> Result<Candidate, SetupError> {
        let Some(reason) = chosen.driver_is_too_old().map(str::to_owned) else { return Ok(chosen) };
        self.log.step(Step::JellyfinFfmpeg, &format!("{reason}; looking for a build that fits this driver"));
        // What lies there was compared already; its distribution's is older than ours.
        let other = self.install_ffmpeg(machine, facts, &mut Vec::new())?.filter(|other| other.lacks().is_empty());
        let best = match other {
            Some(other) if other.rank() > chosen.rank() => other,
            _ => chosen,
        };
        self.log.say(&match best.driver_is_too_old() {
            None => format!("ffmpeg {} at {} fits it", best.version(), best.path()),
            Some(_) => {
                "none fits it: it encodes on its processor until its NVIDIA driver is brought up to date".to_owned()
            }
        });
        Ok(best)
    }

    /// The best of what is there.
    fn look(&mut self, machine: &RemoteMachine, tried: &mut Vec<String>) -> Result<Option<Candidate>, SetupError> {
        let ours = self.tools_dir().join("ffmpeg");
        let places = [ours.as_path(), Path::new("ffmpeg")].into_iter().chain(ELSEWHERE.map(Path::new));
        let mut best: Option<Candidate> = None;
        for ffmpeg in machine.find_programs(places, self.cancel())? {
            let found = self.try_pair(machine, ffmpeg, tried)?;
            best = better(best, found);
        }
        Ok(best)
    }

    /// Sends the pair that this machine encodes with, where it can run there.
    fn send(
        &mut self,
        machine: &RemoteMachine,
        facts: &Facts,
        tried: &mut Vec<String>,
    ) -> Result<Option<Candidate>, SetupError> {
        let ours = match sendable(self.ours.as_ref(), facts) {
            Ok(ours) => ours.clone(),
            Err(reason) => {
                self.log.say(&format!("ours is not sent: {reason}"));
                tried.push(format!("ours was not sent, since {reason}"));
                return Ok(None);
            }
        };
        let tools = self.tools_dir();
        for (program, name) in [(&ours.ffmpeg, "ffmpeg"), (&ours.ffprobe, "ffprobe")] {
            let size_bytes = std::fs::metadata(program).map_or(0, |file| file.len());
            self.log.say(&format!("sending {name} ({})", bytes(size_bytes)));
            match machine.bring_program(program, &tools.join(name), STREAMS, self.fleet.stop(), &|_| ()) {
                Ok(moved) if moved.sent_bytes == 0 => self.log.say("it was there already"),
                Ok(moved) => self.log.say(&format!("{} sent, and hashed there", bytes(moved.sent_bytes))),
                Err(error) => {
                    let error = SetupError::from(error);
                    if error.is_unreachable() {
                        return Err(error);
                    }
                    self.log.say(&error.to_string());
                    tried.push(error.to_string());
                    return Ok(None);
                }
            }
        }
        self.try_pair(machine, tools.join("ffmpeg"), tried)
    }

    /// Has the distribution's ffmpeg installed.
    fn install_ffmpeg(
        &mut self,
        machine: &RemoteMachine,
        facts: &Facts,
        tried: &mut Vec<String>,
    ) -> Result<Option<Candidate>, SetupError> {
        // Fedora and EPEL have it under another name, without patented codecs; where RPM Fusion is set up it has the first.
        let names: &[&str] = match facts.packages {
            Some(PackageManager::Dnf | PackageManager::Yum) => &["ffmpeg", "ffmpeg-free"],
            _ => &["ffmpeg"],
        };
        for name in names {
            match self.install(machine, facts, &[name]) {
                Ok(()) => return self.look(machine, tried),
                Err(error) if error.is_unreachable() => return Err(error),
                Err(error) => {
                    self.log.say(&error.to_string());
                    tried.push(error.to_string());
                }
            }
        }
        Ok(None)
    }

    /// Tries everything of a pair for a second each; `None`, with the reason in `tried`, when it does not run at all.
    fn try_pair(
        &mut self,
        machine: &RemoteMachine,
        ffmpeg: PathBuf,
        tried: &mut Vec<String>,
    ) -> Result<Option<Candidate>, SetupError> {
        let pair = (ffmpeg.clone(), ffmpeg.with_file_name("ffprobe"));
        let there: Arc<dyn Machine> = Arc::new(machine.clone());
        let data_dir = self.fleet.store().path().parent().map(Path::to_owned).unwrap_or_default();
        self.log.say(&format!("trying {}", ffmpeg.display()));
        let found = Toolchain::on_worker(&there, &[pair], &self.tools_dir(), &data_dir, self.cancel())
            .and_then(|toolchain| Candidate::new(toolchain, self.cancel()));
        let problem = match found {
            Ok(candidate) if candidate.lacks().is_empty() => return Ok(Some(candidate)),
            Ok(candidate) => {
                let lacks = format!("{} ({}): {}", candidate.path(), candidate.version(), candidate.lacks().join(", "));
                self.log.say(&lacks);
                tried.push(lacks);
                return Ok(Some(candidate));
            }
            Err(error) if error.is_unreachable() || error.is_cancelled() => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        self.log.say(&problem);
        tried.push(problem);
        Ok(None)
    }

    /// The folder of programs that MediaFlow brought, in the worker's own.
    fn tools_dir(&self) -> PathBuf {
        self.work_dir().join(TOOLS_FOLDER)
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

fn is_good(candidate: Option<&Candidate>) -> bool {
    candidate.is_some_and(|candidate| candidate.lacks().is_empty())
}

/// The first one, unless the other one is worth more.
fn better(first: Option<Candidate>, other: Option<Candidate>) -> Option<Candidate> {
    match (first, other) {
        (Some(first), Some(other)) if other.rank() > first.rank() => Some(other),
        (first, other) => first.or(other),
    }
}

/// The pair that can be sent, or why none can.
fn sendable<'a>(ours: Option<&'a OurBuild>, facts: &Facts) -> Result<&'a OurBuild, String> {
    let ours = ours.ok_or("this machine has no ffmpeg itself")?;
    let is_mac = facts.os.id == "macos";
    if facts.arch != std::env::consts::ARCH || is_mac != cfg!(target_os = "macos") {
        return Err(format!("it is made for {} and not for {}", std::env::consts::ARCH, facts.arch));
    }
    if facts.is_kin_of("alpine") {
        return Err("it needs glibc, which Alpine does not have".to_owned());
    }
    let size_bytes = std::fs::metadata(&ours.ffmpeg).map_or(0, |file| file.len());
    if size_bytes < CARRIES_ALL_FROM_BYTES {
        let advice = "run `mediaflow doctor --install-ffmpeg` here for one that can be sent";
        return Err(format!("the one here needs libraries that are only here; {advice}"));
    }
    Ok(ours)
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
