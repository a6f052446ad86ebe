//! Processes as the system lists them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    /// Its argument vector, lossy.
    pub words: Vec<String>,
}

impl Process {
    /// Sends a signal, by its name without SIG. A process that is gone already is no error.
    pub fn signal(&self, name: &str) {
        // The shell's own `kill`: nothing else is needed on a bare machine.
        let kill = r#"kill -s "$0" "$1" 2>/dev/null"#;
        Command::new("sh").args(["-c", kill, name, &self.pid.to_string()]).status().unwrap();
    }

    /// Whether this is ffmpeg writing the output of an attempt.
    pub fn is_encode(&self) -> bool {
        let writes_output = self.words.last().is_some_and(|word| word.ends_with("/output"));
        writes_output && self.words.iter().any(|word| word == "-progress")
    }

    /// Whether this is the supervisor of an attempt.
    pub fn is_supervisor(&self) -> bool {
        self.words.get(1).is_some_and(|word| word == "supervise")
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        words_of(self.pid).is_some_and(|words| words == self.words)
    }
}

/// The processes that name something below a folder. Ended ones that nobody has reaped yet have no words.
pub fn below(folder: &Path) -> Vec<Process> {
    let folder = folder.to_string_lossy();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        if let Some(words) = words_of(pid).filter(|words| words.iter().any(|word| word.contains(&*folder))) {
            found.push(Process { pid, words });
        }
    }
    found
}

fn words_of(pid: u32) -> Option<Vec<String>> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok().filter(|line| !line.is_empty())?;
    let words = line.strip_suffix(b"\0").unwrap_or(&line).split(|byte| *byte == 0);
    Some(words.map(|word| String::from_utf8_lossy(word).into_owned()).collect())
}

/// Waits until something is so. The limit only ends a test that would hang; no timing is asserted.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    const LIMIT: Duration = Duration::from_secs(400);
    const PAUSE: Duration = Duration::from_millis(5);
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < LIMIT, "waited in vain until {what}");
        std::thread::sleep(PAUSE);
    }
}
