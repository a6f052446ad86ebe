//! Graphics hardware that encodes: its families, what a preset wants of it, and who encoded in the end.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A family of hardware encoders, each with an interface of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gpu {
    /// NVIDIA's encoder.
    Nvenc,
    /// Apple's media engine.
    VideoToolbox,
    /// Intel Quick Sync Video.
    Qsv,
    /// AMD's Advanced Media Framework.
    Amf,
    /// The interface of Linux' own drivers, for Intel and AMD.
    Vaapi,
}

impl Gpu {
    /// All, in the order in which one is chosen where several work: a maker's own interface before the general one.
    pub const ALL: [Self; 5] = [Self::Nvenc, Self::VideoToolbox, Self::Qsv, Self::Amf, Self::Vaapi];

    /// Its name in the API and at the end of the names of ffmpeg's encoders.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nvenc => "nvenc",
            Self::VideoToolbox => "videotoolbox",
            Self::Qsv => "qsv",
            Self::Amf => "amf",
            Self::Vaapi => "vaapi",
        }
    }

    /// The family of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gpu| gpu.name() == name)
    }
}

impl fmt::Display for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nvenc => "NVENC",
            Self::VideoToolbox => "VideoToolbox",
            Self::Qsv => "QuickSync",
            Self::Amf => "AMF",
            Self::Vaapi => "VAAPI",
        })
    }
}

/// What a preset wants of a worker's hardware.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hardware {
    /// The hardware where it works and carries the whole plan, else the CPU.
    #[default]
    Automatic,
    /// The CPU: slower, and smaller at the same quality.
    Off,
    /// This family; where it does not work the CPU does it, and the job says so.
    Only(Gpu),
}

impl Hardware {
    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        *self == Self::Automatic
    }
}

/// Who decodes and encodes the pictures of one attempt, as it was chosen for its worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodedBy {
    /// The encoder, as ffmpeg names it.
    pub encoder: String,
    /// The family that it belongs to; `None` for the CPU.
    pub gpu: Option<Gpu>,
    /// What the source is decoded with, as ffmpeg names it; `None` for the CPU.
    pub decoder: Option<String>,
    /// The pixel format that the encoder is given.
    pub pixel_format: String,
    /// Why it was chosen, where that says something.
    pub notes: Vec<String>,
    /// What was wanted, or tried before, and why it is not that.
    pub instead_of: Option<InsteadOf>,
}

impl EncodedBy {
    /// What a person should know of the choice, a line each.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.instead_of.iter().map(ToString::to_string).chain(self.notes.iter().cloned()).collect()
    }
}

/// Hardware that was wanted and is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsteadOf {
    /// What it is: `NVENC`, or `decoding with cuda`.
    pub what: String,
    /// What kept it from working.
    pub reason: String,
}

impl fmt::Display for InsteadOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CPU instead of {}: {}", self.what, self.reason)
    }
}
