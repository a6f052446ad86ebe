//! What a user wants done to the tracks of a film besides its pictures.

use serde::{Deserialize, Serialize};

use super::language::Language;

/// What happens to audio tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "StoredAudioMode", into = "StoredAudioMode")]
pub enum AudioMode {
    /// Kept bit for bit.
    Copy,
    /// Re-encoded with the same channels.
    Transcode(AudioCodec),
    /// Re-encoded, and mixed down where a track has more channels.
    Downmix {
        /// The codec.
        codec: AudioCodec,
        /// The most channels that a track keeps.
        layout: DownmixLayout,
    },
}

/// How [`AudioMode`] is kept: `downmix` alone has always been stereo AAC, and the policies of that time still hold.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredAudioMode {
    Copy,
    Transcode(AudioCodec),
    Downmix,
    DownmixTo { codec: AudioCodec, layout: DownmixLayout },
}

impl From<StoredAudioMode> for AudioMode {
    fn from(stored: StoredAudioMode) -> Self {
        match stored {
            StoredAudioMode::Copy => Self::Copy,
            StoredAudioMode::Transcode(codec) => Self::Transcode(codec),
            StoredAudioMode::Downmix => Self::STEREO_AAC,
            StoredAudioMode::DownmixTo { codec, layout } => Self::Downmix { codec, layout },
        }
    }
}

impl From<AudioMode> for StoredAudioMode {
    fn from(mode: AudioMode) -> Self {
        match mode {
            AudioMode::Copy => Self::Copy,
            AudioMode::Transcode(codec) => Self::Transcode(codec),
            AudioMode::STEREO_AAC => Self::Downmix,
            AudioMode::Downmix { codec, layout } => Self::DownmixTo { codec, layout },
        }
    }
}

impl AudioMode {
    /// What a downmix is unless something else is asked for.
    pub const STEREO_AAC: Self = Self::Downmix { codec: AudioCodec::Aac, layout: DownmixLayout::Stereo };
}

/// An audio codec that tracks can be re-encoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioCodec {
    /// AAC-LC.
    Aac,
    /// Dolby Digital.
    Ac3,
    /// Dolby Digital Plus.
    Eac3,
    /// Opus.
    Opus,
}

/// What tracks with more channels are mixed down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DownmixLayout {
    /// Two channels.
    #[serde(rename = "stereo")]
    Stereo,
    /// Six channels.
    #[serde(rename = "5.1")]
    Surround51,
}

impl DownmixLayout {
    /// Its number of channels.
    #[must_use]
    pub const fn channels(self) -> u32 {
        match self {
            Self::Stereo => 2,
            Self::Surround51 => 6,
        }
    }
}

/// Which audio tracks are kept, and how they are marked. A rule that would leave a film without sound does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioRules {
    /// Only tracks of these languages are kept, and those that name none; empty keeps all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The first track of this language becomes the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_language: Option<Language>,
    /// Whether commentaries are left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drop_commentary: bool,
    /// Whether a language that only has tracks of more channels gets one in stereo AAC beside them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub compatibility: bool,
}

impl AudioRules {
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What happens to subtitles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubtitleMode {
    /// Kept; text is converted only where the container needs it.
    Copy,
    /// Kept, all text in the one notation that every player of the container reads.
    Convert,
    /// One track is drawn into the picture, the others are kept.
    Burn,
    /// Left out.
    Remove,
}

/// Which subtitle tracks are kept, and which one is drawn into the picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct SubtitleRules {
    /// Only tracks of these languages are kept, and those that name none; empty keeps all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The language of the track that is drawn into the picture; forced and default tracks otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burn_language: Option<Language>,
}

impl SubtitleRules {
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// These rules without those that have no effect in a mode.
    pub(super) fn in_effect(&self, mode: SubtitleMode) -> Self {
        Self {
            languages: if mode == SubtitleMode::Remove { Vec::new() } else { self.languages.clone() },
            burn_language: self.burn_language.clone().filter(|_| mode == SubtitleMode::Burn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_before_downmixes_had_a_choice_reads_and_writes_as_it_was() {
        let stored = serde_json::json!("downmix");
        assert_eq!(serde_json::from_value::<AudioMode>(stored.clone()).unwrap(), AudioMode::STEREO_AAC);
        assert_eq!(serde_json::to_value(AudioMode::STEREO_AAC).unwrap(), stored);
        let surround = AudioMode::Downmix { codec: AudioCodec::Ac3, layout: DownmixLayout::Surround51 };
        let stored = serde_json::to_value(surround).unwrap();
        assert_eq!(serde_json::from_value::<AudioMode>(stored).unwrap(), surround);
    }
}
