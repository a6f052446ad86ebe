//! The fields of a configuration, one by one: what each may say, and the sentence when it says something else.

use std::ops::RangeInclusive;

use mediaflow_core::media::ResolutionTier;
use mediaflow_core::media::hardware::{Gpu, Hardware};
use mediaflow_core::media::preset::{EncoderFlag, QualityCheck, QualityFloor, RateControl, Settings, TargetVideo};
use mediaflow_ffmpeg::encoder::VideoEncoder;
use mediaflow_ffmpeg::flags;

use super::{DEFAULT_BITRATE_BPS, DEFAULT_CRF};
use crate::error::ApiError;
use crate::wire::jobs::JobConfig;

/// What can be aimed at: below, nothing is worth keeping; above, noise is paid for.
const TARGET_VMAF: RangeInclusive<u8> = 60..=99;
/// What archives and streaming services aim at, and where most people see no difference.
const DEFAULT_TARGET_VMAF: u8 = 95;
/// The worst two seconds of an honest encode lie up to this far below its mean (`docs/quality.md`).
const WORST_BELOW_MEAN: u8 = 5;
/// Identical pictures have 97 to 100: a floor above would refuse everything.
const MOST_FLOOR: u8 = 97;
/// Each one costs a whole encode.
const MOST_RETRIES: u8 = 3;

/// Knows how the fields of a configuration are called in an error.
pub(super) struct Fields<'a> {
    pub within: &'a str,
}

impl Fields<'_> {
    pub fn wrong(&self, field: &str, what: &str, sent: &str) -> ApiError {
        let place: &[&str] = if self.within.is_empty() { &["body", field] } else { &["body", self.within, field] };
        ApiError::field(place, "value_error", what, sent)
    }

    /// The codec, and the hardware where the name is of an encoder of hardware.
    pub fn video(&self, name: &str) -> Result<(TargetVideo, Option<Gpu>), ApiError> {
        match (name, VideoEncoder::parse(name)) {
            (_, Some(encoder)) => Ok((encoder.codec, encoder.gpu)),
            ("hevc" | "h265", _) => Ok((TargetVideo::Hevc, None)),
            ("h264", _) => Ok((TargetVideo::H264, None)),
            ("av1", _) => Ok((TargetVideo::Av1, None)),
            ("copy", _) => Ok((TargetVideo::Copy, None)),
            (other, _) => {
                let what = "it is libx265, libx264, libsvtav1 or copy, or an encoder of hardware such as hevc_nvenc";
                Err(self.wrong("video_codec", what, other))
            }
        }
    }

    /// What hardware may do; `named` is that of the encoder's name.
    pub fn hardware(
        &self,
        before: Hardware,
        named: Option<Gpu>,
        asked: Option<&str>,
        video: TargetVideo,
    ) -> Result<Hardware, ApiError> {
        let asked = asked.map(str::trim).filter(|asked| !asked.is_empty());
        let hardware = match (asked, named) {
            (None, Some(gpu)) => Hardware::Only(gpu),
            (None, None) => before,
            (Some("auto"), None) => Hardware::Automatic,
            (Some("none"), None) => Hardware::Off,
            (Some(name), named) => {
                // CUDA is what NVENC's own machinery is called.
                let gpu = Gpu::parse(if name == "cuda" { "nvenc" } else { name });
                match (gpu, named) {
                    (Some(gpu), None) => Hardware::Only(gpu),
                    (Some(gpu), Some(named)) if gpu == named => Hardware::Only(gpu),
                    (_, Some(named)) => {
                        let what =
                            format!("video_codec names an encoder of {}; leave one of the two out", named.name());
                        return Err(self.wrong("hw_accel", &what, name));
                    }
                    (None, None) => {
                        let what = "it is auto, none, nvenc, qsv, vaapi, videotoolbox, amf or null";
                        return Err(self.wrong("hw_accel", what, name));
                    }
                }
            }
        };
        if (hardware, video) == (Hardware::Only(Gpu::VideoToolbox), TargetVideo::Av1) {
            let what = "VideoToolbox has no encoder for AV1; take HEVC, or other hardware";
            return Err(self.wrong("hw_accel", what, Gpu::VideoToolbox.name()));
        }
        Ok(hardware)
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
        let target = config.more.target_vmaf.map(|vmaf| self.target(vmaf)).transpose()?;
        let mode = match (config.bitrate_mode.as_deref(), settings.rate) {
            (Some(mode), _) => mode,
            (None, RateControl::Crf(_)) => "crf",
            (None, RateControl::Bitrate(_)) => "vbr",
            (None, RateControl::ConstantBitrate(_)) => "cbr",
            (None, RateControl::TargetVmaf(_)) => "quality",
        };
        match mode {
            "crf" => {
                let before = match settings.rate {
                    RateControl::Crf(crf) => crf,
                    _ => DEFAULT_CRF,
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
                    RateControl::Crf(_) | RateControl::TargetVmaf(_) => DEFAULT_BITRATE_BPS,
                };
                let bps = bps.unwrap_or(before);
                Ok(if mode == "cbr" { RateControl::ConstantBitrate(bps) } else { RateControl::Bitrate(bps) })
            }
            "quality" => {
                let before = match settings.rate {
                    RateControl::TargetVmaf(vmaf) => vmaf,
                    _ => DEFAULT_TARGET_VMAF,
                };
                Ok(RateControl::TargetVmaf(target.unwrap_or(before)))
            }
            other => Err(self.wrong("bitrate_mode", "it is crf, vbr, cbr or quality", other)),
        }
    }

    fn target(&self, vmaf: i64) -> Result<u8, ApiError> {
        u8::try_from(vmaf).ok().filter(|vmaf| TARGET_VMAF.contains(vmaf)).ok_or_else(|| {
            let what = format!("it is a VMAF from {} to {}", TARGET_VMAF.start(), TARGET_VMAF.end());
            self.wrong("target_vmaf", &what, &vmaf.to_string())
        })
    }

    /// The floor of the proof. One above what is aimed at could not be met: it follows the target down.
    pub fn floor(&self, before: QualityFloor, rate: RateControl, asked: Option<i64>) -> Result<QualityFloor, ApiError> {
        let highest = match rate {
            RateControl::TargetVmaf(vmaf) => vmaf.saturating_sub(WORST_BELOW_MEAN),
            _ => 100,
        };
        match asked {
            None if before.vmaf > f64::from(highest) => Ok(QualityFloor::of_vmaf(f64::from(highest))),
            None => Ok(before),
            Some(floor) => match u8::try_from(floor).ok().filter(|floor| *floor <= MOST_FLOOR) {
                Some(floor) if floor <= highest => Ok(QualityFloor::of_vmaf(f64::from(floor))),
                Some(_) => {
                    let what = format!(
                        "with this target the floor is {highest} at most: the worst seconds are below the mean"
                    );
                    Err(self.wrong("quality_floor", &what, &floor.to_string()))
                }
                None => {
                    let what = format!("it is a VMAF from 0 to {MOST_FLOOR}");
                    Err(self.wrong("quality_floor", &what, &floor.to_string()))
                }
            },
        }
    }

    pub fn quality(&self, before: QualityCheck, config: &JobConfig) -> Result<QualityCheck, ApiError> {
        let whole = match config.more.quality_check.as_deref() {
            None => before.whole,
            Some("sampled") => false,
            Some("whole") => true,
            Some(other) => return Err(self.wrong("quality_check", "it is sampled or whole", other)),
        };
        let retries = match config.more.quality_retries {
            None => before.retries,
            Some(retries) => {
                u8::try_from(retries).ok().filter(|retries| *retries <= MOST_RETRIES).ok_or_else(|| {
                    let what = format!("it is a number from 0 to {MOST_RETRIES}");
                    self.wrong("quality_retries", &what, &retries.to_string())
                })?
            }
        };
        Ok(QualityCheck { whole, retries })
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

    pub fn flags(&self, text: &str, video: TargetVideo) -> Result<Vec<EncoderFlag>, ApiError> {
        flags::parse(text, video).map_err(|error| self.wrong("custom_flags", &error.to_string(), text))
    }

    /// Tunings are those of the CPU's encoders; the one that NVENC has for films, it always takes.
    pub fn tune(&self, tune: &str, video: TargetVideo, hardware: Hardware) -> Result<Option<String>, ApiError> {
        let known = VideoEncoder::cpu(video).tunes();
        match tune {
            "" => Ok(None),
            "hq" if hardware == Hardware::Only(Gpu::Nvenc) => Ok(None),
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
