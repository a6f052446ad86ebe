//! What ffmpeg and its encoders say while they encode, and how much each line weighs.
//!
//! An encode runs with `-v level+info`: people see what they know from ffmpeg (streams, their mapping, the encoder's
//! settings, its figures at the end), and every line says by itself whether it is only a remark. What looks for causes
//! reads [`complaints`]: a film's title among the remarks may say anything.

/// The option that encodes run with.
pub(crate) const VERBOSITY: &str = "level+info";

/// The names of ffmpeg's levels.
const LEVELS: [&str; 8] = ["panic", "fatal", "error", "warning", "info", "verbose", "debug", "trace"];
/// Levels from here on are remarks.
const FIRST_REMARK: usize = 4;

/// How libraries with a log of their own begin what is no complaint.
const OWN_REMARKS: [&str; 2] = ["x265 [info]", "Svt[info]"];

/// A line by its parts: what it is about (`[libx264 @ 0x1] `), its level, and the rest.
struct Line<'a> {
    about: &'a str,
    level: Option<usize>,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Self {
        let mut at = 0;
        while let Some((name, rest)) = line[at..].strip_prefix('[').and_then(|inner| inner.split_once("] ")) {
            if let Some(level) = LEVELS.iter().position(|level| *level == name) {
                return Self { about: &line[..at], level: Some(level), text: rest };
            }
            at = line.len() - rest.len();
        }
        Self { about: "", level: None, text: line }
    }

    fn is_remark(&self) -> bool {
        match self.level {
            Some(level) => level >= FIRST_REMARK,
            None => OWN_REMARKS.iter().any(|own| self.text.starts_with(own)) || is_summary(self.text),
        }
    }
}

/// x265's last words, said also after a failure.
fn is_summary(text: &str) -> bool {
    text.starts_with("encoded ") && text.contains(" frames in ")
}

/// Warnings and worse, without their level. What does not say what it is, is one.
#[must_use]
pub fn complaints(log: &str) -> String {
    let lines = log.lines().map(Line::of).filter(|line| !line.is_remark());
    lines.fold(String::new(), |all, line| all + line.about + line.text + "\n")
}

/// A line as people read it: that it is a remark goes without saying.
#[must_use]
pub fn readable(line: &str) -> String {
    match Line::of(line) {
        Line { about, level: Some(level), text } if level >= FIRST_REMARK => format!("{about}{text}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ffmpeg 5.1 and 8.0 say it.
    const LOG: &str = "[info] Input #0, matroska,webm, from 'file:a.mkv':\n\
        [info]     title           : [error] No space left on device\n\
        x265 [info]: HEVC encoder version 4.1\n\
        Svt[info]: SVT [config]: main profile\n\
        Svt[warn]: Failed to set thread priority\n\
        [matroska @ 0x1] [warning] Starting new cluster due to timestamp\n\
        [vost#0:0/hevc_nvenc @ 0x1] [enc:hevc_nvenc @ 0x2] [error] Error while opening encoder\n\
        mediaflow: the metadata cannot be read\n\
        [libx264 @ 0x1] [info] frame I:1     Avg QP:20.00  size: 15838\n\
        encoded 192 frames in 4.38s (43.87 fps), 270.28 kb/s, Avg QP:28.78\n\
        [info] Conversion failed!\n";

    #[test]
    fn what_looks_for_causes_is_given_no_remark() {
        assert_eq!(
            complaints(LOG),
            "Svt[warn]: Failed to set thread priority\n\
             [matroska @ 0x1] Starting new cluster due to timestamp\n\
             [vost#0:0/hevc_nvenc @ 0x1] [enc:hevc_nvenc @ 0x2] Error while opening encoder\n\
             mediaflow: the metadata cannot be read\n"
        );
    }

    #[test]
    fn people_are_told_the_level_of_complaints_only() {
        for (line, shown) in [
            ("[info] Stream mapping:", "Stream mapping:"),
            ("[info]   Stream #0:0 -> #0:0 (copy)", "  Stream #0:0 -> #0:0 (copy)"),
            ("[libx264 @ 0x1] [info] kb/s:1768.35", "[libx264 @ 0x1] kb/s:1768.35"),
            ("[h264 @ 0x1] [error] Missing reference", "[h264 @ 0x1] [error] Missing reference"),
            ("x265 [info]: tools: rd=2", "x265 [info]: tools: rd=2"),
            ("[unclosed", "[unclosed"),
        ] {
            assert_eq!(readable(line), shown);
        }
    }
}
