//! A data directory and a library, and the real program called on them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::clips::{self, Clip};
use super::disk::{assert_holds, files_below};
use super::processes::{self, Process, until};

/// Variables that would reach the program from whoever runs the tests.
const OURS: [&str; 11] = [
    "ALLOWED_FOLDERS",
    "MEDIAFLOW_PASSWORD",
    "DATABASE_URL",
    "SECRET_KEY",
    "CORS_ORIGINS",
    "LOG_LEVEL",
    "API_PORT",
    "API_HOST",
    "FFMPEG_PATH",
    "FFPROBE_PATH",
    "XDG_DATA_HOME",
];

/// Everything of one test lies below one folder, so that files and processes left behind can be found.
pub struct Home {
    dir: TempDir,
    /// Added to the environment of every call.
    pub environment: Vec<(&'static str, OsString)>,
}

/// How a call of the program ended.
#[derive(Debug)]
pub struct Done {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// Asserts the exit code; the failure shows what the program said.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "exit code; it said:\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that standard error is one line of ours with these words in it, and no panic.
    #[track_caller]
    pub fn expect_line(&self, words: &[&str]) {
        // What is said about this machine's ffmpeg belongs to every call.
        let lines: Vec<&str> =
            self.stderr.lines().filter(|line| !line.starts_with("This ffmpeg has no VMAF")).collect();
        assert_eq!(lines.len(), 1, "one clear line was expected: {:?}", self.stderr);
        assert!(lines[0].starts_with("mediaflow: "), "{}", lines[0]);
        for word in words {
            assert!(lines[0].contains(word), "expected {word:?} in {:?}", lines[0]);
        }
    }

    /// The one JSON value on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not one JSON value: {error}: {:?}", self.stdout))
    }
}

/// Where it lies what this machine's encoders can do; found out at the first call since it was started.
fn machine() -> PathBuf {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    (clips::ffmpeg(), boot).hash(&mut hasher);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("machine-{:016x}.json", hasher.finish()));
    if !path.exists() {
        let home = Home::new();
        home.call(["doctor"]);
        let draft = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap().into_temp_path();
        fs::copy(home.data().join("tools/cache.json"), &draft).unwrap();
        // Tests may find it out at the same time: the first one stays.
        if let Err(error) = draft.persist_noclobber(&path) {
            assert_eq!(error.error.kind(), ErrorKind::AlreadyExists, "{error}");
        }
    }
    path
}

impl Home {
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("mediaflow-test-").tempdir().unwrap();
        let home = Self { dir, environment: Vec::new() };
        fs::create_dir(home.library()).unwrap();
        home
    }

    /// Gives the data directory what was found out about this machine's encoders, once for all tests: each one would try
    /// them anew, for seconds.
    pub fn know_the_machine(&self) {
        let (known, own) = (machine(), self.data().join("tools/cache.json"));
        if !own.exists() && fs::create_dir_all(self.data().join("tools")).is_ok() {
            fs::copy(known, own).unwrap();
        }
    }

    /// A home whose library holds these clips, scanned.
    pub fn with(clips: &[(&str, Clip)]) -> Self {
        let home = Self::new();
        for (name, clip) in clips {
            home.add(name, *clip);
        }
        home.scan();
        home
    }

    /// The folder that all lies below.
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn library(&self) -> PathBuf {
        self.root().join("library")
    }

    pub fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    pub fn film(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.library().join(name.as_ref())
    }

    /// Puts a clip into the library and gives its bytes.
    pub fn add(&self, name: impl AsRef<OsStr>, clip: Clip) -> Vec<u8> {
        let bytes = clip.bytes();
        fs::write(self.film(name), &bytes).unwrap();
        bytes
    }

    /// The program with this home's settings and nobody else's.
    pub fn command<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mediaflow"));
        for name in OURS {
            command.env_remove(name);
        }
        command.env("FFMPEG_PATH", clips::ffmpeg()).env("FFPROBE_PATH", clips::ffprobe());
        command.current_dir(self.root()).stdin(Stdio::null());
        command.arg("--data-dir").arg(self.data()).args(words);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Calls the program and waits for its end.
    pub fn call<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>) -> Done {
        finish(&mut self.command(words))
    }

    /// Calls the program with `--json`, which is to succeed, and gives the value.
    #[track_caller]
    pub fn json<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>) -> Value {
        let words = words.into_iter().map(|word| word.as_ref().to_owned());
        self.call([OsString::from("--json")].into_iter().chain(words)).expect(0).json()
    }

    #[track_caller]
    pub fn scan(&self) -> Value {
        self.know_the_machine();
        self.json([OsStr::new("scan"), self.library().as_os_str()])
    }

    /// `run --json`: the jobs that ended.
    #[track_caller]
    pub fn run(&self) -> Vec<Value> {
        list(&self.json(["run"])["jobs"])
    }

    /// `jobs --json`, newest first.
    #[track_caller]
    pub fn jobs(&self) -> Vec<Value> {
        list(&self.json(["jobs"]))
    }

    /// Starts the program.
    pub fn start<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>) -> Running {
        run(&mut self.command(words), self.root())
    }

    /// Waits until ffmpeg encodes for this home, and gives that process.
    #[track_caller]
    pub fn await_encode(&self) -> Process {
        until("ffmpeg encodes", || processes::below(self.root()).into_iter().find(Process::is_encode))
    }

    /// Waits until no process has anything to do with this home.
    #[track_caller]
    pub fn await_silence(&self) {
        until("no process is left", || {
            let left = processes::below(self.root());
            left.is_empty().then_some(())
        });
    }

    /// Files that no ended job may leave: anything in the work directory, and staged copies and trial files in the
    /// library. What lies in the quarantine is not among them.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let staged = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".mf-"));
        let mut left: Vec<PathBuf> = files_below(&self.library()).into_iter().filter(staged).collect();
        if let Ok(entries) = fs::read_dir(self.data().join("work")) {
            left.extend(entries.map(|entry| entry.unwrap().path()));
        }
        left
    }

    /// The originals in quarantine.
    pub fn quarantined(&self) -> Vec<PathBuf> {
        let files = files_below(&self.library()).into_iter();
        files.filter(|path| path.extension() == Some("mfq".as_ref())).collect()
    }

    /// Asserts that this original, byte for byte, and no other waits in quarantine.
    #[track_caller]
    pub fn assert_quarantined(&self, original: &[u8]) {
        let held = self.quarantined();
        assert_eq!(held.len(), 1, "one original waits in quarantine: {held:?}");
        assert_holds(&held[0], original, "the original in quarantine");
    }

    /// Asserts what holds after every end of a job: nothing runs on, and nothing is left.
    #[track_caller]
    pub fn assert_tidy(&self) {
        self.await_silence();
        assert_eq!(self.leftovers(), Vec::<PathBuf>::new(), "nothing is left behind");
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Of a failed test: whatever it started ends with it.
        for process in processes::below(self.root()) {
            process.signal("KILL");
        }
    }
}

/// A program that was started.
pub struct Running {
    child: Option<Child>,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running {
    pub fn process(&self) -> Process {
        Process { pid: self.child.as_ref().unwrap().id(), words: Vec::new() }
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    /// What it said on standard error so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.stderr).unwrap()).into_owned()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn finish(mut self) -> Done {
        until("the program ends", || self.has_ended().then_some(()));
        let status = self.child.take().unwrap().wait().unwrap();
        let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        Done { status, stdout: text(&self.stdout), stderr: text(&self.stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs a command to its end.
#[track_caller]
pub fn finish(command: &mut Command) -> Done {
    // Files, not pipes: supervisors that outlive the program would hold a pipe open.
    let folder = tempfile::tempdir().unwrap();
    run(command, folder.path()).finish()
}

/// Starts a command; what it says goes into two files of this folder, so that it never waits for a reader.
fn run(command: &mut Command, folder: &Path) -> Running {
    let (stdout, stderr) = (folder.join("stdout.txt"), folder.join("stderr.txt"));
    let child = command.stdout(File::create(&stdout).unwrap()).stderr(File::create(&stderr).unwrap()).spawn().unwrap();
    Running { child: Some(child), stdout, stderr }
}

/// The elements of a JSON list.
#[track_caller]
pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("expected a list: {value}")).clone()
}

/// The file name of what a row of JSON is about, whichever way the row gives its path.
#[track_caller]
pub fn name_of(row: &Value) -> String {
    let path = row["path"].as_str().unwrap_or_else(|| panic!("expected a path: {row}"));
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
