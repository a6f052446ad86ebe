//! Finding pairs of ffmpeg and ffprobe, reading what they are, and choosing the best.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mediaflow_ffmpeg::build::{Build, parse_encoders, parse_filters, parse_version};
use mediaflow_ffmpeg::failure::first_words;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::{Machine, ThisMachine};
use mediaflow_transport::process::Invocation;
use mediaflow_transport::tools::{beside, on_path};

use super::cache::{Cache, pair_stamp};
use super::{Origin, ToolError, ToolOptions, Toolchain, managed};

/// Printing a version takes a second at most, from a cold disk; a program that takes longer waits for something.
const TIME_LIMIT: Duration = Duration::from_secs(20);

struct Pair {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    origin: Origin,
}

impl Toolchain {
    /// The given pair if there is one, else the best of those on `PATH` and the managed one.
    pub fn discover(options: &ToolOptions, cancel: &Cancel) -> Result<Self, ToolError> {
        let cache = Cache::in_dir(&options.data_dir);
        if let Some(pair) = given(options)? {
            return judge(pair, &cache, cancel);
        }
        let mut tried = Vec::new();
        let mut best: Option<Self> = None;
        for pair in candidates(&options.data_dir) {
            match judge(pair, &cache, cancel) {
                Ok(found) if best.as_ref().is_none_or(|best| found.build.rank() > best.build.rank()) => {
                    best = Some(found);
                }
                Ok(_) => {}
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => tried.push(error.to_string()),
            }
        }
        best.ok_or(ToolError::NotFound { tried })
    }

    /// The first pair that works on a worker. What is tried there has its files in `scratch`; what is learned is remembered
    /// in this machine's `data_dir`.
    pub fn on_worker(
        machine: &Arc<dyn Machine>,
        pairs: &[(PathBuf, PathBuf)],
        scratch: &Path,
        data_dir: &Path,
        cancel: &Cancel,
    ) -> Result<Self, ToolError> {
        let cache = Cache::in_dir(data_dir);
        let mut tried = Vec::new();
        for (ffmpeg, ffprobe) in pairs {
            let build = match read_pair(machine.as_ref(), ffmpeg, ffprobe, cancel) {
                Ok(build) => build,
                Err(error) if error.is_cancelled() || error.is_unreachable() => return Err(error),
                Err(error) => {
                    tried.push(error.to_string());
                    continue;
                }
            };
            return Ok(Self {
                ffmpeg: ffmpeg.clone(),
                ffprobe: ffprobe.clone(),
                stamp: format!("{} {} {}", machine.name(), ffmpeg.display(), build.version),
                build,
                origin: Origin::Worker,
                machine: Arc::clone(machine),
                cache,
                scratch: scratch.to_owned(),
            });
        }
        Err(ToolError::NotOnWorker { worker: machine.name().to_owned(), tried })
    }
}

/// The pair that the configuration names, completed from beside the named one.
fn given(options: &ToolOptions) -> Result<Option<Pair>, ToolError> {
    let companion = |given: &Path, name, variable| {
        beside(given, name).ok_or_else(|| ToolError::NoCompanion { given: given.to_owned(), name, variable })
    };
    let (ffmpeg, ffprobe) = match (&options.ffmpeg, &options.ffprobe) {
        (None, None) => return Ok(None),
        (Some(ffmpeg), Some(ffprobe)) => (resolve(ffmpeg), resolve(ffprobe)),
        (Some(ffmpeg), None) => {
            let ffmpeg = resolve(ffmpeg);
            let ffprobe = companion(&ffmpeg, "ffprobe", "FFPROBE_PATH")?;
            (ffmpeg, ffprobe)
        }
        (None, Some(ffprobe)) => {
            let ffprobe = resolve(ffprobe);
            (companion(&ffprobe, "ffmpeg", "FFMPEG_PATH")?, ffprobe)
        }
    };
    Ok(Some(Pair { ffmpeg, ffprobe, origin: Origin::Given }))
}

/// A bare name means the one on `PATH`.
fn resolve(given: &Path) -> PathBuf {
    let name = given.to_str().filter(|name| !name.contains('/'));
    name.and_then(|name| on_path(name).into_iter().next()).unwrap_or_else(|| given.to_owned())
}

/// In order of preference among equals.
fn candidates(data_dir: &Path) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let first_ffprobe = on_path("ffprobe").into_iter().next();
    for ffmpeg in on_path("ffmpeg") {
        if let Some(ffprobe) = beside(&ffmpeg, "ffprobe").or_else(|| first_ffprobe.clone()) {
            pairs.push(Pair { ffmpeg, ffprobe, origin: Origin::Path });
        }
    }
    let dir = managed::dir(data_dir);
    if dir.is_dir() {
        pairs.push(Pair { ffmpeg: dir.join("ffmpeg"), ffprobe: dir.join("ffprobe"), origin: Origin::Managed });
    }
    pairs
}

fn judge(pair: Pair, cache: &Cache, cancel: &Cancel) -> Result<Toolchain, ToolError> {
    let Pair { ffmpeg, ffprobe, origin } = pair;
    let stamp = pair_stamp(&ffmpeg, &ffprobe).unwrap_or_default();
    let build = match cache.build(&stamp) {
        Some(build) => build,
        None => {
            let build = read_pair(&ThisMachine, &ffmpeg, &ffprobe, cancel)?;
            cache.remember(&stamp, &build, None);
            build
        }
    };
    let (machine, scratch) = (Arc::new(ThisMachine), cache.dir());
    Ok(Toolchain { ffmpeg, ffprobe, build, origin, machine, cache: cache.clone(), stamp, scratch })
}

/// Asks both what they are. Also shows that they run here at all.
pub(super) fn read_pair(
    machine: &dyn Machine,
    ffmpeg: &Path,
    ffprobe: &Path,
    cancel: &Cancel,
) -> Result<Build, ToolError> {
    let version = version_of(machine, ffmpeg, cancel)?;
    let ffprobe_version = version_of(machine, ffprobe, cancel)?;
    if version != ffprobe_version {
        return Err(ToolError::Mismatch {
            ffmpeg: ffmpeg.to_owned(),
            ffmpeg_version: version,
            ffprobe: ffprobe.to_owned(),
            ffprobe_version,
        });
    }
    Ok(Build {
        version,
        encoders: parse_encoders(&ask(machine, ffmpeg, "-encoders", cancel)?),
        filters: parse_filters(&ask(machine, ffmpeg, "-filters", cancel)?),
    })
}

fn version_of(machine: &dyn Machine, program: &Path, cancel: &Cancel) -> Result<String, ToolError> {
    let text = ask(machine, program, "-version", cancel)?;
    let unknown =
        || ToolError::NotFfmpeg { program: program.to_owned(), reason: "its -version does not print one".to_owned() };
    parse_version(&text).map(str::to_owned).ok_or_else(unknown)
}

fn ask(machine: &dyn Machine, program: &Path, question: &str, cancel: &Cancel) -> Result<String, ToolError> {
    let invocation = Invocation::new(program, ["-hide_banner", question]);
    let output = machine.run(&invocation, &cancel.with_time_limit(TIME_LIMIT))?;
    if !output.success() {
        let reason = first_words(&output.finished.stderr_lines);
        return Err(ToolError::NotFfmpeg { program: program.to_owned(), reason });
    }
    Ok(output.stdout_text())
}
