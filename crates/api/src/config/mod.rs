//! The contract's job configuration and our settings, each made from the other. What the engine cannot do yet is said,
//! never silently left out.

mod fields;
mod tracks;
mod typed;
mod words;

use mediaflow_core::media::Container;
use mediaflow_core::media::preset::{HdrMode, Preset, REMUX, RateControl, Settings, TargetVideo, find_builtin};
use mediaflow_ffmpeg::flags;

use self::fields::Fields;
pub use self::typed::with_fields;
pub use self::words::{config_of, export};
use crate::error::ApiError;
use crate::wire::jobs::JobConfig;

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
                settings.hardware = remux.hardware;
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
    let mut settings = base.clone();
    let mut named = None;
    if let Some(codec) = &config.video_codec {
        (settings.video, named) = fields.video(codec)?;
    }
    settings.hardware = fields.hardware(settings.hardware, named, config.hw_accel.as_deref(), settings.video)?;
    if let Some(tier) = config.target_resolution.as_deref() {
        let unlimited = tier.is_empty() || tier.eq_ignore_ascii_case("original");
        settings.max_resolution = if unlimited { None } else { Some(fields.tier(tier)?) };
    }
    settings.rate = fields.rate(&settings, config)?;
    settings.floor = fields.floor(settings.floor, settings.rate, config.more.quality_floor)?;
    settings.quality = fields.quality(settings.quality, config)?;
    settings.accept_damage = config.more.accept_damage.unwrap_or(settings.accept_damage);
    // Those of a preset may be of another encoder.
    let flags = config.custom_flags.clone().unwrap_or_else(|| flags::text(&base.encoder_flags));
    settings.encoder_flags = fields.flags(&flags, settings.video)?;
    if let Some(two_pass) = config.two_pass {
        settings.two_pass = two_pass;
    }
    tracks::apply(&fields, &mut settings, config)?;
    if let Some(container) = &config.container {
        let known = Container::writable(container);
        settings.container = known.ok_or_else(|| fields.wrong("container", "it is mkv or mp4", container))?;
    }
    if let Some(mode) = &config.hdr_mode {
        settings.hdr = match mode.as_str() {
            "preserve" => HdrMode::Preserve,
            "tonemap" => HdrMode::ToneMap,
            other => return Err(fields.wrong("hdr_mode", "it is preserve or tonemap", other)),
        };
    }
    if let Some(tune) = &config.encoder_tune {
        settings.tune = fields.tune(tune, settings.video, settings.hardware)?;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::hardware::{Gpu, Hardware};
    use mediaflow_core::media::preset::{QualityCheck, builtins};

    use super::fields::bitrate;
    use super::*;
    use crate::wire::options::OptionFields;

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
    fn a_floor_follows_its_target_down_and_cannot_lie_above_it() {
        let with = |fields: OptionFields| JobConfig {
            bitrate_mode: Some("quality".to_owned()),
            more: fields.into(),
            ..JobConfig::default()
        };
        let settings =
            settings_of(&with(OptionFields { target_vmaf: Some(80), ..OptionFields::default() })).expect("a target");
        assert_eq!((settings.rate, settings.floor.vmaf), (RateControl::TargetVmaf(80), 75.0));
        assert_eq!(config_of(&settings).more.target_vmaf, Some(80));
        let above = OptionFields { target_vmaf: Some(90), quality_floor: Some(90), ..OptionFields::default() };
        assert!(matches!(settings_of(&with(above)), Err(ApiError::Invalid(_))));
        let whole = OptionFields {
            quality_check: Some("whole".to_owned()),
            quality_retries: Some(0),
            accept_damage: Some(true),
            ..OptionFields::default()
        };
        let settings = settings_of(&with(whole)).expect("known words");
        assert_eq!(settings.quality, QualityCheck { whole: true, retries: 0 });
        assert_eq!(config_of(&settings).more.accept_damage, Some(true));
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
    fn hardware_is_asked_for_by_family_or_by_the_name_of_its_encoder() {
        let asked = |codec: Option<&str>, hw_accel: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            settings_of(&JobConfig { video_codec: owned(codec), hw_accel: owned(hw_accel), ..JobConfig::default() })
        };
        let nvenc = Hardware::Only(Gpu::Nvenc);
        for (codec, hw_accel, video, hardware) in [
            (None, None, TargetVideo::Hevc, Hardware::Automatic),
            (None, Some("auto"), TargetVideo::Hevc, Hardware::Automatic),
            (None, Some("none"), TargetVideo::Hevc, Hardware::Off),
            (Some("av1"), Some("nvenc"), TargetVideo::Av1, nvenc),
            (None, Some("cuda"), TargetVideo::Hevc, nvenc),
            (Some("h264_nvenc"), None, TargetVideo::H264, nvenc),
            (Some("hevc_nvenc"), Some("cuda"), TargetVideo::Hevc, nvenc),
            (Some("hevc_amf"), Some(""), TargetVideo::Hevc, Hardware::Only(Gpu::Amf)),
        ] {
            let settings = asked(codec, hw_accel).unwrap_or_else(|error| panic!("{codec:?} {hw_accel:?}: {error:?}"));
            assert_eq!((settings.video, settings.hardware), (video, hardware), "{codec:?} {hw_accel:?}");
        }
        for (codec, hw_accel) in [
            (None, Some("abacus")),
            (Some("hevc_abacus"), None),
            (Some("hevc_nvenc"), Some("qsv")),
            (Some("hevc_nvenc"), Some("none")),
            (Some("libsvtav1"), Some("videotoolbox")),
        ] {
            assert!(asked(codec, hw_accel).is_err(), "{codec:?} {hw_accel:?} was taken");
        }
    }

    #[test]
    fn hardware_reads_back_and_keeps_its_own_verdicts_but_for_a_copy() {
        let with = |hardware| Settings { hardware, ..defaults() };
        for (hardware, word) in
            [(Hardware::Automatic, None), (Hardware::Off, Some("none")), (Hardware::Only(Gpu::Qsv), Some("qsv"))]
        {
            let config = config_of(&with(hardware));
            assert_eq!(config.hw_accel.as_deref(), word);
            assert_eq!(settings_of(&config).expect("its own words").hardware, hardware);
        }
        assert_ne!(with(Hardware::Off).policy(), with(Hardware::Automatic).policy());
        let copy = |hardware| Settings { hardware, ..Settings::remux() }.policy();
        assert_eq!(copy(Hardware::Off), copy(Hardware::Only(Gpu::Nvenc)), "nothing is encoded");
    }

    #[test]
    fn a_tuning_of_nvenc_is_taken_with_nvenc_only() {
        let hq = |codec: &str| {
            let (video_codec, tune) = (Some(codec.to_owned()), Some("hq".to_owned()));
            settings_of(&JobConfig { video_codec, encoder_tune: tune, ..JobConfig::default() })
        };
        assert_eq!(hq("hevc_nvenc").expect("what NVENC takes anyway").tune, None);
        assert!(hq("libx265").is_err());
    }
}
