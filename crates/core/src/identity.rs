//! What makes a file on disk *this* file, and what makes its content *this* content.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A 256-bit BLAKE3 hash, shown as lower case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Wraps a finished hash.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Hashes a value by its canonical JSON: struct fields in their order, maps sorted.
    ///
    /// Values handed in must serialise; ours are plain structs, for which `serde_json` cannot fail, and a failure
    /// would hash as empty rather than panic.
    #[must_use]
    pub fn of_json(value: &impl Serialize) -> Self {
        let text = serde_json::to_vec(value).unwrap_or_default();
        Self(*blake3::hash(&text).as_bytes())
    }

    /// Hashes bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The first 16 hex digits: short enough for a tag, long enough not to meet another.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..16].to_owned()
    }

    /// Reads 64 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected 64 hex digits"))
    }
}

/// What a look at a file without reading it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stat {
    /// Length in bytes.
    pub size_bytes: u64,
    /// Modification time, nanoseconds since the Unix epoch.
    pub mtime_ns: i64,
    /// Device number; only a hint, it lies on union mounts and subvolumes.
    pub device: u64,
    /// Inode number; only a hint on network storages.
    pub inode: u64,
    /// Number of hard links.
    pub links: u64,
}

/// Which bytes a file has, as far as can be told without reading all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentId {
    /// Length in bytes.
    pub size_bytes: u64,
    /// Hash over the first and the last [`ContentId::EDGE_BYTES`], or over all of a file of at most
    /// [`ContentId::WHOLE_BYTES`].
    pub edges: Hash,
}

impl ContentId {
    /// How much of each end is hashed. Containers keep their index and their unique ids there, so two films
    /// that share both ends and the length do not occur outside of copies.
    pub const EDGE_BYTES: usize = 64 * 1024;

    /// Files up to this length are hashed wholly: it costs a tenth of a second on a spinning disk, and tells a clip from
    /// the same clip with a hole in its middle.
    pub const WHOLE_BYTES: u64 = 16 * 1024 * 1024;
}

/// The identity of one file at one moment: its content, and the hints that tell whether it was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileIdentity {
    /// What a stat showed.
    pub stat: Stat,
    /// Which bytes it has.
    pub content: ContentId,
}
