//! A lock there for as long as a conversation stands.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::ssh::script::Script;
use crate::ssh::{Dialogue, RemoteMachine, SshError};
use crate::storage::StorageLock;

/// Holds the lock until its input ends.
const HOLD: &str = "exec 9<\"$f\" || exit 1\n\
                    command -v flock >/dev/null 2>&1 || { echo none; exit 0; }\n\
                    flock -n 9 || { echo taken; exit 0; }\n\
                    echo held\ncat >/dev/null\n";

/// Takes the lock of a file; `None` when somebody else has it. One that was dropped, or whose connection broke, may take a
/// moment to be let go there.
pub(super) fn take(machine: &RemoteMachine, full: &[u8]) -> Result<Option<StorageLock>, SshError> {
    let script = Script::new("").set("f", OsStr::from_bytes(full)).raw(HOLD);
    let mut holder = Dialogue::open(machine, "lock a file", &script)?;
    match &holder.take_line()?[..] {
        b"held" => Ok(Some(StorageLock::new(holder))),
        b"taken" => Ok(None),
        // No locks there: what remains is to look at identities before every step, which is done anyway.
        _ => Ok(Some(StorageLock::new(()))),
    }
}
