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

/// The lines on standard error that speak of the file, without what the listing muxer itself has to say.
#[must_use]
pub fn decode_errors(stderr: &[String]) -> Vec<String> {
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
        .map(without_address)
        .collect()
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
    fn only_what_speaks_of_the_file_counts() {
        let lines: Vec<String> = [
            "[h264 @ 0x5581] error while decoding MB 3 4, bytestream -5",
            "[framecrc @ 0x5] Application provided invalid, non monotonically increasing dts",
            "    Last message repeated 3 times",
            "",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(decode_errors(&lines), ["[h264] error while decoding MB 3 4, bytestream -5"]);
    }
}
