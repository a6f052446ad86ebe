//! What a folder of a storage can do, and the way of swapping that follows.

use serde::{Deserialize, Serialize};

use super::Kind;

/// What a trial in the original's folder, against the quarantine folder, has shown. Flags of a mount and device
/// numbers are not believed: they lie on union mounts, bind mounts and subvolumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Two names can be exchanged in one step, also across the two folders.
    pub exchange: bool,
    /// A file can be given a second name, in the other folder too.
    pub link: bool,
    /// A rename can be told to refuse an existing target.
    pub rename_no_replace: bool,
    /// Names that differ only by case are one file here.
    pub folds_case: bool,
    /// Names that differ only by Unicode normalisation are one file here.
    pub normalises: bool,
}

/// How the swap is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// T and O change places in one step (ext4, xfs, btrfs, APFS).
    Exchange,
    /// O gets a second name in quarantine, then T is renamed over it (NFS, SFTP).
    Link,
    /// T takes a name of its own before O goes, because the extension changes.
    NewExtension,
    /// O goes, then T comes. For an instant there is no file at O, so the user must have allowed it.
    TwoRenames,
}

impl Mechanism {
    /// The best way for what the folder can do; `None` when there is none that the user allowed.
    ///
    /// Every way must be able to move a file without replacing another one, by a rename that refuses or by a link.
    #[must_use]
    pub const fn choose(
        kind: Kind,
        same_name: bool,
        capabilities: &Capabilities,
        allow_two_renames: bool,
    ) -> Option<Self> {
        let moves = capabilities.rename_no_replace || capabilities.link;
        let alone = matches!(kind, Kind::Beside | Kind::RestoreBeside);
        if !moves {
            None
        } else if alone || !same_name {
            Some(Self::NewExtension)
        } else if capabilities.exchange {
            Some(Self::Exchange)
        } else if capabilities.link {
            Some(Self::Link)
        } else if allow_two_renames {
            Some(Self::TwoRenames)
        } else {
            None
        }
    }
}
