//! Measuring a file: the argument vectors that make ffmpeg print what it decodes, and the parsing of what it prints.
//!
//! Exit codes and headers prove nothing: a Matroska file cut to half still claims its full length and ffmpeg leaves it
//! with 0. So every frame and packet is listed with its time, for the source and the output alike.

mod burn_in;
mod envelope;
mod errors;
mod listing;
mod peak;
mod quality;
mod text;
mod windows;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::color::PictureMetadata;
use mediaflow_core::plan::{Action, AudioEncode, Carrier, Intent, METADATA_AHEAD_S, StreamPlan};

pub use burn_in::{DRAWN_LOGS, Drawn, Stretch, drawn_args, drawn_windows, parse_drawn};
pub use envelope::{BLOCK_MS, Channels, Comparison, Envelope, EnvelopeReader};
pub use errors::{SourceState, decode_errors, is_transport};
pub use listing::{Entry, Listing, ListingParser};
pub use peak::{parse_peak, peak_args};
pub use quality::{
    CHROMA_FLOOR_DB, ERROR_LOG, FrameScore, LUMA_FLOOR_DB, Metric, Pairing, PlaneErrors, PlaneRatios, QUALITY_LOG,
    Quality, TONE_FLOOR, TONE_LOG, compares_tone, parse_errors, parse_scores, quality_args,
};
pub(crate) use quality::{seconds, seek_margin_us, seek_to, trim};
pub use text::{TextEvent, parse_events};
pub use windows::{Window, all_windows, sample_windows, trial_windows};

use crate::binding::dynamic::only_metadata;
use crate::binding::sound::mix;
use crate::probe::file_url;

/// Everything that was measured on one file, by the position of each stream in the intent, so that the source's and the
/// output's figures stand beside each other.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// The probe.
    pub info: Option<MediaInfo>,
    /// Decoding errors, worded by the decoder.
    pub errors: Vec<String>,
    /// Decoded frames of video and audio streams, with their times.
    pub frames: BTreeMap<usize, Vec<Entry>>,
    /// Packets of every stream, with size and hash.
    pub packets: BTreeMap<usize, Vec<Entry>>,
    /// Hash over the decoded samples or pixels, where packets cannot be compared because the container frames them
    /// differently.
    pub content: BTreeMap<usize, String>,
    /// Events of text subtitles that are converted.
    pub text: BTreeMap<usize, Vec<TextEvent>>,
    /// Dynamic HDR metadata of pictures that are encoded with theirs: the source's as the plan makes it, the output's as it
    /// is; `Err` says why it could not be read.
    pub dynamic: BTreeMap<usize, Result<Vec<PictureMetadata>, String>>,
    /// Brightest light in cd/m² of pictures that are tone-mapped and do not tell it.
    pub peaks: BTreeMap<usize, u32>,
    /// Loudness over time of audio that is encoded anew.
    pub envelopes: BTreeMap<usize, Envelope>,
    /// What was seen of subtitles that were to be drawn into the pictures; `Err` says why nothing could be.
    pub drawn: BTreeMap<usize, Result<Drawn, String>>,
}

/// Which side of a job is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The original, whose streams are numbered as the probe found them.
    Source,
    /// The result, whose streams stand in the intent's order.
    Output,
}

impl Side {
    /// The stream number on this side of the plan at `position`.
    #[must_use]
    pub fn index(self, position: usize, plan: &StreamPlan) -> u32 {
        match self {
            Self::Source => plan.source_index,
            Self::Output => u32::try_from(position).unwrap_or(u32::MAX),
        }
    }
}

/// Positions in the intent of the streams that `wanted` picks.
#[must_use]
pub fn positions(intent: &Intent, wanted: impl Fn(&StreamPlan) -> bool) -> Vec<usize> {
    intent.streams.iter().enumerate().filter(|(_, plan)| wanted(plan)).map(|(position, _)| position).collect()
}

/// Streams whose frames are decoded and counted.
#[must_use]
pub fn is_decoded(plan: &StreamPlan) -> bool {
    matches!(
        plan.action,
        Action::CopyVideo | Action::EncodeVideo(_) | Action::CopyAudio { .. } | Action::EncodeAudio(_)
    )
}

/// Streams that have packets to list; attachments are compared by the hash that the probe gives.
#[must_use]
pub fn has_packets(plan: &StreamPlan) -> bool {
    !matches!(plan.action, Action::CopyAttachment { .. } | Action::ConvertSubtitle { .. })
}

/// Copied streams whose packet bytes differ between the two containers although nothing was lost (start codes against
/// lengths, ADTS headers): their decoded content is compared instead.
#[must_use]
pub fn compares_content(intent: &Intent, plan: &StreamPlan) -> bool {
    intent.source_container.frames_packets_differently()
        && match plan.action {
            Action::CopyVideo => true,
            Action::CopyAudio { .. } => {
                matches!(plan.source_codec.as_str(), "aac" | "mp1" | "mp2" | "mp3")
                    || plan.source_codec.starts_with("pcm_")
            }
            _ => false,
        }
}

fn start(path: &OsStr, only_s: Option<u32>) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["-hide_banner", "-nostdin", "-v", "error", "-copyts"].iter().map(OsString::from).collect();
    if let Some(seconds) = only_s {
        args.push("-t".into());
        args.push(seconds.to_string().into());
    }
    args.push("-i".into());
    args.push(file_url(path));
    args
}

fn map(args: &mut Vec<OsString>, indexes: &[u32]) {
    for index in indexes {
        args.push("-map".into());
        args.push(format!("0:{index}").into());
    }
}

fn words(args: &mut Vec<OsString>, words: &[&str]) {
    args.extend(words.iter().map(OsString::from));
}

/// Decodes streams and lists every frame with its time. Pictures are not copied or hashed (`wrapped_avframe` hands a
/// pointer on), so this runs at the decoder's own speed. `only_s` ends it after the first seconds. Pictures that carry a
/// hash of themselves are checked against it.
#[must_use]
pub fn decode_args(path: &OsStr, indexes: &[u32], only_s: Option<u32>) -> Vec<OsString> {
    let mut args = start(path, only_s);
    let input = args.iter().position(|arg| arg == "-i").unwrap_or(args.len());
    args.splice(input..input, ["-err_detect:v", "crccheck"].map(OsString::from));
    map(&mut args, indexes);
    words(&mut args, &["-c:v", "wrapped_avframe", "-c:a", "pcm_s16le", "-fps_mode", "passthrough"]);
    words(&mut args, &["-enc_time_base:v", "-1", "-max_muxing_queue_size", "9999", "-f", "framecrc", "-"]);
    args
}

/// Copies the first seconds of streams into another file. A copy leaves out pictures until the first key frame, and so
/// shows whether a transport stream that begins inside a group of pictures is sound from there on.
#[must_use]
pub fn beginning_args(path: &OsStr, indexes: &[u32], only_s: u32, to: &OsStr) -> Vec<OsString> {
    let mut args = start(path, Some(only_s));
    map(&mut args, indexes);
    words(&mut args, &["-c", "copy", "-y", "-f", "mpegts"]);
    args.push(file_url(to));
    args
}

/// Lists every packet of streams with time, size and hash, without decoding.
#[must_use]
pub fn packet_args(path: &OsStr, indexes: &[u32]) -> Vec<OsString> {
    let mut args = start(path, None);
    map(&mut args, indexes);
    words(&mut args, &["-c", "copy", "-max_muxing_queue_size", "9999", "-f", "framehash", "-hash", "murmur3", "-"]);
    args
}

/// Copies the dynamic metadata of one video stream, and nothing else, into a working file with the source's times.
#[must_use]
pub fn metadata_args(path: &OsStr, index: u32, codec: Carrier, to: &OsStr) -> Vec<OsString> {
    let mut args = start(path, None);
    let input = args.iter().position(|arg| arg == "-i").unwrap_or(args.len());
    args.splice(input..input, ["-itsoffset".into(), METADATA_AHEAD_S.to_string().into()]);
    map(&mut args, &[index]);
    args.extend(only_metadata(codec).map(OsString::from));
    args.extend(["-y".into(), file_url(to)]);
    args
}

/// Hashes the decoded content of one stream as a whole: pixels or samples.
#[must_use]
pub fn content_args(path: &OsStr, index: u32) -> Vec<OsString> {
    let mut args = start(path, None);
    map(&mut args, &[index]);
    words(&mut args, &["-c:v", "rawvideo", "-c:a", "pcm_s16le", "-fps_mode", "passthrough"]);
    words(&mut args, &["-f", "hash", "-hash", "sha256", "-"]);
    args
}

/// Prints a text subtitle track as `SubRip`, whatever it is stored as.
#[must_use]
pub fn text_args(path: &OsStr, index: u32) -> Vec<OsString> {
    let mut args = start(path, None);
    map(&mut args, &[index]);
    words(&mut args, &["-c", "srt", "-f", "srt", "-"]);
    args
}

/// How many channels of audio that is encoded anew are compared one by one: all of the output, or their sum where the
/// source's cannot be mixed into them by name.
#[must_use]
pub fn envelope_channels(encode: &AudioEncode) -> u32 {
    if encode.channels == encode.source_channels || mix(encode).is_some() { encode.channels } else { 1 }
}

/// Decodes one audio track to [`envelope_channels`] of 8 kHz, for their loudness over time; the source's are mixed as the
/// encoder gets them.
#[must_use]
pub fn envelope_args(path: &OsStr, index: u32, side: Side, encode: &AudioEncode) -> Vec<OsString> {
    let mut args = start(path, None);
    map(&mut args, &[index]);
    if let (Side::Source, Some(filters)) = (side, mix(encode)) {
        words(&mut args, &["-af", &filters]);
    }
    words(
        &mut args,
        &["-ac", &envelope_channels(encode).to_string(), "-ar", "8000", "-c:a", "pcm_s16le", "-f", "s16le", "-"],
    );
    args
}
