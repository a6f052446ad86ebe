//! What is said while a worker is set up: told as it happens, and kept with the worker.

use std::collections::VecDeque;

use mediaflow_store::StoreError;

use super::error::SetupError;
use crate::fleet::{Fleet, FleetNews};

/// Of what a program says, the last lines are kept, which say how it went. All of it is told.
const KEPT_LINES: usize = 30;

/// The most that is kept in all: the end of it.
const KEPT_BYTES: usize = 64 * 1024;

/// The steps in their order, by the contract's names and percentages (`facts` §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    DetectDistro,
    CheckSudo,
    InstallPrereqs,
    DetectArch,
    DownloadFfmpeg,
    InstallFfmpeg,
    VerifyFfmpeg,
    GpuDetection,
    NvencTest,
    JellyfinFfmpeg,
    CreateWorkdir,
    ProbeCapabilities,
    Completed,
}

impl Step {
    const fn on_the_wire(self) -> (&'static str, u8) {
        match self {
            Self::DetectDistro => ("detect_distro", 5),
            Self::CheckSudo => ("check_sudo", 10),
            Self::InstallPrereqs => ("install_prereqs", 20),
            Self::DetectArch => ("detect_arch", 25),
            Self::DownloadFfmpeg => ("download_ffmpeg", 35),
            Self::InstallFfmpeg => ("install_ffmpeg", 45),
            Self::VerifyFfmpeg => ("verify_ffmpeg", 60),
            Self::GpuDetection => ("gpu_detection", 70),
            Self::NvencTest => ("nvenc_test", 75),
            Self::JellyfinFfmpeg => ("jellyfin_ffmpeg", 78),
            Self::CreateWorkdir => ("create_workdir", 85),
            Self::ProbeCapabilities => ("probe_capabilities", 95),
            Self::Completed => ("completed", 100),
        }
    }
}

/// Says it.
pub(super) struct Log<'a> {
    fleet: &'a Fleet,
    worker_id: i64,
    step: Step,
    text: String,
    /// The last lines of a program that runs.
    output: VecDeque<String>,
}

impl<'a> Log<'a> {
    pub(super) const fn new(fleet: &'a Fleet, worker_id: i64) -> Self {
        Self { fleet, worker_id, step: Step::DetectDistro, text: String::new(), output: VecDeque::new() }
    }

    /// The next step begins. What was said before is written down, so that a page that is opened now has it.
    pub(super) fn step(&mut self, step: Step, message: &str) {
        self.keep_output();
        self.step = step;
        self.say(message);
        let kept = self.fleet.store().write(|tx| tx.worker_provision_log_put(self.worker_id, &self.text));
        match kept {
            Ok(()) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => tracing::warn!("the log of setting up worker {} is not kept: {error}", self.worker_id),
        }
    }

    /// One line of the step.
    pub(super) fn say(&mut self, message: &str) {
        self.keep_output();
        self.keep(message);
        self.tell(message);
    }

    /// One line that a program said.
    pub(super) fn say_output(&mut self, line: &str) {
        if self.output.len() == KEPT_LINES {
            self.output.pop_front();
        }
        self.output.push_back(line.to_owned());
        self.tell(line);
    }

    fn keep_output(&mut self) {
        for line in std::mem::take(&mut self.output) {
            self.keep(&format!("  {line}"));
        }
    }

    fn keep(&mut self, line: &str) {
        let (step, _) = self.step.on_the_wire();
        self.text.push_str(&format!("[{step}] {}\n", line.trim_end()));
        if self.text.len() > KEPT_BYTES {
            self.text = end_of(&self.text, KEPT_BYTES / 2);
        }
    }

    fn tell(&self, message: &str) {
        let (step, percent) = self.step.on_the_wire();
        let (worker_id, message) = (self.worker_id, message.trim_end().to_owned());
        self.fleet.tell(FleetNews::Provision { worker_id, step, percent, message });
    }

    /// All of it, with how it failed.
    pub(super) fn finish(mut self, error: Option<&SetupError>) -> String {
        if let Some(error) = error {
            self.say(&format!("failed: {error}"));
        }
        self.keep_output();
        self.text
    }
}

/// Whole lines of the end of a text.
fn end_of(text: &str, most: usize) -> String {
    let mut at = text.len().saturating_sub(most);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    let end = text.get(at..).unwrap_or_default();
    format!("...\n{}", end.split_once('\n').map_or(end, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_kept_of_what_is_too_long() {
        assert_eq!(end_of("eins\nzwölf\ndrei\n", 9), "...\ndrei\n");
        assert_eq!(end_of("eins\nzwölf\ndrei\n", 12), "...\ndrei\n", "not half a letter");
    }
}
