//! A machine whose tools are BusyBox's, as Alpine's and many a NAS's are.

use std::fs;
use std::process::Command;
use std::time::Duration;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Folder, SpeedTest};
use mediaflow_transport::tools::on_path;

use super::house::House;

/// A server whose shell and tools are BusyBox's; `None`, said aloud, where there is none.
fn house() -> Option<House> {
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
