//! Good outputs of the real pipeline, spoiled: the proof must reject every spoiled one and accept every control.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mediaflow_core::media::preset::{SubtitleMode, find_builtin};
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::{Intent, plan};
use mediaflow_core::proof::{Conclusion, Proof, WORTH_IT};
use mediaflow_engine::run::measure::{Measurer, Tools};
use mediaflow_engine::run::prove::{MeasuredSource, Subject, measure_source, prove};
use mediaflow_engine::toolchain::Devices;
use mediaflow_engine::toolchain::{ToolOptions, Toolchain};
use mediaflow_ffmpeg::abilities::Abilities;
use mediaflow_ffmpeg::binding::{Places, Program, bind};
use mediaflow_ffmpeg::measure::{Metric, SourceState};
use mediaflow_testkit::dynamic::{self, Dynamic};
use mediaflow_testkit::{clips, damage, tools};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation};
use mediaflow_transport::storage::content::content_id;

/// A clip, what is done to it, and which variants are worth their time.
struct Item {
    clip: &'static str,
    preset: &'static str,
    variants: fn(&str) -> bool,
    /// Whether the clip is made smaller and shorter first: the same is found in a third of the time.
    is_reduced: bool,
    /// What a clip carries that is made for its dynamic metadata.
    dynamic: Option<Dynamic>,
    /// Whether its subtitles are drawn into the picture.
    is_burnt: bool,
}

impl Item {
    const fn whole(clip: &'static str, preset: &'static str) -> Self {
        Self { clip, preset, variants: ALL, is_reduced: false, dynamic: None, is_burnt: false }
    }

    const fn reduced(clip: &'static str, preset: &'static str, variants: fn(&str) -> bool) -> Self {
        Self { clip, preset, variants, is_reduced: true, dynamic: None, is_burnt: false }
    }

    const fn dynamic(clip: &'static str, dynamic: Dynamic) -> Self {
        Self {
            clip,
            preset: "Balanced",
            variants: METADATA,
            is_reduced: false,
            dynamic: Some(dynamic),
            is_burnt: false,
        }
    }

    const fn burnt(clip: &'static str) -> Self {
        Self { is_burnt: true, ..Self::reduced(clip, "Balanced", BURNT) }
    }
}

const ALL: fn(&str) -> bool = |_| true;
/// Sound is only compared by its loudness where it was encoded anew; the rest of such an output is as in the others.
const SOUND: fn(&str) -> bool = |name| name.starts_with("audio") || matches!(name, "copy" | "encoded again");

const BURNT: fn(&str) -> bool = |name| name.starts_with("burn-in") || name == "copy";

const METADATA: fn(&str) -> bool = |name| name.starts_with("metadata") || name == "copy";

#[test]
fn spoiled_dynamic_metadata_is_rejected_by_the_one_check_that_looks_at_it() {
    let rows = run(&[Item::dynamic("Profile 8.1", Dynamic::Profile81), Item::dynamic("Both", Dynamic::Both)]);
    let spoiled = rows.iter().filter(|row| row.variant.starts_with("metadata"));
    let others: Vec<_> =
        spoiled.filter(|row| !row.found.starts_with("dynamic hdr #0") || row.found.contains(" | ")).collect();
    assert!(
        others.is_empty(),
        "caught by other checks too: {}",
        others.iter().map(ToString::to_string).collect::<String>()
    );
    let kinds = ["gone", "late", "of one", "unnamed", "misnamed"].len();
    assert!(rows.is_empty() || rows.iter().filter(|row| row.variant.starts_with("metadata")).count() == 2 * kinds);
}

#[test]
fn subtitles_that_are_not_in_the_picture_are_missed_by_the_one_check_that_looks_for_them() {
    let rows = run(&[Item::burnt("S02E05")]);
    let found = |name: &str| rows.iter().find(|row| row.variant == name).map_or("", |row| row.found.as_str());
    for name in ["burn-in missing", "burn-in late", "burn-in other"] {
        let found = found(name);
        assert!(rows.is_empty() || found.contains("burn-in #2: its text is missing"), "{name}: {found:?}");
    }
    assert!(rows.iter().filter(|row| row.is_good).count() >= 3 || rows.is_empty());
}

#[test]
fn every_spoiled_output_is_rejected_and_every_good_one_is_accepted() {
    run(&[
        Item::reduced("Three Voices", "Balanced", ALL),
        Item::reduced("S02E05", "Balanced", ALL),
        Item::reduced("Three Voices", "Storage Saver", SOUND),
    ]);
}

/// A cover, image subtitles, HDR10, uneven frames, and containers that frame their packets differently.
#[test]
#[ignore = "long: ./test.sh --full"]
fn every_spoiled_output_of_other_sources_is_rejected_too() {
    run(&[
        Item::whole("Quiet Letters", "Balanced"),
        Item::whole("Mandelbrot", "Balanced"),
        Item::whole("Northern Sky", "Balanced"),
        Item::whole("Uneven Steps", "Balanced"),
        Item::whole("S01E01", "Balanced"),
        Item::whole("Paper Boats", "Storage Saver"),
    ]);
}

fn run(items: &[Item]) -> Vec<Row> {
    let home = tempfile::tempdir().unwrap();
    let Some(tools) = tools_or_skip(home.path()) else { return Vec::new() };
    println!("{:<28}  {:<18} {:<10} caught by: what it measured", "output", "variant", "proof");
    let mut rows = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let dir = home.path().join(number.to_string());
        fs::create_dir(&dir).unwrap();
        let output = GoodOutput::make(item, &tools, &dir);
        rows.extend(output.prove_variants(item, &dir));
        fs::remove_dir_all(&dir).unwrap();
    }
    let wrong: Vec<String> = rows.iter().filter(|row| !row.is_right()).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} of {} were judged wrongly:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    rows
}

fn tools_or_skip(data_dir: &Path) -> Option<Tools> {
    let pair = tools::Tools::find();
    let given = |path: PathBuf| path.is_absolute().then_some(path);
    let options =
        ToolOptions { ffmpeg: given(pair.ffmpeg), ffprobe: given(pair.ffprobe), data_dir: data_dir.join("data") };
    match Toolchain::discover(&options, &Cancel::new()) {
        Ok(found) => Some(Tools {
            metric: if found.has_vmaf() { Metric::Vmaf } else { Metric::Ssim },
            version: found.version().to_owned(),
            ffmpeg: found.ffmpeg,
            ffprobe: found.ffprobe,
            threads: 1,
            devices: Devices::default(),
        }),
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

/// Seven seconds at half the width and height, every track as it was.
fn reduce(ffmpeg: &Path, clip: &Path) -> PathBuf {
    let reduced = clip.with_file_name("reduced.mkv");
    let mut args: Vec<OsString> = ["-v", "error", "-t", "7", "-i"].map(Into::into).to_vec();
    args.push(clip.into());
    let video = "-map 0 -c copy -default_mode passthrough -c:v libx264 -preset veryfast -crf 12 -s 320x180";
    args.extend(video.split(' ').map(Into::into));
    args.push(reduced.clone().into());
    let run = process::run(&Invocation::new(ffmpeg, args), &Cancel::new()).unwrap();
    assert!(run.success(), "{}: {:?}", clip.display(), run.finished.stderr_lines);
    reduced
}

/// A source, measured, and an output of it that the pipeline made.
struct GoodOutput<'a> {
    tools: &'a Tools,
    intent: Intent,
    source_path: PathBuf,
    source: MeasuredSource,
    path: PathBuf,
}

impl<'a> GoodOutput<'a> {
    fn make(item: &Item, tools: &'a Tools, dir: &Path) -> Self {
        let cancel = Cancel::new();
        let measurer = Measurer { tools, cancel: &cancel };
        let clip = match item.dynamic {
            None => clips::make(&tools.ffmpeg, item.clip, dir).unwrap(),
            Some(dynamic) => {
                let clip = dir.join("clip.mkv");
                dynamic::make(&tools.ffmpeg, dynamic, dir, &clip).unwrap();
                clip
            }
        };
        let source_path = if item.is_reduced { reduce(&tools.ffmpeg, &clip) } else { clip };
        let (info, _) = measurer.probe(&source_path).unwrap();
        let mut preset = find_builtin(item.preset).unwrap();
        if item.is_burnt {
            preset.settings.subtitles = SubtitleMode::Burn;
        }
        let intent = plan(&info, &preset.settings).unwrap();
        let mut file = File::open(&source_path).unwrap();
        let content = content_id(&mut file, fs::metadata(&source_path).unwrap().len()).unwrap();
        let source = measure_source(measurer, &intent, &source_path, content, dir, &mut |_| {}).unwrap();
        assert_eq!(source.state, SourceState::Clean, "{}", item.clip);
        let path = dir.join("good.mkv");
        let places = Places { input: source_path.as_os_str(), output: path.as_os_str(), work: dir };
        for run in bind(&intent, &Mark::new("damage-corpus", &intent.policy), &Abilities::default()).runs {
            let args = run.resolve(places);
            if run.program == Program::Own {
                mediaflow_engine::dynamic::step(&args).unwrap();
                continue;
            }
            let run = process::run(&Invocation::new(&tools.ffmpeg, args).in_dir(dir), &cancel).unwrap();
            assert!(run.success(), "encoding {}: {:?}", item.clip, run.finished.stderr_lines);
        }
        Self { tools, intent, source_path, source, path }
    }

    /// Spoils the output in every way that applies and proves each, on as many threads as there are cores.
    fn prove_variants(&self, item: &Item, dir: &Path) -> Vec<Row> {
        let mut rows = vec![Row::new(item, "untouched", true, &self.prove(&self.path, dir))];
        let next = AtomicUsize::new(0);
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..cores)
                .map(|number| {
                    let (dir, next) = (dir.join(number.to_string()), &next);
                    scope.spawn(move || self.prove_next_variants(item, &dir, next))
                })
                .collect();
            rows.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap()));
        });
        rows
    }

    fn prove_next_variants(&self, item: &Item, dir: &Path, next: &AtomicUsize) -> Vec<Row> {
        fs::create_dir(dir).unwrap();
        let (ffmpeg, ffprobe) = (&self.tools.ffmpeg, &self.tools.ffprobe);
        let bench = damage::Bench::new(ffmpeg, ffprobe, &self.source_path, &self.path, dir).unwrap();
        let variants: Vec<_> =
            damage::variants(&bench).into_iter().filter(|variant| (item.variants)(variant.name)).collect();
        let mut rows = Vec::new();
        while let Some(variant) = variants.get(next.fetch_add(1, Ordering::Relaxed)) {
            let spoiled = damage::spoil(&bench, *variant).unwrap();
            rows.push(Row::new(item, spoiled.name, spoiled.is_good, &self.prove(&spoiled.path, dir)));
            fs::remove_file(&spoiled.path).unwrap();
        }
        rows
    }

    fn prove(&self, output_path: &Path, work: &Path) -> Proof {
        let cancel = Cancel::new();
        let measurer = Measurer { tools: self.tools, cancel: &cancel };
        let subject = Subject {
            intent: &self.intent,
            source_path: &self.source_path,
            source: &self.source,
            output_path,
            work,
            replaces: true,
        };
        prove(measurer, subject, &mut |_| {}).unwrap().proof
    }
}

/// One line of the table.
struct Row {
    output: String,
    variant: &'static str,
    is_good: bool,
    conclusion: Conclusion,
    /// Each check that did not hold and what it measured; for a good output, its quality.
    found: String,
}

impl Row {
    /// Prints itself, so that the table grows while the proofs are made.
    fn new(item: &Item, variant: &'static str, is_good: bool, proof: &Proof) -> Self {
        let told = |check: &str, passed: bool| {
            if is_good { !passed || check.starts_with("quality") } else { !passed && check != WORTH_IT }
        };
        let failed: Vec<String> = proof
            .checks
            .iter()
            .filter(|check| told(&check.check, check.passed))
            .map(|check| format!("{}: {}", check.check, check.measured))
            .collect();
        let row = Self {
            output: format!("{}, {}", item.clip, item.preset),
            variant,
            is_good,
            conclusion: proof.conclusion(),
            found: failed.join(" | "),
        };
        println!("{row}");
        row
    }

    fn is_right(&self) -> bool {
        (self.conclusion != Conclusion::Rejected) == self.is_good
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = match (self.conclusion, self.is_right()) {
            (Conclusion::Rejected, true) => "rejected",
            (Conclusion::Rejected, false) => "REJECTED",
            (_, true) => "accepted",
            (_, false) => "ACCEPTED",
        };
        let found = if self.found.is_empty() { "-" } else { &self.found };
        write!(f, "{:<28}  {:<18} {verdict:<10} {found}", self.output, self.variant)
    }
}
