//! A file system that keeps nothing that was not synced, as a storage.

use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard};

use mediaflow_core::identity::{ContentId, Hash, Stat};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;
use mediaflow_transport::storage::{
    AttributeLoss, Entry, EntryKind, ErrorClass, Folder, NewFile, Operation, Reading, Result, Storage, StorageError,
    StorageLock, content,
};

use super::tree::{Bytes, Change, Machine, Node, Tree, folder_of};
use super::world::{Fate, Fault, Outside, World};

/// The simulated storage.
pub struct SimStorage {
    pub world: Arc<World>,
    pub capabilities: Capabilities,
    pub free_bytes: u64,
    pub places: (RelPath, RelPath),
    /// What somebody else left, so that it can be looked for afterwards.
    touched: Mutex<Option<Bytes>>,
    machine: Mutex<Machine>,
}

/// What an upgrade or a stray copy brings.
pub const FOREIGN: &[u8] = b"another film that came from elsewhere";

impl SimStorage {
    /// A disk that was just mounted. `places` are O and N, where others interfere.
    pub fn mount(tree: Tree, capabilities: Capabilities, world: Arc<World>, places: (RelPath, RelPath)) -> Self {
        let machine = Machine { live: tree.clone(), durable: tree, pending: Vec::new(), clock_ns: 1_000_000 };
        Self {
            world,
            capabilities,
            free_bytes: 1 << 40,
            places,
            touched: Mutex::default(),
            machine: Mutex::new(machine),
        }
    }

    /// The tree as programs see it.
    pub fn live(&self) -> Tree {
        let mut tree = self.lock_machine().live.clone();
        tree.prune();
        tree
    }

    /// Every disk that a crash at this moment may leave, each once, and in how many ways one may come about.
    pub fn after_crash(&self) -> (Vec<Tree>, usize) {
        self.lock_machine().after_crash()
    }

    /// The bytes that somebody else wrote.
    pub fn touched(&self) -> Option<Bytes> {
        self.touched.lock().unwrap().clone()
    }

    fn lock_machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap()
    }

    fn interfere(&self, what: Outside) {
        let mut machine = self.lock_machine();
        let (original, target) = self.places.clone();
        let ending = |machine: &Machine, end: &[u8]| {
            let name = machine.live.names.keys().find(|name| name.ends_with(end)).cloned();
            name.map(|name| RelPath::new(name).unwrap())
        };
        let touched = match what {
            Outside::ReplacesOriginal => replace(&mut machine, &original),
            Outside::ReplacesTarget => replace(&mut machine, &target),
            Outside::AppendsToOriginal => append(&mut machine, &original),
            Outside::AppendsToTarget => append(&mut machine, &target),
            Outside::AppendsToStaging => ending(&machine, b".part").and_then(|path| append(&mut machine, &path)),
            Outside::AppendsToQuarantined => ending(&machine, b".mfq").and_then(|path| append(&mut machine, &path)),
            Outside::DeletesOriginal => delete(&mut machine, &original),
            Outside::DeletesTarget => delete(&mut machine, &target),
            Outside::DeletesQuarantined => ending(&machine, b".mfq").and_then(|path| delete(&mut machine, &path)),
        };
        *self.touched.lock().unwrap() = touched;
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

fn replace(machine: &mut Machine, path: &RelPath) -> Option<Bytes> {
    let inode = machine.new_inode();
    // Whoever puts it there has synced its bytes, if not its name.
    for tree in [&mut machine.live, &mut machine.durable] {
        tree.inodes.get_mut(&inode).expect("an inode").data = FOREIGN.to_vec();
    }
    machine.name(&[(path, Some(Node::File(inode)))]);
    Some(FOREIGN.to_vec())
}

fn append(machine: &mut Machine, path: &RelPath) -> Option<Bytes> {
    let Some(Node::File(inode)) = machine.node(path) else { return None };
    let at = machine.live.inodes[&inode].data.len();
    machine.change(Change::Write { inode, at, bytes: b"!".to_vec() });
    machine.clock_ns += 1;
    let mtime_ns = machine.clock_ns;
    machine.change(Change::Mtime { inode, mtime_ns });
    Some(machine.live.inodes[&inode].data.clone())
}

fn delete(machine: &mut Machine, path: &RelPath) -> Option<Bytes> {
    if machine.node(path).is_some() {
        machine.name(&[(path, None)]);
    }
    None
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
            if self.storage.world.corrupts() {
                let data = &mut machine.durable.inodes.get_mut(&inode).expect("an inode").data;
                data.iter_mut().take(1).for_each(|byte| *byte ^= 1);
            }
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
