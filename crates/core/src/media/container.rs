//! Containers, by what a job must know of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A container format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// Matroska, WebM among it.
    Matroska,
    /// MP4, M4V, MOV and 3GP: the ISO base media family.
    Mp4,
    /// AVI.
    Avi,
    /// MPEG transport stream.
    MpegTs,
    /// MPEG program stream.
    MpegPs,
    /// Flash video.
    Flv,
    /// WMV, ASF.
    Asf,
    /// `RealMedia`.
    RealMedia,
    /// Ogg, OGM.
    Ogg,
    /// Anything else that can be read.
    Other,
}

impl Container {
    /// The container that a demuxer's name list stands for.
    #[must_use]
    pub fn of_format_name(name: &str) -> Self {
        let has = |part: &str| name.split(',').any(|n| n == part);
        if has("matroska") {
            Self::Matroska
        } else if has("mp4") || has("mov") {
            Self::Mp4
        } else if has("avi") {
            Self::Avi
        } else if has("mpegts") {
            Self::MpegTs
        } else if has("mpeg") {
            Self::MpegPs
        } else if has("flv") {
            Self::Flv
        } else if has("asf") {
            Self::Asf
        } else if has("rm") {
            Self::RealMedia
        } else if has("ogg") {
            Self::Ogg
        } else {
            Self::Other
        }
    }

    /// What a user or preset calls it, for the two that jobs write.
    #[must_use]
    pub fn writable(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "mkv" | "matroska" => Some(Self::Matroska),
            "mp4" | "m4v" => Some(Self::Mp4),
            _ => None,
        }
    }

    /// The extension that files of it are given.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Matroska => "mkv",
            Self::Mp4 => "mp4",
            Self::Avi => "avi",
            Self::MpegTs => "ts",
            Self::MpegPs => "mpg",
            Self::Flv => "flv",
            Self::Asf => "wmv",
            Self::RealMedia => "rmvb",
            Self::Ogg => "ogm",
            Self::Other => "bin",
        }
    }

    /// Whether packets of parameter-set codecs (H.264, HEVC, AAC) are framed in another way than in Matroska and
    /// MP4, so that the same stream has other packet bytes here.
    #[must_use]
    pub const fn frames_packets_differently(self) -> bool {
        !matches!(self, Self::Matroska | Self::Mp4)
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Matroska => "Matroska",
            Self::Mp4 => "MP4",
            Self::Avi => "AVI",
            Self::MpegTs => "MPEG-TS",
            Self::MpegPs => "MPEG-PS",
            Self::Flv => "FLV",
            Self::Asf => "ASF",
            Self::RealMedia => "RealMedia",
            Self::Ogg => "Ogg",
            Self::Other => "another container",
        })
    }
}

/// Whether a file is in a container that players are giving up (`facts` §5, `container_modernize`): by what is
/// really inside, and by the extension for the families that share a demuxer.
#[must_use]
pub fn is_outdated(container: Container, extension: &str) -> bool {
    match container {
        Container::Avi
        | Container::Flv
        | Container::Asf
        | Container::RealMedia
        | Container::Ogg
        | Container::MpegPs => true,
        Container::Matroska | Container::Mp4 | Container::MpegTs => false,
        Container::Other => {
            matches!(extension, "avi" | "wmv" | "mpg" | "mpeg" | "divx" | "ogm" | "flv" | "rm" | "rmvb" | "asf")
        }
    }
}
