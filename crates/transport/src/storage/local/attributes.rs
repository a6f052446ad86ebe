//! Giving one file what another one has: attributes, owner, mode.

use std::fs::File;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, XattrFlags};
use rustix::io::{Errno, Result};

use crate::storage::AttributeLoss;

/// Attributes that describe the bytes of a file, not the file: wrong on any other bytes.
const BOUND_TO_CONTENT: [&[u8]; 3] = [b"security.ima", b"security.evm", b"security.capability"];

/// Copies extended attributes (access control lists among them, on Linux), owner and mode, in this order: a change
/// of owner may clear mode bits.
///
/// macOS keeps its access control lists apart from extended attributes; they are not copied.
pub(super) fn copy(from: &OwnedFd, to: &File) -> Result<Vec<AttributeLoss>> {
    let mut losses = copy_xattrs(from, to)?;
    let original = rustix::fs::fstat(from)?;
    let copy = rustix::fs::fstat(to)?;
    let (uid, gid) = (original.st_uid, original.st_gid);
    if (uid, gid) != (copy.st_uid, copy.st_gid) {
        let user = (uid != copy.st_uid).then(|| rustix::fs::Uid::from_raw(uid));
        let group = (gid != copy.st_gid).then(|| rustix::fs::Gid::from_raw(gid));
        let kept = match rustix::fs::fchown(to, user, group) {
            Ok(()) => true,
            // Not root: the group alone may still be ours to give.
            Err(_) if user.is_some() => {
                let _ = rustix::fs::fchown(to, None, group);
                false
            }
            Err(_) => false,
        };
        if !kept {
            losses.push(AttributeLoss::Owner { uid, gid });
        }
    }
    rustix::fs::fchmod(to, Mode::from_raw_mode(original.st_mode))?;
    Ok(losses)
}

fn copy_xattrs(from: &OwnedFd, to: &File) -> Result<Vec<AttributeLoss>> {
    let mut losses = Vec::new();
    let names = match grown(|buffer| rustix::fs::flistxattr(from, buffer)) {
        Ok(names) => names,
        Err(error) if error == Errno::NOTSUP || error == Errno::OPNOTSUPP => return Ok(losses),
        Err(error) => return Err(error),
    };
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        if BOUND_TO_CONTENT.contains(&name) {
            continue;
        }
        let Ok(value) = grown(|buffer| rustix::fs::fgetxattr(from, name, buffer)) else {
            losses.push(loss(name));
            continue;
        };
        let kept = rustix::fs::fsetxattr(to, name, &value, XattrFlags::empty()).is_ok()
            // A label that the system gives to every new file here need not be set by us.
            || grown(|buffer| rustix::fs::fgetxattr(to, name, buffer)).is_ok_and(|present| present == value);
        if !kept {
            losses.push(loss(name));
        }
    }
    Ok(losses)
}

fn loss(name: &[u8]) -> AttributeLoss {
    AttributeLoss::Attribute { name: String::from_utf8_lossy(name).into_owned() }
}

/// Calls with a larger buffer until the answer fits.
fn grown(call: impl Fn(&mut [u8]) -> Result<usize>) -> Result<Vec<u8>> {
    // The kernel's own limit for a value and for a list of names is 64 KiB.
    for size in [1024, 64 * 1024, 1024 * 1024] {
        let mut buffer = vec![0; size];
        match call(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(Errno::RANGE | Errno::TOOBIG) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Errno::RANGE)
}
