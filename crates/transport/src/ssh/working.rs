//! Another machine as a place where programs run and working files lie.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::Duration;

use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;
use crate::machine::{Machine, Result, WorkingFileError};
use crate::process::{Finished, Invocation, ProcessError};

/// The longest that a look at a file takes, on a disk that has to wake up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is fetched of one growing file at a time; the rest comes with the next look.
const MOST_AT_ONCE_BYTES: u64 = 8 * 1024 * 1024;

impl fmt::Debug for RemoteMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteMachine({})", self.name())
    }
}

impl RemoteMachine {
    fn look(&self, doing: &'static str, path: &Path, script: &Script) -> Result<Vec<u8>> {
        let limit = Cancel::new().with_time_limit(PATIENCE);
        let there = |source| WorkingFileError::There { doing, path: path.to_owned(), source: Box::new(source) };
        self.ask(doing, script, &limit).map_err(|error| match error {
            SshError::Cancelled => there(SshError::Silent {
                host: self.name().to_owned(),
                doing: "looking after a file",
                seconds: PATIENCE.as_secs(),
            }),
            other => there(other),
        })
    }

    fn number(&self, doing: &'static str, path: &Path, script: &Script) -> Result<Option<u64>> {
        let said = self.look(doing, path, script)?;
        Ok(String::from_utf8_lossy(&said).trim().parse().ok())
    }
}

impl Machine for RemoteMachine {
    fn name(&self) -> &str {
        Self::name(self)
    }

    fn is_here(&self) -> bool {
        false
    }

    fn condition(&self) -> Result<String> {
        let script = Script::new(
            "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null\n\
             ls /dev/dri /dev/nvidia* 2>/dev/null\ncat /sys/module/nvidia/version 2>/dev/null\n:\n",
        );
        let said = self.look("look at its devices", Path::new("/dev"), &script)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    fn threads(&self) -> Result<usize> {
        let script = Script::new("nproc 2>/dev/null || getconf _NPROCESSORS_ONLN\n");
        let found = self.number("count its processors", Path::new("/"), &script)?;
        Ok(found.and_then(|count| usize::try_from(count).ok()).unwrap_or(1).max(1))
    }

    fn pump(
        &self,
        invocation: &Invocation,
        cancel: &Cancel,
        on_stdout: &mut dyn FnMut(&[u8]) -> bool,
    ) -> std::result::Result<Finished, ProcessError> {
        Self::pump(self, invocation, cancel, on_stdout)
    }

    fn make_folder(&self, folder: &Path) -> Result<()> {
        let script = Script::new("umask 077\n").raw("mkdir -p -- ").word(folder).raw("\n");
        self.look("make", folder, &script).map(drop)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.look("remove", path, &Script::new("rm -rf -- ").word(path).raw("\n")).map(drop)
    }

    fn size_bytes(&self, file: &Path) -> Result<Option<u64>> {
        let script = Script::new("").set("f", file).raw("[ -f \"$f\" ] || exit 0\nwc -c <\"$f\"\n");
        self.number("look at", file, &script)
    }

    fn take_text(&self, file: &Path) -> Result<String> {
        let script = Script::new("").set("f", file).raw("[ -e \"$f\" ] || exit 0\ncat -- \"$f\" && rm -f -- \"$f\"\n");
        Ok(String::from_utf8_lossy(&self.look("read", file, &script)?).into_owned())
    }

    fn free_bytes(&self, folder: &Path) -> Result<u64> {
        let limit = Cancel::new().with_time_limit(PATIENCE);
        self.room_bytes(folder, &limit).map_err(|source| WorkingFileError::There {
            doing: "look at the disk of",
            path: folder.to_owned(),
            source: Box::new(source),
        })
    }

    fn list(&self, folder: &Path) -> Result<Vec<OsString>> {
        // Names may hold newlines.
        let script = Script::new("cd -- ")
            .word(folder)
            .raw(" 2>/dev/null || exit 0\nfor f in * .[!.]* ..?*; do [ -e \"$f\" ] || [ -L \"$f\" ] || continue; printf '%s\\0' \"$f\"; done\n");
        let said = self.look("list", folder, &script)?;
        let names = said.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| OsString::from_vec(name.to_vec())).collect())
    }

    fn sweep(&self, folder: &Path, prefix: &str) -> Result<()> {
        let script = Script::new("cd -- ")
            .word(folder)
            .raw(" 2>/dev/null || exit 0\nfor f in ")
            .word(prefix)
            .raw("*; do [ -n \"$(find \"./$f\" -prune -mmin +60 2>/dev/null)\" ] && rm -rf -- \"./$f\"; done\n:\n");
        self.look("tidy up", folder, &script).map(drop)
    }

    fn follow(&self, there: &Path, here: &Path, names: &[&str]) -> Result<u64> {
        let local = |name: &str| {
            let path = here.join(name);
            std::fs::metadata(&path).map_or(0, |found| found.len())
        };
        let mut script = Script::new("cd -- ")
            .word(there)
            .raw(" 2>/dev/null || { echo 0; exit 0; }\nt=0\nfor f in *; do\n case $f in ");
        for (number, name) in names.iter().enumerate() {
            script = script.raw(if number > 0 { "|" } else { "" }).word(name);
        }
        script = script.raw(") continue;; esac\n [ -f \"$f\" ] && s=$(wc -c <\"$f\") && t=$((t+s))\ndone\necho $t\n");
        for name in names {
            // A file only grows, so that what was counted is there.
            script = script.set("f", name).raw(&format!(
                "h={}; s=0; [ -f \"$f\" ] && s=$(wc -c <\"$f\")\nn=$((s-h)); [ $n -gt {MOST_AT_ONCE_BYTES} ] && n={MOST_AT_ONCE_BYTES}; [ $n -lt 0 ] && n=0\n\
                 echo $n\n[ $n -eq 0 ] || tail -c +$((h+1)) \"$f\" | head -c $n\n",
                local(name)
            ));
        }
        let said = self.look("follow", there, &script)?;
        let mut rest = said.as_slice();
        let others = number_of(&mut rest).unwrap_or(0);
        for name in names {
            let Some(length) = number_of(&mut rest).and_then(|length| usize::try_from(length).ok()) else { break };
            let Some((news, others)) = rest.split_at_checked(length) else { break };
            rest = others;
            append(here, name, news).map_err(|source| WorkingFileError::Here {
                doing: "write",
                path: here.join(name),
                source,
            })?;
        }
        Ok(others)
    }
}

fn append(folder: &Path, name: &str, news: &[u8]) -> io::Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    let mut file: File = OpenOptions::new().append(true).create(true).open(folder.join(name))?;
    file.write_all(news)
}

/// Reads a line with a number.
fn number_of(said: &mut &[u8]) -> Option<u64> {
    let at = said.iter().position(|byte| *byte == b'\n')?;
    let line = OsStr::from_bytes(&said[..at]).to_str()?.trim().parse().ok();
    *said = &said[at + 1..];
    line
}
