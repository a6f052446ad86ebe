//! Texts as a search compares them.

use memchr::memchr;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Appends `text` as it is compared: without case, and in the one form that all spellings of a letter share. Upper case
/// first, so that letters with several lower-case forms meet (`ß` and `ss`, `ς` and `σ`), as full case folding does.
pub(super) fn fold_into(text: &str, folded: &mut Vec<u8>) {
    // Most texts by far, and done many letters at once.
    if text.is_ascii() && memchr(END, text.as_bytes()).is_none() {
        let start = folded.len();
        folded.extend_from_slice(text.as_bytes());
        folded[start..].make_ascii_lowercase();
        return;
    }
    let mut buffer = [0; 4];
    let mut push = |letter: char| {
        for upper in letter.to_uppercase() {
            for lower in upper.to_lowercase().filter(|lower| *lower != '\0') {
                folded.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
            }
        }
    };
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.chars().for_each(&mut push),
        _ => text.nfkc().for_each(&mut push),
    }
}

/// What stands behind each text in an arena. No folded text has it.
pub(super) const END: u8 = 0;

/// A text as it is compared.
#[must_use]
pub fn fold(text: &str) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_takes_for_the_same_letters_is_the_same() {
        for (one, other) in [
            ("AMÉLIE", "amélie"),
            ("Ame\u{301}lie", "Amélie"),
            ("STRASSE", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁlm", "FILM"),
            ("Ｈｅａｔ", "heat"),
            ("ДЖЕНТЛЬМЕНЫ", "джентльмены"),
            ("千と千尋", "千と千尋"),
            ("a\0b", "ab"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
        assert_ne!(fold("Amelie"), fold("Amélie"), "another letter");
    }
}
