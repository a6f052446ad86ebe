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
    /// A profile without a way through a re-encode.
    #[error(
        "it is Dolby Vision of {}, which a re-encode cannot keep; 5, 7, 8 and 10 can be kept",
        if *profile == 0 { "a profile that the file does not say".to_owned() } else { format!("profile {profile}") }
    )]
    DolbyVision {
        /// The profile; 0 where the file does not say it.
        profile: u8,
    },
    /// Pictures that are not what they look like: without their metadata they are green and purple.
    #[error(
        "it is Dolby Vision of profile {profile}, which has no other picture below that could be tone-mapped; choose a preset \
         that keeps HDR"
    )]
    DolbyVisionOnly {
        /// The profile.
        profile: u8,
    },
    /// A track of enhancements, whose metadata belongs to the pictures of another track.
    #[error(
        "stream {index} holds what Dolby Vision of profile {profile} adds to the pictures of another stream; remux the file \
         with a tool that puts both into one stream"
    )]
    DolbyVisionApart {
        /// Index of the stream.
        index: u32,
        /// The profile.
        profile: u8,
    },
    /// Pictures of this kind have names of their own in MP4 (`dvh1`, `dav1`), so that no other player shows them. ffmpeg 5
    /// writes neither, and no ffmpeg reads the second.
    #[error("it is Dolby Vision of profile {profile}, which this program cannot put into MP4; choose Matroska")]
    DolbyVisionInMp4 {
        /// The profile of the output.
        profile: u8,
    },
    /// A target without a place for the metadata of each picture.
    #[error("{codec} has no place for its {name} metadata; choose HEVC or AV1 for the video, or tone-mapping to SDR")]
    NoDynamicHdr {
        /// Dolby Vision or HDR10+.
        name: String,
        /// The target's codec.
        codec: String,
    },
    /// A source from which the metadata of each picture is not read.
    #[error(
        "its {name} metadata lies in {codec}, from where a re-encode cannot take it; choose tone-mapping to SDR, or a remux"
    )]
    DynamicHdrIn {
        /// Dolby Vision or HDR10+.
        name: String,
        /// The source's codec.
        codec: String,
    },
    /// HDR in a format that is encoded with 8 bits here.
    #[error(
        "it is HDR, and H.264 is written with 8 bits, which HDR cannot do with; choose HEVC or AV1, or tone-mapping to SDR"
    )]
    HdrInEightBits,
    /// The preset draws subtitles into the picture.
    #[error(
        "subtitles can only be drawn into pictures that are encoded anew; choose a video codec, or keep the subtitles"
    )]
    BurnIn,
    /// MP4 has no image subtitles.
    #[error(
        "{container} cannot hold the image subtitles of stream {index} ({codec}); choose Matroska, or allow leaving them out \
         (drop_image_subtitles)"
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
