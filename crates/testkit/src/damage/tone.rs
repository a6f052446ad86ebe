//! Damage to pictures that were to be tone-mapped: HDR10 becomes BT.709 in a wrong way, and says that it is BT.709.

use std::path::Path;

use super::Variant;
use super::bench::{Bench, DamageError};
use super::pictures::encode;

pub const VARIANTS: &[Variant] = &[
    Variant {
        applies: is_tone_mapped,
        ..Variant::control("tone-mapped again", "an honest second encode, tone-mapped", |b, to| map(b, RIGHT, to))
    },
    Variant::bad("tone unmapped", "only called BT.709: grey and washed out", is_tone_mapped, |b, to| {
        encode(b, CALLED_BT709, "", to)
    }),
    Variant::bad("tone clipped", "what is brighter than white paper is cut off", is_tone_mapped, |b, to| {
        map(b, Mapping { curve: "clip", ..RIGHT }, to)
    }),
    Variant::bad("tone dark", "the brightest light of the film taken for white paper", is_tone_mapped, |b, to| {
        map(b, Mapping { white_nits: 1000, ..RIGHT }, to)
    }),
    Variant::bad("tone dim", "white paper at 300 cd/m² instead of 203", is_tone_mapped, |b, to| {
        map(b, Mapping { white_nits: 300, ..RIGHT }, to)
    }),
    Variant::bad("tone bright", "white paper at 100 cd/m², as of old", is_tone_mapped, |b, to| {
        map(b, Mapping { white_nits: 100, ..RIGHT }, to)
    }),
    Variant::bad("tone transfer", "PQ taken for HLG", is_tone_mapped, |b, to| {
        map(b, Mapping { transfer: "arib-std-b67", ..RIGHT }, to)
    }),
    Variant::bad("tone matrix", "decoded with the matrix of BT.709", is_tone_mapped, |b, to| {
        map(b, Mapping { matrix: "bt709", ..RIGHT }, to)
    }),
    Variant::bad("tone matrix out", "written with the matrix of BT.2020, called BT.709", is_tone_mapped, |b, to| {
        map(b, Mapping { matrix_out: "bt2020nc", ..RIGHT }, to)
    }),
    Variant::bad("tone primaries", "colours of BT.2020 shown as those of BT.709: pale", is_tone_mapped, |b, to| {
        map(b, Mapping { primaries_out: "bt2020", ..RIGHT }, to)
    }),
    Variant::bad("tone levels", "limited range written as full range", is_tone_mapped, |b, to| {
        map(b, Mapping { range_out: "pc", ..RIGHT }, to)
    }),
];

/// HDR10 before and BT.709 now.
fn is_tone_mapped(bench: &Bench) -> bool {
    bench.source_video()["color_transfer"] == "smpte2084" && bench.video()["color_transfer"] == "bt709"
}

/// From HDR10 to BT.709, by ffmpeg's words.
struct Mapping {
    white_nits: u32,
    transfer: &'static str,
    matrix: &'static str,
    curve: &'static str,
    primaries_out: &'static str,
    matrix_out: &'static str,
    range_out: &'static str,
}

/// As `docs/hdr.md` says it.
const RIGHT: Mapping = Mapping {
    white_nits: 203,
    transfer: "smpte2084",
    matrix: "bt2020nc",
    curve: "mobius",
    primaries_out: "bt709",
    matrix_out: "bt709",
    range_out: "tv",
};

/// The sources' brightest light, by their MaxCLL.
const PEAK_NITS: f64 = 1000.0;

/// Without what the source's pictures say of their display.
const CALLED_BT709: &str = "sidedata=delete,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709";

fn map(bench: &Bench, mapping: Mapping, to: &Path) -> Result<(), DamageError> {
    let Mapping { white_nits, transfer, matrix, curve, primaries_out, matrix_out, range_out } = mapping;
    let peak = PEAK_NITS / f64::from(white_nits);
    let format = bench.video()["pix_fmt"].as_str().unwrap_or_default();
    let filter = format!(
        "zscale=pin=bt2020:tin={transfer}:min={matrix}:rin=tv:t=linear:npl={white_nits},format=gbrpf32le,\
         zscale=p={primaries_out},tonemap=tonemap={curve}:desat=0:peak={peak:.3},\
         zscale=t=bt709:m={matrix_out}:r={range_out},format={format},{CALLED_BT709}"
    );
    encode(bench, &filter, "", to)
}
