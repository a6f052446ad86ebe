//! Processes as the system lists them.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

#[derive(Debug)]
pub struct Process {
    pub pid: i32,
    pub words: Vec<String>,
}

impl Process {
    /// Whether this is ffmpeg writing the output of an attempt.
    pub fn is_encode(&self) -> bool {
        self.words.last().is_some_and(|word| word.ends_with("/output"))
            && self.words.iter().any(|word| word == "-progress")
    }

    /// Whether the system holds it.
    pub fn is_held(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
    }

    /// A process that is in the kernel when it is told to stop does so when it comes out.
    pub fn wait_until_held(&self) {
        while !self.is_held() {
            assert!(fs::exists(format!("/proc/{}", self.pid)).unwrap(), "it has ended instead");
            std::thread::yield_now();
        }
    }

    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Stops it from outside, as if it hung.
    pub fn stop(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a stopped one go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// The processes that name something below a folder, other than this one.
pub fn below(folder: &Path) -> Vec<Process> {
    let folder = folder.to_string_lossy();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<String> =
            line.split(|byte| *byte == 0).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
        let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        if words.iter().any(|word| word.contains(&*folder)) && u32::try_from(pid) != Ok(std::process::id()) {
            found.push(Process { pid, words });
        }
    }
    found
}

/// The encodes that run or are held below a folder.
pub fn encodes(folder: &Path) -> Vec<Process> {
    below(folder).into_iter().filter(Process::is_encode).collect()
}
