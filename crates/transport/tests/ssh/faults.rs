//! Transfers on bad days: a full disk, a network that stands still, a limit.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mediaflow_transport::ssh::{Transfer, TransferError};

use super::case::{Case, MIB, assert_same, transfer};
use super::house::wait_for;

/// A small disk of its own. Only the superuser can make one.
pub struct Disk(PathBuf);

impl Disk {
    pub fn new(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let (options, at) = (format!("size={size}"), at.to_owned());
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o"]).arg(options).arg("tmpfs").arg(&at);
        let made = mount.output().is_ok_and(|made| made.status.success());
        if !made {
            println!("skipped: no disk can be mounted here");
        }
        made.then(|| Self(at))
    }

    fn grow(&self, size: &str) {
        let remount = Command::new("mount").arg("-o").arg(format!("remount,size={size}")).arg(&self.0).status();
        assert!(remount.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_as_such_and_with_more_room_the_transfer_goes_on() {
    let Some(mut case) = Case::new(70 * MIB) else { return };
    let full = case.house.dir.path().join("full");
    let Some(disk) = Disk::new(&full, "40m") else { return };
    case.there = full.join("film.mkv");
    let error = case.up(&|_| ()).unwrap_err();
    assert!(matches!(&error, TransferError::Full { path, .. } if *path == case.there), "{error}");
    assert!(fs::read_dir(&full).unwrap().all(|entry| entry.unwrap().file_name() == "film.mkv"));
    disk.grow("90m");
    let moved = case.up(&|_| ()).unwrap();
    assert_eq!((moved.kept_bytes, moved.sent_bytes), (32 * MIB, 38 * MIB));
    assert_same(&case.here, &case.there);

    // The same on the way back, with a disk of ours.
    case.there.clone_from(&case.here);
    drop(disk);
    let disk = Disk::new(&full, "40m").unwrap();
    let back = full.join("back.mkv");
    let error = case.down(&back).unwrap_err();
    assert!(matches!(&error, TransferError::Local { path, .. } if *path == back), "{error}");
    assert!(error.to_string().contains("No space left"), "{error}");
    disk.grow("90m");
    assert_eq!(case.down(&back).unwrap().kept_bytes, 32 * MIB);
    assert_same(&case.here, &back);
}

#[test]
fn a_transfer_that_stood_still_goes_on() {
    let Some(case) = Case::new(101 * MIB) else { return };
    let sshd = &case.house.sshd;
    let is_held = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_for("the hold", || is_held.load(Ordering::Relaxed).then_some(()));
            wait_for("silence", || {
                let before = sshd.carried();
                thread::sleep(Duration::from_millis(200));
                (sshd.carried() == before).then_some(())
            });
            sshd.set_held(false);
        });
        let moved = case.up(&|arrived| {
            if arrived > 10 * MIB && !is_held.swap(true, Ordering::Relaxed) {
                sshd.set_held(true);
            }
        });
        let moved = moved.unwrap();
        assert_eq!(moved.sent_bytes + moved.kept_bytes, 101 * MIB);
    });
    assert_same(&case.here, &case.there);
}

#[test]
#[ignore = "half a minute: a machine that hangs is given up after 20 s"]
fn a_transfer_to_a_machine_that_hangs_is_taken_up_again_over_a_new_connection() {
    let Some(case) = Case::new(101 * MIB) else { return };
    let sshd = &case.house.sshd;
    let is_held = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_for("the hold", || is_held.load(Ordering::Relaxed).then_some(()));
            // What stands is gone for good, and the next connection is a new one.
            thread::sleep(Duration::from_secs(25));
            sshd.cut();
            sshd.set_held(false);
        });
        let moved = case.up(&|arrived| {
            if arrived > 40 * MIB && !is_held.swap(true, Ordering::Relaxed) {
                sshd.set_held(true);
            }
        });
        println!("{:?}", moved.unwrap());
    });
    assert_same(&case.here, &case.there);
}

/// A limit can only make it slower: no machine is too busy for this test.
#[test]
fn a_limit_holds_both_ways() {
    let Some(case) = Case::new(3 * MIB) else { return };
    let machine = case.house.machine();
    let limited = Transfer { limit_bytes_per_second: Some(2 * MIB), ..transfer(&machine) };
    let back = case.house.dir.path().join("back.mkv");
    for way in ["up", "down"] {
        let begun = Instant::now();
        match way {
            "up" => limited.upload(&case.here, &case.there).unwrap(),
            _ => limited.download(&case.there, &back).unwrap(),
        };
        assert!(begun.elapsed() > Duration::from_millis(1200), "{way}: 3 MiB in {:?}", begun.elapsed());
    }
    assert_same(&case.here, &back);
}

/// Puts a `dd` before the real one: `spoil` is what stands before it in the pipe when it writes.
fn with_dd(case: &Case, spoil: &str) {
    let programs = case.house.dir.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|folder| folder.join("dd")).find(|path| path.is_file()).unwrap();
    let real = real.display();
    let text = format!("#!/bin/sh\ncase \"$*\" in *of=*) {spoil} | {real} \"$@\";; *) exec {real} \"$@\";; esac\n");
    fs::write(programs.join("dd"), text).unwrap();
    fs::set_permissions(programs.join("dd"), fs::Permissions::from_mode(0o755)).unwrap();
    case.house.sshd.set_env("PATH", &format!("{}:{path}", programs.display())).unwrap();
}

#[test]
fn a_short_write_and_a_hole_are_caught_and_told_when_they_stay() {
    let Some(case) = Case::new(2 * MIB) else { return };
    with_dd(&case, "{ head -c 1000000; cat >/dev/null; }");
    let error = case.up(&|_| ()).unwrap_err();
    assert!(matches!(&error, TransferError::Spoiled { path, offset: 0, .. } if *path == case.there), "{error}");

    // A hole that is there once is mended by the next try.
    let Some(case) = Case::new(2 * MIB) else { return };
    let once = case.house.dir.path().join("once");
    let once = once.display();
    with_dd(
        &case,
        &format!(
            "if [ -e {once} ]; then cat; else : >{once}; head -c 65536; head -c 65536 | tr '\\0-\\377' '\\0'; cat; fi"
        ),
    );
    let moved = case.up(&|_| ()).unwrap();
    assert!(case.house.dir.path().join("once").exists());
    assert_eq!(moved.sent_bytes, 2 * MIB);
    assert_same(&case.here, &case.there);
}
