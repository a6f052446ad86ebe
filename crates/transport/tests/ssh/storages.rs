//! The single steps of a storage: on the disk of this machine, and on another one's over SSH.

use std::any::Any;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use mediaflow_core::identity::Hash;
use mediaflow_core::path::RelPath;
use mediaflow_transport::storage::{
    self, AttributeLoss, EntryKind, ErrorClass, LocalStorage, Operation, Reading, RemoteStorage, Storage,
};
use rustix::fs::XattrFlags;

use super::faults::Disk;
use super::house::{House, runs, wait_for};

/// A folder, the same as a storage, and what keeps both.
type Place = (PathBuf, Box<dyn Storage>, Box<dyn Any>);

/// A folder here, and one of another machine.
fn places() -> Vec<Place> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    let local: Place = (root.clone(), Box::new(LocalStorage::new(root)), Box::new(folder));
    let remote = House::new().map(|house| -> Place {
        let root = house.dir.path().join("it's a $(folder)\n");
        fs::create_dir(&root).unwrap();
        (root.clone(), Box::new(RemoteStorage::new(house.machine(), root)), Box::new(house))
    });
    [local].into_iter().chain(remote).collect()
}

fn path(bytes: impl Into<Vec<u8>>) -> RelPath {
    RelPath::new(bytes).unwrap()
}

fn class<T: std::fmt::Debug>(result: storage::Result<T>) -> ErrorClass {
    result.unwrap_err().class
}

#[test]
fn renames_refuse_replace_and_exchange_as_they_say() {
    for (root, storage, _folder) in places() {
        let (a, b) = (path("a"), path(b"b \xff\n".to_vec()));
        let file = |path: &RelPath| root.join(std::ffi::OsStr::from_bytes(path.as_bytes()));
        fs::write(file(&a), "A").unwrap();
        fs::write(file(&b), "B").unwrap();
        assert_eq!(class(storage.rename_no_replace(&a, &b)), ErrorClass::Exists);
        assert_eq!(class(storage.link(&a, &b)), ErrorClass::Exists);
        assert_eq!(class(storage.create(&b).map(drop)), ErrorClass::Exists);
        let film = match storage.exchange(&a, &b) {
            Ok(()) => "B",
            Err(error) => {
                assert_eq!(error.class, ErrorClass::NotSupported);
                "A"
            }
        };
        assert_eq!(fs::read_to_string(file(&a)).unwrap(), film);
        storage.rename_replace(&a, &b).unwrap();
        assert_eq!(fs::read_to_string(file(&b)).unwrap(), film);
        storage.link(&b, &a).unwrap();
        assert_eq!(storage.look(&a).unwrap().unwrap().stat.links, 2);
        assert_eq!(storage.identity(&a).unwrap(), storage.identity(&b).unwrap());
        storage.remove(&a).unwrap();
        storage.rename_no_replace(&b, &a).unwrap();
        assert_eq!(fs::read_to_string(file(&a)).unwrap(), film);
        storage.remove(&a).unwrap();
        assert_eq!(storage.look(&a).unwrap(), None);
        assert_eq!(class(storage.remove(&a)), ErrorClass::NotFound);
        assert_eq!(storage.look(&path("no such folder/a")).unwrap(), None);
    }
}

#[test]
fn no_symbolic_link_below_the_root_is_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("film"), "elsewhere").unwrap();
    for (root, storage, _folder) in places() {
        fs::create_dir(root.join("folder")).unwrap();
        fs::write(root.join("folder/mine"), "mine").unwrap();
        symlink(outside.path(), root.join("way out")).unwrap();
        symlink(outside.path().join("film"), root.join("film")).unwrap();
        let (mine, out) = (path("folder/mine"), path("way out/film"));
        assert_eq!(class(storage.look(&out)), ErrorClass::Symlink);
        assert_eq!(class(storage.rename_replace(&mine, &out)), ErrorClass::Symlink);
        assert!(matches!(class(storage.exchange(&mine, &out)), ErrorClass::Symlink | ErrorClass::NotSupported));
        assert_eq!(class(storage.create(&path("way out/new")).map(drop)), ErrorClass::Symlink);
        assert_eq!(class(storage.remove(&out)), ErrorClass::Symlink);
        assert_eq!(class(storage.hash(&path("film"), Reading::Cached)), ErrorClass::Symlink);
        assert_eq!(storage.look(&path("film")).unwrap().unwrap().kind, EntryKind::Symlink);
        assert_eq!(class(storage.identity(&path("film"))), ErrorClass::NotAFile);
        assert_eq!(fs::read(outside.path().join("film")).unwrap(), b"elsewhere");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_is_not_read() {
    for (root, storage, _folder) in places() {
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
}

#[test]
fn a_new_file_is_written_synced_and_read_back_past_the_cache() {
    for (root, storage, _folder) in places() {
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
        // SFTP carries whole seconds.
        let times = [1_234_567_890_123_456_789, 1_234_567_890_000_000_000];
        assert!(times.contains(&identity.stat.mtime_ns), "{identity:?}");
        assert_eq!(identity.content.size_bytes, film.len() as u64);
    }
}

#[test]
fn attributes_owner_and_mode_are_kept() {
    for (root, storage, _folder) in places() {
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
}

#[test]
fn a_trial_shows_what_this_disk_can_do_and_leaves_nothing() {
    for (root, storage, _folder) in places() {
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
        // ext4, xfs, btrfs, tmpfs, overlayfs and APFS all can; SFTP has no exchange.
        let (one, other) = (path("none"), path("none either"));
        let exchanges = class(storage.exchange(&one, &other)) != ErrorClass::NotSupported;
        assert!(capabilities.link && capabilities.rename_no_replace, "{capabilities:?}");
        assert_eq!(capabilities.exchange, exchanges);
        assert_eq!(capabilities.folds_case, root.join("films").exists());
        assert_eq!(storage.list(Some(&path("Films"))).unwrap(), [] as [Vec<u8>; 0]);
        assert_eq!(storage.list(Some(&path("Q"))).unwrap(), [] as [Vec<u8>; 0]);
        let error = storage.probe(Some(&path("none")), Some(&path("Q")), "0-2").unwrap_err();
        assert_eq!((error.operation, error.class), (Operation::Open, ErrorClass::NotFound));
    }
}

#[test]
fn a_lock_excludes_until_it_is_dropped() {
    for (root, storage, _folder) in places() {
        fs::write(root.join("note"), "{}").unwrap();
        let held = storage.lock(&path("note")).unwrap();
        assert!(held.is_some());
        assert!(storage.lock(&path("note")).unwrap().is_none());
        drop(held);
        // Another machine takes a moment to notice.
        wait_for("the lock to be let go", || storage.lock(&path("note")).unwrap());
        assert_eq!(class(storage.lock(&path("none")).map(|lock| lock.is_some())), ErrorClass::NotFound);
    }
}

#[test]
fn a_note_is_not_read_beyond_its_limit() {
    for (root, storage, _folder) in places() {
        fs::write(root.join("note"), "12345").unwrap();
        assert_eq!(storage.read(&path("note"), 5).unwrap(), b"12345");
        assert_eq!(class(storage.read(&path("note"), 4)), ErrorClass::NotSupported);
    }
}

#[test]
fn what_keeps_a_change_from_being_made_is_told_from_other_failures() {
    let Some(house) = House::new() else { return };
    let small = house.dir.path().join("small");
    let Some(_disk) = Disk::new(&small, "2m") else { return };
    let remote = RemoteStorage::new(house.machine(), house.dir.path());
    let mut file = remote.create(&path("small/film")).unwrap();
    let written = (0..20).find_map(|_| file.write_all(&[7; 1024 * 1024]).err()).or_else(|| file.sync().err());
    assert_eq!(written.unwrap().class, ErrorClass::NoSpace);
    drop(file);
    fs::write(house.dir.path().join("other"), "film").unwrap();
    let (other, there) = (path("other"), path("small/other"));
    assert_eq!(class(remote.rename_replace(&other, &there)), ErrorClass::CrossDevice);
    assert_eq!(class(remote.link(&other, &there)), ErrorClass::CrossDevice);
    assert_eq!(class(remote.rename_no_replace(&other, &path("small/film"))), ErrorClass::Exists);
    assert_eq!(class(remote.remove(&path("nothing"))), ErrorClass::NotFound);
    assert_eq!(class(remote.make_folder(&path("small"))), ErrorClass::Exists);
    assert_eq!(class(remote.create(&path("nowhere/film")).map(drop)), ErrorClass::NotFound);
}

#[test]
fn a_broken_connection_fails_one_step_and_what_it_left_is_over_before_the_next() {
    let Some(house) = House::new() else { return };
    let remote = RemoteStorage::new(house.machine(), house.dir.path());
    fs::write(house.dir.path().join("film"), "film").unwrap();
    let mut file = remote.create(&path("new")).unwrap();
    let server = wait_for("the server", || who_has_open(&house.dir.path().join("new")));
    // It has something to do that takes its time, and the connection breaks.
    assert!(Command::new("kill").arg("-STOP").arg(server.to_string()).status().unwrap().success());
    let before = house.sshd.carried();
    let lost = thread::scope(|scope| {
        let renaming = scope.spawn(|| remote.rename_replace(&path("film"), &path("renamed")));
        wait_for("the request", || (house.sshd.carried() > before).then_some(()));
        house.sshd.cut();
        renaming.join().unwrap().unwrap_err()
    });
    assert_eq!(lost.operation, Operation::Reach, "{lost}");
    // The next look connects again; nothing comes after it.
    assert!(remote.look(&path("film")).unwrap().is_some());
    assert!(!runs(server));
    assert!(house.dir.path().join("film").exists());
    let error = file.write_all(b"more").unwrap_err();
    assert_eq!(error.operation, Operation::Reach, "{error}");
}

/// The SFTP server that has a file open.
fn who_has_open(file: &Path) -> Option<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).find(|pid: &i32| {
        let is_server = fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.ends_with(b"sftp-server\0"));
        let open = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        is_server && open.into_iter().any(|fd| fs::read_link(fd.path()).is_ok_and(|path| path == file))
    })
}
