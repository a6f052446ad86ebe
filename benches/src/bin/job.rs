//! What MediaFlow adds to a job, side by side with the plan's own ffmpeg command run by hand.
//!
//! A round is: the command by hand on a copy of the clip, and a whole job on another copy, from the queue to the
//! original in quarantine, with a fresh database; the next round takes them in the other order. The parts of the job are
//! read from the times that it writes down.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use clap::Parser;
use mediaflow_benches::{Side, SystemClock, print, timed, tools};
use mediaflow_core::job::Ending;
use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::preset::{Preset, find_builtin};
use mediaflow_core::media::tag::Mark;
use mediaflow_core::path::RelPath;
use mediaflow_core::plan::plan;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Timestamp;
use mediaflow_engine::fleet::Worker;
use mediaflow_engine::queue::{Asked, Queued, Wish, queue_file};
use mediaflow_engine::run::measure::Tools;
use mediaflow_engine::run::{Ended, Progress, Runner, Watch};
use mediaflow_engine::scan::{Scanner, open_storage};
use mediaflow_engine::storages::Storages;
use mediaflow_engine::toolchain::Devices;
use mediaflow_engine::toolchain::Toolchain;
use mediaflow_ffmpeg::abilities::Abilities;
use mediaflow_ffmpeg::binding::{Places, bind};
use mediaflow_store::{Attempt, Job, OutputMode, Store, TaskKind};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::{LocalExecutor, supervise};
use mediaflow_transport::walk;

#[derive(Parser)]
struct Options {
    /// The film to work on; one of `--seconds` is made when none is given.
    #[arg(long, value_name = "FILE")]
    clip: Option<PathBuf>,
    /// Length of the film that is made.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The preset.
    #[arg(long, default_value = mediaflow_core::media::preset::DEFAULT_PRESET)]
    preset: String,
}

fn main() -> ExitCode {
    // The executor starts this very program as the supervisor of an encode.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "supervise") {
        return supervise(Path::new(&words.next().expect("a directory")));
    }
    measure(&Options::parse());
    ExitCode::SUCCESS
}

fn measure(options: &Options) {
    let preset = find_builtin(&options.preset).expect("one of the built-in presets");
    let scratch = tempfile::tempdir().unwrap();
    let tools = tools(scratch.path());
    let clip = options.clip.clone().unwrap_or_else(|| make_clip(&tools.ffmpeg, scratch.path(), options.seconds));
    let names =
        ["encode by hand", "encode in MediaFlow", "source decode", "proof", "replacement", "the rest", "whole job"];
    let [mut by_hand, mut encode, mut source, mut proof, mut replacement, mut rest, mut whole] = names.map(Side::new);
    for round in 1..=options.rounds {
        let library = Library::with(&clip, scratch.path(), &tools);
        let mut hand = || by_hand.seconds.push(encode_by_hand(&library, &tools, &preset));
        let mut ours = || {
            let parts = whole_job(&library, &tools, &preset);
            encode.seconds.push(parts.encode);
            source.seconds.push(parts.source);
            proof.seconds.push(parts.proof);
            replacement.seconds.push(parts.replacement);
            rest.seconds.push(parts.whole - parts.encode - parts.source - parts.proof - parts.replacement);
            whole.seconds.push(parts.whole);
        };
        if round % 2 == 1 {
            hand();
            ours();
        } else {
            ours();
            hand();
        }
        eprintln!("round {round} of {} is done", options.rounds);
    }
    let bytes = fs::metadata(&clip).unwrap().len();
    let metric = if tools.has_vmaf() { "VMAF" } else { "SSIM" };
    println!(
        "{bytes} bytes of source, preset {}, {} rounds, ffmpeg {} with {metric}\n",
        preset.name,
        options.rounds,
        tools.version()
    );
    print(&[by_hand, encode, source, proof, replacement, rest, whole], None);
}

/// A window that glides over a fractal's edge as a camera does, with a little grain, and a tone: the scene of the sample
/// library that every preset keeps well above its floor.
fn make_clip(ffmpeg: &Path, folder: &Path, seconds: u32) -> PathBuf {
    let clip = folder.join("clip.mkv");
    let picture = format!(
        "mandelbrot=s=960x540:rate=24:maxiter=300:start_x=-0.7463:start_y=0.1102:start_scale=0.005:end_scale=0.005,\
         trim=end_frame=1,gblur=sigma=1,hue=s=0.6,format=yuv444p,loop=-1:1:0,setpts=N/24/TB,\
         crop=640:360:x='(iw-ow)/2*(1+sin(t/4))':y='(ih-oh)/2*(1+cos(t/5))',trim=end_frame={},setsar=1,\
         format=yuv420p,noise=alls=3:allf=t:all_seed=1",
        seconds * 24
    );
    let made = Command::new(ffmpeg)
        .args(["-v", "error", "-f", "lavfi", "-i", &picture])
        .args(["-f", "lavfi", "-i", &format!("sine=frequency=330:sample_rate=48000:duration={seconds}")])
        .args(["-c:v", "libx264", "-crf", "12", "-preset", "veryfast", "-c:a", "aac"])
        .arg(&clip)
        .status()
        .unwrap();
    assert!(made.success());
    clip
}

/// A folder with one copy of the clip, and a data directory of its own.
struct Library {
    dir: tempfile::TempDir,
    store: Store,
    storage: mediaflow_store::Storage,
    file: mediaflow_store::File,
    info: MediaInfo,
}

impl Library {
    fn with(clip: &Path, scratch: &Path, tools: &Toolchain) -> Self {
        let dir = tempfile::tempdir_in(scratch).unwrap();
        let films = dir.path().join("films");
        fs::create_dir(&films).unwrap();
        let extension = clip.extension().expect("a clip with an extension").to_str().unwrap();
        let name = format!("Film (2001).{extension}");
        fs::copy(clip, films.join(&name)).unwrap();
        File::open(films.join(&name)).unwrap().sync_all().unwrap();
        let store = Store::open(&dir.path().join("mediaflow.db"), Arc::new(SystemClock)).unwrap();
        let scanner = Scanner {
            storages: Storages::here(),
            store: store.clone(),
            ffprobe: tools.ffprobe.clone(),
            tool: tools.version().to_owned(),
            threads: 1,
        };
        let (storage, _) = open_storage(&store, &walk::resolve(&films).unwrap()).unwrap();
        let path = RelPath::new(name.as_bytes()).unwrap();
        let (file, info) = scanner.scan_file(&storage, None, &path, &Cancel::new()).unwrap();
        Self { dir, store, storage, file, info }
    }

    /// Where the film lies.
    fn film(&self) -> PathBuf {
        mediaflow_engine::scan::on_disk(&self.storage, &self.file.path)
    }
}

/// The plan's commands, one after another, as a user would run them. On a copy: the job needs the film as it is.
fn encode_by_hand(library: &Library, tools: &Toolchain, preset: &Preset) -> f64 {
    let work = tempfile::tempdir_in(library.dir.path()).unwrap();
    let film = if library.film().exists() { library.film() } else { quarantined(library) };
    let input = work.path().join("source");
    fs::copy(film, &input).unwrap();
    let intent = plan(&library.info, &preset.settings).expect("a clip that the preset can do");
    let output = work.path().join("output");
    let places = Places { input: input.as_os_str(), output: output.as_os_str(), work: work.path() };
    let commands = bind(&intent, &Mark::new("by-hand", &intent.policy), &Abilities::default()).resolve(places);
    let (seconds, ()) = timed(|| {
        for arguments in commands {
            let done = Command::new(&tools.ffmpeg)
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(File::create(work.path().join("progress.txt")).unwrap())
                .stderr(File::create(work.path().join("ffmpeg.log")).unwrap())
                .status()
                .unwrap();
            assert!(done.success(), "{}", fs::read_to_string(work.path().join("ffmpeg.log")).unwrap());
        }
    });
    seconds
}

/// After the job, the film's bytes lie in quarantine.
fn quarantined(library: &Library) -> PathBuf {
    let folder = library.storage.root.join(mediaflow_engine::replace::QUARANTINE_FOLDER);
    let found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    found.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "mfq")).expect("the original")
}

/// Seconds of a job's parts.
struct Parts {
    source: f64,
    encode: f64,
    proof: f64,
    replacement: f64,
    whole: f64,
}

fn whole_job(library: &Library, tools: &Toolchain, preset: &Preset) -> Parts {
    let Library { dir, store, file, info, .. } = library;
    let epoch = store.write(|tx| Ok(tx.installation_ensure(Epoch(1))?.epoch)).unwrap();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let tools = Tools { devices: Devices::default(), ..Tools::of(tools, cores) };
    let executor = Arc::new(LocalExecutor::new(std::env::current_exe().unwrap()));
    let here = Worker::here(tools, executor, dir.path().join("work"));
    let runner = Runner::new(store.clone(), here, Arc::new(SystemClock), epoch);
    let mode = OutputMode::Replace;
    let wish =
        Wish { file, info, title: "Film", preset, mode, asked: Asked::ByName, priority: 0, scheduled_after_at: None };
    let Queued::Job(id) = queue_file(store, epoch, &wish).unwrap() else { panic!("the clip was not queued") };
    let (whole, ended) = timed(|| runner.run_one(id, Vec::new(), &Silent).unwrap());
    let ended = ended.expect("an ending");
    assert_eq!(ended.ending, Ending::Replaced, "{}", ended.reason);

    let job = store.read(|r| r.job(id)).unwrap();
    let attempts = store.read(|r| r.attempts_of_job(id)).unwrap();
    let of = |kind| attempts.iter().find(|attempt| attempt.kind == kind).expect("an attempt of each kind");
    let (encode, proof) = (of(TaskKind::Encode), of(TaskKind::Prove));
    Parts {
        source: seconds(job.started_at, Some(encode.started_at)),
        encode: length(encode),
        proof: length(proof),
        replacement: seconds(proof.ended_at, job.ended_at),
        whole,
    }
}

fn length(attempt: &Attempt) -> f64 {
    seconds(Some(attempt.started_at), attempt.ended_at)
}

fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> f64 {
    let microseconds = to.expect("it ended").0 - from.expect("it began").0;
    #[allow(clippy::cast_precision_loss)]
    let seconds = microseconds as f64 / 1_000_000.0;
    seconds
}

/// Shows nothing.
struct Silent;

impl Watch for Silent {
    fn started(&self, _: &Job) {}
    fn progress(&self, _: &Job, _: &Progress) {}
    fn ended(&self, _: &Job, _: Option<&Ended>) {}
}
