//! Dolby Vision and HDR10+ through `transcode`: what ffprobe finds in the output, picture by picture, and what is said where
//! it cannot be kept.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mediaflow_testkit::dynamic::{self, Dynamic, FRAMES};
use serde_json::Value;

use crate::support::clips::{ffmpeg, ffprobe};
use crate::support::home::{Home, list};

/// A clip, what is asked for, and what must come out: the profile with its compatibility, and whether HDR10+.
struct Case {
    clip: Dynamic,
    file: &'static str,
    fields: &'static [&'static str],
    profile: Option<(u64, u64)>,
    hdr10_plus: bool,
}

const fn case(
    clip: Dynamic,
    file: &'static str,
    fields: &'static [&'static str],
    profile: Option<(u64, u64)>,
    hdr10_plus: bool,
) -> Case {
    Case { clip, file, fields, profile, hdr10_plus }
}

const MP4: &str = "container=mp4";
const AV1: &str = "video_codec=libsvtav1";

/// Each profile and each carrier once.
const SOME: &[Case] = &[
    case(Dynamic::Profile7Fel, "seven-full.mkv", &[MP4], Some((8, 1)), false),
    case(Dynamic::Profile5, "five.mp4", &[], Some((5, 0)), false),
    case(Dynamic::Both, "both.mkv", &[], Some((8, 1)), true),
    case(Dynamic::Profile81, "eight-av1.mkv", &[AV1], Some((10, 1)), false),
];

const OTHERS: &[Case] = &[
    case(Dynamic::Profile81, "eight.mkv", &[], Some((8, 1)), false),
    case(Dynamic::Profile81, "eight.mp4", &[MP4], Some((8, 1)), false),
    case(Dynamic::Profile84, "eight-hlg.mp4", &[], Some((8, 4)), false),
    case(Dynamic::Profile7Mel, "seven.mkv", &[], Some((8, 1)), false),
    case(Dynamic::Profile5, "five.mkv", &[], Some((5, 0)), false),
    case(Dynamic::Hdr10Plus, "plus.mkv", &[MP4], None, true),
    case(Dynamic::Profile7Fel, "seven-av1.mkv", &[AV1, MP4], Some((10, 1)), false),
    case(Dynamic::Profile5, "five-av1.mkv", &[AV1], Some((10, 0)), false),
    case(Dynamic::Both, "both-av1.mkv", &[AV1], Some((10, 1)), true),
];

#[test]
fn every_picture_keeps_its_dynamic_metadata() {
    run(SOME);
}

#[test]
#[ignore = "long: ./test.sh --full"]
fn every_picture_keeps_its_dynamic_metadata_in_other_profiles_and_containers() {
    run(OTHERS);
}

fn run(cases: &[Case]) {
    let next = AtomicUsize::new(0);
    let wrong: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut wrong = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(case.run().into_iter().map(|what| format!("{}: {what}", case.file)));
            }
            wrong
        };
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Case {
    /// Everything that is not as it should be.
    fn run(&self) -> Vec<String> {
        let home = Home::new();
        let shown = transcode(&home, self.clip, self.file, self.fields);
        println!("{} {:?} {:?}: {} {}", self.file, self.clip, self.fields, shown["ending"], shown["reason"]);
        if shown["ending"] != "placed" {
            return vec![format!("{} instead of placed: {}", shown["ending"], shown["reason"])];
        }
        let output = Path::new(shown["path"].as_str().unwrap()).to_owned();
        let mut wrong = Vec::new();
        let check = list(&shown["proof"]).into_iter().find(|check| check["check"] == "dynamic hdr #0");
        let said = check.map(|check| check["measured"].to_string()).unwrap_or_default();
        if !said.contains(&format!("on each of {FRAMES} pictures")) {
            wrong.push(format!("the proof says {said:?} of it"));
        }
        let probe = probe(&output);
        let record = probe["streams"][0]["side_data_list"].as_array();
        let record = record.into_iter().flatten().find(|data| data["side_data_type"] == "DOVI configuration record");
        let number = |name: &str| record.and_then(|record| record[name].as_u64());
        if number("dv_profile").zip(number("dv_bl_signal_compatibility_id")) != self.profile {
            wrong.push(format!("{:?} was wanted, the configuration is {record:?}", self.profile));
        }
        if self.profile.is_some() && number("dv_level") != Some(1) {
            wrong.push(format!("such small pictures are of level 1: {record:?}"));
        }
        // What ffmpeg's own decoders see; 5.1 has no eye for it in AV1.
        let is_seen = self.fields.iter().all(|field| *field != AV1) || knows_av1_metadata();
        for (kind, is_wanted) in [("Dolby Vision Metadata", self.profile.is_some()), ("SMPTE2094-40", self.hdr10_plus)]
        {
            let frames = list(&probe["frames"]);
            let found = frames.iter().filter(|frame| frame["side_data_list"].to_string().contains(kind)).count();
            if is_seen && found != if is_wanted { FRAMES } else { 0 } {
                wrong.push(format!("{found} of {FRAMES} pictures have {kind}"));
            }
        }
        wrong
    }
}

#[test]
fn what_cannot_be_kept_is_said_before_anything_is_queued() {
    let home = Home::new();
    for (clip, fields, words) in [
        (Dynamic::Profile81, ["video_codec=libx264", MP4].as_slice(), "no place for its Dolby Vision metadata"),
        (Dynamic::Hdr10Plus, &["video_codec=libx264"], "no place for its HDR10+ metadata"),
        (Dynamic::Profile5, &["hdr_mode=tonemap"], "no other picture below that could be tone-mapped"),
        (Dynamic::Profile5, &[MP4], "choose Matroska"),
    ] {
        let shown = transcode(&home, clip, "film.mkv", fields);
        assert_eq!(shown["ending"], "refused", "{clip:?} {fields:?}: {shown}");
        let reason = shown["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{clip:?} {fields:?}: {reason}");
    }
    assert!(home.jobs().is_empty(), "nothing was queued: {:?}", home.jobs());
}

#[test]
fn tone_mapped_pictures_no_longer_call_themselves_hdr() {
    for clip in [Dynamic::Profile81, Dynamic::Profile7Fel, Dynamic::Both] {
        let home = Home::new();
        let shown = transcode(&home, clip, "film.mkv", &["hdr_mode=tonemap"]);
        assert_eq!(shown["ending"], "placed", "{clip:?}: {}", shown["reason"]);
        let probe = probe(Path::new(shown["path"].as_str().unwrap()));
        let text = probe.to_string();
        assert_eq!(probe["streams"][0]["color_transfer"], "bt709");
        for word in ["DOVI", "Dolby", "2094"] {
            assert!(!text.contains(word), "{clip:?}: the output still has {word}");
        }
    }
}

fn transcode(home: &Home, clip: Dynamic, file: &str, fields: &[&str]) -> Value {
    let film = home.film(file);
    dynamic::make(&ffmpeg(), clip, home.root(), &film).unwrap();
    let fields = fields.iter().flat_map(|field| ["--set", *field]);
    let words = ["--json", "transcode", film.to_str().unwrap(), "--beside"];
    home.call(words.into_iter().chain(fields)).json()
}

fn probe(path: &Path) -> Value {
    let words = ["-v", "error", "-select_streams", "v", "-show_streams", "-show_frames", "-of", "json"];
    let output = Command::new(ffprobe()).args(words).arg(path).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether this build shows the metadata of AV1's pictures.
fn knows_av1_metadata() -> bool {
    let output = Command::new(ffprobe()).arg("-version").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(2).unwrap_or_default().trim_start_matches('n');
    version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_none_or(|major| major >= 7)
}
