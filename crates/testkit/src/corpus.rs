//! What every file of the shared media folder must come to with each built-in preset and with options of all kinds, and
//! what a replaced one must then hold.
//!
//! The ends with *Balanced* were found by hand with ffmpeg n8.0 (`docs/quality.md` has the figures) and their outputs derived
//! from what ffprobe of the same build shows of the sources. The others were written down from runs and read row by row
//! against what the source holds and the preset promises.

use std::collections::BTreeMap;

use mediaflow_core::media::Disposition;
use serde::Deserialize;
use serde_json::Value;

/// How a job over a file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Proven and put in place.
    Replaced,
    /// The result was right, and not smaller by enough.
    Kept,
    /// No plan can honour the file, or the file itself is broken: nothing was encoded.
    Refused,
    /// A check of the proof did not hold.
    Rejected,
}

/// One file and its end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Name in the folder.
    pub file: String,
    /// The file is cut to this many seconds first (stream copy, from its beginning).
    pub cut_seconds: Option<u32>,
    /// The preset, where it is not *Balanced*.
    pub preset: Option<String>,
    /// Fields laid over the preset, each as `field=value`.
    #[serde(default)]
    pub set: Vec<String>,
    /// How it ends.
    pub end: End,
    /// Whether it takes long: large pictures, or many of them.
    #[serde(default)]
    pub is_slow: bool,
    /// Whether its end and its tracks do not depend on how hard the encoder tries: the quick run has it hurry.
    #[serde(default)]
    pub may_hurry: bool,
    /// Whether it is so only with a full build of ffmpeg: SSIM lets pass what VMAF does not, and an old ffprobe shows no
    /// dynamic metadata in AV1.
    #[serde(default)]
    pub needs_full_build: bool,
    /// Words that the user must be told when it is refused or rejected.
    pub says: Option<String>,
    /// Why it ends so, found by hand.
    pub reason: String,
    /// What ffprobe must show of the output; present where the end is [`End::Replaced`].
    pub output: Option<Output>,
}

/// What a replaced file must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The demuxer's name.
    pub format: String,
    /// How long it lasts in seconds, by its container.
    pub duration_s: Option<f64>,
    /// The one video stream.
    pub video: Video,
    /// The audio streams, in order.
    #[serde(default)]
    pub audio: Vec<Track>,
    /// The subtitle streams, in order.
    #[serde(default)]
    pub subtitles: Vec<Track>,
    /// The chapters, in order.
    #[serde(default)]
    pub chapters: Vec<Chapter>,
    /// File names of the attachments, in order.
    #[serde(default)]
    pub attachments: Vec<String>,
}

/// The video stream of an output.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Video {
    /// Codec name.
    pub codec: String,
    /// Pixel format.
    pub pixel_format: String,
    /// Width and height as shown, rotation applied.
    pub displayed: (u64, u64),
    /// Shape of a pixel; `1:1` where absent.
    pub sample_aspect: Option<String>,
    /// `primaries`, `transfer`, `matrix` and `range`; what is absent must be absent in the output too, except that
    /// the range may then be called limited.
    #[serde(default)]
    pub color: BTreeMap<String, String>,
    /// The HDR metadata it carries, by ffprobe's names for side data.
    #[serde(default)]
    pub hdr: Vec<String>,
    /// The dynamic HDR metadata that its first picture carries, by ffprobe's names for side data.
    #[serde(default)]
    pub dynamic: Vec<String>,
    /// ISO 639 language.
    pub language: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Dispositions that are set.
    #[serde(default)]
    pub dispositions: Vec<String>,
}

/// An audio or subtitle stream of an output.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Codec name.
    pub codec: String,
    /// Number of channels, for audio.
    pub channels: Option<u64>,
    /// ISO 639 language; `None` stands for absent or `und`.
    pub language: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Dispositions that are set.
    #[serde(default)]
    pub dispositions: Vec<String>,
}

/// A chapter of an output.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Start in milliseconds.
    pub start_ms: i64,
    /// Its title.
    pub title: Option<String>,
}

/// All expectations, in the order of the file names.
///
/// # Errors
/// When the data is not what the types say.
pub fn media() -> Result<Vec<Expectation>, serde_json::Error> {
    serde_json::from_str(include_str!("../data/media_expectations.json"))
}

/// By how much a container may claim to last longer or shorter than written down: a frame, and what its clock rounds.
const DURATION_TOLERANCE_S: f64 = 0.1;

/// Compares an output with what was expected. `probe` is what ffprobe prints as JSON with `-show_format -show_streams
/// -show_chapters`, `first_picture` what it prints of the side data of the first picture. Returns one sentence for each
/// difference.
#[must_use]
pub fn check(expected: &Output, probe: &Value, first_picture: &[Value]) -> Vec<String> {
    let mut differences = Differences(Vec::new());
    differences.compare("container", &text(&probe["format"], "format_name"), &expected.format);
    if let Some(expected_s) = expected.duration_s {
        let found_s: f64 = text(&probe["format"], "duration").parse().unwrap_or(f64::NAN);
        let agrees = (found_s - expected_s).abs() <= DURATION_TOLERANCE_S;
        if !agrees {
            differences.0.push(format!("duration: {found_s} s instead of {expected_s} s"));
        }
    }
    differences.compare("dynamic HDR", &dynamic(first_picture), &expected.video.dynamic);
    match of_type(probe, "video").as_slice() {
        [video] => differences.video(video, &expected.video),
        videos => differences.0.push(format!("video streams: {} instead of 1", videos.len())),
    }
    differences.tracks("audio", &of_type(probe, "audio"), &expected.audio);
    differences.tracks("subtitle", &of_type(probe, "subtitle"), &expected.subtitles);

    let attachments: Vec<_> =
        of_type(probe, "attachment").iter().map(|s| tag(s, "filename").unwrap_or_default()).collect();
    differences.compare("attachments", &attachments, &expected.attachments);
    let chapters: Vec<_> = list(&probe["chapters"]).map(chapter).collect();
    differences.compare("chapters", &chapters, &expected.chapters);
    differences.0
}

struct Differences(Vec<String>);

impl Differences {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.0.push(format!("{what}: {found:?} instead of {expected:?}"));
        }
    }

    fn video(&mut self, found: &Value, expected: &Video) {
        self.compare("video codec", &text(found, "codec_name"), &expected.codec);
        self.compare("pixel format", &text(found, "pix_fmt"), &expected.pixel_format);
        self.compare("displayed size", &displayed(found), &expected.displayed);
        let square = || "1:1".to_owned();
        let aspect = known(found, "sample_aspect_ratio").filter(|ratio| ratio != "0:1");
        let wanted = expected.sample_aspect.clone().unwrap_or_else(square);
        self.compare("sample aspect", &aspect.unwrap_or_else(square), &wanted);
        for (name, key) in [
            ("primaries", "color_primaries"),
            ("transfer", "color_transfer"),
            ("matrix", "color_space"),
            ("range", "color_range"),
        ] {
            let (found, expected) = (known(found, key), expected.color.get(name).cloned());
            if !(name == "range" && expected.is_none() && found.as_deref() == Some("tv")) {
                self.compare(&format!("color {name}"), &found, &expected);
            }
        }
        self.compare("HDR metadata", &hdr(found), &expected.hdr);
        self.labels("video", found, (&expected.language, &expected.title, &expected.dispositions));
    }

    fn tracks(&mut self, kind: &str, found: &[&Value], expected: &[Track]) {
        if found.len() != expected.len() {
            self.0.push(format!("{kind} streams: {} instead of {}", found.len(), expected.len()));
            return;
        }
        for (number, (found, expected)) in found.iter().zip(expected).enumerate() {
            let what = format!("{kind} {number}");
            self.compare(&format!("{what} codec"), &text(found, "codec_name"), &expected.codec);
            if expected.channels.is_some() {
                self.compare(&format!("{what} channels"), &found["channels"].as_u64(), &expected.channels);
            }
            self.labels(&what, found, (&expected.language, &expected.title, &expected.dispositions));
        }
    }

    fn labels(&mut self, what: &str, found: &Value, expected: (&Option<String>, &Option<String>, &Vec<String>)) {
        let language = tag(found, "language").filter(|language| language != "und");
        self.compare(&format!("{what} language"), &language, expected.0);
        self.compare(&format!("{what} title"), &tag(found, "title"), expected.1);
        self.compare(&format!("{what} dispositions"), &dispositions(found), expected.2);
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn of_type<'a>(probe: &'a Value, kind: &str) -> Vec<&'a Value> {
    list(&probe["streams"]).filter(|stream| stream["codec_type"] == kind).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn known(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().filter(|text| !matches!(*text, "unknown" | "unspecified" | "N/A")).map(str::to_owned)
}

/// Containers spell the keys of tags in either case.
fn tag(stream: &Value, key: &str) -> Option<String> {
    let tags = stream["tags"].as_object()?;
    tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?.1.as_str().map(str::to_owned)
}

fn dispositions(stream: &Value) -> Vec<String> {
    let is_set = |name: &str| stream["disposition"][name] == 1;
    let mut names: Vec<String> =
        Disposition::ALL.iter().filter(|(_, name)| is_set(name)).map(|(_, name)| (*name).to_owned()).collect();
    names.sort_unstable();
    names
}

fn displayed(video: &Value) -> (u64, u64) {
    let (width, height) = (video["width"].as_u64().unwrap_or(0), video["height"].as_u64().unwrap_or(0));
    let turn = list(&video["side_data_list"]).find_map(|data| data["rotation"].as_i64()).unwrap_or(0);
    if turn % 180 == 0 { (width, height) } else { (height, width) }
}

fn hdr(video: &Value) -> Vec<String> {
    let is_hdr =
        |name: &String| ["Mastering display", "Content light", "DOVI", "HDR"].iter().any(|h| name.starts_with(h));
    let mut names: Vec<String> =
        list(&video["side_data_list"]).map(|data| text(data, "side_data_type")).filter(is_hdr).collect();
    names.sort_unstable();
    names
}

fn dynamic(first_picture: &[Value]) -> Vec<String> {
    let is_dynamic = |name: &String| name.starts_with("Dolby Vision") || name.starts_with("HDR Dynamic Metadata");
    let mut names: Vec<String> =
        first_picture.iter().map(|data| text(data, "side_data_type")).filter(is_dynamic).collect();
    names.sort_unstable();
    names
}

fn chapter(found: &Value) -> Chapter {
    let start_s: f64 = text(found, "start_time").parse().unwrap_or(f64::NAN);
    Chapter { start_ms: (start_s * 1000.0).round() as i64, title: tag(found, "title") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_expectation_has_a_reason_and_only_replaced_files_have_an_output() {
        let all = media().unwrap();
        assert_eq!(
            all.iter().filter(|expectation| expectation.preset.is_none() && expectation.set.is_empty()).count(),
            32
        );
        for expectation in &all {
            assert!(!expectation.reason.is_empty(), "{}", expectation.file);
            let replaced = expectation.end == End::Replaced;
            assert_eq!(expectation.output.is_some(), replaced, "{}", expectation.file);
            let told = matches!(expectation.end, End::Refused | End::Rejected);
            assert_eq!(expectation.says.is_some(), told, "{}", expectation.file);
        }
    }

    fn probe() -> Value {
        json!({
            "format": {"format_name": "matroska,webm"},
            "streams": [
                {"codec_type": "video", "codec_name": "hevc", "pix_fmt": "yuv420p10le", "width": 640, "height": 360,
                 "color_range": "tv", "color_space": "bt709", "disposition": {"default": 1},
                 "side_data_list": [{"side_data_type": "Display Matrix", "rotation": -90},
                                    {"side_data_type": "CPB properties"}]},
                {"codec_type": "audio", "codec_name": "ac3", "channels": 6, "disposition": {"comment": 1},
                 "tags": {"LANGUAGE": "eng", "title": "Talk"}},
                {"codec_type": "attachment", "codec_name": "ttf", "tags": {"filename": "a.ttf"}}
            ],
            "chapters": [{"start_time": "1.500000", "tags": {"title": "Two"}}]
        })
    }

    fn expected() -> Output {
        serde_json::from_value(json!({
            "format": "matroska,webm",
            "video": {"codec": "hevc", "pixel_format": "yuv420p10le", "displayed": [360, 640],
                      "color": {"matrix": "bt709"}, "dispositions": ["default"]},
            "audio": [{"codec": "ac3", "channels": 6, "language": "eng", "title": "Talk", "dispositions": ["comment"]}],
            "chapters": [{"start_ms": 1500, "title": "Two"}],
            "attachments": ["a.ttf"]
        }))
        .unwrap()
    }

    #[test]
    fn an_output_as_expected_has_no_differences_and_each_wrong_thing_is_named() {
        assert_eq!(check(&expected(), &probe(), &[]), Vec::<String>::new());
        for (pointer, value, named) in [
            ("/format/format_name", json!("mov,mp4"), "container"),
            ("/streams/0/codec_name", json!("h264"), "video codec"),
            ("/streams/0/side_data_list", json!([]), "displayed size"),
            ("/streams/0/color_space", json!("bt2020nc"), "color matrix"),
            ("/streams/0/color_range", json!("pc"), "color range"),
            ("/streams/0/side_data_list/1/side_data_type", json!("Content light level metadata"), "HDR metadata"),
            ("/streams/0/disposition", json!({}), "video dispositions"),
            ("/streams/1/channels", json!(2), "audio 0 channels"),
            ("/streams/1/tags/LANGUAGE", json!("fra"), "audio 0 language"),
            ("/streams/1/codec_type", json!("data"), "audio streams"),
            ("/streams/2/tags/filename", json!("b.ttf"), "attachments"),
            ("/chapters/0/start_time", json!("1.7"), "chapters"),
        ] {
            let mut spoiled = probe();
            *spoiled.pointer_mut(pointer).unwrap() = value;
            let differences = check(&expected(), &spoiled, &[]);
            assert!(
                matches!(differences.as_slice(), [only] if only.starts_with(named)),
                "{pointer} gave {differences:?}"
            );
        }
    }
}
