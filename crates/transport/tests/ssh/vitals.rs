//! What another machine is and how it feels, asked of a real one.

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::SshError;
use mediaflow_transport::vitals::{Here, Root};

use super::house::House;

#[test]
fn another_machine_says_of_itself_what_this_one_does() {
    let Some(house) = House::new() else { return };
    let there = house.machine().facts(&Cancel::new()).unwrap();
    let here = Here.facts(&Cancel::new());
    assert_eq!((&there.os, &there.kernel, &there.arch), (&here.os, &here.kernel, &here.arch));
    assert_eq!((&there.cpu_model, there.cpu_cores, there.ram_bytes), (&here.cpu_model, here.cpu_cores, here.ram_bytes));
    assert_eq!((&there.gpus, there.root == Root::Itself), (&here.gpus, here.root == Root::Itself));
    assert_eq!(there.missing(), Vec::<String>::new());
    assert!(there.programs["dd"].is_absolute(), "{:?}", there.programs);
}

#[test]
fn another_machine_says_how_it_feels_in_one_round_trip() {
    let Some(house) = House::new() else { return };
    let odd = house.dir.path().join("it's not $(made) yet/by us");
    let metrics = house.machine().metrics(&odd, &Cancel::new()).unwrap();
    assert!(metrics.cpu_percent.is_some_and(|percent| (0.0..=100.0).contains(&percent)), "{metrics:?}");
    assert!(metrics.ram_used_bytes <= metrics.ram_total_bytes && metrics.ram_used_bytes.is_some(), "{metrics:?}");
    let here = Here.metrics(house.dir.path(), &Cancel::new());
    assert_eq!(metrics.ram_total_bytes, here.ram_total_bytes);
    // The same disk, a moment apart.
    let free = (metrics.disk_free_bytes.unwrap(), here.disk_free_bytes.unwrap());
    assert!(free.0.abs_diff(free.1) < 10_000_000_000, "{free:?}");
    assert!(!odd.exists());
}

#[test]
fn a_machine_that_is_gone_gives_no_metrics() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    machine.metrics(house.dir.path(), &Cancel::new()).unwrap();
    house.sshd.set_down(true);
    let error = machine.metrics(house.dir.path(), &Cancel::new()).unwrap_err();
    assert!(error.may_pass() && !matches!(error, SshError::Cancelled), "{error}");
}
