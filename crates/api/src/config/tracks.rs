//! What a configuration says of sound and subtitles.

use mediaflow_core::media::language::Language;
use mediaflow_core::media::preset::{
    AudioCodec, AudioMode, AudioRules, DownmixLayout, Settings, SubtitleMode, SubtitleRules,
};

use super::fields::Fields;
use crate::error::ApiError;
use crate::wire::jobs::JobConfig;
use crate::wire::options::OptionFields;

/// Lays the fields over settings.
pub(super) fn apply(fields: &Fields<'_>, settings: &mut Settings, config: &JobConfig) -> Result<(), ApiError> {
    let more = &config.more;
    settings.audio = audio(fields, settings.audio, config)?;
    let AudioRules { languages, default_language, drop_commentary, compatibility } = &mut settings.audio_rules;
    if let Some(codes) = &more.audio_languages {
        *languages = all(fields, "audio_languages", codes)?;
    }
    if let Some(code) = &more.audio_default_language {
        *default_language = one(fields, "audio_default_language", code)?;
    }
    *drop_commentary = more.audio_drop_commentary.unwrap_or(*drop_commentary);
    *compatibility = more.audio_compatibility.unwrap_or(*compatibility);

    if let Some(mode) = &config.subtitle_mode {
        settings.subtitles = match mode.as_str() {
            "copy" => SubtitleMode::Copy,
            "convert" => SubtitleMode::Convert,
            "burn" => SubtitleMode::Burn,
            "remove" => SubtitleMode::Remove,
            other => return Err(fields.wrong("subtitle_mode", "it is copy, convert, burn or remove", other)),
        };
    }
    let SubtitleRules { languages, burn_language } = &mut settings.subtitle_rules;
    if let Some(codes) = &more.subtitle_languages {
        *languages = all(fields, "subtitle_languages", codes)?;
    }
    if let Some(code) = &more.burn_language {
        *burn_language = one(fields, "burn_language", code)?;
    }
    settings.drop_image_subtitles = more.drop_image_subtitles.unwrap_or(settings.drop_image_subtitles);
    Ok(())
}

/// Absent fields keep what was before, as far as it belongs to the mode.
fn audio(fields: &Fields<'_>, before: AudioMode, config: &JobConfig) -> Result<AudioMode, ApiError> {
    let codec = config.audio_codec.as_deref().filter(|codec| !codec.is_empty());
    let codec = codec.map(|codec| self::codec(fields, codec)).transpose()?;
    let channels = config.more.audio_channels.as_deref().filter(|layout| !layout.is_empty());
    let layout = channels.map(|name| layout(fields, name)).transpose()?;
    let mode = config.audio_mode.as_deref().unwrap_or(match before {
        AudioMode::Copy => "copy",
        AudioMode::Transcode(_) => "transcode",
        AudioMode::Downmix { .. } => "downmix",
    });
    let asked = match (mode, before) {
        ("copy", _) => AudioMode::Copy,
        ("transcode", AudioMode::Transcode(before)) => AudioMode::Transcode(codec.unwrap_or(before)),
        ("transcode", _) => AudioMode::Transcode(codec.unwrap_or(AudioCodec::Aac)),
        ("downmix", AudioMode::Downmix { codec: before, layout: like }) => {
            AudioMode::Downmix { codec: codec.unwrap_or(before), layout: layout.unwrap_or(like) }
        }
        ("downmix", _) => AudioMode::Downmix {
            codec: codec.unwrap_or(AudioCodec::Aac),
            layout: layout.unwrap_or(DownmixLayout::Stereo),
        },
        (other, _) => return Err(fields.wrong("audio_mode", "it is copy, transcode or downmix", other)),
    };
    match (asked, channels) {
        (AudioMode::Downmix { .. }, _) | (_, None) => Ok(asked),
        (_, Some(channels)) => {
            Err(fields.wrong("audio_channels", "it is for the audio mode downmix; leave it out", channels))
        }
    }
}

fn codec(fields: &Fields<'_>, name: &str) -> Result<AudioCodec, ApiError> {
    match name {
        "aac" => Ok(AudioCodec::Aac),
        "ac3" => Ok(AudioCodec::Ac3),
        "eac3" => Ok(AudioCodec::Eac3),
        "opus" | "libopus" => Ok(AudioCodec::Opus),
        other => Err(fields.wrong("audio_codec", "it is aac, ac3, eac3 or libopus", other)),
    }
}

fn layout(fields: &Fields<'_>, name: &str) -> Result<DownmixLayout, ApiError> {
    match name {
        "stereo" => Ok(DownmixLayout::Stereo),
        "5.1" => Ok(DownmixLayout::Surround51),
        other => Err(fields.wrong("audio_channels", "it is stereo or 5.1", other)),
    }
}

/// A language; empty for none.
fn one(fields: &Fields<'_>, field: &str, code: &str) -> Result<Option<Language>, ApiError> {
    if code.trim().is_empty() {
        return Ok(None);
    }
    let what = "it is a language's code of ISO 639, such as en, eng or ger";
    Language::parse(code).map(Some).ok_or_else(|| fields.wrong(field, what, code))
}

/// Languages, each once and in one order: the same ones make the same policy.
fn all(fields: &Fields<'_>, field: &str, codes: &[String]) -> Result<Vec<Language>, ApiError> {
    let mut languages = Vec::new();
    for code in codes {
        languages.extend(one(fields, field, code)?);
    }
    languages.sort();
    languages.dedup();
    Ok(languages)
}

/// The codec of audio that is encoded anew, in the contract's words.
pub(super) fn codec_name(codec: AudioCodec) -> &'static str {
    match codec {
        AudioCodec::Opus => "libopus",
        codec => codec.name(),
    }
}

/// The fields of settings that the contract has no words for; what is not asked for is left out.
pub(super) fn options(settings: &Settings) -> OptionFields {
    let codes = |languages: &[Language]| {
        let codes: Vec<String> = languages.iter().map(ToString::to_string).collect();
        Some(codes).filter(|codes| !codes.is_empty())
    };
    let asked = |asked: bool| asked.then_some(true);
    let (audio, subtitles) = (&settings.audio_rules, &settings.subtitle_rules);
    OptionFields {
        audio_channels: match settings.audio {
            AudioMode::Downmix { layout: DownmixLayout::Stereo, .. } => Some("stereo".to_owned()),
            AudioMode::Downmix { layout: DownmixLayout::Surround51, .. } => Some("5.1".to_owned()),
            AudioMode::Copy | AudioMode::Transcode(_) => None,
        },
        audio_languages: codes(&audio.languages),
        audio_default_language: audio.default_language.as_ref().map(ToString::to_string),
        audio_drop_commentary: asked(audio.drop_commentary),
        audio_compatibility: asked(audio.compatibility),
        subtitle_languages: codes(&subtitles.languages),
        burn_language: subtitles.burn_language.as_ref().map(ToString::to_string),
        drop_image_subtitles: asked(settings.drop_image_subtitles),
        ..OptionFields::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{config_of, settings_of};
    use super::*;

    fn config(fields: serde_json::Value) -> JobConfig {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn every_field_reads_back_from_its_own_words() {
        let asked = config(serde_json::json!({
            "audio_mode": "downmix", "audio_codec": "ac3", "audio_channels": "5.1", "audio_languages": ["de", "eng", "deu"],
            "audio_default_language": "ja", "audio_drop_commentary": true, "audio_compatibility": true,
            "subtitle_mode": "burn", "subtitle_languages": ["fre"], "burn_language": "fr", "drop_image_subtitles": true,
        }));
        let settings = settings_of(&asked).expect("all of it is known");
        assert_eq!(settings.audio, AudioMode::Downmix { codec: AudioCodec::Ac3, layout: DownmixLayout::Surround51 });
        let words = config_of(&settings);
        assert_eq!(words.more.audio_languages, Some(vec!["eng".to_owned(), "ger".to_owned()]));
        assert_eq!(settings_of(&words).expect("its own words"), settings);
    }

    #[test]
    fn what_cannot_be_is_said_at_its_field() {
        for (field, fields) in [
            ("audio_channels", serde_json::json!({"audio_channels": "5.1"})),
            ("audio_channels", serde_json::json!({"audio_mode": "downmix", "audio_channels": "7.1"})),
            ("audio_languages", serde_json::json!({"audio_languages": ["english"]})),
            ("burn_language", serde_json::json!({"burn_language": "xx"})),
            ("subtitle_mode", serde_json::json!({"subtitle_mode": "draw"})),
        ] {
            let error = settings_of(&config(fields.clone())).expect_err("it is wrong");
            assert!(format!("{error:?}").contains(field), "{fields}: {error:?}");
        }
    }

    #[test]
    fn what_has_no_effect_makes_no_other_policy() {
        let policy = |fields| settings_of(&config(fields)).expect("it is right").policy();
        let plain = policy(serde_json::json!({}));
        assert_eq!(policy(serde_json::json!({"burn_language": "en", "audio_languages": []})), plain);
        assert_ne!(policy(serde_json::json!({"audio_languages": ["en"]})), plain);
        let stereo = policy(serde_json::json!({"audio_mode": "downmix"}));
        assert_eq!(policy(serde_json::json!({"audio_mode": "downmix", "audio_compatibility": true})), stereo);
    }
}
