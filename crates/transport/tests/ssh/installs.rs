//! Programs brought to another machine and run there.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Folder, Moved, RemoteMachine};

use super::house::House;

fn bring(machine: &RemoteMachine, program: &Path, target: &Path) -> Moved {
    machine.bring_program(program, target, 2, &Cancel::new(), &|_| ()).unwrap()
}

#[test]
fn a_program_arrives_whole_runs_and_is_not_sent_twice() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let program = house.dir.path().join("program");
    fs::write(&program, format!("#!/bin/sh\necho \"it works\"\nexit 3\n{}", "#".repeat(100_000))).unwrap();
    let target = house.dir.path().join("it's $(there)/tools/program");
    let told = AtomicU64::new(0);
    let on_progress = |bytes| told.store(bytes, Ordering::Relaxed);
    let moved = machine.bring_program(&program, &target, 2, &Cancel::new(), &on_progress).unwrap();
    assert_eq!((moved.sent_bytes, told.load(Ordering::Relaxed)), (moved.size_bytes, moved.size_bytes));
    let mut lines = Vec::new();
    let mut on_line = |line: &str| lines.push(line.to_owned());
    let ended = machine.run_telling(&[target.display().to_string()], &Cancel::new(), &mut on_line).unwrap();
    assert_eq!((ended.exit_code, lines), (3, vec!["it works".to_owned()]));
    let names: Vec<OsString> =
        fs::read_dir(target.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["program"], "nothing half done stays");

    assert_eq!(bring(&machine, &program, &target).sent_bytes, 0);
    fs::write(&target, "somebody broke it").unwrap();
    assert_eq!(bring(&machine, &program, &target).sent_bytes, moved.size_bytes);
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn everything_that_a_program_says_is_told_line_by_line() {
    let Some(house) = House::new() else { return };
    let mut lines = Vec::new();
    let words = ["sh", "-c", "echo one; echo two >&2; printf 'three, without an end'"].map(str::to_owned);
    house.machine().run_telling(&words, &Cancel::new(), &mut |line| lines.push(line.to_owned())).unwrap();
    assert_eq!(lines, ["one", "two", "three, without an end"]);
}

#[test]
fn programs_are_found_by_name_and_by_path_each_once() {
    let Some(house) = House::new() else { return };
    let tools = house.dir.path().join("two words");
    fs::create_dir(&tools).unwrap();
    let (link, plain) = (tools.join("shell"), tools.join("plain"));
    std::os::unix::fs::symlink("/bin/sh", &link).unwrap();
    fs::write(&plain, "no program").unwrap();
    let asked: Vec<OsString> = [Path::new("no-such-program"), &link, Path::new("sh"), &plain, Path::new("dd"), &tools]
        .map(|path| path.as_os_str().to_owned())
        .into();
    let found = house.machine().find_programs(asked, &Cancel::new()).unwrap();
    assert_eq!(found[0], link, "and not its other name sh");
    assert_eq!((found.len(), found[1].file_name().unwrap()), (2, "dd".as_ref()));
}

#[test]
fn a_folder_shows_what_can_be_done_in_it() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let good = house.dir.path().join("not/there/yet");
    assert_eq!(machine.prepare_folder(&good, &Cancel::new()).unwrap(), Folder::Good);
    assert_eq!(fs::read_dir(&good).unwrap().count(), 0);
    let file = house.dir.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = machine.prepare_folder(&file.join("below"), &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("could not make the folder") && error.contains("/file"), "{error}");

    let noexec = house.dir.path().join("noexec");
    fs::create_dir(&noexec).unwrap();
    let Some(_mount) = Mount::new(&noexec) else {
        println!("skipped: only root can mount a folder from which no programs are started");
        return;
    };
    assert_eq!(machine.prepare_folder(&noexec, &Cancel::new()).unwrap(), Folder::NoPrograms);
}

struct Mount(PathBuf);

impl Mount {
    fn new(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "noexec,size=1m", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|done| done.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
