//! Every variant of the damage corpus really has its damage, and the controls have none.

use std::path::Path;

use mediaflow_ffmpeg::sample;
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

/// Makes a clip of the sample library and a good output of it; `None` where there is no ffmpeg.
fn clip_and_output(name: &str, dir: &Path) -> Option<Bench> {
    let clip = sample::clips().into_iter().find(|clip| clip.path.contains(name)).unwrap();
    for file in &clip.files {
        std::fs::write(dir.join(file.name), &file.bytes).unwrap();
    }
    for step in &clip.steps {
        run("ffmpeg", sample::resolve(step, dir))?;
    }
    let (source, good) = (dir.join(clip.output()), dir.join("good.mkv"));
    let mut args: Vec<std::ffi::OsString> = vec!["-v".into(), "error".into(), "-i".into(), source.clone().into()];
    let rest = "-map 0 -c copy -c:v libx265 -preset veryfast -crf 22 -pix_fmt yuv420p10le -x265-params log-level=error";
    args.extend(rest.split(' ').map(Into::into));
    args.push(good.clone().into());
    run("ffmpeg", args)?;
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
        // An honest second encode has other bytes, of course.
        assert_eq!(same, spoiled.name == "copy", "{}: {}", spoiled.name, spoiled.what);
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
