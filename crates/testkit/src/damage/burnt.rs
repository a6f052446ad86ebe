//! Damage to subtitles that were drawn into the picture: the source is encoded again without them, with others, or with
//! them at another time.

use std::path::{Path, PathBuf};

use super::Variant;
use super::bench::{Bench, DamageError};
use super::pictures::encode;

pub const VARIANTS: &[Variant] = &[
    Variant {
        applies: is_burnt,
        ..Variant::control("burn-in again", "an honest second encode with the subtitles", |b, to| {
            let track = track(b, 0.0)?;
            encode(b, &drawn(&track), "", to)
        })
    },
    Variant::bad("burn-in missing", "the subtitles were not drawn", is_burnt, |b, to| encode(b, "null", "", to)),
    Variant::bad("burn-in late", "the subtitles come one and a half seconds late", is_burnt, |b, to| {
        let track = track(b, 1.5)?;
        encode(b, &drawn(&track), "", to)
    }),
    Variant::bad("burn-in other", "other words were drawn", is_burnt, |b, to| {
        let track = other_words(b)?;
        encode(b, &drawn(&track), "", to)
    }),
];

/// The output has one track of subtitles less than its source.
fn is_burnt(bench: &Bench) -> bool {
    bench.source_streams("subtitle").count() == bench.count("subtitle") + 1
}

fn drawn(track: &Path) -> String {
    format!("subtitles=filename={}", track.display())
}

/// The source's first track with its fonts, moved by some seconds.
fn track(bench: &Bench, late_s: f64) -> Result<PathBuf, DamageError> {
    let path = bench.dir().join("track.mkv");
    let late = format!("setts=ts=TS+{late_s}/TB");
    bench.ffmpeg_with(&[bench.source()], &["-map", "0:s:0", "-map", "0:t?", "-c", "copy", "-bsf:s", &late], &path)?;
    Ok(path)
}

fn other_words(bench: &Bench) -> Result<PathBuf, DamageError> {
    let (text, path) = (bench.dir().join("words.ass"), bench.dir().join("words.mkv"));
    bench.ffmpeg_with(&[bench.source()], &["-map", "0:s:0"], &text)?;
    let lines = String::from_utf8_lossy(&bench.read(&text)?).into_owned();
    let other = |line: &str| match line.strip_prefix("Dialogue:").and_then(|_| line.rsplit_once(",,")) {
        Some((before, _)) => format!("{before},,Nothing of the kind was ever said here\n"),
        None => format!("{line}\n"),
    };
    bench.write(&text, lines.lines().map(other).collect::<String>().as_bytes())?;
    bench.ffmpeg_with(&[&text, bench.source()], &["-map", "0", "-map", "1:t?", "-c", "copy"], &path)?;
    Ok(path)
}
