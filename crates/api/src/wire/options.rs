//! What can be asked of an encode besides the contract's own fields: the same in a job's configuration and in a preset.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Further options. Absent fields keep what the preset says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Options {
    #[schemars(flatten)]
    #[serde(flatten)]
    fields: OptionFields,
}

impl std::ops::Deref for Options {
    type Target = OptionFields;

    fn deref(&self) -> &OptionFields {
        &self.fields
    }
}

impl From<OptionFields> for Options {
    fn from(fields: OptionFields) -> Self {
        Self { fields }
    }
}

/// A code of ISO 639, which may have a country behind it.
const LANGUAGE: &str = "^([A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*)?$";

/// The fields of [`Options`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OptionFields {
    /// The VMAF to be reached with the least bits, for the bitrate mode `quality`.
    #[schemars(range(min = 60, max = 99))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_vmaf: Option<i64>,
    /// The VMAF that the worst two seconds of a result must have to replace its original.
    #[schemars(range(min = 0, max = 97))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_floor: Option<i64>,
    /// `sampled` looks at windows all over the film, `whole` at every second.
    #[schemars(regex(pattern = "^(sampled|whole)$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_check: Option<String>,
    /// How often a result below the floor is encoded again with a lower CRF.
    #[schemars(range(min = 0, max = 3))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_retries: Option<i64>,
    /// What a downmix leaves of tracks with more channels: `stereo` or `5.1`.
    #[schemars(regex(pattern = "^(stereo|5\\.1)?$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_channels: Option<String>,
    /// Languages of the audio tracks that are kept, by their codes of ISO 639; none keeps all. Tracks that name no language
    /// are kept, and so is everything where nothing else would be left.
    #[schemars(length(max = 50), inner(regex(pattern = LANGUAGE)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_languages: Option<Vec<String>>,
    /// The language whose first track becomes the default one; empty leaves it as it is.
    #[schemars(regex(pattern = LANGUAGE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_default_language: Option<String>,
    /// Whether commentaries are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_drop_commentary: Option<bool>,
    /// Whether a language that has only tracks of more channels gets one in stereo AAC too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_compatibility: Option<bool>,
    /// Languages of the subtitle tracks that are kept; none keeps all.
    #[schemars(length(max = 50), inner(regex(pattern = LANGUAGE)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle_languages: Option<Vec<String>>,
    /// The language of the subtitles that are drawn into the picture; forced or default ones otherwise.
    #[schemars(regex(pattern = LANGUAGE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burn_language: Option<String>,
    /// Whether image subtitles may be left out where the container cannot hold them, instead of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop_image_subtitles: Option<bool>,
    /// Whether a film with decoding errors is encoded all the same: the new file has what can be seen of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_damage: Option<bool>,
}

/// A field of a flattened struct is not named in serde's own errors: here it is.
impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Map::<String, Value>::deserialize(deserializer)?;
        let fields = serde_path_to_error::deserialize(Value::Object(all));
        fields.map(|fields| Self { fields }).map_err(serde::de::Error::custom)
    }
}
