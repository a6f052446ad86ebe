//! What decoders complain about, and what that means for a source.

use mediaflow_core::media::Container;
use serde::{Deserialize, Serialize};

/// What a whole decode of the source showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum SourceState {
    /// No errors, and it is as long as it says.
    Clean,
    /// Errors that lie in how it was cut, not in its pictures: a transport stream that begins inside a group of
    /// pictures complains until its first key frame, and is clean from there on.
    Explainable {
        /// How many error lines there were.
        lines: usize,
    },
    /// Something in it is lost.
    Damaged {
        /// What, for a person.
        reason: String,
    },
}

/// Containers in which recordings start anywhere.
#[must_use]
pub const fn is_transport(container: Container) -> bool {
    matches!(container, Container::MpegTs | Container::MpegPs)
}

/// Said once for each Opus track when its end is reached: ffmpeg's parser is flushed with an empty packet and does not
/// like it (5.1 to 8.0). Said more often, it is a real error.
const OPUS_FLUSH: &str = "[opus] Error parsing Opus packet header.";

/// The lines on standard error that speak of the file, without what ffmpeg says of sound files: the listing muxer's own
/// complaints, and one flush of each of `opus_tracks`.
#[must_use]
pub fn decode_errors(stderr: &[String], opus_tracks: usize) -> Vec<String> {
    let mut flushes = opus_tracks;
    lines_of_the_file(stderr)
        .filter(|line| {
            let is_flush = flushes > 0 && line == OPUS_FLUSH;
            flushes -= usize::from(is_flush);
            !is_flush
        })
        .collect()
}

fn lines_of_the_file(stderr: &[String]) -> impl Iterator<Item = String> + '_ {
    stderr
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .filter(|line| !["[framecrc @", "[framehash @", "[out#0/"].iter().any(|own| line.starts_with(own)))
        .filter(|line| !line.contains("Last message repeated"))
        // Said of streams that were not asked for.
        .filter(|line| {
            !line.contains("Could not find codec parameters") && !line.contains("Consider increasing the value")
        })
        // dav1d, about a message beside the pictures that lacks its last bit; what is kept of those has a check of its own.
        .filter(|line| !line.contains("Malformed ITU-T T.35 metadata message format"))
        .map(without_address)
}

/// `[h264 @ 0x55d0c0]` is another address in every run.
fn without_address(line: &str) -> String {
    match (line.find(" @ 0x"), line.find(']')) {
        (Some(at), Some(end)) if at < end => format!("{}{}", &line[..at], &line[end..]),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_opus_track_may_be_flushed_once() {
        let lines = vec!["[opus @ 0x1] Error parsing Opus packet header.".to_owned(); 3];
        assert_eq!(decode_errors(&lines, 2).len(), 1);
        assert_eq!(decode_errors(&lines, 0).len(), 3);
    }

    #[test]
    fn only_what_speaks_of_the_file_counts() {
        let lines: Vec<String> = [
            "[h264 @ 0x5581] error while decoding MB 3 4, bytestream -5",
            "[framecrc @ 0x5] Application provided invalid, non monotonically increasing dts",
            "    Last message repeated 3 times",
            "",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(decode_errors(&lines, 0), ["[h264] error while decoding MB 3 4, bytestream -5"]);
    }
}
