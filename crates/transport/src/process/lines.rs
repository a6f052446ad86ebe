//! Bytes into lines, and the end of a long text.

use std::collections::VecDeque;

/// A line is handed over in pieces of this size, so that a binary stream taken for text cannot fill the memory.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// Splits chunks into lines that end in `\n`; a `\r` before it is dropped.
#[derive(Debug, Default)]
pub(crate) struct LineSplitter {
    partial: Vec<u8>,
}

impl LineSplitter {
    pub(crate) fn push(&mut self, chunk: &[u8], on_line: &mut dyn FnMut(&[u8])) {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if self.partial.ends_with(b"\n") {
                self.partial.pop();
                on_line(self.partial.strip_suffix(b"\r").unwrap_or(&self.partial));
                self.partial.clear();
            } else if self.partial.len() >= MAX_LINE_BYTES {
                on_line(&self.partial);
                self.partial.clear();
            }
        }
    }

    /// Hands over a last line that has no end.
    pub(crate) fn finish(self, on_line: &mut dyn FnMut(&[u8])) {
        if !self.partial.is_empty() {
            on_line(&self.partial);
        }
    }
}

/// The last bytes of a text, and how many lines that are not empty it had in all. Programs redraw their progress
/// with a bare `\r`, which therefore ends a line too.
#[derive(Debug)]
pub(crate) struct Tail {
    kept: VecDeque<u8>,
    limit_bytes: usize,
    line_count: u64,
    in_line: bool,
}

impl Tail {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), limit_bytes, line_count: 0, in_line: false }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        for byte in chunk {
            let ends = matches!(byte, b'\n' | b'\r');
            self.line_count += u64::from(!ends && !self.in_line);
            self.in_line = !ends;
        }
        let fresh = &chunk[chunk.len().saturating_sub(self.limit_bytes)..];
        let surplus = (self.kept.len() + fresh.len()).saturating_sub(self.limit_bytes);
        self.kept.drain(..surplus);
        self.kept.extend(fresh);
    }

    /// The kept bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.kept.into()
    }

    /// The kept lines as lossy text, and the count of all.
    pub(crate) fn finish(self) -> (Vec<String>, u64) {
        let bytes: Vec<u8> = self.kept.into();
        let lines = bytes
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .filter(|line| !line.is_empty())
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        (lines, self.line_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut seen = Vec::new();
        let mut splitter = LineSplitter::default();
        for chunk in chunks {
            splitter.push(chunk, &mut |line| seen.push(line.to_vec()));
        }
        splitter.finish(&mut |line| seen.push(line.to_vec()));
        seen
    }

    #[test]
    fn lines_do_not_depend_on_how_the_bytes_arrive() {
        let text = b"frame=1\r\n\nspeed=2x\nend";
        let whole = lines_of(&[text]);
        assert_eq!(whole, [&b"frame=1"[..], b"", b"speed=2x", b"end"]);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines_of(&bytes), whole);
    }

    #[test]
    fn a_stream_without_line_ends_arrives_in_pieces() {
        let lines = lines_of(&[&vec![7; MAX_LINE_BYTES], b"rest"]);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [MAX_LINE_BYTES, 4]);
    }

    #[test]
    fn the_tail_keeps_the_end_and_counts_everything() {
        let mut tail = Tail::new(16);
        tail.push(b"first error\n");
        tail.push(b"frame=1\rframe=2\r\n\nlast");
        assert_eq!(tail.finish(), (vec!["1".to_owned(), "frame=2".to_owned(), "last".to_owned()], 4));
    }
}
