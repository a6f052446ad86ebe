//! A configuration typed as `field=value`, in the words that the API takes.

use mediaflow_core::media::preset::Preset;
use serde_json::{Map, Value};

use super::overlaid;
use crate::error::ApiError;
use crate::extract::plain;
use crate::wire::jobs::JobConfig;

/// Lays typed fields over a preset.
///
/// # Errors
/// A sentence for the first field that is unknown or does not hold what it must.
pub fn with_fields(preset: Preset, typed: &[String]) -> Result<Preset, String> {
    let mut fields = Map::new();
    for word in typed {
        let (name, text) = word.split_once('=').ok_or_else(|| format!("{word:?} is not FIELD=VALUE"))?;
        fields.insert(name.to_owned(), value_of(name, text)?);
    }
    let config = read(&fields)?;
    let known = serde_json::to_value(&config).unwrap_or_default();
    if let Some(name) = fields.keys().find(|name| known.get(name.as_str()).is_none()) {
        return Err(format!("there is no field {name:?}; there are {}", names().join(", ")));
    }
    overlaid(Some(preset), Some(&config), "").map_err(|error| match error {
        ApiError::Invalid(wrong) => wrong
            .iter()
            .map(|field| {
                let name = field.loc.last().map(ToString::to_string).unwrap_or_default();
                format!("{name}: {}", field.msg)
            })
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    })
}

/// A typed value as its field takes it: as JSON writes it, as text, or as a list with commas.
fn value_of(name: &str, text: &str) -> Result<Value, String> {
    let fits = |value: &Value| read(&Map::from_iter([(name.to_owned(), value.clone())])).map(drop);
    let list = text.split(',').map(|item| Value::from(item.trim())).collect();
    let ways = serde_json::from_str(text).into_iter().chain([Value::from(text), Value::Array(list)]);
    let mut wrong = None;
    for way in ways {
        match fits(&way) {
            Ok(()) => return Ok(way),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Err(wrong.unwrap_or_default())
}

/// All fields, as the API's documentation lists them.
fn names() -> Vec<String> {
    let schema = schemars::schema_for!(JobConfig);
    let fields = schema.get("properties").and_then(Value::as_object);
    fields.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn read(fields: &Map<String, Value>) -> Result<JobConfig, String> {
    serde_path_to_error::deserialize(Value::Object(fields.clone())).map_err(|error| {
        match error.path().to_string().as_str() {
            // A field that names itself.
            "." => error.inner().to_string(),
            path => format!("{path}: {}", plain(&error.inner().to_string())),
        }
    })
}

#[cfg(test)]
mod tests {
    use mediaflow_core::media::preset::{RateControl, find_builtin};

    use super::*;

    fn typed(words: &[&str]) -> Result<Preset, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        with_fields(find_builtin("Balanced").expect("a built-in"), &words)
    }

    #[test]
    fn typed_fields_are_laid_over_a_preset() {
        let preset = typed(&["bitrate_mode=quality", "target_vmaf=93", "two_pass=false", "target_bitrate=8000000"])
            .expect("all known");
        assert_eq!(preset.settings.rate, RateControl::TargetVmaf(93));
        for list in ["audio_languages=de, en", "audio_languages=[\"de\", \"en\"]"] {
            assert_eq!(typed(&[list]).expect(list).settings.audio_rules.languages.len(), 2);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (word, named) in [
            ("crf_value", "FIELD=VALUE"),
            ("crf=20", "\"crf\"; there are "),
            ("crf=20", "audio_languages"),
            ("crf_value=high", "crf_value: it is a whole number, not \"high\""),
            ("crf_value=99", "crf_value"),
            ("target_vmaf=many", "target_vmaf"),
            ("quality_retries=9", "quality_retries"),
        ] {
            let error = typed(&[word]).expect_err(word);
            assert!(error.contains(named), "{word}: {error}");
        }
    }
}
