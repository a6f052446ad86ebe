//! Why a file is not done under some settings. Refusing is a normal end: better than a film that lost something.

use serde::{Deserialize, Serialize};

use crate::media::Container;

/// The reason for which no plan could be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing to look at.
    #[error("it has no video stream")]
    NoVideo,
    /// A stream that no decoder knows; leaving it out would lose it.
    #[error("stream {index} has a codec that this ffmpeg does not know ({kind}); it could not be kept")]
    UnknownCodec {
        /// Index of the stream.
        index: u32,
        /// What kind of stream.
        kind: String,
    },
    /// Dolby Vision would be lost or, for profile 5, turn green and purple.
    #[error("it is Dolby Vision (profile {profile}), which a re-encode cannot keep yet")]
    DolbyVision {
        /// The profile.
        profile: u8,
    },
    /// The dynamic metadata would be lost.
    #[error("it carries HDR10+ dynamic metadata, which a re-encode cannot keep yet")]
    Hdr10Plus,
    /// HDR in a format that is encoded with 8 bits here.
    #[error(
        "it is HDR, and H.264 is written with 8 bits, which HDR cannot do with; choose HEVC or AV1, or tone-mapping to SDR"
    )]
    HdrInEightBits,
    /// The preset draws subtitles into the picture.
    #[error("the preset burns subtitles into the picture, which is not there yet; choose a preset that copies them")]
    BurnIn,
    /// MP4 has no image subtitles.
    #[error(
        "{container} cannot hold the image subtitles of stream {index} ({codec}); choose Matroska, or allow dropping them"
    )]
    ImageSubtitles {
        /// Index of the stream.
        index: u32,
        /// Its codec.
        codec: String,
        /// The container that was asked for.
        container: Container,
    },
    /// A codec for which the container has no place.
    #[error(
        "{container} cannot hold the {codec} of stream {index} as it is; choose a preset that transcodes it, or another container"
    )]
    NotInContainer {
        /// Index of the stream.
        index: u32,
        /// Its codec.
        codec: String,
        /// The container that was asked for.
        container: Container,
    },
    /// A pixel format that the target encoder does not have.
    #[error("its pictures are {pixel_format}, which the encoder for {codec} cannot keep")]
    PixelFormat {
        /// As ffmpeg names it.
        pixel_format: String,
        /// The target codec.
        codec: String,
    },
    /// Transparency, which the target would lose.
    #[error("its pictures are partly transparent, which the re-encode would lose")]
    Transparent,
    /// Two eyes, or a sphere.
    #[error("its picture is stereoscopic or spherical, and the data that says so would be lost")]
    Spatial,
    /// A probe that does not tell the size of the picture.
    #[error("the size of its picture is unknown; the stream is damaged or encrypted")]
    NoPictureSize,
    /// Copied pictures cannot be turned, and players ignore the turn in Matroska.
    #[error(
        "its picture is shown turned by {degrees} degrees, which Matroska players ignore; only a re-encode can keep that"
    )]
    RotatedRemux {
        /// Clockwise turn.
        degrees: u16,
    },
}
