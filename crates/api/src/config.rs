//! The contract's job configuration and our settings, each made from the other. What the engine cannot do yet is said,
//! never silently left out.

use mediaflow_core::media::preset::{
    AudioCodec, AudioMode, EncoderFlag, HdrMode, Preset, REMUX, RateControl, Settings, SubtitleMode, TargetVideo,
    find_builtin,
};
use mediaflow_core::media::{Container, ResolutionTier};
use mediaflow_ffmpeg::flags;

use crate::error::ApiError;
use crate::wire::jobs::JobConfig;
use crate::wire::presets::TranscodePresetExport;

/// The contract's defaults: x265 at CRF 23 in Matroska, everything else copied.
fn defaults() -> Settings {
    let balanced = find_builtin("Balanced").map_or_else(Settings::remux, |preset| preset.settings);
    Settings { rate: RateControl::Crf(DEFAULT_CRF), ..balanced }
}

/// `JobConfig.crf_value` in the contract.
const DEFAULT_CRF: u8 = 23;
/// `JobConfig.target_bitrate` in the contract.
const DEFAULT_BITRATE_BPS: u64 = 8_000_000;
/// The name of settings that belong to no preset.
const CUSTOM: &str = "Custom";

/// A preset with a configuration laid over it; without a preset, over the contract's defaults. `within` as in [`apply`].
pub fn overlaid(preset: Option<Preset>, config: Option<&JobConfig>, within: &str) -> Result<Preset, ApiError> {
    let base = preset.unwrap_or_else(|| Preset {
        name: CUSTOM.to_owned(),
        description: String::new(),
        is_builtin: false,
        settings: defaults(),
    });
    match config {
        None => Ok(base),
        Some(config) if *config == JobConfig::default() => Ok(base),
        Some(config) => {
            let mut settings = apply(&base.settings, config, within)?;
            if settings == base.settings {
                return Ok(base);
            }
            let remux = Settings::remux();
            if settings.video == TargetVideo::Copy {
                // Without meaning for a copy: it must not make another policy of the same remux.
                settings.rate = remux.rate;
            }
            let name = if settings == remux { REMUX } else { CUSTOM };
            Ok(Preset { name: name.to_owned(), settings, ..base })
        }
    }
}

/// Settings of a new preset.
pub fn settings_of(config: &JobConfig) -> Result<Settings, ApiError> {
    apply(&defaults(), config, "")
}

/// Lays a configuration over settings. `within` is the field of the body that holds it, empty for the body itself.
pub fn apply(base: &Settings, config: &JobConfig, within: &str) -> Result<Settings, ApiError> {
    let fields = Fields { within };
    fields.refuse_later_work(config)?;
    let mut settings = base.clone();
    if let Some(codec) = &config.video_codec {
        settings.video = fields.video(codec)?;
    }
    if let Some(tier) = config.target_resolution.as_deref() {
        let unlimited = tier.is_empty() || tier.eq_ignore_ascii_case("original");
        settings.max_resolution = if unlimited { None } else { Some(fields.tier(tier)?) };
    }
    settings.rate = fields.rate(&settings, config)?;
    // Those of a preset may be of another encoder.
    let flags = config.custom_flags.clone().unwrap_or_else(|| flags::text(&base.encoder_flags));
    settings.encoder_flags = fields.flags(&flags, settings.video)?;
    if let Some(two_pass) = config.two_pass {
        settings.two_pass = two_pass;
    }
    let codec = config.audio_codec.as_deref().filter(|codec| !codec.is_empty());
    let codec = codec.map(|codec| fields.audio_codec(codec)).transpose()?;
    if let Some(mode) = &config.audio_mode {
        settings.audio = fields.audio(mode, codec, settings.audio)?;
    } else if let (Some(codec), AudioMode::Transcode(_)) = (codec, settings.audio) {
        settings.audio = AudioMode::Transcode(codec);
    }
    if let Some(container) = &config.container {
        let known = Container::writable(container);
        settings.container = known.ok_or_else(|| fields.wrong("container", "it is mkv or mp4", container))?;
    }
    if let Some(mode) = &config.subtitle_mode {
        settings.subtitles = match mode.as_str() {
            "copy" => SubtitleMode::Copy,
            "burn" => SubtitleMode::Burn,
            "remove" => SubtitleMode::Remove,
            other => return Err(fields.wrong("subtitle_mode", "it is copy, burn or remove", other)),
        };
    }
    if let Some(mode) = &config.hdr_mode {
        settings.hdr = match mode.as_str() {
            "preserve" => HdrMode::Preserve,
            "tonemap" => HdrMode::ToneMap,
            other => return Err(fields.wrong("hdr_mode", "it is preserve or tonemap", other)),
        };
    }
    if let Some(tune) = &config.encoder_tune {
        settings.tune = fields.tune(tune, settings.video)?;
    }
    Ok(settings)
}

/// Kinds of GPU that existing clients name.
const GPUS: [&str; 6] = ["nvenc", "cuda", "qsv", "vaapi", "videotoolbox", "amf"];

/// Knows how the fields of a configuration are called in an error.
struct Fields<'a> {
    within: &'a str,
}

impl Fields<'_> {
    fn wrong(&self, field: &str, what: &str, sent: &str) -> ApiError {
        let place: &[&str] = if self.within.is_empty() { &["body", field] } else { &["body", self.within, field] };
        ApiError::field(place, "value_error", what, sent)
    }

    fn refuse_later_work(&self, config: &JobConfig) -> Result<(), ApiError> {
        let later = |what: &str| Err(ApiError::NotYet(format!("{what} belongs to a later version of MediaFlow")));
        match config.hw_accel.as_deref().map_or("", str::trim) {
            "" | "none" => {}
            gpu if GPUS.contains(&gpu) => return later("encoding on a GPU (hw_accel)"),
            other => return Err(self.wrong("hw_accel", "it is none; GPUs belong to a later version", other)),
        }
        Ok(())
    }

    fn video(&self, codec: &str) -> Result<TargetVideo, ApiError> {
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

    fn tier(&self, name: &str) -> Result<ResolutionTier, ApiError> {
        ResolutionTier::parse(name)
            .ok_or_else(|| self.wrong("target_resolution", "it is 4K, 1080p, 720p, 480p, SD or null", name))
    }

    /// Both fields are read, whichever the mode is: a wrong one is told, not left aside.
    fn rate(&self, settings: &Settings, config: &JobConfig) -> Result<RateControl, ApiError> {
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

    fn crf(&self, crf: i64, video: TargetVideo) -> Result<u8, ApiError> {
        let most = if video == TargetVideo::Av1 { 63 } else { 51 };
        u8::try_from(crf).ok().filter(|crf| *crf <= most).ok_or_else(|| {
            let what = format!("it is a number from 0 to {most}; lower is better");
            self.wrong("crf_value", &what, &crf.to_string())
        })
    }

    fn bitrate(&self, text: &str) -> Result<u64, ApiError> {
        bitrate(text).ok_or_else(|| {
            self.wrong("target_bitrate", "it is a bitrate from 50k to 400M, such as 8M, 2.5M or 800k", text)
        })
    }

    fn audio(&self, mode: &str, codec: Option<AudioCodec>, before: AudioMode) -> Result<AudioMode, ApiError> {
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

    fn audio_codec(&self, name: &str) -> Result<AudioCodec, ApiError> {
        match name {
            "aac" => Ok(AudioCodec::Aac),
            "ac3" => Ok(AudioCodec::Ac3),
            "eac3" => Ok(AudioCodec::Eac3),
            "opus" | "libopus" => Ok(AudioCodec::Opus),
            other => Err(self.wrong("audio_codec", "it is aac, ac3, eac3 or libopus", other)),
        }
    }

    fn flags(&self, text: &str, video: TargetVideo) -> Result<Vec<EncoderFlag>, ApiError> {
        flags::parse(text, video).map_err(|error| self.wrong("custom_flags", &error.to_string(), text))
    }

    fn tune(&self, tune: &str, video: TargetVideo) -> Result<Option<String>, ApiError> {
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
fn bitrate(text: &str) -> Option<u64> {
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
        hw_accel: None,
        audio_mode: Some(export.audio_mode),
        audio_codec: export.audio_codec,
        container: Some(export.container),
        subtitle_mode: Some(export.subtitle_mode),
        custom_flags: export.custom_flags,
        hdr_mode: Some(export.hdr_mode),
        two_pass: Some(export.two_pass),
        encoder_tune: export.encoder_tune,
    }
}

/// A preset in the contract's words.
#[must_use]
pub fn export(preset: &Preset) -> TranscodePresetExport {
    let Settings {
        video, rate, two_pass, tune, encoder_flags, max_resolution, container, audio, subtitles, hdr, ..
    } = &preset.settings;
    let text = |text: &str| text.to_owned();
    let (bitrate_mode, crf_value, target_bitrate) = match rate {
        RateControl::Crf(crf) => ("crf", Some(i64::from(*crf)), None),
        RateControl::Bitrate(bps) => ("vbr", None, Some(bitrate_text(*bps))),
        RateControl::ConstantBitrate(bps) => ("cbr", None, Some(bitrate_text(*bps))),
    };
    let (audio_mode, audio_codec) = match audio {
        AudioMode::Copy => ("copy", None),
        AudioMode::Downmix => ("downmix", Some("aac")),
        AudioMode::Transcode(AudioCodec::Opus) => ("transcode", Some("libopus")),
        AudioMode::Transcode(codec) => ("transcode", Some(codec.name())),
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
        hw_accel: None,
        audio_mode: text(audio_mode),
        audio_codec: audio_codec.map(text),
        container: text(container.extension()),
        subtitle_mode: text(match subtitles {
            SubtitleMode::Copy => "copy",
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
    }
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::preset::builtins;

    use super::*;

    #[test]
    fn every_built_in_preset_reads_back_from_its_own_words() {
        for preset in builtins() {
            let config = config_of(&preset.settings);
            let again = apply(&preset.settings, &config, "").expect("its own words");
            assert_eq!(again, preset.settings, "{}", preset.name);
        }
    }

    #[test]
    fn a_copy_of_everything_is_the_remux_whatever_it_was_laid_over() {
        let copy = JobConfig { video_codec: Some("copy".to_owned()), ..JobConfig::default() };
        for base in [None, find_builtin("Balanced")] {
            let preset = overlaid(base, Some(&copy), "").expect("a remux");
            assert_eq!((preset.name.as_str(), preset.settings.policy()), (REMUX, Settings::remux().policy()));
        }
        let mp4 = JobConfig { container: Some("mp4".to_owned()), ..copy };
        assert_eq!(overlaid(None, Some(&mp4), "").expect("another remux").name, CUSTOM);
    }

    #[test]
    fn bitrates_are_read_in_all_their_spellings() {
        let cases = [("8M", 8_000_000), ("2.5M", 2_500_000), ("800k", 800_000), ("1000000", 1_000_000)];
        for (text, bps) in cases {
            assert_eq!(bitrate(text), Some(bps), "{text}");
        }
        for text in ["", "M", "-8M", "8G", "NaN", "inf", "1e99M", "9999M"] {
            assert_eq!(bitrate(text), None, "{text}");
        }
    }

    #[test]
    fn a_constant_bitrate_and_two_passes_are_taken_where_the_encoder_has_them() {
        let cbr = JobConfig {
            bitrate_mode: Some("cbr".to_owned()),
            target_bitrate: Some("3M".to_owned()),
            ..JobConfig::default()
        };
        let settings = settings_of(&cbr).expect("x265 has it");
        assert_eq!(settings.rate, RateControl::ConstantBitrate(3_000_000));
        assert_eq!(config_of(&settings).bitrate_mode.as_deref(), Some("cbr"));
        assert!(settings_of(&JobConfig { video_codec: Some("libsvtav1".to_owned()), ..cbr }).is_err());
        let two = JobConfig { two_pass: Some(true), bitrate_mode: Some("vbr".to_owned()), ..JobConfig::default() };
        let settings = settings_of(&two).expect("two passes");
        assert!(settings.takes_two_passes() && config_of(&settings).two_pass == Some(true));
    }

    #[test]
    fn flags_are_kept_for_their_own_encoder_only() {
        let grain = "-x265-params aq-mode=3 -vf hqdn3d=2";
        let config = JobConfig { custom_flags: Some(grain.to_owned()), ..JobConfig::default() };
        let settings = settings_of(&config).expect("x265's own");
        assert_eq!(config_of(&settings).custom_flags.as_deref(), Some(grain));
        let other = JobConfig { video_codec: Some("libx264".to_owned()), ..JobConfig::default() };
        assert!(apply(&settings, &other, "").is_err(), "x264 has no x265-params");
        let without = JobConfig { custom_flags: Some(String::new()), ..other };
        assert!(apply(&settings, &without, "").is_ok_and(|settings| settings.encoder_flags.is_empty()));
    }

    #[test]
    fn what_belongs_to_later_work_is_said() {
        let later = [
            JobConfig { hw_accel: Some("nvenc".to_owned()), ..JobConfig::default() },
            JobConfig { video_codec: Some("hevc_nvenc".to_owned()), ..JobConfig::default() },
        ];
        for config in later {
            assert!(matches!(settings_of(&config), Err(ApiError::NotYet(_))), "{config:?}");
        }
    }
}
