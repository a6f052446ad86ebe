//! What ffmpeg's last words mean.

/// Whether a log says that a disk was full.
#[must_use]
pub fn is_disk_full(log: &str) -> bool {
    log.contains("No space left on device") || log.contains("Disk quota exceeded")
}

/// Whether an exit code says so: ffmpeg ends with the low byte of its error, which for `ENOSPC` (28) is 228. The log
/// cannot tell when it lies on the same disk.
#[must_use]
pub const fn is_full_code(code: i32) -> bool {
    code == 228
}

/// The line that best says what went wrong: the last one that is not ffmpeg's own "conversion failed".
#[must_use]
pub fn last_words(log: &str) -> &str {
    log.lines()
        .rev()
        .map(str::trim)
        .find(|line| {
            !line.is_empty() && !line.starts_with("Conversion failed") && !line.contains("Exiting with exit code")
        })
        .unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_behind_the_farewell() {
        let log = "[libx265 @ 0x1] bad parameter\nError while opening encoder\nConversion failed!\n\n";
        assert_eq!(last_words(log), "Error while opening encoder");
        assert!(is_disk_full("av_interleaved_write_frame(): No space left on device\nConversion failed!"));
        assert!(!is_disk_full(log));
        assert_eq!(last_words(""), "it said nothing");
    }
}
