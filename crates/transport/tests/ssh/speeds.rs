//! The speed of a line, measured to a real server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{SpeedTest, SshError};

use super::house::{House, wait_for};

#[test]
fn both_directions_are_measured_and_nothing_stays() {
    let Some(house) = House::new() else { return };
    let (machine, dir) = (house.machine(), house.dir.path().join("work"));
    assert!(!machine.latency(&Cancel::new()).unwrap().is_zero());
    let came_back = AtomicU32::new(0);
    let test = SpeedTest {
        machine: &machine,
        dir: &dir,
        streams: 3,
        bytes: 10_000_001,
        limit: Duration::from_secs(60),
        cancel: &Cancel::new(),
    };
    let carried = house.sshd.carried();
    let count = || {
        came_back.fetch_add(1, Ordering::Relaxed);
    };
    let speed = test.run(&count).unwrap();
    assert_eq!((speed.bytes, came_back.load(Ordering::Relaxed)), (10_000_001, 1));
    assert!(speed.upload_bps > 0 && speed.download_bps > 0, "{speed:?}");
    assert!(house.sshd.carried() - carried > 20_000_000, "it went there and back");
    wait_for("an empty folder", || (std::fs::read_dir(&dir).unwrap().count() == 0).then_some(()));
}

#[test]
fn a_slow_line_is_given_up_on_in_time_and_a_cut_one_leaves_nothing_either() {
    let Some(house) = House::new() else { return };
    let (machine, dir) = (house.machine(), house.dir.path().join("work"));
    let (bytes, cancel) = (u64::MAX, Cancel::new());
    // More bytes than any line carries: only the limit ends it.
    let limit = Duration::from_millis(200);
    let test = SpeedTest { machine: &machine, dir: &dir, streams: 1, bytes, limit, cancel: &cancel };
    let speed = test.run(&|| ()).unwrap();
    assert!(speed.bytes > 0 && speed.download_bps > 0, "{speed:?}");
    let is_empty = || (std::fs::read_dir(&dir).unwrap().count() == 0).then_some(());
    wait_for("an empty folder", is_empty);

    let test = SpeedTest { limit: Duration::from_secs(60), ..test };
    thread::scope(|scope| {
        let running = scope.spawn(|| test.run(&|| ()));
        wait_for("the first bytes", || (std::fs::read_dir(&dir).unwrap().count() > 0).then_some(()));
        house.sshd.cut();
        let error = running.join().unwrap().unwrap_err();
        assert!(matches!(error, SshError::Lost { .. }), "{error}");
    });
    wait_for("an empty folder after the cut", is_empty);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let Some(house) = House::new() else { return };
    let (machine, dir) = (house.machine(), house.dir.path().join("file"));
    std::fs::write(&dir, "in the way").unwrap();
    let (limit, cancel) = (Duration::from_secs(60), Cancel::new());
    let test = SpeedTest { machine: &machine, dir: &dir, streams: 1, bytes: 1000, limit, cancel: &cancel };
    let error = test.run(&|| ()).unwrap_err().to_string();
    assert!(error.contains("could not write into") && error.contains("/file"), "{error}");
}
