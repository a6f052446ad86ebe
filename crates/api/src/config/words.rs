//! Settings in the contract's words.

use mediaflow_core::media::hardware::Hardware;
use mediaflow_core::media::preset::{AudioMode, HdrMode, Preset, RateControl, Settings, SubtitleMode, TargetVideo};
use mediaflow_ffmpeg::flags;

use super::tracks;
use crate::wire::jobs::JobConfig;
use crate::wire::options::{OptionFields, Options};
use crate::wire::presets::TranscodePresetExport;

/// Bits per second as the contract writes them.
fn bitrate_text(bps: u64) -> String {
    if bps.is_multiple_of(1_000_000) { format!("{}M", bps / 1_000_000) } else { format!("{}k", bps / 1000) }
}

/// Settings in the contract's words.
#[must_use]
pub fn config_of(settings: &Settings) -> JobConfig {
    let export = export(&Preset {
        name: String::new(),
        description: String::new(),
        is_builtin: false,
        settings: settings.clone(),
    });
    JobConfig {
        video_codec: Some(export.video_codec),
        target_resolution: export.target_resolution,
        bitrate_mode: Some(export.bitrate_mode),
        crf_value: export.crf_value,
        target_bitrate: export.target_bitrate,
        hw_accel: export.hw_accel,
        audio_mode: Some(export.audio_mode),
        audio_codec: export.audio_codec,
        container: Some(export.container),
        subtitle_mode: Some(export.subtitle_mode),
        custom_flags: export.custom_flags,
        hdr_mode: Some(export.hdr_mode),
        two_pass: Some(export.two_pass),
        encoder_tune: export.encoder_tune,
        more: export.more,
    }
}

/// What the contract has no words for.
fn options(settings: &Settings) -> Options {
    #[allow(clippy::cast_possible_truncation)]
    let floor = settings.floor.vmaf.round() as i64; // a score of 0 to 100
    OptionFields {
        target_vmaf: match settings.rate {
            RateControl::TargetVmaf(vmaf) => Some(i64::from(vmaf)),
            _ => None,
        },
        quality_floor: Some(floor),
        quality_check: Some(if settings.quality.whole { "whole" } else { "sampled" }.to_owned()),
        quality_retries: Some(i64::from(settings.quality.retries)),
        accept_damage: settings.accept_damage.then_some(true),
        ..tracks::options(settings)
    }
    .into()
}

/// A preset in the contract's words.
#[must_use]
pub fn export(preset: &Preset) -> TranscodePresetExport {
    let Settings {
        video,
        rate,
        two_pass,
        hardware,
        tune,
        encoder_flags,
        max_resolution,
        container,
        audio,
        subtitles,
        hdr,
        ..
    } = &preset.settings;
    let text = |text: &str| text.to_owned();
    let (bitrate_mode, crf_value, target_bitrate) = match rate {
        RateControl::Crf(crf) => ("crf", Some(i64::from(*crf)), None),
        RateControl::Bitrate(bps) => ("vbr", None, Some(bitrate_text(*bps))),
        RateControl::ConstantBitrate(bps) => ("cbr", None, Some(bitrate_text(*bps))),
        RateControl::TargetVmaf(_) => ("quality", None, None),
    };
    let (audio_mode, audio_codec) = match audio {
        AudioMode::Copy => ("copy", None),
        AudioMode::Downmix { codec, .. } => ("downmix", Some(tracks::codec_name(*codec))),
        AudioMode::Transcode(codec) => ("transcode", Some(tracks::codec_name(*codec))),
    };
    TranscodePresetExport {
        name: preset.name.clone(),
        description: Some(preset.description.clone()).filter(|text| !text.is_empty()),
        video_codec: text(match video {
            TargetVideo::Hevc => "libx265",
            TargetVideo::H264 => "libx264",
            TargetVideo::Av1 => "libsvtav1",
            TargetVideo::Copy => "copy",
        }),
        target_resolution: max_resolution.map(|tier| tier.to_string()),
        bitrate_mode: text(bitrate_mode),
        crf_value,
        target_bitrate,
        hw_accel: match hardware {
            Hardware::Automatic => None,
            Hardware::Off => Some(text("none")),
            Hardware::Only(gpu) => Some(text(gpu.name())),
        },
        audio_mode: text(audio_mode),
        audio_codec: audio_codec.map(text),
        container: text(container.extension()),
        subtitle_mode: text(match subtitles {
            SubtitleMode::Copy => "copy",
            SubtitleMode::Convert => "convert",
            SubtitleMode::Burn => "burn",
            SubtitleMode::Remove => "remove",
        }),
        custom_flags: Some(flags::text(encoder_flags)).filter(|text| !text.is_empty()),
        hdr_mode: text(match hdr {
            HdrMode::Preserve => "preserve",
            HdrMode::ToneMap => "tonemap",
        }),
        two_pass: *two_pass,
        encoder_tune: tune.clone(),
        more: options(&preset.settings),
    }
}
