//! Damage that leaves the pictures' packets as they are: some packets go missing, move, are called something else, or a
//! sound track is encoded again with something wrong.

use std::path::Path;

use super::Variant;
use super::bench::{Bench, DamageError};

pub const VARIANTS: &[Variant] = &[
    Variant::control("copy", "copied stream by stream, nothing changed", |b, to| b.copy(&[], to)),
    Variant::bad("tail", "the last two seconds are missing", |b| b.seconds() > 3.0, tail),
    Variant::bad("audio hole", "three seconds of audio gone from the middle, times kept", has_audio, audio_hole),
    Variant::bad("audio cut", "three seconds of audio gone, what follows moved up", has_audio, audio_cut),
    Variant::bad("audio late", "all audio 200 ms late", has_audio, |b, to| {
        b.copy(&["-bsf:a", "setts=ts=TS+0.2/TB"], to)
    }),
    Variant::bad("audio track gone", "the last audio track is missing", has_audio, audio_track_gone),
    Variant::bad("audio order", "the first two audio tracks changed places", |b| b.count("audio") > 1, audio_order),
    Variant::bad("audio silent", "the first audio track is silence of the same length", can_encode_audio, |b, to| {
        again(b, "volume=0", to)
    }),
    Variant::bad("audio muted", "one second of the first audio track is silence", can_encode_audio, |b, to| {
        let (start, end) = b.middle(1.0);
        again(b, &format!("volume=0:enable='between(t,{start:.3},{end:.3})'"), to)
    }),
    Variant::bad(
        "audio other",
        "the first audio track is another sound of the same length",
        can_encode_audio,
        |b, to| again(b, "aeval='0.3*sin(3000*t)*gt(sin(3*t*t),0)':c=same", to),
    ),
    Variant::bad(
        "audio slipped",
        "the first audio track's sound is 200 ms late, its times are not",
        can_encode_audio,
        |b, to| again(b, &format!("adelay=200:all=1,atrim=end={:.3}", b.seconds()), to),
    ),
    Variant::bad("audio slower", "the first audio track runs three per cent slower", can_encode_audio, |b, to| {
        again(b, &format!("atempo=0.97,atrim=end={:.3}", b.seconds()), to)
    }),
    Variant::bad(
        "audio one-sided",
        "only the first channel of the first audio track has sound",
        has_channels,
        |b, to| again(b, "aeval='val(0)|0':c=same", to),
    ),
    Variant::bad("audio swapped", "left and right of the first audio track changed places", has_channels, |b, to| {
        let rest: String = (2..channels(b)).map(|channel| format!("|val({channel})")).collect();
        again(b, &format!("aeval='val(1)|val(0){rest}':c=same"), to)
    }),
    Variant {
        applies: is_mixed_down,
        ..Variant::control("audio mixed again", "an honest second mix of the source's first track", |b, to| {
            mix(b, "pan=stereo|c0=c0+0.7071*c2+0.7071*c4|c1=c1+0.7071*c2+0.7071*c5", to)
        })
    },
    Variant::bad("audio without centre", "the mix lost the centre: no dialogue", is_mixed_down, |b, to| {
        mix(b, "pan=stereo|c0=c0+0.7071*c4|c1=c1+0.7071*c5", to)
    }),
    Variant::bad("audio without surround", "the mix lost the surrounds", is_mixed_down, |b, to| {
        mix(b, "pan=stereo|c0=c0+0.7071*c2|c1=c1+0.7071*c2", to)
    }),
    Variant::bad("audio added silent", "the track for players that know only stereo is silence", has_added, |b, to| {
        b.copy(&["-c:a:1", "aac", "-filter:a:1", "volume=0"], to)
    }),
    Variant::bad(
        "subtitle event gone",
        "the second line of the first subtitle track is missing",
        has_subtitles,
        |b, to| b.copy(&["-bsf:s:0", "noise=drop='eq(n,1)'"], to),
    ),
    Variant::bad("subtitle gone", "the last subtitle track is missing", has_subtitles, subtitle_gone),
    Variant::bad("subtitle late", "the first subtitle track is one second late", has_subtitles, |b, to| {
        b.copy(&["-bsf:s:0", "setts=ts=TS+1/TB"], to)
    }),
    Variant::bad("language", "the first audio track says another language", has_audio, |b, to| {
        b.copy(&["-metadata:s:a:0", "language=epo"], to)
    }),
    Variant::bad("title", "the first audio track says another title", has_audio, |b, to| {
        b.copy(&["-metadata:s:a:0", "title=Someone else"], to)
    }),
    Variant::bad("disposition", "a disposition is lost", has_disposition, disposition),
    Variant::bad("chapters gone", "all chapters are missing", has_chapters, |b, to| {
        b.copy(&["-map_chapters", "-1"], to)
    }),
    Variant::bad("chapter gone", "the last chapter is missing", has_chapters, |b, to| chapters(b, to, drop_last)),
    Variant::bad("chapter moved", "the last chapter begins half a second early", has_chapters, |b, to| {
        chapters(b, to, move_last)
    }),
    Variant::bad("attachment gone", "the attachments are missing", has_attachments, |b, to| {
        b.copy(&["-map", "-0:t"], to)
    }),
    Variant::bad("cover gone", "the cover picture is missing", Bench::has_cover, |b, to| {
        b.copy_streams(&[b.good()], &["0:V", "0:a?", "0:s?", "0:t?"], None, &[], to)
    }),
    Variant::bad(
        "color tags",
        "the pictures claim to be BT.2020",
        |_| true,
        |b, to| {
            b.copy(
                &["-bsf:v", "hevc_metadata=colour_primaries=9:transfer_characteristics=14:matrix_coefficients=9"],
                to,
            )
        },
    ),
    Variant::bad("hdr gone", "mastering display and light level are missing", is_hdr10, hdr_gone),
];

fn has_audio(bench: &Bench) -> bool {
    bench.count("audio") > 0
}

fn has_subtitles(bench: &Bench) -> bool {
    bench.count("subtitle") > 0
}

fn has_chapters(bench: &Bench) -> bool {
    bench.chapters() > 0
}

fn has_attachments(bench: &Bench) -> bool {
    bench.count("attachment") > 0
}

fn is_hdr10(bench: &Bench) -> bool {
    bench.video()["color_transfer"] == "smpte2084"
}

fn tail(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    bench.copy(&["-t", &format!("{:.3}", bench.seconds() - 2.0)], to)
}

fn drop_packets(start: f64, end: f64) -> String {
    format!("noise=drop='between(pts*tb,{start:.3},{end:.3})'")
}

fn audio_hole(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (start, end) = bench.middle(3.0);
    bench.copy(&["-bsf:a:0", &drop_packets(start, end)], to)
}

fn audio_cut(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (start, end) = bench.middle(3.0);
    let moved = format!("setts=ts='if(gt(TS*TB,{end:.3}),TS-{:.3}/TB,TS)'", end - start);
    bench.copy(&["-bsf:a:0", &format!("{},{moved}", drop_packets(start, end))], to)
}

fn audio_track_gone(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    bench.copy(&["-map", &format!("-0:a:{}", bench.count("audio") - 1)], to)
}

fn audio_order(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let rest: Vec<String> = (2..bench.count("audio")).map(|n| format!("0:a:{n}")).collect();
    let mut maps = vec!["0:V", "0:a:1", "0:a:0"];
    maps.extend(rest.iter().map(String::as_str));
    maps.extend(["0:s?", "0:t?"]);
    bench.copy_streams(&[bench.good()], &maps, None, &[], to)
}

fn first_audio(bench: &Bench) -> &str {
    bench.streams("audio").next().and_then(|stream| stream["codec_name"].as_str()).unwrap_or_default()
}

/// Codecs for which ffmpeg's own encoder (or LAME) makes the same codec again.
fn can_encode_audio(bench: &Bench) -> bool {
    matches!(first_audio(bench), "aac" | "ac3" | "eac3" | "flac" | "mp2" | "mp3")
}

fn channels(bench: &Bench) -> u64 {
    bench.streams("audio").next().and_then(|stream| stream["channels"].as_u64()).unwrap_or(0)
}

fn has_channels(bench: &Bench) -> bool {
    can_encode_audio(bench) && channels(bench) > 1
}

/// Stereo of what was 5.1.
fn is_mixed_down(bench: &Bench) -> bool {
    let before = bench.source_streams("audio").next();
    can_encode_audio(bench) && channels(bench) == 2 && before.is_some_and(|stream| stream["channels"] == 6)
}

/// There is a track more than in the source.
fn has_added(bench: &Bench) -> bool {
    bench.count("audio") == bench.source_streams("audio").count() + 1
}

/// The source's first audio track through a filter in the place of the output's.
fn mix(bench: &Bench, filter: &str, to: &Path) -> Result<(), DamageError> {
    let maps = ["1:V", "0:a:0", "1:a", "-1:a:0", "1:s?", "1:t?"];
    let args = ["-c:a:0", first_audio(bench), "-b:a:0", "192k", "-filter:a:0", filter];
    bench.copy_streams(&[bench.source(), bench.good()], &maps, None, &args, to)
}

/// The first audio track through a filter, in the same codec.
fn again(bench: &Bench, filter: &str, to: &Path) -> Result<(), DamageError> {
    let encoder = match first_audio(bench) {
        "mp3" => "libmp3lame",
        name => name,
    };
    bench.copy(&["-c:a:0", encoder, "-filter:a:0", filter], to)
}

fn subtitle_gone(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    bench.copy(&["-map", &format!("-0:s:{}", bench.count("subtitle") - 1)], to)
}

/// The last stream that has a disposition, as a stream specifier: the more unusual one.
fn disposed(bench: &Bench) -> Option<String> {
    let of_kind = |kind: &'static str, letter: char| {
        let is_set = |stream: &serde_json::Value| {
            stream["disposition"].as_object().is_some_and(|set| set.values().any(|value| *value == 1))
        };
        bench
            .streams(kind)
            .enumerate()
            .filter(move |(_, stream)| is_set(stream))
            .map(move |(n, _)| format!("{letter}:{n}"))
    };
    of_kind("audio", 'a').chain(of_kind("subtitle", 's')).last()
}

fn has_disposition(bench: &Bench) -> bool {
    disposed(bench).is_some()
}

fn disposition(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let stream = disposed(bench).ok_or_else(|| bench.missing("stream with a disposition"))?;
    bench.copy(&[&format!("-disposition:{stream}"), "0"], to)
}

/// Writes the chapters out as ffmpeg's metadata text, changes the last one and reads them back in.
fn chapters(bench: &Bench, to: &Path, change: fn(&str) -> String) -> Result<(), DamageError> {
    let list = bench.dir().join("chapters.ffmeta");
    bench.ffmpeg(&["-f", "ffmetadata"], &list)?;
    let text = String::from_utf8_lossy(&bench.read(&list)?).into_owned();
    let (before, last) = text.rsplit_once("[CHAPTER]").ok_or_else(|| bench.missing("chapters"))?;
    bench.write(&list, format!("{before}{}", change(last)).as_bytes())?;
    let maps = ["1:V", "1:a?", "1:s?", "1:t?"];
    bench.copy_streams(&[&list, bench.good()], &maps, None, &["-map_chapters", "0"], to)
}

fn drop_last(_: &str) -> String {
    String::new()
}

fn move_last(chapter: &str) -> String {
    let lines =
        chapter.lines().map(|line| match line.strip_prefix("START=").and_then(|start| start.parse::<i64>().ok()) {
            // The time base is a nanosecond in what ffmpeg writes for Matroska.
            Some(start) => format!("START={}", start - 500_000_000),
            None => line.to_owned(),
        });
    format!("[CHAPTER]{}\n", lines.collect::<Vec<_>>().join("\n"))
}

/// Through a transport stream, which has no place for them, with the pictures' own messages (NAL type 39) taken out.
fn hdr_gone(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let bare = bench.dir().join("bare.ts");
    let without = "hevc_mp4toannexb,filter_units=remove_types=39";
    bench.ffmpeg(&["-map", "0:V", "-c", "copy", "-bsf:v", without], &bare)?;
    bench.with_video(&bare, "0:v:0", &[], to)
}
