//! Workers: machines that encode. This one is a worker, and so is every one that lets us in over SSH.

mod health;
mod mapping;

use serde::{Deserialize, Serialize};

use crate::media::hardware::Gpu;

pub use health::{FAILURES_LIMIT, MISSED_LIMIT, NO_LINE_SCORE, Signs, line_score, pause_minutes};
pub use mapping::{MappingError, PathMapping, mapped};

/// How a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerStatus {
    /// It was added, and nobody has reached it yet.
    Pending,
    /// It answers.
    Online,
    /// It does not answer.
    Offline,
    /// It is being set up.
    Provisioning,
    /// Setting it up failed.
    SetupFailed,
}

impl WorkerStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Online, Self::Offline, Self::Provisioning, Self::SetupFailed];

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Provisioning => "provisioning",
            Self::SetupFailed => "setup_failed",
        }
    }

    /// Reads its stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// What a worker is, as far as it told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Its processor.
    #[serde(default)]
    pub cpu_model: Option<String>,
    /// Threads that it runs at once.
    #[serde(default)]
    pub cpu_cores: Option<u32>,
    /// Its memory in bytes.
    #[serde(default)]
    pub ram_bytes: Option<u64>,
    /// Its graphics card.
    #[serde(default)]
    pub gpu_model: Option<String>,
    /// Its system, for a person: `Debian GNU/Linux 12 (bookworm)`.
    #[serde(default)]
    pub os: Option<String>,
    /// Its architecture, as `uname -m` names it.
    #[serde(default)]
    pub arch: Option<String>,
    /// Families of hardware encoders that work there.
    #[serde(default)]
    pub hardware: Vec<Gpu>,
    /// The version of its ffmpeg; `None` where there is none that can be used.
    #[serde(default)]
    pub ffmpeg_version: Option<String>,
}

/// How fast an encoder was on a worker with the same pictures as everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderSpeed {
    /// The encoder, as ffmpeg names it.
    pub encoder: String,
    /// Frames a second.
    pub frames_per_second: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_the_names_that_clients_know() {
        let names: Vec<&str> = WorkerStatus::ALL.into_iter().map(WorkerStatus::name).collect();
        assert_eq!(names, ["pending", "online", "offline", "provisioning", "setup_failed"]);
        for status in WorkerStatus::ALL {
            assert_eq!(WorkerStatus::parse(status.name()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
