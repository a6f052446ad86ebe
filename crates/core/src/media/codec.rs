//! What is known of codecs beyond their names.

use serde::{Deserialize, Serialize};

/// How old a video codec is, in steps; older ones leave more to gain (`facts` §5, "codec age").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Generation(pub u8);

/// The age of a video codec: 6 for MPEG-1 down to 0 for AV1. Unknown codecs count as new, so that nothing is
/// recommended for a reason that nobody knows.
#[must_use]
pub fn generation(codec: &str) -> Generation {
    Generation(match codec {
        "mpeg1video" => 6,
        "mpeg2video" => 5,
        "mpeg4" | "msmpeg4v1" | "msmpeg4v2" | "msmpeg4v3" | "wmv1" | "wmv2" | "wmv3" | "h263" | "flv1" | "rv30"
        | "rv40" | "theora" | "vp6" | "vp6f" => 4,
        "vc1" | "vp8" => 3,
        "h264" => 2,
        "hevc" | "vp9" => 1,
        _ => 0,
    })
}

/// Whether a subtitle track is made of letters or of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubtitleForm {
    /// Letters: can be converted between formats.
    Text,
    /// Pictures: can only be copied or burned in.
    Image,
    /// Neither is known of it.
    Unknown,
}

/// The form of a subtitle codec.
#[must_use]
pub fn subtitle_form(codec: &str) -> SubtitleForm {
    match codec {
        "subrip" | "srt" | "ass" | "ssa" | "webvtt" | "mov_text" | "text" | "microdvd" | "subviewer" | "sami"
        | "realtext" | "stl" | "ttml" | "jacosub" | "mpl2" | "pjs" | "vplayer" | "eia_608" | "hdmv_text_subtitle" => {
            SubtitleForm::Text
        }
        "hdmv_pgs_subtitle" | "dvd_subtitle" | "dvb_subtitle" | "xsub" => SubtitleForm::Image,
        _ => SubtitleForm::Unknown,
    }
}

/// Whether an audio codec (with its profile) loses nothing.
#[must_use]
pub fn is_lossless_audio(codec: &str, profile: Option<&str>) -> bool {
    matches!(codec, "flac" | "alac" | "truehd" | "mlp" | "wavpack" | "ape" | "tta")
        || codec.starts_with("pcm_")
        || (codec == "dts" && profile.is_some_and(|p| p.contains("HD MA")))
}
