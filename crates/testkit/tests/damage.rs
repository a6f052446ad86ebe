//! Every variant of the damage corpus really has its damage, and the controls have none.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, outside of test functions")]

use std::path::Path;

use mediaflow_testkit::clips;
use mediaflow_testkit::damage::{Bench, spoil, variants};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation, ProcessError};

fn run(program: &str, args: Vec<std::ffi::OsString>) -> Option<String> {
    match process::run(&Invocation::new(program, args), &Cancel::new()) {
        Err(ProcessError::NotFound { .. }) => None,
        output => {
            let output = output.unwrap();
            assert!(output.success(), "{program}: {:?}", output.finished.stderr_lines);
            Some(output.stdout_text())
        }
    }
}

fn encode(from: &Path, video: &str, to: &Path) -> Option<String> {
    let mut args: Vec<std::ffi::OsString> = vec!["-v".into(), "error".into(), "-i".into(), from.into()];
    args.extend("-map 0 -c copy".split(' ').chain(video.split(' ')).map(Into::into));
    args.push(to.into());
    run("ffmpeg", args)
}

/// Makes a clip of the sample library and a good output of it; `None` where there is no ffmpeg.
fn clip_and_output(name: &str, dir: &Path) -> Option<Bench> {
    run("ffmpeg", vec!["-version".into()])?;
    let clip = clips::make(Path::new("ffmpeg"), name, dir).unwrap();
    let (source, good) = (dir.join("source.mkv"), dir.join("good.mkv"));
    // Smaller and shorter than the clip: what is made here is looked at, not admired.
    encode(&clip, "-t 6 -s 320x180 -c:v libx264 -preset veryfast -crf 14", &source)?;
    let hevc = "-c:v libx265 -preset veryfast -crf 22 -pix_fmt yuv420p10le -x265-params log-level=error";
    encode(&source, hevc, &good)?;
    Some(Bench::new(Path::new("ffmpeg"), Path::new("ffprobe"), &source, &good, dir).unwrap())
}

/// All that a viewer could notice of a file: every packet with its time and content, every stream's properties, labels
/// and attachments, every chapter.
fn fingerprint(path: &Path) -> String {
    let entries = "packet=stream_index,pts_time,data_hash:chapter=start_time,end_time:chapter_tags=title:\
        stream=codec_name,width,height,color_space,color_transfer,color_primaries,extradata_hash,disposition:\
        stream_tags=language,title,filename:stream_disposition";
    let args = ["-v", "quiet", "-show_data_hash", "MD5", "-show_entries", entries, "-of", "compact"];
    let mut args: Vec<std::ffi::OsString> = args.map(Into::into).to_vec();
    args.push(path.into());
    run("ffprobe", args).unwrap()
}

fn damage_is_real(clip: &str, least: usize) {
    let home = tempfile::tempdir().unwrap();
    let Some(bench) = clip_and_output(clip, home.path()) else {
        println!("skipped: there is no ffmpeg on PATH");
        return;
    };
    let good = fingerprint(bench.good());
    let all = variants(&bench);
    assert!(all.len() >= least, "only {} variants apply", all.len());
    for variant in all {
        let spoiled = spoil(&bench, variant).unwrap();
        let same = fingerprint(&spoiled.path) == good;
        // Of the controls only the copy must have the same bytes.
        if spoiled.name == "copy" || !spoiled.is_good {
            assert_eq!(same, spoiled.is_good, "{}: {}", spoiled.name, spoiled.what);
        }
    }
}

#[test]
fn tracks_and_their_labels_are_really_spoiled() {
    damage_is_real("Three Voices", 25);
}

#[test]
fn subtitles_chapters_and_attachments_are_really_spoiled() {
    damage_is_real("S02E05", 28);
}
