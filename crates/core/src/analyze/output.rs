//! How large the output of one plan will be: the analyzers' estimate, made for exactly this encode.

use super::estimate::{Basis, estimate, part};
use super::item::Item;
use super::learned::LearnedRatios;
use crate::media::MediaInfo;
use crate::media::preset::{RateControl, TargetVideo};
use crate::plan::tuning::usual_crf;
use crate::plan::{Action, Intent, VideoEncode};

/// CRF at which the table of codec pairs holds: the built-in presets' (`facts` §7). AV1's scale is another one, and has
/// no figures yet.
const TABLE_CRF: [(TargetVideo, u8); 2] = [(TargetVideo::Hevc, 22), (TargetVideo::H264, 23)];

/// Steps of CRF that halve the bitrate of x264 and x265 (the encoders' own rule of thumb).
const CRF_STEPS_PER_HALVING: f64 = 6.0;

/// How far another CRF than the table's is believed: the rule of thumb is off by a fifth easily.
const OTHER_CRF_TRUST: f64 = 0.8;

/// Expected size of an output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputEstimate {
    /// Its length in bytes.
    pub output_bytes: u64,
    /// 0 to 1.
    pub confidence: f64,
    /// What it rests on.
    pub basis: OutputBasis,
}

/// What the expected size of an output rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputBasis {
    /// The pictures stay as they are.
    Copied,
    /// The bitrate that was asked for.
    Requested,
    /// What re-encodes of such pictures usually come to.
    Estimated(Basis),
}

/// Where nothing is guessed, only the container and the sound make a difference.
const KNOWN_CONFIDENCE: f64 = 0.9;

/// How large the output of `intent`, made for the file that `info` describes, will be. `None` where nothing can be said:
/// there is no picture, or no length to multiply a bitrate with.
#[must_use]
pub fn estimate_output(info: &MediaInfo, intent: &Intent, learned: &LearnedRatios) -> Option<OutputEstimate> {
    info.videos().next()?;
    let encode = intent.streams.iter().find_map(|stream| match &stream.action {
        Action::EncodeVideo(encode) => Some(encode.as_ref()),
        _ => None,
    });
    match encode {
        None => Some(known(info.size_bytes, OutputBasis::Copied)),
        Some(VideoEncode { rate: RateControl::Bitrate(bps) | RateControl::ConstantBitrate(bps), .. }) => {
            at_bitrate(info, *bps)
        }
        Some(VideoEncode { rate: RateControl::Crf(crf), .. }) => at_quality(info, encode?, *crf, learned),
        Some(VideoEncode { rate: RateControl::TargetVmaf(vmaf), codec, .. }) => {
            at_quality(info, encode?, usual_crf(*codec, *vmaf), learned)
        }
    }
}

const fn known(output_bytes: u64, basis: OutputBasis) -> OutputEstimate {
    OutputEstimate { output_bytes, confidence: KNOWN_CONFIDENCE, basis }
}

/// The picture's bytes go, the asked bitrate's come; everything else is taken to stay.
fn at_bitrate(info: &MediaInfo, bps: u64) -> Option<OutputEstimate> {
    let duration_us = u64::try_from(info.duration_us?).ok().filter(|us| *us > 0)?;
    let bytes_at = |bps: u64| part(duration_us, bps, 8_000_000);
    let picture_bytes = bytes_at(info.video_bitrate_bps()?).min(info.size_bytes);
    Some(known(info.size_bytes - picture_bytes + bytes_at(bps), OutputBasis::Requested))
}

fn at_quality(info: &MediaInfo, encode: &VideoEncode, crf: u8, learned: &LearnedRatios) -> Option<OutputEstimate> {
    let estimated = estimate(&Item::of(0, "", "", 0, info), encode.codec.codec()?, learned)?;
    let kept_bytes = info.size_bytes.saturating_sub(estimated.savings_bytes);
    let pixels = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
    let scaled_bytes = part(kept_bytes, pixels(encode.size), pixels(encode.source_size)).min(kept_bytes);
    let basis = OutputBasis::Estimated(estimated.basis);
    let mut expected = OutputEstimate { output_bytes: scaled_bytes, confidence: estimated.confidence, basis };
    let table_crf = TABLE_CRF.iter().find(|(codec, _)| *codec == encode.codec).map(|(_, table_crf)| *table_crf);
    // What was learned comes from the default preset, so it holds at the table's CRF too.
    if let Some(table_crf) = table_crf
        && table_crf != crf
    {
        let factor = ((f64::from(table_crf) - f64::from(crf)) / CRF_STEPS_PER_HALVING).exp2();
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = (scaled_bytes as f64 * factor) as u64; // a rough figure, and positive
        // An encode that outgrows its source is stopped.
        expected.output_bytes = bytes.min(info.size_bytes);
        expected.confidence *= OTHER_CRF_TRUST;
    }
    Some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::preset::{Settings, find_builtin};
    use crate::plan::plan;
    use crate::plan::tests::film;

    const BYTES: u64 = 8_000_000_000;

    fn info() -> MediaInfo {
        let second_us = 1_000_000;
        MediaInfo {
            size_bytes: BYTES,
            duration_us: Some(6000 * second_us),
            bitrate_bps: Some(BYTES * 8 / 6000),
            ..film()
        }
    }

    fn balanced() -> Settings {
        find_builtin("Balanced").unwrap().settings
    }

    fn estimated(settings: &Settings) -> OutputEstimate {
        let intent = plan(&info(), settings).unwrap();
        estimate_output(&info(), &intent, &LearnedRatios::default()).unwrap()
    }

    #[test]
    fn each_way_of_spending_bits_has_its_own_estimate() {
        let with = |rate| estimated(&Settings { rate, ..balanced() });
        assert_eq!(estimated(&Settings::remux()).output_bytes, BYTES, "a remux stays as large as it was");
        let table = estimated(&balanced());
        assert!(table.output_bytes < BYTES && table.basis == OutputBasis::Estimated(Basis::Table), "{table:?}");
        let (better, worse) = (with(RateControl::Crf(18)), with(RateControl::Crf(28)));
        assert!(better.output_bytes > table.output_bytes && table.output_bytes > worse.output_bytes);
        assert_eq!(worse.output_bytes, table.output_bytes / 2, "six steps halve it");
        assert!(worse.confidence < table.confidence);
        let asked = with(RateControl::Bitrate(1_000_000));
        let more = with(RateControl::Bitrate(2_000_000));
        assert_eq!(more.output_bytes - asked.output_bytes, 6000 * 1_000_000 / 8, "a megabit a second more");
    }
}
