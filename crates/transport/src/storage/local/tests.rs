//! The storage's single steps on the disk of this machine.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;

use mediaflow_core::identity::Hash;
use mediaflow_core::path::RelPath;
use rustix::fs::XattrFlags;

use super::LocalStorage;
use crate::storage::{AttributeLoss, EntryKind, ErrorClass, Operation, Reading, Storage};

fn place() -> (PathBuf, LocalStorage, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    (root.clone(), LocalStorage::new(root), folder)
}

fn path(bytes: impl Into<Vec<u8>>) -> RelPath {
    RelPath::new(bytes).unwrap()
}

fn class<T: std::fmt::Debug>(result: crate::storage::Result<T>) -> ErrorClass {
    result.unwrap_err().class
}

#[test]
fn renames_refuse_replace_and_exchange_as_they_say() {
    let (root, storage, _folder) = place();
    let (a, b) = (path("a"), path(b"b \xff\n".to_vec()));
    let file = |path: &RelPath| root.join(std::ffi::OsStr::from_bytes(path.as_bytes()));
    fs::write(file(&a), "A").unwrap();
    fs::write(file(&b), "B").unwrap();
    assert_eq!(class(storage.rename_no_replace(&a, &b)), ErrorClass::Exists);
    assert_eq!(class(storage.link(&a, &b)), ErrorClass::Exists);
    assert_eq!(class(storage.create(&b).map(drop)), ErrorClass::Exists);
    storage.exchange(&a, &b).unwrap();
    assert_eq!((fs::read(file(&a)).unwrap(), fs::read(file(&b)).unwrap()), (b"B".to_vec(), b"A".to_vec()));
    storage.rename_replace(&a, &b).unwrap();
    assert_eq!(fs::read(file(&b)).unwrap(), b"B");
    assert_eq!(storage.look(&a).unwrap(), None);
    assert_eq!(class(storage.remove(&a)), ErrorClass::NotFound);
    assert_eq!(storage.look(&path("no such folder/a")).unwrap(), None);
}

#[test]
fn no_symbolic_link_below_the_root_is_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("film"), "elsewhere").unwrap();
    let (root, storage, _folder) = place();
    fs::create_dir(root.join("folder")).unwrap();
    fs::write(root.join("folder/mine"), "mine").unwrap();
    symlink(outside.path(), root.join("way out")).unwrap();
    symlink(outside.path().join("film"), root.join("film")).unwrap();
    let (mine, out) = (path("folder/mine"), path("way out/film"));
    assert_eq!(class(storage.look(&out)), ErrorClass::Symlink);
    assert_eq!(class(storage.rename_replace(&mine, &out)), ErrorClass::Symlink);
    assert_eq!(class(storage.exchange(&mine, &out)), ErrorClass::Symlink);
    assert_eq!(class(storage.create(&path("way out/new")).map(drop)), ErrorClass::Symlink);
    assert_eq!(class(storage.remove(&out)), ErrorClass::Symlink);
    assert_eq!(class(storage.hash(&path("film"), Reading::Cached)), ErrorClass::Symlink);
    assert_eq!(storage.look(&path("film")).unwrap().unwrap().kind, EntryKind::Symlink);
    assert_eq!(class(storage.identity(&path("film"))), ErrorClass::NotAFile);
    assert_eq!(fs::read(outside.path().join("film")).unwrap(), b"elsewhere");
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_is_not_read() {
    let (root, storage, _folder) = place();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    assert_eq!(class(storage.hash(&path("pipe"), Reading::Cached)), ErrorClass::NotAFile);
}

#[test]
fn a_new_file_is_written_synced_and_read_back_past_the_cache() {
    let (root, storage, _folder) = place();
    let film: Vec<u8> = (0..3_000_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let mut file = storage.create(&path("new")).unwrap();
    assert_eq!(
        fs::metadata(root.join("new")).unwrap().mode() & 0o777,
        0o600,
        "nobody else may read what is unfinished"
    );
    film.chunks(1_000_003).for_each(|chunk| file.write_all(chunk).unwrap());
    file.set_mtime_ns(1_234_567_890_123_456_789).unwrap();
    file.sync().unwrap();
    file.close().unwrap();
    storage.sync_folder(None).unwrap();
    assert_eq!(storage.hash(&path("new"), Reading::PastCache).unwrap(), Hash::of_bytes(&film));
    let identity = storage.identity(&path("new")).unwrap().unwrap();
    assert_eq!(identity.stat.mtime_ns, 1_234_567_890_123_456_789);
    assert_eq!(identity.content.size_bytes, film.len() as u64);
}

#[test]
fn attributes_owner_and_mode_are_kept() {
    let (root, storage, _folder) = place();
    fs::write(root.join("old"), "film").unwrap();
    let old = fs::File::open(root.join("old")).unwrap();
    let with_attributes = rustix::fs::fsetxattr(&old, "user.note", b"mine\0\xff", XattrFlags::empty()).is_ok();
    if !with_attributes {
        println!("skipped: extended attributes, the temporary folder has none");
    }
    let root_user = rustix::process::geteuid().is_root();
    if root_user {
        std::os::unix::fs::chown(root.join("old"), Some(1234), Some(4321)).unwrap();
    }
    fs::set_permissions(root.join("old"), fs::Permissions::from_mode(0o2754)).unwrap();

    let mut file = storage.create(&path("new")).unwrap();
    assert_eq!(file.copy_attributes(&path("old")).unwrap(), [] as [AttributeLoss; 0]);
    file.sync().unwrap();
    file.close().unwrap();
    let (old, new) = (fs::metadata(root.join("old")).unwrap(), fs::metadata(root.join("new")).unwrap());
    assert_eq!((new.uid(), new.gid(), new.mode()), (old.uid(), old.gid(), old.mode()));
    if with_attributes {
        let mut value = [0; 16];
        let length = rustix::fs::getxattr(root.join("new"), "user.note", &mut value).unwrap();
        assert_eq!(&value[..length], b"mine\0\xff");
    }
}

#[test]
fn a_trial_shows_what_this_disk_can_do_and_leaves_nothing() {
    let (root, storage, _folder) = place();
    fs::create_dir(root.join("Films")).unwrap();
    fs::create_dir(root.join("Q")).unwrap();
    let stale = root.join("Films/.mf-trial-00-a");
    fs::write(&stale, "").unwrap();
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    fs::File::options().write(true).open(&stale).unwrap().set_modified(past).unwrap();
    // One of the same name was killed a moment ago.
    fs::write(root.join("Films/.mf-trial-0-1-\u{e9}"), "").unwrap();
    fs::write(root.join("Q/.mf-trial-0-1-c"), "").unwrap();
    let capabilities = storage.probe(Some(&path("Films")), Some(&path("Q")), "0-1").unwrap();
    // ext4, xfs, btrfs, tmpfs, overlayfs and APFS all can.
    assert!(capabilities.exchange && capabilities.link && capabilities.rename_no_replace, "{capabilities:?}");
    assert_eq!(capabilities.folds_case, root.join("films").exists());
    assert_eq!(storage.list(Some(&path("Films"))).unwrap(), [] as [Vec<u8>; 0]);
    assert_eq!(storage.list(Some(&path("Q"))).unwrap(), [] as [Vec<u8>; 0]);
    let error = storage.probe(Some(&path("none")), Some(&path("Q")), "0-2").unwrap_err();
    assert_eq!((error.operation, error.class), (Operation::Open, ErrorClass::NotFound));
}

#[test]
fn a_lock_excludes_until_it_is_dropped() {
    let (root, storage, _folder) = place();
    fs::write(root.join("note"), "{}").unwrap();
    let held = storage.lock(&path("note")).unwrap();
    assert!(held.is_some());
    assert!(storage.lock(&path("note")).unwrap().is_none());
    drop(held);
    assert!(storage.lock(&path("note")).unwrap().is_some());
    assert_eq!(class(storage.lock(&path("none")).map(|lock| lock.is_some())), ErrorClass::NotFound);
}

#[test]
fn a_note_is_not_read_beyond_its_limit() {
    let (root, storage, _folder) = place();
    fs::write(root.join("note"), "12345").unwrap();
    assert_eq!(storage.read(&path("note"), 5).unwrap(), b"12345");
    assert_eq!(class(storage.read(&path("note"), 4)), ErrorClass::NotSupported);
}
