//! An ffmpeg for a worker: what is there and good, else ours, else its distribution's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mediaflow_core::text::bytes;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::RemoteMachine;
use mediaflow_transport::vitals::{Facts, PackageManager};

use super::OurBuild;
use super::candidate::{Candidate, better, is_enough};
use super::error::SetupError;
use super::log::Step;
use super::setup::Setup;
use crate::fleet::ready::TOOLS_FOLDER;
use crate::toolchain::Toolchain;

/// Connections for a program that is sent.
const STREAMS: usize = 4;

/// A build that needs nothing but the system's C library is as large as all that it carries. What a distribution links
/// against its own libraries is small, and would not run elsewhere.
const CARRIES_ALL_FROM_BYTES: u64 = 20_000_000;

/// Where builds lie that no package puts on the path (Jellyfin's has hardware encoders for older drivers).
const ELSEWHERE: [&str; 2] = ["/usr/lib/jellyfin-ffmpeg/ffmpeg", "/usr/local/bin/ffmpeg"];

impl Setup<'_> {
    /// The first one that is enough of what is there, of ours, and of what its distribution has. Ours is sent as well where
    /// only ours measures by VMAF, so that a film passes or fails its proof there as it would here.
    pub(super) fn bring_ffmpeg(&mut self, machine: &RemoteMachine, facts: &Facts) -> Result<Candidate, SetupError> {
        self.log.step(Step::DownloadFfmpeg, "looking for an ffmpeg that is there");
        let mut tried = Vec::new();
        let mut best = self.look(machine, &mut tried)?;
        let only_ours_has_vmaf = |best: &Candidate| !best.has_vmaf() && self.ours.as_ref().is_some_and(|o| o.has_vmaf);
        let measures_less = best.as_ref().is_some_and(only_ours_has_vmaf);
        if is_enough(best.as_ref()) && !measures_less {
            self.log.say("it is good: nothing needs to be sent");
            self.log.step(Step::InstallFfmpeg, "nothing needs to be installed");
        } else {
            if measures_less {
                self.log.say("it has no VMAF to prove by, which ours has");
            }
            let sent = self.send(machine, facts, &mut tried)?;
            best = better(best, sent);
            self.log.step(Step::InstallFfmpeg, "what is there now");
            if !is_enough(best.as_ref()) {
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
