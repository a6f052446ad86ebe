//! Jobs on hardware. None is here: a stand-in for ffmpeg encodes on the CPU what NVENC is asked for, and misbehaves as told.
//! Everything around it is real, the proof first of all.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::clips::{Clip, ffmpeg};
use crate::support::home::{Home, list};

/// How the stand-in treats what is encoded for good; trials always go well.
#[derive(Clone, Copy)]
enum Driver {
    Works,
    /// Pictures come out as mud.
    Mud,
    /// It takes ffmpeg down with it.
    Crashes,
}

/// A home whose ffmpeg has an NVENC.
fn home(driver: Driver) -> Home {
    let mut home = Home::new();
    let quality = if matches!(driver, Driver::Mud) { "51" } else { "$cq" };
    let crash = if matches!(driver, Driver::Crashes) { "kill -SEGV $$" } else { ":" };
    let script = format!(
        r#"#!/bin/bash
args=()
gpu=
while [ $# -gt 0 ]; do
  case "$1" in
    -encoders) '{real}' "$@" && echo " V....D hevc_nvenc           stand-in"; exit ;;
    -hwaccel|-hwaccel_output_format) shift ;;
    hwdownload,*) args+=("${{1#hwdownload,}}") ;;
    hevc_nvenc) gpu=yes; args+=(libx265) ;;
    -cq:0) cq=$2; shift ;;
    -rc:0|-tune:0|-b:0) shift ;;
    -preset:0) [ "$2" = p5 ] && set -- "$1" medium "${{@:3}}"; args+=("$1") ;;
    *) args+=("$1") ;;
  esac
  shift
done
if [ "$gpu" ]; then
  for word in "${{args[@]}}"; do
    case "$word" in
      lavfi) set -- trial ;;
      *trial.mkv) echo "$cq" >> '{samples}' ;;
      *.mkv) [ "$1" ] || {crash} ;;
    esac
  done
  args=("${{args[@]:0:${{#args[@]}}-1}}" -crf:0 {quality} -x265-params:0 log-level=error "${{args[-1]}}")
fi
exec '{real}' "${{args[@]}}"
"#,
        real = ffmpeg().display(),
        samples = samples_of(&home).display()
    );
    let path = home.root().join("ffmpeg-with-nvenc");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    home.environment.push(("FFMPEG_PATH", path.into_os_string()));
    home
}

/// The quality of each sample that was encoded on the stand-in, a line each.
fn samples_of(home: &Home) -> PathBuf {
    home.root().join("samples")
}

/// Transcodes a film in place and gives what is shown of it, with who encoded in each attempt and how that ended.
#[track_caller]
fn transcode(home: &Home, options: &[&str]) -> (Value, Vec<Value>) {
    let film = home.film("Film.mkv");
    let words = ["--json", "transcode"].iter().chain(options).map(OsStr::new).chain([film.as_os_str()]);
    let shown = home.call(words).expect(0).json();
    let job = home.json(["jobs", "show", &shown["job_id"].to_string()]);
    let attempts = list(&job["attempts"]).into_iter().filter(|attempt| attempt["kind"] == "encode");
    let went = attempts.map(|attempt| {
        let by = &attempt["encoded_by"];
        json!([by["encoder"], by["decoder"], attempt["state"], by["instead_of"]["reason"]])
    });
    (shown, went.collect())
}

#[test]
fn what_hardware_encodes_is_proven_like_everything_else_and_takes_its_place() {
    let home = home(Driver::Works);
    let source = home.add("Film.mkv", Clip::Film);
    let planned = home.call([OsStr::new("transcode"), home.film("Film.mkv").as_os_str(), OsStr::new("--dry-run")]);
    let planned = planned.expect(0).stdout;
    assert!(planned.contains("-hwaccel cuda") && planned.contains("quality scale of its own"), "{planned}");
    let (shown, attempts) = transcode(&home, &[]);
    assert_eq!(shown["ending"], "replaced", "{shown}");
    assert_eq!(attempts, [json!(["hevc_nvenc", "cuda", "done", null])]);
    assert!(list(&shown["proof"]).iter().any(|check| check["check"].as_str().unwrap().starts_with("quality")));
    home.assert_quarantined(&source);
    home.assert_tidy();
}

#[test]
fn what_hardware_encodes_badly_is_encoded_again_by_the_cpu() {
    let home = home(Driver::Mud);
    home.add("Film.mkv", Clip::Film);
    let (shown, attempts) = transcode(&home, &[]);
    assert_eq!(shown["ending"], "replaced", "{shown}");
    let (last, before) = attempts.split_last().unwrap();
    assert!(before.iter().all(|attempt| attempt[0] == "hevc_nvenc" && attempt[2] == "done"), "{attempts:?}");
    assert_eq!((&last[0], &last[2]), (&json!("libx265"), &json!("done")));
    assert!(last[3].as_str().unwrap().contains("its output was rejected: quality"), "{last}");
    assert!(shown["fallback"].as_str().unwrap().starts_with("CPU instead of NVENC: "), "{shown}");
    home.assert_tidy();
}

#[test]
fn a_driver_that_crashes_ffmpeg_costs_no_job() {
    let home = home(Driver::Crashes);
    home.add("Film.mkv", Clip::Film);
    let (shown, attempts) = transcode(&home, &[]);
    assert_eq!(shown["ending"], "replaced", "{shown}");
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    assert_eq!((&attempts[0][0], &attempts[0][2]), (&json!("hevc_nvenc"), &json!("failed")));
    assert_eq!(attempts[1][0], "libx265");
    assert!(attempts[1][3].as_str().unwrap().contains("signal 11"), "{attempts:?}");
    home.assert_tidy();
}

const TARGET: [&str; 4] = ["--set", "bitrate_mode=quality", "--set", "target_vmaf=90"];

#[test]
fn a_target_quality_is_searched_with_the_encoder_that_will_be_used() {
    let home = home(Driver::Works);
    home.add("Film.mkv", Clip::Film);
    let (shown, attempts) = transcode(&home, &TARGET);
    assert_eq!(shown["ending"], "replaced", "{shown}");
    assert_eq!(attempts, [json!(["hevc_nvenc", "cuda", "done", null])]);
    let samples = fs::read_to_string(samples_of(&home)).expect("samples were encoded on the GPU");
    let mut tried: Vec<&str> = samples.lines().collect();
    tried.sort_unstable();
    tried.dedup();
    assert!(tried.len() >= 2, "no search: {samples}");
    home.assert_tidy();
}

#[test]
fn a_driver_that_crashes_over_a_sample_leaves_the_search_to_the_cpu() {
    let home = home(Driver::Crashes);
    home.add("Film.mkv", Clip::Film);
    let (shown, attempts) = transcode(&home, &TARGET);
    assert_eq!(shown["ending"], "replaced", "{shown}");
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    assert_eq!((&attempts[0][0], &attempts[0][2]), (&json!("hevc_nvenc"), &json!("failed")));
    assert_eq!((&attempts[1][0], &attempts[1][2]), (&json!("libx265"), &json!("done")));
    assert!(attempts[1][3].as_str().unwrap().contains("signal 11"), "{attempts:?}");
    assert!(shown["fallback"].as_str().unwrap().starts_with("CPU instead of NVENC: "), "{shown}");
    home.assert_tidy();
}
