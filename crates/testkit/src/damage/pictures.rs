//! Damage to the pictures: the source is encoded again with something wrong, and takes the place of the good video.

use std::path::Path;

use super::Variant;
use super::bench::{Bench, DamageError};

/// Good enough to pass every floor on its own, and quick.
const ENCODER: &str = "libx265";
const CRF: &str = "crf=22";

const BLACK: &str = "lutyuv=y=minval:u=(minval+maxval)/2:v=(minval+maxval)/2";

pub const VARIANTS: &[Variant] = &[
    Variant { applies: is_sdr, ..Variant::control("encoded again", "an honest second encode of the source", control) },
    Variant::bad("bad scene", "three seconds in the middle at a quantizer of 45", is_sdr, bad_scene),
    Variant::bad("soft", "scaled to half the size and back", is_sdr, soft),
    Variant::bad("small", "half the width and height", is_sdr, |b, to| encode(b, "scale=iw/4*2:-2", "", to)),
    Variant::bad("frozen", "the picture stands still for two seconds", is_sdr, frozen),
    Variant::bad("black", "black for one second", is_sdr, |b, to| during(b, 1.0, BLACK, to)),
    Variant::bad("flash", "three frames are black", is_sdr, |b, to| during(b, 2.5 / b.frame_rate(), BLACK, to)),
    Variant::bad("upside down", "upside down for one second", is_sdr, |b, to| during(b, 1.0, "vflip", to)),
    Variant::bad("mirrored", "mirrored for one second", is_sdr, |b, to| during(b, 1.0, "hflip", to)),
    Variant::bad("gray", "without colour for three seconds", is_sdr, |b, to| {
        during(b, 3.0, "lutyuv=u=(minval+maxval)/2:v=(minval+maxval)/2", to)
    }),
    Variant::bad("wrong colors", "the two colour planes changed places", is_sdr, |b, to| encode(b, "swapuv", "", to)),
    Variant::bad("levels stretched", "limited range taken for full range: too much contrast", is_sdr, |b, to| {
        encode(b, "lutyuv=y='clip((val-minval)*1.164,0,maxval*1.085)'", "", to)
    }),
    Variant::bad("levels squeezed", "full range taken for limited range: too little contrast", is_sdr, |b, to| {
        encode(b, "lutyuv=y='val*0.859+minval'", "", to)
    }),
    Variant::bad("shifted", "two lines too high", is_sdr, |b, to| encode(b, "crop=iw:ih-2:0:2,pad=iw:ih+2", "", to)),
    Variant::bad("cropped", "eight lines cut off at every edge, the rest made larger", is_sdr, |b, to| {
        let (width, height) = (&b.video()["width"], &b.video()["height"]);
        encode(b, &format!("crop=iw-16:ih-16,scale={width}:{height},setsar=1"), "", to)
    }),
    Variant::bad("pictures stop", "nothing was encoded any more from the middle on", is_sdr, |b, to| {
        encode(b, &format!("select='lt(n,{})'", middle_frame(b)), "", to)
    }),
    Variant::bad("frames gone", "ten frames missing, a gap in their place", is_sdr, |b, to| {
        let first = middle_frame(b);
        encode(b, &format!("select='not(between(n,{first},{}))'", first + 9), "", to)
    }),
    Variant::bad("frames cut", "ten frames missing, what follows moved up", is_sdr, frames_cut),
    Variant::bad("frames twice", "one frame ten times more, what follows moved back", is_sdr, |b, to| {
        encode(b, &format!("loop=loop=10:size=1:start={}", middle_frame(b)), "", to)
    }),
    Variant::bad("frame rate", "a quarter more frames a second", is_sdr, |b, to| {
        encode(b, &format!("fps={:.3}", b.frame_rate() * 1.25), "", to)
    }),
    Variant::bad("other film", "another film of the same length", is_sdr, other_film),
];

/// With ffmpeg 5.1 an encode loses HDR10's metadata, and would then be spoiled in two ways.
fn is_sdr(bench: &Bench) -> bool {
    bench.source_video()["color_transfer"] != "smpte2084"
}

fn control(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    encode(bench, "null", "", to)
}

/// The middle frame by count; an average for a variable frame rate.
fn middle_frame(bench: &Bench) -> u64 {
    (bench.seconds() / 2.0 * bench.frame_rate()) as u64
}

fn bad_scene(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (start, end) = bench.middle(3.0);
    let frame = |seconds: f64| (seconds * bench.frame_rate()) as u64;
    encode(bench, "null", &format!(":zones={},{},q=45", frame(start), frame(end)), to)
}

/// Applies a filter that can be switched on and off to some seconds in the middle.
fn during(bench: &Bench, seconds: f64, filter: &str, to: &Path) -> Result<(), DamageError> {
    let (start, end) = bench.middle(seconds);
    let link = if filter.contains('=') { ':' } else { '=' };
    encode(bench, &format!("{filter}{link}enable='between(t,{start:.3},{end:.3})'"), "", to)
}

fn frozen(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (start, end) = bench.middle(2.0);
    let frame = |seconds: f64| (seconds * bench.frame_rate()) as u64;
    let (first, last) = (frame(start), frame(end));
    encode(bench, &format!("split[a][b];[a][b]freezeframes=first={first}:last={last}:replace={}", first - 1), "", to)
}

fn soft(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (width, height) = (&bench.video()["width"], &bench.video()["height"]);
    encode(bench, &format!("scale=iw/2:-2,scale={width}:{height}"), "", to)
}

fn frames_cut(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (first, rate) = (middle_frame(bench), bench.frame_rate());
    let filter =
        format!("select='not(between(n,{first},{}))',setpts='if(gte(N,{first}),PTS-10/({rate:.6}*TB),PTS)'", first + 9);
    encode(bench, &filter, "", to)
}

/// A test card over everything.
fn other_film(bench: &Bench, to: &Path) -> Result<(), DamageError> {
    let (width, height) = (&bench.video()["width"], &bench.video()["height"]);
    let card = format!("testsrc2=s={width}x{height}:r={:.3}[card]", bench.frame_rate());
    encode(bench, &format!("null[film];{card};[film][card]overlay=shortest=1"), "", to)
}

/// Encodes the source through `filter`, frame by frame and with its own times, and copies all else from the output. One
/// run for both, so that the pictures keep their distance to the sound.
pub(super) fn encode(bench: &Bench, filter: &str, parameters: &str, to: &Path) -> Result<(), DamageError> {
    let parameters = format!("{CRF}:log-level=error{parameters}");
    let format = bench.video()["pix_fmt"].as_str().unwrap_or_default();
    let args = [
        ["-filter:v:0", filter],
        ["-fps_mode:v:0", "passthrough"],
        ["-enc_time_base:v:0", "-1"],
        ["-c:v:0", ENCODER],
        ["-preset:v:0", "veryfast"],
        ["-pix_fmt:v:0", format],
        ["-x265-params:v:0", &parameters],
    ];
    bench.with_video(bench.source(), "0:V:0", args.as_flattened(), to)
}
