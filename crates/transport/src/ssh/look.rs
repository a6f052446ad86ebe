//! Looks at files and disks of another machine, without moving anything.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::digest::{Digest, HASH, parse};
use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;

/// How much of each end counts.
const END_BYTES: u64 = 1024 * 1024;

/// What tells one large file from another without reading it wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Length of the file.
    pub size_bytes: u64,
    /// SHA-256 of its first mebibyte.
    pub head: [u8; 32],
    /// SHA-256 of its last mebibyte; of a shorter file, of all of it.
    pub tail: [u8; 32],
}

impl Ends {
    /// Of a file on this machine.
    pub fn of_local(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let size_bytes = file.metadata()?.len();
        let length = size_bytes.min(END_BYTES);
        let mut buffer = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        let mut end = |offset| -> io::Result<Digest> {
            file.read_exact_at(&mut buffer, offset)?;
            Ok(Sha256::digest(&buffer).into())
        };
        Ok(Self { size_bytes, head: end(0)?, tail: end(size_bytes - length)? })
    }
}

/// SHA-256 of a whole file on this machine.
pub fn sha256_of_local(path: &Path, cancel: &Cancel) -> io::Result<[u8; 32]> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(_) if cancel.is_cancelled() => return Err(io::ErrorKind::Interrupted.into()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl RemoteMachine {
    /// The ends of a file there; `None` where no regular file has this path.
    pub fn ends(&self, path: &Path, cancel: &Cancel) -> Result<Option<Ends>, SshError> {
        let script = Script::new(HASH)
            .set("f", path)
            .raw("[ -f \"$f\" ] || { echo none; exit 0; }\nset -e\nwc -c <\"$f\"\n")
            .raw(&format!("dd if=\"$f\" bs={END_BYTES} count=1 2>/dev/null | hash\n"))
            .raw(&format!("tail -c {END_BYTES} <\"$f\" | hash\n"));
        let doing = format!("look at the file {}", path.display());
        let said = self.ask(&doing, &script, cancel)?;
        let said = String::from_utf8_lossy(&said);
        if said.trim() == "none" {
            return Ok(None);
        }
        let mut lines = said.lines();
        let mut read = || {
            let size_bytes = lines.next()?.trim().parse().ok()?;
            Some(Ends { size_bytes, head: parse(lines.next()?)?, tail: parse(lines.next()?)? })
        };
        read().map(Some).ok_or_else(|| self.not_understood(doing, &said))
    }

    /// SHA-256 of a whole file there; `None` where no regular file has this path.
    pub fn sha256(&self, path: &Path, cancel: &Cancel) -> Result<Option<[u8; 32]>, SshError> {
        let script = Script::new(HASH).set("f", path).raw("[ -f \"$f\" ] || { echo none; exit 0; }\nhash <\"$f\"\n");
        let doing = format!("read the file {}", path.display());
        let said = self.ask(&doing, &script, cancel)?;
        let said = String::from_utf8_lossy(&said);
        match said.trim() {
            "none" => Ok(None),
            text => parse(text).map(Some).ok_or_else(|| self.not_understood(doing, text)),
        }
    }

    /// Bytes that this account may still write at `path`, which need not be there yet.
    pub fn room_bytes(&self, path: &Path, cancel: &Cancel) -> Result<u64, SshError> {
        let script = Script::new("")
            .set("d", path)
            .raw("until [ -d \"$d\" ]; do case $d in */*) d=${d%/*}; d=${d:-/} ;; *) d=. ;; esac; done\n")
            .raw("df -Pk -- \"$d\"\n");
        let doing = format!("tell how much room there is at {}", path.display());
        let said = self.ask(&doing, &script, cancel)?;
        let said = String::from_utf8_lossy(&said);
        available(&said).ok_or_else(|| self.not_understood(doing, &said))
    }

    fn not_understood(&self, doing: String, said: &str) -> SshError {
        let reason = format!("it said {:?}", said.trim());
        SshError::Failed { host: self.name().to_owned(), doing, reason }
    }
}

/// Bytes that are free by the second line of `df -Pk`. The names around the numbers may have blanks in them, so they
/// are found by the share in percent that stands behind them.
fn available(said: &str) -> Option<u64> {
    let words: Vec<&str> = said.lines().nth(1)?.split_whitespace().collect();
    let kibibytes = words.windows(4).find_map(|window| match window {
        [total, used, free, share]
            if share.ends_with('%') && total.parse::<u64>().is_ok() && used.parse::<u64>().is_ok() =>
        {
            // More is used than is there for this account: some keep a reserve for the superuser.
            free.parse::<i64>().ok().map(|free| u64::try_from(free).unwrap_or(0))
        }
        _ => None,
    })?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_read_however_disks_are_called() {
        let header = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";
        for (line, bytes) in [
            ("/dev/vda1 41152736 9876543 29163 26% /", Some(29163 * 1024)),
            ("//nas/my films 100 40 60 40% /mnt/my films 100%", Some(60 * 1024)),
            ("tmpfs 100 104 -4 104% /tmp", Some(0)),
            ("map auto_home 0 0 0 100% /System/Volumes/Data/home", Some(0)),
            ("df: nowhere: No such file", None),
        ] {
            assert_eq!(available(&format!("{header}{line}\n")), bytes, "{line}");
        }
    }
}
