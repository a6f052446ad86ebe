//! The small texts that clips carry: subtitles and chapters.

use std::fmt::Write;

use super::font;
use super::pgs::Line;

/// Lines of the text and image subtitles.
pub const LINES: [Line; 3] = [
    Line { start_ms: 500, end_ms: 2_000, text: "The tide is late." },
    Line { start_ms: 2_400, end_ms: 4_000, text: "It always is, here." },
    Line { start_ms: 5_000, end_ms: 6_500, text: "Then we wait." },
];

/// The lines as `SubRip`.
pub fn srt() -> Vec<u8> {
    let mut out = String::new();
    for (number, line) in LINES.iter().enumerate() {
        let (start, end) = (srt_time(line.start_ms), srt_time(line.end_ms));
        // Writing into a string cannot fail.
        let _ = write!(out, "{}\n{start} --> {end}\n{}\n\n", number + 1, line.text);
    }
    out.into_bytes()
}

/// The lines as styled subtitles that ask for our own font.
pub fn ass() -> Vec<u8> {
    let mut out = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\n\
         Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
         Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
         MarginR, MarginV, Encoding\n\
         Style: Default,{},24,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,2,1,2,10,10,12,1\n\n\
         [Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
        font::FAMILY
    );
    for line in &LINES {
        let (start, end) = (ass_time(line.start_ms), ass_time(line.end_ms));
        let _ = writeln!(out, "Dialogue: 0,{start},{end},Default,,0,0,0,,{{\\i1}}{}", line.text);
    }
    out.into_bytes()
}

/// Chapters as ffmpeg's metadata file, each with its title and its start and end in milliseconds.
pub fn chapters(marks: &[(&str, u32, u32)]) -> Vec<u8> {
    let mut out = String::from(";FFMETADATA1\n");
    for (title, start, end) in marks {
        let _ = write!(out, "[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n");
    }
    out.into_bytes()
}

fn srt_time(ms: u32) -> String {
    format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000)
}

fn ass_time(ms: u32) -> String {
    format!("{}:{:02}:{:02}.{:02}", ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_each_format_wants_them() {
        assert_eq!((srt_time(3_725_040), ass_time(3_725_040)), ("01:02:05,040".into(), "1:02:05.04".into()));
        assert!(String::from_utf8(srt()).unwrap().starts_with("1\n00:00:00,500 --> 00:00:02,000\nThe tide is late.\n"));
    }
}
