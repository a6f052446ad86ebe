//! A file system that keeps nothing that was not synced.
//!
//! Every write to a file and every change of a name is *pending* until the file or the folder is synced. A crash keeps
//! any subset of what is pending, in any combination: later changes may survive without earlier ones. A rename is one
//! change, but syncing only one of its two folders makes only that half durable.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard};

use mediaflow_core::identity::{ContentId, Hash, Stat};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;
use mediaflow_transport::storage::{
    AttributeLoss, Entry, EntryKind, ErrorClass, Folder, NewFile, Operation, Reading, Result, Storage, StorageError,
    StorageLock, content,
};

use super::world::{Fate, Fault, Outside, World};

type Bytes = Vec<u8>;

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

    /// Whether any name leads to these bytes.
    pub fn has(&self, data: &[u8]) -> bool {
        self.names.values().any(|node| match node {
            Node::File(inode) => self.inodes.get(inode).is_some_and(|inode| inode.data == data),
            Node::Folder => false,
        })
    }

    fn links(&self, inode: u64) -> u64 {
        self.names.values().filter(|node| **node == Node::File(inode)).count() as u64
    }

    /// Drops what no name leads to, and names in folders that were lost.
    fn prune(&mut self) {
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

fn folder_of(name: &[u8]) -> Option<Bytes> {
    name.iter().rposition(|byte| *byte == b'/').map(|end| name[..end].to_vec())
}

#[derive(Debug, Clone)]
enum Change {
    Names(Vec<(Bytes, Option<Node>)>),
    Write { inode: u64, at: usize, bytes: Bytes },
    Mtime { inode: u64, mtime_ns: i64 },
}

impl Change {
    fn apply(&self, tree: &mut Tree) {
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

    fn concerns(&self, file: u64) -> bool {
        matches!(self, Self::Write { inode, .. } | Self::Mtime { inode, .. } if *inode == file)
    }
}

/// A pending change; `stuck` after a failed sync: no later sync makes it durable, though the disk may have got it.
#[derive(Debug, Clone)]
struct Pending {
    change: Change,
    stuck: bool,
}

#[derive(Debug, Default)]
struct Machine {
    live: Tree,
    durable: Tree,
    pending: Vec<Pending>,
    clock_ns: i64,
}

impl Machine {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.live);
        self.pending.push(Pending { change, stuck: false });
    }

    fn name(&mut self, parts: &[(&RelPath, Option<Node>)]) {
        let parts = parts.iter().map(|(path, node)| (path.as_bytes().to_vec(), *node)).collect();
        self.change(Change::Names(parts));
    }

    fn node(&self, path: &RelPath) -> Option<Node> {
        self.live.names.get(path.as_bytes()).copied()
    }

    fn new_inode(&mut self) -> u64 {
        let inode = self.live.inodes.keys().last().map_or(1, |last| last + 1);
        self.clock_ns += 1;
        let empty = Inode { data: Bytes::new(), mtime_ns: self.clock_ns };
        self.live.inodes.insert(inode, empty.clone());
        self.durable.inodes.insert(inode, empty);
        inode
    }

    fn sync_file(&mut self, file: u64) {
        let durable = &mut self.durable;
        self.pending.retain(|pending| {
            let now = pending.change.concerns(file) && !pending.stuck;
            if now {
                pending.change.apply(durable);
            }
            !now
        });
    }

    fn sync_folder(&mut self, folder: Option<&[u8]>) {
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

    fn stick(&mut self, concerned: impl Fn(&Change) -> bool) {
        for pending in self.pending.iter_mut().filter(|pending| concerned(&pending.change)) {
            pending.stuck = true;
        }
    }
}

/// The simulated storage.
pub struct SimStorage {
    pub world: Arc<World>,
    pub capabilities: Capabilities,
    pub free_bytes: u64,
    pub places: (RelPath, RelPath),
    machine: Mutex<Machine>,
}

/// What an upgrade or a stray copy brings.
pub const FOREIGN: &[u8] = b"another film that came from elsewhere";

impl SimStorage {
    /// A disk that was just mounted. `places` are O and N, where others interfere.
    pub fn mount(tree: Tree, capabilities: Capabilities, world: Arc<World>, places: (RelPath, RelPath)) -> Self {
        let machine = Machine { live: tree.clone(), durable: tree, pending: Vec::new(), clock_ns: 1_000_000 };
        Self { world, capabilities, free_bytes: 1 << 40, places, machine: Mutex::new(machine) }
    }

    /// The tree as programs see it.
    pub fn live(&self) -> Tree {
        let mut tree = self.lock_machine().live.clone();
        tree.prune();
        tree
    }

    /// Every disk that a crash at this moment may leave, each once, and in how many ways one may come about.
    pub fn after_crash(&self) -> (Vec<Tree>, usize) {
        let machine = self.lock_machine();
        let pending = &machine.pending;
        assert!(pending.len() <= 14, "too much is pending to enumerate: {pending:?}");
        let mut trees = Vec::new();
        for kept in 0..1_u32 << pending.len() {
            let mut tree = machine.durable.clone();
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

    fn lock_machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap()
    }

    fn interfere(&self, what: Outside) {
        let mut machine = self.lock_machine();
        let (original, target) = self.places.clone();
        let replace = |machine: &mut Machine, path: &RelPath| {
            let inode = machine.new_inode();
            machine.change(Change::Write { inode, at: 0, bytes: FOREIGN.to_vec() });
            machine.name(&[(path, Some(Node::File(inode)))]);
        };
        let delete = |machine: &mut Machine, path: &RelPath| {
            if machine.node(path).is_some() {
                machine.name(&[(path, None)]);
            }
        };
        let append = |machine: &mut Machine, path: &RelPath| {
            if let Some(Node::File(inode)) = machine.node(path) {
                let at = machine.live.inodes[&inode].data.len();
                machine.change(Change::Write { inode, at, bytes: b"!".to_vec() });
                machine.clock_ns += 1;
                let mtime_ns = machine.clock_ns;
                machine.change(Change::Mtime { inode, mtime_ns });
            }
        };
        match what {
            Outside::ReplacesOriginal => replace(&mut machine, &original),
            Outside::DeletesOriginal => delete(&mut machine, &original),
            Outside::AppendsToOriginal => append(&mut machine, &original),
            Outside::ReplacesTarget => replace(&mut machine, &target),
            Outside::DeletesTarget => delete(&mut machine, &target),
            Outside::AppendsToTarget => append(&mut machine, &target),
            Outside::DeletesQuarantined => {
                let name = machine.live.names.keys().find(|name| name.ends_with(b".mfq")).cloned();
                if let Some(name) = name {
                    machine.change(Change::Names(vec![(name, None)]));
                }
            }
        }
    }

    /// Runs one call under the world's rules.
    fn call<T>(
        &self,
        name: &'static str,
        operation: Operation,
        path: Folder<'_>,
        changes: bool,
        act: impl FnOnce(&mut Machine) -> std::result::Result<T, (ErrorClass, &'static str)>,
    ) -> Result<T> {
        if let Some(what) = self.world.outside() {
            self.interfere(what);
        }
        let fail = |class, cause: &str| StorageError::new(operation, path, class, cause);
        match self.world.call(name, changes) {
            Fate::Dead => Err(fail(ErrorClass::Io, "the machine is off")),
            Fate::Fault(Fault::Fails(class)) => Err(fail(class, "injected")),
            Fate::Fault(Fault::SucceedsButReports(class)) => {
                act(&mut self.lock_machine()).map_err(|(class, cause)| fail(class, cause))?;
                Err(fail(class, "injected, after it was done"))
            }
            Fate::Go => act(&mut self.lock_machine()).map_err(|(class, cause)| fail(class, cause)),
        }
    }
}

type Step<T> = std::result::Result<T, (ErrorClass, &'static str)>;

const NOT_FOUND: (ErrorClass, &str) = (ErrorClass::NotFound, "no such file");
const EXISTS: (ErrorClass, &str) = (ErrorClass::Exists, "file exists");
const UNKNOWN: (ErrorClass, &str) = (ErrorClass::NotSupported, "not supported");

fn file(machine: &Machine, path: &RelPath) -> Step<u64> {
    match machine.node(path) {
        Some(Node::File(inode)) => Ok(inode),
        Some(Node::Folder) => Err((ErrorClass::NotAFile, "is a folder")),
        None => Err(NOT_FOUND),
    }
}

fn folder_exists(machine: &Machine, path: &RelPath) -> Step<()> {
    match path.parent() {
        Some(folder) if machine.node(&folder) != Some(Node::Folder) => Err(NOT_FOUND),
        _ => Ok(()),
    }
}

fn free(machine: &Machine, path: &RelPath) -> Step<()> {
    folder_exists(machine, path)?;
    if machine.node(path).is_some() { Err(EXISTS) } else { Ok(()) }
}

impl Storage for SimStorage {
    fn look(&self, path: &RelPath) -> Result<Option<Entry>> {
        self.call("look", Operation::Look, Some(path), false, |machine| {
            Ok(machine.node(path).map(|node| match node {
                Node::Folder => Entry {
                    kind: EntryKind::Folder,
                    stat: Stat { size_bytes: 0, mtime_ns: 0, device: 1, inode: 0, links: 2 },
                },
                Node::File(inode) => {
                    let data = &machine.live.inodes[&inode];
                    Entry {
                        kind: EntryKind::File,
                        stat: Stat {
                            size_bytes: data.data.len() as u64,
                            mtime_ns: data.mtime_ns,
                            device: 1,
                            inode,
                            links: machine.live.links(inode),
                        },
                    }
                }
            }))
        })
    }

    fn content_id(&self, path: &RelPath) -> Result<ContentId> {
        self.call("content_id", Operation::Read, Some(path), false, |machine| {
            let data = &machine.live.inodes[&file(machine, path)?].data;
            Ok(content::content_id(&mut Cursor::new(data), data.len() as u64).unwrap())
        })
    }

    fn hash(&self, path: &RelPath, reading: Reading) -> Result<Hash> {
        self.call("hash", Operation::Read, Some(path), false, |machine| {
            let inode = file(machine, path)?;
            let tree = if reading == Reading::PastCache { &machine.durable } else { &machine.live };
            Ok(Hash::of_bytes(&tree.inodes[&inode].data))
        })
    }

    fn read(&self, path: &RelPath, _limit_bytes: u64) -> Result<Vec<u8>> {
        self.call("read", Operation::Read, Some(path), false, |machine| {
            Ok(machine.live.inodes[&file(machine, path)?].data.clone())
        })
    }

    fn create(&self, path: &RelPath) -> Result<Box<dyn NewFile + '_>> {
        let inode = self.call("create", Operation::Create, Some(path), true, |machine| {
            free(machine, path)?;
            let inode = machine.new_inode();
            machine.name(&[(path, Some(Node::File(inode)))]);
            Ok(inode)
        })?;
        Ok(Box::new(SimFile { storage: self, path: path.clone(), inode }))
    }

    fn sync_file(&self, path: &RelPath) -> Result<()> {
        self.call("sync_file", Operation::Sync, Some(path), true, |machine| {
            let inode = file(machine, path)?;
            machine.sync_file(inode);
            Ok(())
        })
    }

    fn sync_folder(&self, folder: Folder<'_>) -> Result<()> {
        let name = folder.map(|folder| folder.as_bytes().to_vec());
        let result = self.call("sync_folder", Operation::Sync, folder, true, |machine| {
            machine.sync_folder(name.as_deref());
            Ok(())
        });
        if result.is_err() && !self.world.is_dead() {
            self.lock_machine().stick(|change| {
                matches!(change, Change::Names(parts) if parts.iter().any(|(path, _)| folder_of(path) == name))
            });
        }
        result
    }

    fn link(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.call("link", Operation::Link, Some(from), true, |machine| {
            if !self.capabilities.link {
                return Err(UNKNOWN);
            }
            let inode = file(machine, from)?;
            free(machine, to)?;
            machine.name(&[(to, Some(Node::File(inode)))]);
            Ok(())
        })
    }

    fn rename_no_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.call("rename_no_replace", Operation::Rename, Some(from), true, |machine| {
            if !self.capabilities.rename_no_replace {
                return Err(UNKNOWN);
            }
            let inode = file(machine, from)?;
            free(machine, to)?;
            machine.name(&[(to, Some(Node::File(inode))), (from, None)]);
            Ok(())
        })
    }

    fn rename_replace(&self, from: &RelPath, to: &RelPath) -> Result<()> {
        self.call("rename_replace", Operation::Rename, Some(from), true, |machine| {
            let inode = file(machine, from)?;
            folder_exists(machine, to)?;
            // POSIX: renaming one name of a file over another name of it does nothing.
            if machine.node(to) != Some(Node::File(inode)) {
                machine.name(&[(to, Some(Node::File(inode))), (from, None)]);
            }
            Ok(())
        })
    }

    fn exchange(&self, one: &RelPath, other: &RelPath) -> Result<()> {
        self.call("exchange", Operation::Exchange, Some(one), true, |machine| {
            if !self.capabilities.exchange {
                return Err(UNKNOWN);
            }
            let (first, second) = (file(machine, one)?, file(machine, other)?);
            machine.name(&[(one, Some(Node::File(second))), (other, Some(Node::File(first)))]);
            Ok(())
        })
    }

    fn remove(&self, path: &RelPath) -> Result<()> {
        self.call("remove", Operation::Remove, Some(path), true, |machine| {
            file(machine, path)?;
            machine.name(&[(path, None)]);
            Ok(())
        })
    }

    fn make_folder(&self, folder: &RelPath) -> Result<()> {
        self.call("make_folder", Operation::MakeFolder, Some(folder), true, |machine| {
            free(machine, folder)?;
            machine.name(&[(folder, Some(Node::Folder))]);
            Ok(())
        })
    }

    fn list(&self, folder: Folder<'_>) -> Result<Vec<Vec<u8>>> {
        self.call("list", Operation::List, folder, false, |machine| {
            let folder = folder.map(|folder| folder.as_bytes().to_vec());
            let here = machine.live.names.keys().filter(|name| folder_of(name) == folder);
            Ok(here.map(|name| name.rsplit(|byte| *byte == b'/').next().unwrap().to_vec()).collect())
        })
    }

    fn free_bytes(&self, folder: Folder<'_>) -> Result<u64> {
        self.call("free_bytes", Operation::FreeSpace, folder, false, |_| Ok(self.free_bytes))
    }

    fn probe(&self, folder: Folder<'_>, _other: Folder<'_>, _tag: &str) -> Result<Capabilities> {
        self.call("probe", Operation::Rename, folder, false, |_| Ok(self.capabilities))
    }

    fn lock(&self, path: &RelPath) -> Result<Option<StorageLock>> {
        self.call("lock", Operation::Lock, Some(path), false, |machine| {
            file(machine, path)?;
            Ok(Some(StorageLock::new(())))
        })
    }
}

struct SimFile<'a> {
    storage: &'a SimStorage,
    path: RelPath,
    inode: u64,
}

impl NewFile for SimFile<'_> {
    /// In two halves, so that a file can be torn.
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        let inode = self.inode;
        for half in bytes.chunks(bytes.len().div_ceil(2).max(1)) {
            self.storage.call("write", Operation::Write, Some(&self.path), true, |machine| {
                let at = machine.live.inodes[&inode].data.len();
                machine.change(Change::Write { inode, at, bytes: half.to_vec() });
                Ok(())
            })?;
        }
        Ok(())
    }

    fn copy_attributes(&mut self, from: &RelPath) -> Result<Vec<AttributeLoss>> {
        self.storage.call("copy_attributes", Operation::SetAttributes, Some(&self.path), false, |machine| {
            file(machine, from).map(|_| Vec::new())
        })
    }

    fn set_mtime_ns(&mut self, mtime_ns: i64) -> Result<()> {
        let inode = self.inode;
        self.storage.call("set_mtime", Operation::SetAttributes, Some(&self.path), true, |machine| {
            machine.change(Change::Mtime { inode, mtime_ns });
            Ok(())
        })
    }

    fn sync(&mut self) -> Result<()> {
        let inode = self.inode;
        let result = self.storage.call("sync", Operation::Sync, Some(&self.path), true, |machine| {
            machine.sync_file(inode);
            Ok(())
        });
        if result.is_err() && !self.storage.world.is_dead() {
            self.storage.lock_machine().stick(|change| change.concerns(inode));
        }
        result
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.storage.call("close", Operation::Close, Some(&self.path), false, |_| Ok(()))
    }
}
