//! A configuration typed as `field=value`, in the words that the API takes.

use mediaflow_core::media::preset::Preset;
use serde_json::{Map, Value};

use super::overlaid;
use crate::error::ApiError;
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
        return Err(format!("there is no field {name:?}; the API's documentation lists those of JobConfig"));
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

/// A typed value as its field takes it: a number, a list, or yes or no as JSON writes them, else text.
fn value_of(name: &str, text: &str) -> Result<Value, String> {
    let fits = |value: &Value| read(&Map::from_iter([(name.to_owned(), value.clone())])).map(drop);
    let as_text = Value::from(text);
    let Ok(as_json) = serde_json::from_str(text) else { return fits(&as_text).map(|()| as_text) };
    match (fits(&as_json), fits(&as_text)) {
        (Ok(()), _) => Ok(as_json),
        (Err(_), Ok(())) => Ok(as_text),
        (Err(wrong), Err(_)) => Err(wrong),
    }
}

fn read(fields: &Map<String, Value>) -> Result<JobConfig, String> {
    serde_path_to_error::deserialize(Value::Object(fields.clone())).map_err(|error| {
        match error.path().to_string().as_str() {
            // A field that names itself.
            "." => error.inner().to_string(),
            path => format!("{path}: {}", error.inner()),
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
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (word, named) in [
            ("crf_value", "FIELD=VALUE"),
            ("crf=20", "\"crf\""),
            ("crf_value=high", "crf_value"),
            ("crf_value=99", "crf_value"),
            ("target_vmaf=many", "target_vmaf"),
            ("quality_retries=9", "quality_retries"),
        ] {
            let error = typed(&[word]).expect_err(word);
            assert!(error.contains(named), "{word}: {error}");
        }
    }
}
