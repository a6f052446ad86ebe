//! Sound and subtitles through the real program: what comes out is looked at, listened to and compared with what went in.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use mediaflow_testkit::clips::make;
use serde_json::Value;

use crate::support::clips::{ffmpeg, ffprobe};
use crate::support::home::Home;

/// Moving pictures that are larger than what any preset makes of them.
const PICTURES: &str = "-f lavfi -i testsrc2=s=320x180:r=25:d=4";
const CODED: &str = "-c:v libx264 -preset ultrafast -crf 2";

fn run(program: PathBuf, words: &str, files: &[&Path]) -> String {
    let mut files = files.iter();
    let args = words.split_whitespace().map(|word| match word {
        "FILE" => files.next().unwrap().as_os_str().to_owned(),
        word => OsString::from(word),
    });
    let output = Command::new(program).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &said
}

/// Makes a file with ffmpeg; each `FILE` among the words is one of `files`.
fn film(home: &Home, name: &str, words: &str, files: &[&Path]) -> PathBuf {
    let path = home.film(name);
    let files: Vec<&Path> = files.iter().copied().chain([path.as_path()]).collect();
    run(ffmpeg(), &format!("-hide_banner -nostdin -v error -y {words} FILE"), &files);
    path
}

/// `{name} V2` of a film, made with these fields.
fn transcode(home: &Home, film: &Path, preset: &str, fields: &[&str]) -> (PathBuf, Value) {
    let mut words: Vec<&OsStr> = ["--json", "transcode"].map(OsStr::new).to_vec();
    words.push(film.as_os_str());
    words.extend(["--beside", "--preset", preset].map(OsStr::new));
    words.extend(fields.iter().flat_map(|field| ["--set", field]).map(OsStr::new));
    let shown = home.call(words).expect(0).json();
    (shown["path"].as_str().unwrap().into(), shown)
}

fn measured(shown: &Value, check: &str) -> String {
    let checks = shown["proof"].as_array().unwrap();
    let found = checks.iter().find(|found| found["check"].as_str().is_some_and(|name| name.starts_with(check)));
    found.map_or_else(String::new, |found| found["measured"].as_str().unwrap().to_owned())
}

fn streams(file: &Path, kind: &str) -> Vec<Value> {
    let words = format!("-v error -show_streams -select_streams {kind} -of json FILE");
    let found: Value = serde_json::from_str(&run(ffprobe(), &words, &[file])).unwrap();
    found["streams"].as_array().unwrap().clone()
}

fn text(home: &Home, name: &str, text: &str) -> PathBuf {
    let path = home.root().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

const ONE_TO_TWO: &str = "1\n00:00:01,000 --> 00:00:02,000\nWhat is said here\n";

/// How like each other the lower halves of two films are around a moment, in decibels: text in one of them costs ten and more.
fn likeness(one: &Path, other: &Path, at_s: f64) -> f64 {
    let cut = |input: u8| {
        format!(
            "[{input}:v]setpts=PTS-STARTPTS,trim={at_s}:{},setpts=N/25/TB,scale=320:180,crop=320:90:0:90,format=gray",
            at_s + 0.2
        )
    };
    let graph = format!("{}[a];{}[b];[a][b]psnr", cut(0), cut(1));
    let said = run(ffmpeg(), &format!("-hide_banner -nostdin -i FILE -i FILE -lavfi {graph} -f null -"), &[one, other]);
    let db = said.lines().rev().find_map(|line| line.split("average:").nth(1)?.split(' ').next()?.parse().ok());
    db.unwrap_or_else(|| panic!("no PSNR in {said}"))
}

/// Text is there from one to two seconds, and at no other time.
fn assert_drawn(source: &Path, output: &Path, shows_at_s: f64, clear_at_s: f64) {
    let (shows, clear) = (likeness(source, output, shows_at_s), likeness(source, output, clear_at_s));
    assert!(clear > 33.0 && shows < clear - 6.0, "{}: {shows} dB with text, {clear} dB without", output.display());
}

#[test]
fn text_becomes_part_of_the_picture_while_it_is_to_be_seen_and_others_are_kept() {
    let home = Home::new();
    let (srt, other) = (text(&home, "a.srt", ONE_TO_TWO), text(&home, "b.srt", ONE_TO_TWO));
    let words = format!(
        "{PICTURES} -i FILE -i FILE -map 0 -map 1 -map 2 {CODED} -c:s:0 srt -c:s:1 ass -metadata:s:s:0 language=fre \
         -metadata:s:s:1 language=ger -disposition:s:0 0 -disposition:s:1 0"
    );
    let source = film(&home, "Film.mkv", &words, &[&srt, &other]);
    for (preset, language, kept) in [("Balanced", "fr", "ass"), ("Mobile Optimized", "deu", "mov_text")] {
        let field = format!("burn_language={language}");
        let (output, shown) = transcode(&home, &source, preset, &["subtitle_mode=burn", &field]);
        assert_drawn(&source, &output, 1.4, 2.6);
        assert!(measured(&shown, "burn-in").starts_with("there in all"), "{shown:#}");
        let codecs: Vec<String> =
            streams(&output, "s").iter().map(|stream| stream["codec_name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(codecs, [kept], "{preset}");
    }
}

#[test]
fn text_keeps_its_time_and_its_shape_in_turned_scaled_and_wide_pictures() {
    let home = Home::new();
    let srt = text(&home, "a.srt", ONE_TO_TWO);
    let wide = format!("{PICTURES} -i FILE -vf setsar=64/45 {CODED} -c:s srt");
    let wide = film(&home, "Wide.mkv", &wide, &[&srt]);
    let (output, _) = transcode(&home, &wide, "Balanced", &["subtitle_mode=burn"]);
    assert_drawn(&wide, &output, 1.4, 2.6);
    let large = "-f lavfi -i testsrc2=s=1280x720:r=25:d=3 -i FILE -c:v libx264 -preset ultrafast -crf 4 -c:s mov_text";
    let large = film(&home, "Large.mp4", large, &[&srt]);
    let fields =
        ["subtitle_mode=burn", "target_resolution=480p", "bitrate_mode=vbr", "target_bitrate=1M", "two_pass=true"];
    let (output, _) = transcode(&home, &large, "Mobile Optimized", &fields);
    assert_eq!(streams(&output, "v")[0]["height"], 480);
    assert_drawn(&large, &output, 1.4, 2.4);
}

#[test]
fn images_become_part_of_the_picture_also_where_a_file_begins_late() {
    let home = Home::new();
    let clip = make(&ffmpeg(), "Quiet Letters", home.root()).unwrap();
    // Its images are there up to 1.5 seconds, and again from 1.9 on.
    let disc = film(&home, "Disc.mkv", "-i FILE -map 0:V -map 0:s:2 -c copy -t 4.6", &[&clip]);
    let words = "-fix_sub_duration -i FILE -map 0:V -map 0:s -c:v libx264 -preset ultrafast -crf 4 -c:s dvbsub -t 4.6";
    let broadcast = film(&home, "Broadcast.ts", words, &[&disc]);
    let begins = run(ffprobe(), "-v error -show_entries format=start_time -of csv=p=0 FILE", &[&broadcast]);
    assert!(begins.trim().parse::<f64>().unwrap() > 1.0, "{begins}");
    for source in [disc, broadcast] {
        let (output, shown) = transcode(&home, &source, "Balanced", &["subtitle_mode=burn", "crf_value=20"]);
        assert_drawn(&source, &output, 1.0, 1.6);
        assert!(measured(&shown, "burn-in").starts_with("there in all"), "{shown:#}");
        assert!(streams(&output, "s").is_empty());
    }
}

#[test]
fn converting_leaves_plain_text_with_its_marks_and_the_fonts() {
    let home = Home::new();
    let clip = make(&ffmpeg(), "S02E05", home.root()).unwrap();
    let source = film(&home, "Film.mkv", "-i FILE -map 0 -c copy -disposition:s:0 default+forced", &[&clip]);
    let (output, _) = transcode(&home, &source, "Balanced", &["subtitle_mode=convert"]);
    let subtitle = &streams(&output, "s")[0];
    assert_eq!(subtitle["codec_name"], "subrip");
    assert_eq!((&subtitle["disposition"]["forced"], &subtitle["disposition"]["default"]), (&1.into(), &1.into()));
    assert_eq!(streams(&output, "t").len(), 1, "the font is kept");
}

#[test]
fn rules_choose_the_tracks_and_stereo_stands_beside_surround() {
    let home = Home::new();
    let voice = "0.3*sin(3000*t)*gt(sin(3*t*t)\\,0)";
    let sound = format!("-f lavfi -i aevalsrc={voice}|{voice}|{voice}|0|0|{voice}:c=5.1:d=4 -f lavfi -i sine=d=4");
    let words = format!(
        "{PICTURES} {sound} -map 0 -map 1 -map 1 -map 2 -map 1 {CODED} -c:a ac3 -metadata:s:a:0 language=eng \
         -metadata:s:a:1 language=ger -metadata:s:a:2 language=eng -metadata:s:a:2 title=Commentary \
         -metadata:s:a:3 language=fre -disposition:a:0 default"
    );
    let source = film(&home, "Film.mkv", &words, &[]);
    let fields = [
        "audio_languages=[\"de\",\"en\"]",
        "audio_default_language=de",
        "audio_drop_commentary=true",
        "audio_compatibility=true",
    ];
    for container in ["mkv", "mp4"] {
        let container = format!("container={container}");
        let fields: Vec<&str> = fields.iter().copied().chain([container.as_str()]).collect();
        let (output, shown) = transcode(&home, &source, "Balanced", &fields);
        let tracks: Vec<_> = streams(&output, "a")
            .iter()
            .map(|track| {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let is_default = track["disposition"]["default"] == 1;
                (text(&track["codec_name"]), track["channels"].clone(), text(&track["tags"]["language"]), is_default)
            })
            .collect();
        let track = |codec: &str, channels: u32, language: &str, default| {
            (codec.to_owned(), Value::from(channels), language.to_owned(), default)
        };
        let expected = [
            track("ac3", 6, "eng", false),
            track("aac", 2, "eng", false),
            track("ac3", 6, "ger", true),
            track("aac", 2, "ger", false),
        ];
        assert_eq!(tracks, expected, "{}", output.display());
        assert!(measured(&shown, "streams").contains("left out as planned: #3 ac3, #4 ac3"), "{shown:#}");
    }
}

/// Loudness and peak of a stretch of the first track, in decibels of full scale.
fn loudness(file: &Path, from_s: f64, to_s: f64) -> (f64, f64) {
    let look = format!(
        "aformat=sample_fmts=flt,atrim={from_s}:{to_s},astats=measure_overall=RMS_level+Peak_level:measure_perchannel=none"
    );
    let said = run(ffmpeg(), &format!("-hide_banner -nostdin -i FILE -map 0:a:0 -af {look} -f null -"), &[file]);
    let level = |name: &str| {
        said.lines()
            .find_map(|line| line.split_once(name)?.1.trim().parse::<f64>().ok())
            .unwrap_or_else(|| panic!("{said}"))
    };
    (level("RMS level dB:"), level("Peak level dB:"))
}

#[test]
fn dialogue_is_three_decibels_down_on_both_sides_and_nothing_clips() {
    let home = Home::new();
    // Two seconds in which only the centre speaks, then everything at once at nearly full scale.
    let loud = "0.9*gt(t,2)*sin(1900*t)";
    let centre = "if(lt(t,2),0.25,0.9)*sin(1900*t)";
    for (layout, channels) in [
        ("5.1(side)", [loud, loud, centre, loud, loud, loud].as_slice()),
        ("7.1", &[loud, loud, centre, loud, loud, loud, loud, loud]),
    ] {
        let name = format!("{}.mkv", channels.len());
        let graph = format!("aevalsrc={}:c={layout}:s=48000:d=4", channels.join("|")).replace(',', "\\,");
        let words = format!("{PICTURES} -f lavfi -i {graph} -map 0 -map 1 {CODED} -c:a flac");
        let source = film(&home, &name, &words, &[]);
        let alone = film(&home, &format!("{name}.flac"), "-i FILE -map 0:a -af pan=mono|c0=c2 -t 2", &[&source]);
        let (spoken, _) = loudness(&alone, 0.5, 1.5);
        for codec in ["aac", "libopus", "ac3"] {
            let codec_field = format!("audio_codec={codec}");
            let (output, _) = transcode(&home, &source, "Balanced", &["audio_mode=downmix", &codec_field]);
            assert_eq!(streams(&output, "a")[0]["channels"], 2);
            let (mixed, _) = loudness(&output, 0.5, 1.5);
            assert!((mixed - spoken + 3.01).abs() < 0.3, "{layout}, {codec}: {spoken} dB became {mixed} dB");
            let (_, peak) = loudness(&output, 2.2, 3.8);
            assert!((-2.0..0.0).contains(&peak), "{layout}, {codec}: it peaks at {peak} dB");
        }
        let (output, _) =
            transcode(&home, &source, "Balanced", &["audio_mode=downmix", "audio_codec=eac3", "audio_channels=5.1"]);
        let track = &streams(&output, "a")[0];
        assert_eq!((&track["channels"], &track["channel_layout"]), (&6.into(), &"5.1(side)".into()), "{layout}");
        let (_, peak) = loudness(&output, 2.2, 3.8);
        assert!(peak < 0.0, "{layout}: it peaks at {peak} dB");
    }
}
