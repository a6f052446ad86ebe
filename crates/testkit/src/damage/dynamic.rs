//! Damage to dynamic HDR metadata: the pictures stay as they are, and what is said about them goes wrong.

use std::collections::BTreeMap;
use std::path::Path;

use mediaflow_bitstream::{Metadata, read, write};
use mediaflow_core::media::color::DolbyVision;

use super::Variant;
use super::bench::{Bench, DamageError};

pub const VARIANTS: &[Variant] = &[
    Variant::bad("metadata gone", "three pictures in the middle lost their dynamic metadata", has_profile, |b, to| {
        let middle = |pictures: &[Metadata]| pictures.len() / 2;
        rewrite(b, to, profile(b), |pictures, number| {
            let is_lost = (middle(pictures)..middle(pictures) + 3).contains(&number);
            if is_lost { Metadata::default() } else { pictures[number].clone() }
        })
    }),
    Variant::bad("metadata late", "the dynamic metadata comes one picture late", has_profile, |b, to| {
        rewrite(b, to, profile(b), |pictures, number| pictures[number.saturating_sub(1)].clone())
    }),
    Variant::bad("metadata of one", "all pictures have the dynamic metadata of the first", has_profile, |b, to| {
        rewrite(b, to, profile(b), |pictures, _| pictures[0].clone())
    }),
    Variant::bad("metadata unnamed", "the track no longer says that it is Dolby Vision", has_profile, |b, to| {
        rewrite(b, to, None, |pictures, number| pictures[number].clone())
    }),
    Variant::bad("metadata misnamed", "the track calls itself another profile", has_profile, |b, to| {
        let other = profile(b).map(|profile| DolbyVision { compatibility: 4, ..profile });
        rewrite(b, to, other, |pictures, number| pictures[number].clone())
    }),
];

fn has_profile(bench: &Bench) -> bool {
    profile(bench).is_some()
}

fn profile(bench: &Bench) -> Option<DolbyVision> {
    let data = bench.video()["side_data_list"].as_array()?;
    let record = data.iter().find(|data| data["side_data_type"] == "DOVI configuration record")?;
    let field = |name: &str| record[name].as_u64().and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    Some(DolbyVision {
        profile: field("dv_profile"),
        compatibility: field("dv_bl_signal_compatibility_id"),
        level: field("dv_level"),
        enhancement_only: false,
    })
}

/// The output with other metadata: what `metadata` makes of all that there is, for the picture of each number.
fn rewrite(
    bench: &Bench,
    to: &Path,
    profile: Option<DolbyVision>,
    metadata: impl Fn(&[Metadata], usize) -> Metadata,
) -> Result<(), DamageError> {
    let (video, spoiled) = (bench.dir().join("video.mkv"), bench.dir().join("spoiled.mkv"));
    bench.ffmpeg(&["-map", "0:V", "-c", "copy", "-f", "matroska"], &video)?;
    let wrong =
        |error: mediaflow_bitstream::Error| DamageError::Metadata { path: video.clone(), message: error.to_string() };
    let (times, pictures): (Vec<i64>, Vec<Metadata>) = read(bench.open(&video)?).map_err(wrong)?.into_iter().unzip();
    let numbers: BTreeMap<i64, usize> = times.into_iter().zip(0..).collect();
    write(bench.open(&video)?, bench.create(&spoiled)?, profile, |at_ms| {
        Ok(numbers.get(&at_ms).map(|number| metadata(&pictures, *number)).ok_or_else(|| "it is new".to_owned()))
    })
    .map_err(wrong)?;
    bench.with_video(&spoiled, "0:v", &[], to)
}
