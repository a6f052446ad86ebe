//! The fields of a configuration, one by one: what each may say, and the sentence when it says something else.

use mediaflow_core::media::ResolutionTier;
use mediaflow_core::media::preset::{AudioCodec, AudioMode, EncoderFlag, RateControl, Settings, TargetVideo};
use mediaflow_ffmpeg::flags;

use super::{DEFAULT_BITRATE_BPS, DEFAULT_CRF};
use crate::error::ApiError;
use crate::wire::jobs::JobConfig;

/// Kinds of GPU that existing clients name.
const GPUS: [&str; 6] = ["nvenc", "cuda", "qsv", "vaapi", "videotoolbox", "amf"];

/// Knows how the fields of a configuration are called in an error.
pub(super) struct Fields<'a> {
    pub within: &'a str,
}

impl Fields<'_> {
    pub fn wrong(&self, field: &str, what: &str, sent: &str) -> ApiError {
        let place: &[&str] = if self.within.is_empty() { &["body", field] } else { &["body", self.within, field] };
        ApiError::field(place, "value_error", what, sent)
    }

    pub fn refuse_later_work(&self, config: &JobConfig) -> Result<(), ApiError> {
        let later = |what: &str| Err(ApiError::NotYet(format!("{what} belongs to a later version of MediaFlow")));
        match config.hw_accel.as_deref().map_or("", str::trim) {
            "" | "none" => {}
            gpu if GPUS.contains(&gpu) => return later("encoding on a GPU (hw_accel)"),
            other => return Err(self.wrong("hw_accel", "it is none; GPUs belong to a later version", other)),
        }
        Ok(())
    }

    pub fn video(&self, codec: &str) -> Result<TargetVideo, ApiError> {
        match codec {
            "libx265" | "hevc" | "h265" => Ok(TargetVideo::Hevc),
            "libx264" | "h264" => Ok(TargetVideo::H264),
            "libsvtav1" | "av1" => Ok(TargetVideo::Av1),
            "copy" => Ok(TargetVideo::Copy),
            gpu if ["_nvenc", "_qsv", "_vaapi", "_videotoolbox", "_amf"].iter().any(|end| gpu.ends_with(end)) => {
                Err(ApiError::NotYet(format!("encoding on a GPU ({gpu}) belongs to a later version of MediaFlow")))
            }
            other => Err(self.wrong("video_codec", "it is libx265, libx264, libsvtav1 or copy", other)),
        }
    }

    pub fn tier(&self, name: &str) -> Result<ResolutionTier, ApiError> {
        ResolutionTier::parse(name)
            .ok_or_else(|| self.wrong("target_resolution", "it is 4K, 1080p, 720p, 480p, SD or null", name))
    }

    /// Both fields are read, whichever the mode is: a wrong one is told, not left aside.
    pub fn rate(&self, settings: &Settings, config: &JobConfig) -> Result<RateControl, ApiError> {
        let crf = config.crf_value.map(|crf| self.crf(crf, settings.video)).transpose()?;
        let bps = config.target_bitrate.as_deref().filter(|text| !text.is_empty());
        let bps = bps.map(|text| self.bitrate(text)).transpose()?;
        let mode = match (config.bitrate_mode.as_deref(), settings.rate) {
            (Some(mode), _) => mode,
            (None, RateControl::Crf(_)) => "crf",
            (None, RateControl::Bitrate(_)) => "vbr",
            (None, RateControl::ConstantBitrate(_)) => "cbr",
        };
        match mode {
            "crf" => {
                let before = match settings.rate {
                    RateControl::Crf(crf) => crf,
                    RateControl::Bitrate(_) | RateControl::ConstantBitrate(_) => DEFAULT_CRF,
                };
                // The one before may be of an encoder with a longer scale.
                let crf = crf.map_or_else(|| self.crf(i64::from(before), settings.video), Ok)?;
                Ok(RateControl::Crf(crf))
            }
            "cbr" if settings.video == TargetVideo::Av1 => Err(self.wrong(
                "bitrate_mode",
                "SVT-AV1 keeps no constant bitrate; take vbr or crf, or another codec",
                mode,
            )),
            "vbr" | "cbr" => {
                let before = match settings.rate {
                    RateControl::Bitrate(bps) | RateControl::ConstantBitrate(bps) => bps,
                    RateControl::Crf(_) => DEFAULT_BITRATE_BPS,
                };
                let bps = bps.unwrap_or(before);
                Ok(if mode == "cbr" { RateControl::ConstantBitrate(bps) } else { RateControl::Bitrate(bps) })
            }
            other => Err(self.wrong("bitrate_mode", "it is crf, vbr or cbr", other)),
        }
    }

    pub fn crf(&self, crf: i64, video: TargetVideo) -> Result<u8, ApiError> {
        let most = if video == TargetVideo::Av1 { 63 } else { 51 };
        u8::try_from(crf).ok().filter(|crf| *crf <= most).ok_or_else(|| {
            let what = format!("it is a number from 0 to {most}; lower is better");
            self.wrong("crf_value", &what, &crf.to_string())
        })
    }

    pub fn bitrate(&self, text: &str) -> Result<u64, ApiError> {
        bitrate(text).ok_or_else(|| {
            self.wrong("target_bitrate", "it is a bitrate from 50k to 400M, such as 8M, 2.5M or 800k", text)
        })
    }

    pub fn audio(&self, mode: &str, codec: Option<AudioCodec>, before: AudioMode) -> Result<AudioMode, ApiError> {
        match (mode, before) {
            ("copy", _) => Ok(AudioMode::Copy),
            ("downmix", _) => Ok(AudioMode::Downmix),
            ("transcode", before) => match (codec, before) {
                (Some(codec), _) => Ok(AudioMode::Transcode(codec)),
                (None, AudioMode::Transcode(codec)) => Ok(AudioMode::Transcode(codec)),
                (None, _) => Ok(AudioMode::Transcode(AudioCodec::Aac)),
            },
            (other, _) => Err(self.wrong("audio_mode", "it is copy, transcode or downmix", other)),
        }
    }

    pub fn audio_codec(&self, name: &str) -> Result<AudioCodec, ApiError> {
        match name {
            "aac" => Ok(AudioCodec::Aac),
            "ac3" => Ok(AudioCodec::Ac3),
            "eac3" => Ok(AudioCodec::Eac3),
            "opus" | "libopus" => Ok(AudioCodec::Opus),
            other => Err(self.wrong("audio_codec", "it is aac, ac3, eac3 or libopus", other)),
        }
    }

    pub fn flags(&self, text: &str, video: TargetVideo) -> Result<Vec<EncoderFlag>, ApiError> {
        flags::parse(text, video).map_err(|error| self.wrong("custom_flags", &error.to_string(), text))
    }

    pub fn tune(&self, tune: &str, video: TargetVideo) -> Result<Option<String>, ApiError> {
        // What each encoder's own documentation lists and what makes sense for films.
        let known: &[&str] = match video {
            TargetVideo::Hevc => &["grain", "animation", "fastdecode"],
            TargetVideo::H264 => &["film", "animation", "grain", "stillimage", "fastdecode"],
            TargetVideo::Av1 | TargetVideo::Copy => &[],
        };
        match tune {
            "" => Ok(None),
            tune if known.contains(&tune) => Ok(Some(tune.to_owned())),
            other => {
                let what = match known {
                    [] => "this encoder has none; leave it out".to_owned(),
                    known => format!("for this encoder it is one of: {}", known.join(", ")),
                };
                Err(self.wrong("encoder_tune", &what, other))
            }
        }
    }
}

/// `8M`, `2.5M`, `800k` or plain bits, as bits per second.
pub(super) fn bitrate(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, factor) = match text.char_indices().last()? {
        (at, 'M' | 'm') => (&text[..at], 1_000_000.0),
        (at, 'k' | 'K') => (&text[..at], 1_000.0),
        _ => (text, 1.0),
    };
    let bps = number.trim().parse::<f64>().ok()? * factor;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (50_000.0..=400_000_000.0).contains(&bps).then_some(bps as u64)
}
