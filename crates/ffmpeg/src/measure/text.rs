//! Events of text subtitles, as `SubRip` prints them.

/// One line of dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEvent {
    /// Start in milliseconds.
    pub start_ms: i64,
    /// End in milliseconds.
    pub end_ms: i64,
    /// What is said, without styling, spaces evened out.
    pub text: String,
}

/// Parses `SubRip` text. Blocks that are not events are passed over.
#[must_use]
pub fn parse_events(srt: &str) -> Vec<TextEvent> {
    let mut events: Vec<TextEvent> = Vec::new();
    let mut lines = srt.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((start, end)) = line.split_once(" --> ") else { continue };
        let (Some(start_ms), Some(end_ms)) = (time_ms(start), time_ms(end)) else { continue };
        let mut text = String::new();
        while let Some(line) = lines.next_if(|line| !line.contains(" --> ")) {
            // The next event's number stands before its times, behind an empty line.
            let is_number = line.trim().parse::<u32>().is_ok() && lines.peek().is_some_and(|l| l.contains(" --> "));
            if !is_number {
                text.push_str(line);
                text.push('\n');
            }
        }
        events.push(TextEvent { start_ms, end_ms, text: plain(&text) });
    }
    events
}

fn time_ms(text: &str) -> Option<i64> {
    let (clock, ms) = text.split_whitespace().next()?.split_once(',')?;
    let mut total = 0;
    for part in clock.split(':') {
        total = total * 60 + part.parse::<i64>().ok()?;
    }
    Some(total * 1000 + ms.parse::<i64>().ok()?)
}

/// Text without `<i>` and `{\an8}`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut closing: Option<char> = None;
    for c in text.replace("\\N", " ").replace("\\h", " ").chars() {
        match (closing, c) {
            (None, '<') => closing = Some('>'),
            (None, '{') => closing = Some('}'),
            (Some(end), c) if c == end => closing = None,
            (Some(_), _) => {}
            (None, c) => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_without_their_styling() {
        let events = parse_events(
            "1\n00:00:00,500 --> 00:00:01,500\n<font size=\"18\">{\\an8}Hello\n there</font>\n\n\
             2\n00:01:02,000 --> 00:01:03,040\nWorld\n42\n",
        );
        assert_eq!(
            events,
            [
                TextEvent { start_ms: 500, end_ms: 1500, text: "Hello there".to_owned() },
                TextEvent { start_ms: 62_000, end_ms: 63_040, text: "World 42".to_owned() },
            ]
        );
    }
}
