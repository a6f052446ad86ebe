//! A machine whose tools are BusyBox's, as Alpine's and many a NAS's are.

use std::fs;
use std::process::Command;
use std::time::Duration;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::{End, Executor, Observation, Spec, Step};
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::{Ends, Folder, RemoteExecutor, SpeedTest};
use mediaflow_transport::tools::on_path;

use super::case::{assert_same, make, transfer};
use super::house::{House, wait_for};

/// A server whose shell and tools are BusyBox's; `None`, said aloud, where there is none.
pub fn house() -> Option<House> {
    let house = House::new()?;
    let Some(busybox) = on_path("busybox").into_iter().next() else {
        println!("skipped: there is no busybox here");
        return None;
    };
    let tools = house.dir.path().join("applets");
    fs::create_dir(&tools).unwrap();
    let applets = Command::new(&busybox).arg("--list").output().unwrap();
    for applet in String::from_utf8(applets.stdout).unwrap().lines() {
        std::os::unix::fs::symlink(&busybox, tools.join(applet)).unwrap();
    }
    let path = format!("PATH={}", tools.display());
    house.sshd.configure(&format!("ForceCommand {path} exec sh -c \"$SSH_ORIGINAL_COMMAND\"")).unwrap();
    Some(house)
}

#[test]
fn busybox_is_enough_to_be_known_measured_and_given_programs() {
    let Some(house) = house() else { return };
    let (machine, cancel) = (house.machine(), Cancel::new());
    let facts = machine.facts(&cancel).unwrap();
    // Its shell takes its own tools before any other.
    assert!(facts.programs["sha256sum"].ends_with("sha256sum"), "{:?}", facts.programs);
    assert!(facts.cpu_cores.is_some() && facts.ram_bytes.is_some() && facts.missing().is_empty(), "{facts:?}");
    let work = house.dir.path().join("the work");
    let metrics = machine.metrics(&work, &cancel).unwrap();
    assert!(metrics.cpu_percent.is_some() && metrics.disk_free_bytes < metrics.disk_total_bytes, "{metrics:?}");

    assert_eq!(machine.prepare_folder(&work, &cancel).unwrap(), Folder::Good);
    let program = house.dir.path().join("program");
    fs::write(&program, "#!/bin/sh\necho arrived\n").unwrap();
    let target = work.join("tools/program");
    machine.bring_program(&program, &target, 2, &cancel, &|_| ()).unwrap();
    assert_eq!(machine.find_programs([&target], &cancel).unwrap(), [target]);
    assert!(!machine.latency(&cancel).unwrap().is_zero());
    let limit = Duration::from_secs(60);
    let test = SpeedTest { machine: &machine, dir: &work, streams: 2, bytes: 1_000_000, limit, cancel: &cancel };
    let speed = test.run(&|| ()).unwrap();
    assert!(speed.bytes == 1_000_000 && speed.download_bps > 0, "{speed:?}");
}

#[test]
fn busybox_is_enough_for_files() {
    let Some(house) = house() else { return };
    let (machine, cancel) = (house.machine(), Cancel::new());
    let (here, there) = (house.dir.path().join("here"), house.dir.path().join("not yet/it's $(there)"));
    make(&here, 40_000_000);
    let transfer = transfer(&machine);
    assert_eq!(transfer.upload(&here, &there).unwrap().sent_bytes, 40_000_000);
    assert_same(&here, &there);
    assert_eq!(machine.ends(&there, &cancel).unwrap(), Some(Ends::of_local(&here).unwrap()));
    let back = house.dir.path().join("back");
    transfer.download(&there, &back).unwrap();
    assert_same(&here, &back);
    assert_eq!(Machine::size_bytes(&machine, &there).unwrap(), Some(40_000_000));
    assert!(Machine::free_bytes(&machine, &there).unwrap() > 0);
    Machine::remove(&machine, there.parent().unwrap()).unwrap();
    assert!(!there.exists());
}

#[test]
fn busybox_is_enough_for_attempts() {
    let Some(house) = house() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let step = |program: &str, args: &[&str]| Step {
        program: program.into(),
        args: args.iter().map(Into::into).collect(),
        needs: Vec::new(),
        stdout_file: Some("out.txt".to_owned()),
        stderr_file: "err.txt".to_owned(),
    };
    let ended = |dir: &std::path::Path| {
        wait_for("the end", || match executor.observe(dir).unwrap() {
            Observation::Exited(exit) => Some(exit),
            Observation::Lost { reason } => panic!("it was lost: {reason}"),
            _ => None,
        })
    };
    let failing = house.dir.path().join("failing");
    executor.submit(&failing, &Spec { steps: vec![step("sh", &["-c", "echo said >&2; exit 3"])] }).unwrap();
    let exit = ended(&failing);
    assert_eq!((exit.end, exit.last_words.as_str()), (End::Code(3), "said\n"));

    let endless = house.dir.path().join("endless");
    executor.submit(&endless, &Spec { steps: vec![step("sleep", &["1000"])] }).unwrap();
    // Another connection finds it again.
    house.sshd.cut();
    wait_for("it again", || matches!(executor.observe(&endless).ok()?, Observation::Running { .. }).then_some(()));
    executor.cancel(&endless).unwrap();
    assert_eq!(ended(&endless).end, End::Cancelled);
}
