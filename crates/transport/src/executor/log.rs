//! A log that cannot fill the disk: its beginning, where the cause mostly is, and its end.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};

use crate::process::Tail;

/// The most that one step's log takes. ffmpeg writes a few kB; a damaged film with an error a frame writes gigabytes.
pub(super) const MAX_LOG_BYTES: u64 = 4 * 1024 * 1024;

/// How much of the end is kept of a log that is too long.
const TAIL_BYTES: usize = 64 * 1024;

/// Copies `source` to its end into `file` and returns its last 64 kB. A full disk ends the writing but not the reading,
/// for a program whose pipe is full would wait for ever.
pub(super) fn copy_capped(mut source: impl Read, mut file: File) -> Vec<u8> {
    let mut room = MAX_LOG_BYTES - TAIL_BYTES as u64;
    let mut tail = Tail::new(TAIL_BYTES);
    let mut beyond_bytes = 0;
    let mut written = Ok(());
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = match source.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => break,
            Ok(length) => length,
        };
        tail.push(&buffer[..length]);
        let (head, rest) = buffer[..length].split_at(length.min(usize::try_from(room).unwrap_or(usize::MAX)));
        room -= head.len() as u64;
        beyond_bytes += rest.len();
        written = written.and_then(|()| file.write_all(head));
    }
    let tail = tail.into_bytes();
    let unwritten = &tail[tail.len().saturating_sub(beyond_bytes)..];
    let left_out = beyond_bytes - unwritten.len();
    if written.is_ok() && left_out > 0 {
        written = write!(file, "\n[{left_out} bytes left out]\n");
    }
    // A log that cannot be written must not end the work it is about; its end still goes into the exit file.
    let _ = written.and_then(|()| file.write_all(unwritten));
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(text: &[u8]) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        copy_capped(text, File::create(&path).unwrap());
        std::fs::read(&path).unwrap()
    }

    #[test]
    fn a_log_within_the_limit_is_kept_whole() {
        let text = vec![b'x'; usize::try_from(MAX_LOG_BYTES).unwrap()];
        assert!(logged(&text) == text);
    }

    #[test]
    fn a_runaway_log_keeps_its_beginning_and_its_end() {
        let mut text = b"the cause\n".to_vec();
        text.resize(20_000_000, b'.');
        text.extend_from_slice(b"\nthe end");
        let kept = logged(&text);
        assert!(kept.starts_with(b"the cause\n") && kept.ends_with(b"\nthe end"));
        assert!((kept.len() as u64) < MAX_LOG_BYTES + 100, "{} bytes kept", kept.len());
        assert!(String::from_utf8_lossy(&kept).contains("bytes left out]"));
    }
}
