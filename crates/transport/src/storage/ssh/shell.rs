//! A shell there that answers small questions without a connection for each.

use crate::ssh::script::Script;
use crate::ssh::{Dialogue, RemoteMachine, SshError};

/// Each line is a script; what it says comes back, and then how it ended.
const LOOP: &str = "LC_ALL=C; export LC_ALL\nwhile IFS= read -r line; do\n\
                    said=$(eval \"$(printf %b \"$line\")\" </dev/null 2>&1)\n\
                    printf '%s\\n--end %s\\n' \"$said\" $?\ndone\n";

pub(super) struct Shell(Dialogue);

/// What a script said, and whether it succeeded.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) is_success: bool,
}

impl Shell {
    pub(super) fn open(machine: &RemoteMachine) -> Result<Self, SshError> {
        Dialogue::open(machine, "answer questions", &Script::new(LOOP)).map(Self)
    }

    pub(super) fn ask(&mut self, script: &Script) -> Result<Said, SshError> {
        self.0.send(format!("{}\n", script.encoded()).into_bytes())?;
        let mut text = String::new();
        loop {
            let line = self.0.take_line()?;
            let line = String::from_utf8_lossy(&line);
            if let Some(code) = line.strip_prefix("--end ") {
                return Ok(Said { text: text.trim_end().to_owned(), is_success: code == "0" });
            }
            text.push_str(&line);
            text.push('\n');
        }
    }
}
