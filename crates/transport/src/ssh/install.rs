//! Programs on another machine: found, brought there, and run with everything that they say.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::digest::{self, HASH};
use super::error::SshError;
use super::facts::Doing;
use super::machine::RemoteMachine;
use super::script::Script;
use super::transfer::{Moved, Transfer, TransferError};
use crate::cancel::Cancel;
use crate::process::{Finished, Invocation, LineSplitter, ProcessError};

/// A look at files takes a moment, on a disk that has to wake up some more.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Where programs lie that are not on the path of a login without a terminal.
const PATHS: &str = "PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin\n";

/// What can be done in a folder there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// Files can be written, and programs in it can be started.
    Good,
    /// Files can be written; programs are not started from there (`noexec`).
    NoPrograms,
}

impl RemoteMachine {
    /// Those of `candidates` that are programs there: names are looked for on its path. In their order, each file once.
    pub fn find_programs<C: AsRef<OsStr>>(
        &self,
        candidates: impl IntoIterator<Item = C>,
        cancel: &Cancel,
    ) -> Result<Vec<PathBuf>, SshError> {
        let script = Script::new(PATHS)
            .raw("for name in ")
            .words(candidates)
            .raw("; do\nfound=$(command -v \"$name\" 2>/dev/null) && [ -f \"$found\" ] && [ -x \"$found\" ] || continue\n")
            .raw("printf '%s\\0%s\\0' \"$found\" \"$(readlink -f -- \"$found\" 2>/dev/null || echo \"$found\")\"\ndone\n:\n");
        let doing = Doing { what: "look for programs", when: "looking for programs" };
        let said = self.ask_within(doing, &script, TIME_LIMIT, cancel)?;
        let mut words = said.split(|byte| *byte == 0).map(|word| PathBuf::from(OsString::from_vec(word.to_vec())));
        let (mut found, mut real) = (Vec::new(), Vec::new());
        while let (Some(path), Some(behind)) = (words.next(), words.next()) {
            if !real.contains(&behind) {
                found.push(path);
                real.push(behind);
            }
        }
        Ok(found)
    }

    /// Makes a folder, and shows what can be done in it by doing it.
    pub fn prepare_folder(&self, folder: &Path, cancel: &Cancel) -> Result<Folder, SshError> {
        let script = Script::new("umask 077\n")
            .set("w", folder)
            .raw("mkdir -p -- \"$w\" || exit 1\nf=$w/.try-$$\ntrap 'rm -f -- \"$f\"' EXIT\n")
            .raw("printf '#!/bin/sh\\nexit 0\\n' >\"$f\" && chmod 700 -- \"$f\" || exit 1\n")
            .raw("\"$f\" 2>/dev/null && echo good || echo noexec\n");
        let doing = format!("make the folder {}", folder.display());
        let said = self.ask(&doing, &script, &cancel.with_time_limit(TIME_LIMIT))?;
        Ok(if said.starts_with(b"good") { Folder::Good } else { Folder::NoPrograms })
    }

    /// Brings a program of this machine to `target` there, which never holds anything but a whole one: it is hashed where
    /// it lies before it takes that name. One that is there already is not sent. `on_progress` is told the bytes that are
    /// there.
    pub fn bring_program(
        &self,
        program: &Path,
        target: &Path,
        streams: usize,
        cancel: &Cancel,
        on_progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Moved, TransferError> {
        let local = |source| TransferError::Local { doing: "read", path: program.to_owned(), source };
        let (size_bytes, ours) = digest_of(program).map_err(local)?;
        if self.digest_there(target, cancel)? == Some(ours) {
            return Ok(Moved { size_bytes, kept_bytes: size_bytes, sent_bytes: 0 });
        }
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let transfer = Transfer { machine: self, streams, limit_bytes_per_second: None, cancel, on_progress };
        let moved = transfer.upload(program, &part)?;
        if self.digest_there(&part, cancel)? != Some(ours) {
            let host = self.name().to_owned();
            return Err(TransferError::Spoiled { host, path: part, offset: 0 });
        }
        let script = Script::new("")
            .set("part", &part)
            .set("f", target)
            .raw("chmod 755 -- \"$part\" && mv -f -- \"$part\" \"$f\"\n");
        self.ask(&format!("put {} in place", target.display()), &script, cancel)?;
        Ok(moved)
    }

    fn digest_there(&self, file: &Path, cancel: &Cancel) -> Result<Option<digest::Digest>, SshError> {
        let script = Script::new(HASH).set("f", file).raw("[ -f \"$f\" ] || exit 0\nhash <\"$f\"\n");
        let said = self.ask(&format!("hash {}", file.display()), &script, cancel)?;
        Ok(digest::parse(&String::from_utf8_lossy(&said)))
    }

    /// Runs a program and hands over each line of what it says, on either output, while it runs.
    pub fn run_telling(
        &self,
        program: &[String],
        cancel: &Cancel,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<Finished, ProcessError> {
        let words = ["-c", "exec \"$@\" 2>&1", "sh"].into_iter().chain(program.iter().map(String::as_str));
        let mut lines = LineSplitter::default();
        let mut on_bytes = |line: &[u8]| on_line(&String::from_utf8_lossy(line));
        let finished = self.pump(&Invocation::new("sh", words), cancel, &mut |chunk| {
            lines.push(chunk, &mut on_bytes);
            true
        })?;
        lines.finish(&mut on_bytes);
        Ok(finished)
    }
}

fn digest_of(program: &Path) -> io::Result<(u64, digest::Digest)> {
    let mut hasher = Sha256::new();
    let mut file = File::open(program)?;
    let mut buffer = vec![0; 1 << 20];
    let mut size_bytes = 0;
    loop {
        let count = io::Read::read(&mut file, &mut buffer)?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
        hasher.update(chunk);
        size_bytes += count as u64;
    }
    Ok((size_bytes, hasher.finalize().into()))
}
