//! Looks at what lies there.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::Ends;
use mediaflow_transport::storage::{LocalStorage, Storage};

use super::house::House;

#[test]
fn the_same_file_has_the_same_ends_here_and_there() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let there = house.dir.path().join(OsString::from_vec(b"-it's $(one)\n\xff.mkv".to_vec()));
    let ends = || machine.ends(&there, &Cancel::new()).unwrap();
    assert_eq!(ends(), None);
    for size in [0, 5, 1024 * 1024 + 3, 5 * 1024 * 1024 + 1] {
        let bytes: Vec<u8> = (0..size).map(|at: u32| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        fs::write(&there, &bytes).unwrap();
        let before = ends().unwrap();
        assert_eq!(before, Ends::of_local(&there).unwrap());
        assert_eq!(before.size_bytes, u64::from(size));
        for at in [0, bytes.len().saturating_sub(1)] {
            let mut other = bytes.clone();
            let Some(byte) = other.get_mut(at) else { continue };
            *byte ^= 1;
            fs::write(&there, &other).unwrap();
            assert_ne!(ends().unwrap(), before, "byte {at} of {size}");
        }
    }
    fs::remove_file(&there).unwrap();
    fs::create_dir(&there).unwrap();
    assert_eq!(ends(), None, "a folder is no file");
}

#[test]
fn free_space_is_told_also_for_what_is_yet_to_be_made() {
    let Some(house) = House::new() else { return };
    let (machine, cancel) = (house.machine(), Cancel::new());
    let there = house.dir.path().join("-it's $(not)\nyet/here");
    let free = machine.room_bytes(&there, &cancel).unwrap();
    // Others write to this disk, too.
    let here = LocalStorage::new(house.dir.path()).free_bytes(None).unwrap();
    assert!(free.abs_diff(here) < here / 2, "{free} there and {here} here");
    assert!(machine.room_bytes("nothing like it".as_ref(), &cancel).unwrap() > 0);
}
