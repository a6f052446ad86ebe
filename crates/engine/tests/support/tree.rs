//! A disk and what is not yet on it.
//!
//! Every write to a file and every change of a name is *pending* until the file or the folder is synced. A crash keeps
//! any subset of what is pending, in any combination: later changes may survive without earlier ones. A rename is one
//! change, but syncing only one of its two folders makes only that half durable.

use std::collections::BTreeMap;

use mediaflow_core::path::RelPath;

pub type Bytes = Vec<u8>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inode {
    pub data: Bytes,
    pub mtime_ns: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    File(u64),
    Folder,
}

/// Names and files, as one disk holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tree {
    pub names: BTreeMap<Bytes, Node>,
    pub inodes: BTreeMap<u64, Inode>,
}

impl Tree {
    pub fn add(&mut self, path: &RelPath, data: &[u8], mtime_ns: i64) {
        let inode = self.inodes.keys().last().map_or(1, |last| last + 1);
        self.inodes.insert(inode, Inode { data: data.to_vec(), mtime_ns });
        let mut folder = path.parent();
        while let Some(above) = folder {
            self.names.insert(above.as_bytes().to_vec(), Node::Folder);
            folder = above.parent();
        }
        self.names.insert(path.as_bytes().to_vec(), Node::File(inode));
    }

    pub fn data(&self, path: &RelPath) -> Option<&[u8]> {
        match self.names.get(path.as_bytes())? {
            Node::File(inode) => self.inodes.get(inode).map(|inode| inode.data.as_slice()),
            Node::Folder => None,
        }
    }

    /// The same for two trees that differ only in the numbers and times of files made on the way.
    pub fn shape(&self) -> impl std::fmt::Debug {
        let mut met = Vec::new();
        let mut shape = Vec::new();
        for (name, node) in &self.names {
            let file = match node {
                Node::Folder => None,
                Node::File(inode) => {
                    let number = met.iter().position(|seen| seen == inode).unwrap_or(met.len());
                    met.push(*inode);
                    Some((number, &self.inodes[inode]))
                }
            };
            shape.push((name.as_slice(), file));
        }
        shape
    }

    /// Whether any name leads to these bytes.
    pub fn has(&self, data: &[u8]) -> bool {
        self.names.values().any(|node| match node {
            Node::File(inode) => self.inodes.get(inode).is_some_and(|inode| inode.data == data),
            Node::Folder => false,
        })
    }

    pub fn links(&self, inode: u64) -> u64 {
        self.names.values().filter(|node| **node == Node::File(inode)).count() as u64
    }

    /// Drops what no name leads to, and names in folders that were lost.
    pub fn prune(&mut self) {
        let folders: Vec<Bytes> =
            self.names.iter().filter(|(_, node)| **node == Node::Folder).map(|(name, _)| name.clone()).collect();
        self.names.retain(|name, _| folder_of(name).is_none_or(|folder| folders.contains(&folder)));
        let named: Vec<u64> = self
            .names
            .values()
            .filter_map(|node| match node {
                Node::File(inode) => Some(*inode),
                Node::Folder => None,
            })
            .collect();
        self.inodes.retain(|inode, _| named.contains(inode));
    }
}

pub fn folder_of(name: &[u8]) -> Option<Bytes> {
    name.iter().rposition(|byte| *byte == b'/').map(|end| name[..end].to_vec())
}

#[derive(Debug, Clone)]
pub enum Change {
    Names(Vec<(Bytes, Option<Node>)>),
    Write { inode: u64, at: usize, bytes: Bytes },
    Mtime { inode: u64, mtime_ns: i64 },
}

impl Change {
    pub fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Names(parts) => {
                for (name, node) in parts {
                    match node {
                        Some(node) => drop(tree.names.insert(name.clone(), *node)),
                        None => drop(tree.names.remove(name)),
                    }
                }
            }
            Self::Write { inode, at, bytes } => {
                let data = &mut tree.inodes.get_mut(inode).expect("an inode").data;
                // A later write that survives alone leaves a hole.
                data.resize(data.len().max(at + bytes.len()), 0);
                data[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Mtime { inode, mtime_ns } => tree.inodes.get_mut(inode).expect("an inode").mtime_ns = *mtime_ns,
        }
    }

    pub fn concerns(&self, file: u64) -> bool {
        matches!(self, Self::Write { inode, .. } | Self::Mtime { inode, .. } if *inode == file)
    }
}

/// A pending change; `stuck` after a failed sync: no later sync makes it durable, though the disk may have got it.
#[derive(Debug, Clone)]
pub struct Pending {
    pub change: Change,
    pub stuck: bool,
}

#[derive(Debug, Default)]
pub struct Machine {
    pub live: Tree,
    pub durable: Tree,
    pub pending: Vec<Pending>,
    pub clock_ns: i64,
}

impl Machine {
    pub fn change(&mut self, change: Change) {
        change.apply(&mut self.live);
        self.pending.push(Pending { change, stuck: false });
    }

    pub fn name(&mut self, parts: &[(&RelPath, Option<Node>)]) {
        let parts = parts.iter().map(|(path, node)| (path.as_bytes().to_vec(), *node)).collect();
        self.change(Change::Names(parts));
    }

    pub fn node(&self, path: &RelPath) -> Option<Node> {
        self.live.names.get(path.as_bytes()).copied()
    }

    pub fn new_inode(&mut self) -> u64 {
        let inode = self.live.inodes.keys().last().map_or(1, |last| last + 1);
        let empty = Inode { data: Bytes::new(), mtime_ns: self.clock_ns };
        self.live.inodes.insert(inode, empty.clone());
        self.durable.inodes.insert(inode, empty);
        inode
    }

    pub fn sync_file(&mut self, file: u64) {
        let durable = &mut self.durable;
        self.pending.retain(|pending| {
            let now = pending.change.concerns(file) && !pending.stuck;
            if now {
                pending.change.apply(durable);
            }
            !now
        });
    }

    pub fn sync_folder(&mut self, folder: Option<&[u8]>) {
        let here = |(name, _): &(Bytes, Option<Node>)| folder_of(name).as_deref() == folder;
        let mut written: Vec<Bytes> = Vec::new();
        // Backwards, so that what is written last wins over what was stuck before it.
        for pending in self.pending.iter_mut().rev() {
            if let Change::Names(parts) = &mut pending.change {
                if !pending.stuck {
                    let now: Vec<_> =
                        parts.iter().filter(|part| here(part) && !written.contains(&part.0)).cloned().collect();
                    parts.retain(|part| !here(part));
                    written.extend(now.iter().map(|(name, _)| name.clone()));
                    Change::Names(now).apply(&mut self.durable);
                } else {
                    parts.retain(|(name, _)| !written.contains(name));
                }
            }
        }
        self.pending.retain(|pending| !matches!(&pending.change, Change::Names(parts) if parts.is_empty()));
    }

    pub fn stick(&mut self, concerned: impl Fn(&Change) -> bool) {
        for pending in self.pending.iter_mut().filter(|pending| concerned(&pending.change)) {
            pending.stuck = true;
        }
    }

    /// Every disk that a crash at this moment may leave, each once, and in how many ways one may come about.
    pub fn after_crash(&self) -> (Vec<Tree>, usize) {
        let pending = &self.pending;
        assert!(pending.len() <= 14, "too much is pending to enumerate: {pending:?}");
        let mut trees = Vec::new();
        for kept in 0..1_u32 << pending.len() {
            let mut tree = self.durable.clone();
            for (index, pending) in pending.iter().enumerate() {
                if kept >> index & 1 == 1 {
                    pending.change.apply(&mut tree);
                }
            }
            tree.prune();
            if !trees.contains(&tree) {
                trees.push(tree);
            }
        }
        (trees, 1 << pending.len())
    }
}
