//! Folders of another machine, listed with everything in them, a folder a question.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::Dialogue;
use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;
use crate::storage::{Entry, read_stat};
use crate::walk::{Lister, Names, WalkError};

/// Answers questions, each of them a line with one script in it.
const LISTING: &str = include_str!("list.sh");

/// What the script says where a folder is not there, or is none.
const NO_FOLDER: &str = "44";

/// What has a name, or why that is not known.
type Looked = io::Result<Entry>;

/// Lists folders of a machine. It is called when the first folder is asked for, and again where a connection broke.
pub struct RemoteLister {
    machine: RemoteMachine,
    dialogue: Option<Dialogue>,
    cancel: Cancel,
}

impl RemoteLister {
    /// One that lists until it is cancelled.
    #[must_use]
    pub fn new(machine: RemoteMachine, cancel: &Cancel) -> Self {
        Self { machine, dialogue: None, cancel: cancel.clone() }
    }

    fn ask(&mut self, folder: &Path) -> Result<io::Result<Names<Looked>>, SshError> {
        if self.cancel.is_cancelled() {
            return Err(SshError::Cancelled);
        }
        let mut dialogue = match self.dialogue.take() {
            Some(dialogue) => dialogue,
            None => Dialogue::open(&self.machine, "list folders", &Script::new(LISTING))?,
        };
        let question = Script::new("list ").word(folder).encoded();
        dialogue.send(format!("{question}\n").into_bytes())?;
        let answer = read(&mut || dialogue.take_line())?;
        self.dialogue = Some(dialogue);
        Ok(answer)
    }
}

impl Lister for RemoteLister {
    type Listed = Looked;

    fn list(&mut self, folder: &Path) -> io::Result<Names<Looked>> {
        match self.ask(folder) {
            // The one that it was asked over may have been gone for long.
            Err(error) if error.keeps_out() => self.ask(folder),
            answer => answer,
        }
        .map_err(io::Error::other)?
    }

    fn look(&mut self, listed: Looked) -> Looked {
        listed
    }
}

/// Reads one answer: lists of names with what `stat` said of them, and how it ended.
fn read(next: &mut dyn FnMut() -> Result<Vec<u8>, SshError>) -> Result<io::Result<Names<Looked>>, SshError> {
    // In a line of it, a zero stands for a line's end and the other way round: names hold no zeros.
    let mut token = || {
        let mut token = next()?;
        token.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b'\n');
        Ok::<_, SshError>(token)
    };
    let mut all = Vec::new();
    let mut names: Vec<Vec<u8>> = Vec::new();
    loop {
        let said = token()?;
        if let Some(end) = said.strip_prefix(b"=") {
            let end = String::from_utf8_lossy(end).into_owned();
            let (code, reason) = end.split_once(' ').unwrap_or((&end, ""));
            return Ok(match code {
                "0" => Ok(all),
                NO_FOLDER => Err(ErrorKind::NotFound.into()),
                // What could be listed all the same is there; the rest may be.
                _ => {
                    all.push(Err(io::Error::other(reason.trim().to_owned())));
                    Ok(all)
                }
            });
        }
        if said.is_empty() {
            all.extend(matched(&names, &token()?).into_iter().map(Ok));
            names.clear();
        } else {
            names.push(said);
        }
    }
}

/// Names with their lines of `stat`. Each line ends with its name, and a name may hold what looks like a line.
fn matched(names: &[Vec<u8>], mut said: &[u8]) -> Vec<(OsString, Looked)> {
    let mut found: HashMap<&[u8], Entry> = HashMap::new();
    let mut waiting = names.iter();
    while let Some((fields, rest)) = split(said) {
        // Those before it were gone when they were looked at.
        let Some(name) = waiting.find(|name| rest.strip_prefix(&name[..]).is_some_and(|rest| rest.starts_with(b"\n")))
        else {
            break;
        };
        if let Some(entry) = read_stat(&String::from_utf8_lossy(fields)) {
            found.insert(name, entry);
        }
        said = rest.get(name.len() + 1..).unwrap_or_default();
    }
    let listed = |name: &Vec<u8>| {
        let unknown = || io::Error::other("it could not be looked at");
        let plain = name.strip_prefix(b"./").unwrap_or(name).to_vec();
        (OsString::from_vec(plain), found.get(&name[..]).copied().ok_or_else(unknown))
    };
    names.iter().map(listed).collect()
}

/// What stands before the name in the first of these lines, and everything from the name on.
fn split(said: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = said.windows(3).position(|window| window == b" ./")?;
    Some((said.get(..at)?, said.get(at + 1..)?))
}

impl RemoteMachine {
    /// The real path of a folder there that can be listed.
    pub fn resolve(&self, folder: &Path, cancel: &Cancel) -> Result<PathBuf, WalkError> {
        let script = Script::new("")
            .set("d", folder)
            .raw("[ -e \"$d\" ] || { echo missing; exit 0; }\n[ -d \"$d\" ] || { echo none; exit 0; }\n")
            .raw("cd -- \"$d\" && ls . >/dev/null && printf 'real %s.' \"$(pwd -P; echo .)\"\n");
        let doing = format!("look into {}", folder.display());
        let said = self.ask(&doing, &script, cancel);
        let unreadable = |error| WalkError::Unreadable { path: folder.to_owned(), source: io::Error::other(error) };
        let said = said.map_err(|error| match error.keeps_out() {
            true => WalkError::Unreachable { path: folder.to_owned(), reason: error.to_string() },
            false => unreadable(error.to_string()),
        })?;
        match said.as_slice() {
            b"missing\n" => Err(WalkError::NotFound(folder.to_owned())),
            b"none\n" => Err(WalkError::NotAFolder(folder.to_owned())),
            said => said
                .strip_prefix(b"real ")
                .and_then(|real| real.strip_suffix(b"\n.."))
                .map(|real| PathBuf::from(OsStr::from_bytes(real)))
                .ok_or_else(|| unreadable(format!("it said {:?}", String::from_utf8_lossy(said)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::EntryKind;

    #[test]
    fn names_find_their_lines_whatever_they_are_called() {
        let names = [&b"./a\n81a4 7 1 2 1 5 x ./c"[..], b"./gone", b"./c", b"./d"].map(<[u8]>::to_vec);
        let line = |size: u64, name: &[u8]| [format!("81a4 {size} 9 12 1 100 1970 ").as_bytes(), name, b"\n"].concat();
        let said = [line(1, &names[0]), line(3, &names[2]), line(4, &names[3])].concat();
        let listed = matched(&names, &said);
        let sizes: Vec<_> =
            listed.iter().map(|(_, found)| found.as_ref().ok().map(|entry| entry.stat.size_bytes)).collect();
        assert_eq!(sizes, [Some(1), None, Some(3), Some(4)]);
        assert_eq!(listed[1].0, "gone");
        assert_eq!(listed[2].1.as_ref().unwrap().kind, EntryKind::File);
    }

    #[test]
    fn an_answer_ends_with_how_it_ended() {
        let lines = |text: &'static [&'static str]| {
            let mut lines = text.iter();
            move || Ok(lines.next().unwrap().as_bytes().to_vec())
        };
        let one = read(&mut lines(&["./x", "", "41ed 0 9 12 1 100 1970 ./x\0", "=0 "])).unwrap().unwrap();
        assert_eq!(one[0].as_ref().unwrap().1.as_ref().unwrap().kind, EntryKind::Folder);
        let partly = read(&mut lines(&["=1 find: .: Permission denied"])).unwrap().unwrap();
        assert!(partly[0].as_ref().unwrap_err().to_string().contains("denied"));
        let gone = read(&mut lines(&["=44 "])).unwrap().unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound);
    }
}
