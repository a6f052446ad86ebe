//! From what a client calls a file to a name that we give one.

use mediaflow_core::path::RelPath;
use mediaflow_transport::walk::FileKind;

/// The longest name in bytes: file systems take 255, and an output's ` V12.mkv` and a dot name must still fit.
const MOST_BYTES: usize = 180;

/// The name of a media file as a client sent it, made one that can lie in a folder of ours and be shown: without any
/// folder, control and direction characters, without dots or blanks around it, and of a bearable length. `None` for what is no
/// name of a media file then.
#[must_use]
pub fn file_name(sent: &str) -> Option<String> {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control() && !turns_text(*c)).collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, extension) = kept.rsplit_once('.')?;
    let room = MOST_BYTES.checked_sub(extension.len() + 1)?;
    let stem = shortened(stem, room).trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let name = format!("{stem}.{extension}");
    let path = RelPath::new(name.as_bytes()).ok()?;
    (!stem.is_empty() && FileKind::of(&path) == FileKind::Media).then_some(name)
}

/// What makes text run the other way: `film\u{202e}vkm.exe` would show as another kind of file.
const fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shortened(text: &str, most_bytes: usize) -> &str {
    let end = (0..=most_bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_clients_path_is_left() {
        for (sent, kept) in [
            ("Film.mkv", Some("Film.mkv")),
            ("../../etc/Film.mkv", Some("Film.mkv")),
            (r"C:\films\Film.MP4", Some("Film.MP4")),
            ("/etc/passwd", None),
            ("..", None),
            (".mkv", None),
            ("...mkv", None),
            (" .Film . .mkv. ", Some("Film.mkv")),
            ("Film\n\0\u{7}.mkv", Some("Film.mkv")),
            ("Film\u{202e}.mkv", Some("Film.mkv")),
            ("$(reboot) \"'`;.mkv", Some("$(reboot) \"'`;.mkv")),
            ("-i.mkv", Some("-i.mkv")),
            ("Ålien ünd 日本.webm", Some("Ålien ünd 日本.webm")),
            ("program.exe", None),
            ("Film", None),
            ("", None),
        ] {
            assert_eq!(file_name(sent).as_deref(), kept, "{sent:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_two_characters() {
        let name = file_name(&format!("{}.mkv", "日".repeat(200))).unwrap();
        assert!(name.len() <= MOST_BYTES && name.ends_with("日.mkv"), "{name}");
    }
}
