//! Files that arrive whole or not at all.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{SshError, Transfer, TransferError};

use super::case::{Case, MIB, assert_same, transfer};

#[test]
fn files_of_any_length_go_there_and_come_back() {
    for size in [0, 1, 70_000, 33 * MIB + 5, 101 * 1000 * 1000] {
        let Some(case) = Case::new(size) else { return };
        let moved = case.up(&|_| ()).unwrap();
        assert_eq!((moved.size_bytes, moved.sent_bytes + moved.kept_bytes), (size, size));
        assert_same(&case.here, &case.there);
        let back = case.house.dir.path().join("back.mkv");
        case.down(&back).unwrap();
        assert_same(&case.here, &back);
    }
}

#[test]
fn only_what_is_wrong_or_missing_is_sent_again() {
    let Some(case) = Case::new(101 * MIB) else { return };
    assert_eq!(case.up(&|_| ()).unwrap().sent_bytes, 101 * MIB);
    assert_eq!(case.up(&|_| ()).unwrap().sent_bytes, 0);
    // A flipped bit in the second piece, a hole in the third, and the end lost.
    let there = File::options().read(true).write(true).open(&case.there).unwrap();
    let mut byte = [0];
    there.read_exact_at(&mut byte, 40 * MIB).unwrap();
    there.write_all_at(&[byte[0] ^ 4], 40 * MIB).unwrap();
    there.write_all_at(&vec![0; 4096], 70 * MIB).unwrap();
    there.set_len(100 * MIB).unwrap();
    let again = case.up(&|_| ()).unwrap();
    assert_eq!((again.sent_bytes, again.kept_bytes), (69 * MIB, 32 * MIB));
    assert_same(&case.here, &case.there);

    let back = case.house.dir.path().join("back.mkv");
    case.down(&back).unwrap();
    File::options().write(true).open(&back).unwrap().write_all_at(b"x", 5 * MIB).unwrap();
    assert_eq!(case.down(&back).unwrap().sent_bytes, 32 * MIB);
    assert_same(&case.here, &back);
}

#[test]
fn a_connection_that_is_cut_or_spoiled_is_taken_up_again() {
    let Some(case) = Case::new(101 * MIB) else { return };
    let was_cut = AtomicBool::new(false);
    let moved = case.up(&|_| {
        if !was_cut.swap(true, Ordering::Relaxed) {
            case.house.sshd.cut();
        }
    });
    moved.unwrap();
    assert!(was_cut.load(Ordering::Relaxed));
    assert_same(&case.here, &case.there);

    fs::remove_file(&case.there).unwrap();
    case.house.sshd.spoil_after(20 * MIB);
    case.up(&|_| ()).unwrap();
    assert_same(&case.here, &case.there);

    let back = case.house.dir.path().join("back.mkv");
    case.house.sshd.spoil_after(20 * MIB);
    case.down(&back).unwrap();
    assert_same(&case.here, &back);
}

#[test]
fn a_cancelled_transfer_stops_and_the_next_one_goes_on_from_there() {
    let Some(case) = Case::new(101 * MIB) else { return };
    let (cancel, machine) = (Cancel::new(), case.house.machine());
    let on_progress = |arrived| {
        if arrived > 40 * MIB {
            cancel.cancel();
        }
    };
    let transfer = Transfer { streams: 1, cancel: &cancel, on_progress: &on_progress, ..transfer(&machine) };
    let error = transfer.upload(&case.here, &case.there).unwrap_err();
    assert!(matches!(error, TransferError::Remote(SshError::Cancelled)), "{error}");
    let moved = case.up(&|_| ()).unwrap();
    assert!(moved.kept_bytes >= 32 * MIB, "{moved:?}");
    assert_same(&case.here, &case.there);
}

#[test]
fn what_keeps_a_file_from_arriving_is_told_with_its_name() {
    let Some(case) = Case::new(4 * MIB) else { return };
    let error = case.down(&case.house.dir.path().join("back.mkv")).unwrap_err();
    assert!(error.to_string().contains("$(there).mkv"), "{error}");
    fs::create_dir_all(&case.there).unwrap();
    let error = case.up(&|_| ()).unwrap_err();
    assert!(error.to_string().contains("$(there).mkv"), "{error}");
    assert!(case.there.is_dir());
}

#[test]
fn a_longer_file_in_its_place_is_none_of_it() {
    let Some(case) = Case::new(4 * MIB) else { return };
    case.up(&|_| ()).unwrap();
    let mut there = File::options().append(true).open(&case.there).unwrap();
    there.seek(SeekFrom::End(0)).unwrap();
    there.write_all(b"and more").unwrap();
    case.up(&|_| ()).unwrap();
    assert_same(&case.here, &case.there);
}
