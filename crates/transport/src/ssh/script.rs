//! Scripts for the POSIX shell of another machine, and the one place that quotes for it.
//!
//! An SSH server hands its command to the user's own shell, which may be `csh` or `fish`. So the command is always
//! the same few harmless words, and the script rides along in an alphabet that no shell gives a meaning to.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// The most that is sent as one command: Linux takes 128 KiB as one argument.
const MAX_COMMAND_BYTES: usize = 120 * 1024;

/// Lines for `sh`, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Script(Vec<u8>);

impl Script {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    /// Adds text as it is.
    pub(crate) fn raw(mut self, text: &str) -> Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds one word, quoted.
    pub(crate) fn word(mut self, word: impl AsRef<OsStr>) -> Self {
        quote_into(word.as_ref().as_bytes(), &mut self.0);
        self
    }

    /// Adds words, each quoted, with blanks between them.
    pub(crate) fn words<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        for (number, word) in words.into_iter().enumerate() {
            if number > 0 {
                self.0.push(b' ');
            }
            quote_into(word.as_ref().as_bytes(), &mut self.0);
        }
        self
    }

    /// Sets a variable of the script.
    pub(crate) fn set(self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.raw(name).raw("=").word(value).raw("\n")
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds another script.
    pub(crate) fn then(mut self, next: &Self) -> Self {
        self.0.extend_from_slice(&next.0);
        self
    }

    /// The command that runs it under `sh`, whatever the user's shell is. `None` when it is too long to be sent.
    pub(crate) fn command(&self) -> Option<String> {
        let command = format!("exec sh -c 'eval \"$(printf %b \"$1\")\"' sh '{}'", self.encoded());
        (command.len() <= MAX_COMMAND_BYTES).then_some(command)
    }

    /// It as one line for `printf %b`, without anything that a shell gives a meaning to.
    pub(crate) fn encoded(&self) -> String {
        let mut line = String::new();
        for byte in &self.0 {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'-' | b'.' | b'/' | b'=' | b',' | b':' => {
                    line.push(char::from(*byte));
                }
                // A string takes whatever is written to it.
                _ => drop(write!(line, "\\0{byte:03o}")),
            }
        }
        line
    }
}

/// One word of a shell command: single quotes around everything, but for what is plain.
fn quote_into(word: &[u8], out: &mut Vec<u8>) {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./=,:+@%".contains(byte);
    // `name=value` at the start of a command would set a variable.
    if !word.is_empty() && word.iter().all(is_plain) && !word.contains(&b'=') {
        out.extend_from_slice(word);
        return;
    }
    out.push(b'\'');
    for byte in word {
        match byte {
            b'\'' => out.extend_from_slice(br"'\''"),
            _ => out.push(*byte),
        }
    }
    out.push(b'\'');
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::process::Command;

    use super::*;

    fn hostile() -> Vec<OsString> {
        let mut words: Vec<OsString> = [
            "",
            "plain",
            "two words",
            "'single' \"double\" `tick`",
            "$(touch owned) ${HOME} $$",
            "-rf",
            "--",
            "*?[a]{b,c}~!",
            "line\nbreak\n\n",
            "tab\tcarriage\r",
            "back\\slash \\0101 \\\\",
            "A=b",
            "%s %b\\c",
            "#;&|<>()",
            "ümläut 日本",
        ]
        .map(Into::into)
        .to_vec();
        words.push(OsString::from_vec((1..=255).collect()));
        words
    }

    /// As a server does: the user's shell gets the command as one argument.
    fn through(shell: &str, script: &Script) -> Vec<u8> {
        let output = Command::new(shell).arg("-c").arg(script.command().unwrap()).output().unwrap();
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[test]
    fn hostile_words_arrive_byte_for_byte_through_every_shell_that_is_here() {
        let words = hostile();
        let script = Script::new("printf '%s\\0' ").words(&words);
        let sent: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
        let mut tried = 0;
        for shell in ["sh", "bash", "dash", "zsh", "fish", "csh", "tcsh", "busybox-sh"] {
            if Command::new(shell).args(["-c", "true"]).output().is_ok() {
                assert_eq!(through(shell, &script), sent, "through {shell}");
                tried += 1;
            }
        }
        assert!(tried > 0);
    }

    #[test]
    fn what_is_too_long_to_be_sent_is_told() {
        assert_eq!(Script::new(&"x".repeat(MAX_COMMAND_BYTES)).command(), None);
    }
}
