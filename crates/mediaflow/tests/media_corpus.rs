//! Real sample files through `mediaflow transcode`: each ends as `testkit/data/media_expectations.json` says, and what
//! lies on the disk afterwards is what the user was told.
//!
//! The files lie in `../shared/media` beside the workspace (`MEDIAFLOW_SHARED` names another place for `../shared`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use mediaflow_testkit::clips;
use mediaflow_testkit::corpus::{End, Expectation, check, media};
use mediaflow_testkit::tools::Tools;
use serde_json::Value;

const BALANCED: &str = "Balanced";

/// What is laid over a preset where the encoder may hurry.
const HURRY: &str = "custom_flags=-preset ultrafast";

/// Each encode takes more than one core.
const AT_ONCE: usize = 2;

#[test]
fn every_sample_file_ends_as_written_down() {
    let mut quick: Vec<Expectation> = media().unwrap().into_iter().filter(|of| !of.is_slow).collect();
    for expectation in quick.iter_mut().filter(|of| of.may_hurry) {
        expectation.set.push(HURRY.to_owned());
    }
    run(quick);
}

#[test]
#[ignore = "long: ./test.sh --full"]
fn every_large_sample_file_ends_as_written_down() {
    run(media().unwrap().into_iter().filter(|of| of.is_slow || of.may_hurry).collect());
}

#[test]
fn hdr10_comes_out_with_its_metadata() {
    let home = tempfile::tempdir().unwrap();
    let library = home.path().join("library");
    fs::create_dir(&library).unwrap();
    let tools = Tools::find();
    let clip = clips::make(&tools.ffmpeg, "Northern Sky", home.path()).unwrap();
    let film = library.join("Northern Sky.mkv");
    // One second holds all the metadata that the whole clip has.
    let cut = ["-v", "error", "-t", "1", "-i"].map(Into::into).into_iter().chain([clip.into_os_string()]);
    let copied = ["-map", "0", "-c", "copy"].map(Into::into);
    run_tool(&tools.ffmpeg, cut.chain(copied).chain([film.clone().into_os_string()]));
    let before = hdr_metadata(&tools, &film);
    assert_eq!(before.len(), 2, "the clip was to have a mastering display and light levels: {before:?}");

    let mediaflow = MediaFlow { tools: &tools, data_dir: home.path().join("data") };
    let (code, shown) = mediaflow.transcode(&film, BALANCED);
    assert_eq!((code, shown["status"].as_str()), (0, Some("replaced")), "{shown:#}");
    assert_eq!(hdr_metadata(&tools, &film), before);
    let video = &probe(&tools, &film)["streams"][0];
    let colors: Vec<_> =
        ["color_primaries", "color_transfer", "color_space", "pix_fmt"].iter().map(|key| video[key].as_str()).collect();
    assert_eq!(colors, ["bt2020", "smpte2084", "bt2020nc", "yuv420p10le"].map(Some));
}

#[test]
fn hdr_lands_where_it_should_in_sdr() {
    let home = tempfile::tempdir().unwrap();
    let tools = Tools::find();
    let mediaflow = MediaFlow { tools: &tools, data_dir: home.path().join("data") };
    // Bars of 26, 203 (white paper, ITU-R BT.2408) and 1,000 cd/m², by the signal of either transfer.
    for (transfer, codes) in [("smpte2084", [397, 573, 723]), ("arib-std-b67", [397, 721, 940])] {
        let found = tone_mapped(&mediaflow, home.path(), transfer, codes);
        // In 8 bits: the dark as bright as it was, white paper nearly white, the brightest light white.
        for (found, wanted) in found.iter().zip([109.0, 202.0, 235.0]) {
            assert!((found - wanted).abs() < 3.0, "{transfer}: {found:?} instead of 109, 202 and 235");
        }
    }
}

/// The clip says nothing of its brightest light; taken for the usual 1,000 cd/m², it would come out at 218.
#[test]
fn the_brightest_light_of_a_dim_film_becomes_white_too() {
    let home = tempfile::tempdir().unwrap();
    let tools = Tools::find();
    let mediaflow = MediaFlow { tools: &tools, data_dir: home.path().join("data") };
    // 26, 100 and 400 cd/m².
    let found = tone_mapped(&mediaflow, home.path(), "smpte2084", [397, 509, 636]);
    // Its grain is a little brighter still.
    assert!((found[2] - 235.0).abs() < 6.0, "the brightest light comes out at {found:?} instead of 235");
    assert!((found[0] - 109.0).abs() < 3.0, "the dark stays as it was: {found:?}");
}

/// Three bars of these signals through *Storage Saver*: how bright they come out, in 8 bits.
fn tone_mapped(mediaflow: &MediaFlow<'_>, home: &Path, transfer: &str, [dark, white, peak]: [u32; 3]) -> Vec<f64> {
    let tools = mediaflow.tools;
    let film = home.join(format!("{transfer}.mkv"));
    let bars = format!(
        "nullsrc=s=384x128:r=25:d=1,format=yuv420p10le,\
         geq=lum='if(lt(X,128),{dark},if(lt(X,256),{white},{peak}))':cb=512:cr=512,noise=c0s=2:allf=t"
    );
    let color =
        format!("log-level=error:lossless=1:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited");
    let coded = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", &color].map(Into::into);
    let coded = coded.into_iter().chain(["-pix_fmt", "yuv420p10le"].map(Into::into));
    let args = ["-v", "error", "-f", "lavfi", "-i", &bars].map(Into::into).into_iter().chain(coded);
    run_tool(&tools.ffmpeg, args.chain([film.clone().into_os_string()]));

    let (code, shown) = mediaflow.transcode(&film, "Storage Saver");
    assert_eq!((code, shown["ending"].as_str()), (0, Some("replaced")), "{transfer}: {shown:#}");
    let output = PathBuf::from(shown["path"].as_str().unwrap());
    let video = &probe(tools, &output)["streams"][0];
    let colors: Vec<_> =
        ["color_primaries", "color_transfer", "color_space"].iter().map(|key| video[key].as_str()).collect();
    assert_eq!(colors, [Some("bt709"); 3]);
    [16, 144, 272].iter().map(|left| brightness(tools, &output, *left)).collect()
}

/// Mean brightness of a square of the first picture, `left` pixels from its left edge, in 8 bits.
fn brightness(tools: &Tools, path: &Path, left: u32) -> f64 {
    let look =
        format!("format=yuv420p,crop=96:96:{left}:16,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-");
    let args = ["-v", "error", "-i"].map(Into::into).into_iter().chain([path.into()]);
    let one = ["-vf", &look, "-frames:v", "1", "-f", "null", "-"].map(Into::into);
    let shown = run_tool(&tools.ffmpeg, args.chain(one)).stdout;
    let shown = String::from_utf8_lossy(&shown).into_owned();
    shown.lines().find_map(|line| line.strip_prefix("lavfi.signalstats.YAVG=")?.parse().ok()).unwrap()
}

/// Runs the chosen files, each in a folder of its own, and collects everything that is not as expected.
fn run(chosen: Vec<Expectation>) {
    let Some(folder) = shared_media() else { return };
    let tools = Tools::find();
    let is_full = has_vmaf(&tools);
    let (expectations, left_out): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|expectation| is_full || !expectation.needs_full_build);
    for expectation in left_out {
        println!("skipped: {} needs a full build of ffmpeg, with VMAF", expectation.file);
    }
    let home = tempfile::tempdir().unwrap();
    let next = AtomicUsize::new(0);
    let differences: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                // A data directory has one MediaFlow at a time.
                let data_dir = home.path().join(format!("data {number}"));
                let (tools, next, expectations, folder, home) = (&tools, &next, &expectations, &folder, home.path());
                scope.spawn(move || {
                    let mediaflow = MediaFlow { tools, data_dir };
                    let mut differences = Vec::new();
                    while let Some(expectation) = expectations.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let case = Case::new(&mediaflow, expectation, folder, home);
                        differences
                            .extend(case.run().into_iter().map(|what| format!("{}: {what}", case_name(expectation))));
                    }
                    differences
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn shared_media() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("MEDIAFLOW_SHARED").map_or_else(beside, PathBuf::from).join("media");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder {}", folder.display());
    None
}

fn has_vmaf(tools: &Tools) -> bool {
    let filters = run_tool(&tools.ffmpeg, ["-hide_banner", "-filters"].map(Into::into));
    String::from_utf8_lossy(&filters.stdout).contains("libvmaf")
}

fn run_tool(program: &Path, args: impl IntoIterator<Item = std::ffi::OsString>) -> Output {
    let output = Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    output
}

fn probe(tools: &Tools, path: &Path) -> Value {
    let args = ["-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json"].map(Into::into);
    let output = run_tool(&tools.ffprobe, args.into_iter().chain([path.into()]));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Mastering display and light levels as the decoder hands them out with the first frame, value by value: builds differ
/// in whether a stream's header shows them.
fn hdr_metadata(tools: &Tools, path: &Path) -> Vec<Value> {
    let is_hdr = |data: &Value| {
        let kind = data["side_data_type"].as_str().unwrap_or_default();
        kind.starts_with("Mastering display") || kind.starts_with("Content light")
    };
    first_picture(tools, path).into_iter().filter(is_hdr).collect()
}

/// All side data of the first picture.
fn first_picture(tools: &Tools, path: &Path) -> Vec<Value> {
    let words = "-v error -select_streams V:0 -read_intervals %+#1 -show_entries frame_side_data -of json";
    let output = run_tool(&tools.ffprobe, words.split(' ').map(Into::into).chain([path.into()]));
    let frames: Value = serde_json::from_slice(&output.stdout).unwrap();
    frames["frames"][0]["side_data_list"].as_array().cloned().unwrap_or_default()
}

/// The real program, with a data directory of its own.
struct MediaFlow<'a> {
    tools: &'a Tools,
    data_dir: PathBuf,
}

impl MediaFlow<'_> {
    /// `mediaflow transcode FILE --preset PRESET --json`: its exit code and the one JSON value.
    fn transcode(&self, file: &Path, preset: &str) -> (i32, Value) {
        self.transcode_with(file, preset, &[])
    }

    /// The same, with fields laid over the preset.
    fn transcode_with(&self, file: &Path, preset: &str, fields: &[String]) -> (i32, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mediaflow"));
        command.arg("transcode").arg(file).args(["--preset", preset, "--json"]).arg("--data-dir").arg(&self.data_dir);
        command.args(fields.iter().flat_map(|field| ["--set", field]));
        command.current_dir(file.parent().unwrap()).env_remove("DATABASE_URL");
        // A program given by its bare name is one of PATH, where MediaFlow looks by itself.
        if self.tools.ffmpeg.is_absolute() {
            command.env("FFMPEG_PATH", &self.tools.ffmpeg).env("FFPROBE_PATH", &self.tools.ffprobe);
        }
        let output = command.output().unwrap();
        let shown = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{}: no JSON ({error}): {}", file.display(), String::from_utf8_lossy(&output.stderr))
        });
        (output.status.code().unwrap_or(-1), shown)
    }
}

/// A file with what is done to it, for people and as the name of a folder.
fn case_name(expectation: &Expectation) -> String {
    let preset = expectation.preset.as_deref().unwrap_or(BALANCED);
    [expectation.file.as_str(), preset]
        .into_iter()
        .chain(expectation.set.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ")
}

/// One sample file in a folder of its own.
struct Case<'a> {
    mediaflow: &'a MediaFlow<'a>,
    expectation: &'a Expectation,
    file: PathBuf,
    original: Vec<u8>,
}

impl<'a> Case<'a> {
    fn new(mediaflow: &'a MediaFlow<'a>, expectation: &'a Expectation, folder: &Path, home: &Path) -> Self {
        let name = &expectation.file;
        let dir = home.join(case_name(expectation));
        fs::create_dir(&dir).unwrap();
        let (from, file) = (folder.join(name), dir.join(name));
        match expectation.cut_seconds {
            Some(seconds) => {
                let cut = ["-v", "error", "-t", &seconds.to_string(), "-i"].map(Into::into);
                let copy = ["-map", "0", "-c", "copy"].map(Into::into);
                let args = cut.into_iter().chain([from.into()]).chain(copy).chain([file.clone().into()]);
                run_tool(&mediaflow.tools.ffmpeg, args);
            }
            // Not `fs::copy`, which would keep the file read-only.
            None => fs::write(&file, fs::read(from).unwrap()).unwrap(),
        }
        let original = fs::read(&file).unwrap();
        Self { mediaflow, expectation, file, original }
    }

    /// Everything that is not as it should be.
    fn run(&self) -> Vec<String> {
        let preset = self.expectation.preset.as_deref().unwrap_or(BALANCED);
        let began = Instant::now();
        let (code, shown) = self.mediaflow.transcode_with(&self.file, preset, &self.expectation.set);
        let took = began.elapsed().as_secs_f64();
        let mut wrong = self.compare_end(code, &shown);
        let reached = shown["ending"] == "replaced";
        if reached {
            wrong.extend(self.compare_replaced(Path::new(shown["path"].as_str().unwrap_or_default())));
        } else if fs::read(&self.file).ok().as_ref() != Some(&self.original) {
            wrong.push("it was not replaced, and is not what it was".to_owned());
        } else if files_below(self.dir()) != BTreeSet::from([self.file.clone()]) {
            wrong.push(format!("there are new files beside it: {:?}", files_below(self.dir())));
        }
        let work: Vec<_> = fs::read_dir(self.mediaflow.data_dir.join("work")).into_iter().flatten().collect();
        if !work.is_empty() {
            wrong.push(format!("working files are left: {work:?}"));
        }
        let quality = shown["proof"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|check| check["check"].as_str().is_some_and(|name| name.starts_with("quality")));
        let measured = quality.map_or("", |check| check["measured"].as_str().unwrap_or_default());
        println!(
            "{:<60} {took:>5.1} s {}: {} {measured}",
            case_name(self.expectation),
            shown["ending"],
            shown["reason"]
        );
        wrong
    }

    fn dir(&self) -> &Path {
        self.file.parent().unwrap()
    }

    fn compare_end(&self, code: i32, shown: &Value) -> Vec<String> {
        let (ending, exit_code) = match self.expectation.end {
            End::Replaced => ("replaced", 0),
            End::Kept => ("not_worth_it", 3),
            End::Refused => ("refused", 4),
            End::Rejected => ("failed", 1),
        };
        let reason = shown["reason"].as_str().unwrap_or_default();
        let mut wrong = Vec::new();
        if shown["ending"] != ending || code != exit_code {
            wrong.push(format!(
                "{} with exit code {code} ({reason}) instead of {ending} with {exit_code}: {}",
                shown["ending"], self.expectation.reason
            ));
        }
        if let Some(says) = self.expectation.says.as_deref().filter(|says| !reason.contains(says)) {
            wrong.push(format!("the reason {reason:?} does not say {says:?}"));
        }
        wrong
    }

    /// A replaced file: the new one as expected, smaller, and the original whole in quarantine and nowhere else.
    fn compare_replaced(&self, output: &Path) -> Vec<String> {
        let mut wrong = match &self.expectation.output {
            Some(expected) => {
                check(expected, &probe(self.mediaflow.tools, output), &first_picture(self.mediaflow.tools, output))
            }
            None => Vec::new(),
        };
        if fs::metadata(output).unwrap().len() >= self.original.len() as u64 {
            wrong.push("the output is not smaller".to_owned());
        }
        let quarantine = self.dir().join(".mediaflow-quarantine");
        let beside: BTreeSet<_> =
            files_below(self.dir()).into_iter().filter(|path| !path.starts_with(&quarantine)).collect();
        if beside != BTreeSet::from([output.to_owned()]) {
            wrong.push(format!("only {} was to be there, there are {beside:?}", output.display()));
        }
        let kept: Vec<_> =
            files_below(&quarantine).into_iter().filter(|path| path.extension().is_some_and(|e| e == "mfq")).collect();
        match kept.as_slice() {
            [only] if fs::read(only).unwrap() == self.original => {}
            _ => wrong.push(format!("the original is not whole in quarantine: {kept:?}")),
        }
        wrong
    }
}

/// Every file below a folder, hidden ones too.
fn files_below(dir: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.insert(entry.path());
        }
    }
    found
}
