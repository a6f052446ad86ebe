//! What SFTP does not tell of a file: its number, its names, and its time to the nanosecond.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use mediaflow_core::identity::Stat;

use super::failure::{Failed, lost};
use super::session::Session;
use crate::ssh::script::Script;
use crate::storage::{Entry, EntryKind};

/// As GNU and BusyBox spell it, and as macOS does.
const STAT: &str =
    "stat -c '%f %s %d %i %h %Y %y' -- \"$f\" 2>/dev/null || stat -f '%Xp %z %d %i %l %m %Fm' -- \"$f\"\n";

/// What has this full path; `None` when it went away.
pub(super) fn entry(session: &mut Session, full: &[u8]) -> Result<Option<Entry>, Failed> {
    let said = session.shell.ask(&Script::new("").set("f", OsStr::from_bytes(full)).raw(STAT))?;
    if !said.is_success {
        let pending = session.sftp.begin_look(full)?;
        return match session.sftp.end_look(pending)? {
            None => Ok(None),
            Some(_) => Err(not_understood(&said.text)),
        };
    }
    read(&said.text).map(Some).ok_or_else(|| not_understood(&said.text))
}

/// The number of the file system that a folder lies on.
pub(super) fn device(session: &mut Session, full: &[u8]) -> Result<Option<u64>, Failed> {
    Ok(entry(session, full)?.map(|entry| entry.stat.device))
}

fn not_understood(said: &str) -> Failed {
    lost(&format!("its program `stat` said {said:?}, which cannot be understood"))
}

/// Reads what `stat` said of one name, up to the time of modification.
pub(crate) fn read(said: &str) -> Option<Entry> {
    let mut words = said.splitn(7, ' ');
    let kind = kind(u32::from_str_radix(words.next()?, 16).ok()?);
    let mut number = || words.next()?.parse::<u64>().ok();
    let (size_bytes, device, inode, links) = (number()?, number()?, number()?, number()?);
    let seconds: i64 = words.next()?.parse().ok()?;
    // Some have it to the second only.
    let fraction = words.next().and_then(|time| time.split_once('.')).map_or("", |(_, fraction)| fraction);
    let digits: String = fraction.chars().take_while(char::is_ascii_digit).take(9).collect();
    let nanoseconds: i64 = format!("{digits:0<9}").parse().ok()?;
    let mtime_ns = seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)?;
    Some(Entry { kind, stat: Stat { size_bytes, mtime_ns, device, inode, links } })
}

/// What a mode says.
pub(super) const fn kind(mode: u32) -> EntryKind {
    match mode & 0o170_000 {
        0o100_000 => EntryKind::File,
        0o040_000 => EntryKind::Folder,
        0o120_000 => EntryKind::Symlink,
        _ => EntryKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_systems_answer_is_read() {
        let entry = |kind, mtime_ns| {
            Some(Entry { kind, stat: Stat { size_bytes: 35, mtime_ns, device: 65025, inode: 12, links: 2 } })
        };
        let file = EntryKind::File;
        for (said, wanted) in [
            (
                "81a4 35 65025 12 2 1700000000 2023-11-14 22:13:20.123456789 +0000",
                entry(file, 1_700_000_000_123_456_789),
            ),
            ("81a4 35 65025 12 2 1700000000 2023-11-14 22:13:20", entry(file, 1_700_000_000_000_000_000)),
            ("81A4 35 65025 12 2 1700000000 1700000000.120000000", entry(file, 1_700_000_000_120_000_000)),
            ("41ed 35 65025 12 2 0 1970-01-01 00:00:00.000000000 +0000", entry(EntryKind::Folder, 0)),
            ("a1ff 35 65025 12 2 -5 1969", entry(EntryKind::Symlink, -5_000_000_000)),
            ("stat: not found", None),
        ] {
            assert_eq!(read(said), wanted, "{said}");
        }
    }
}
