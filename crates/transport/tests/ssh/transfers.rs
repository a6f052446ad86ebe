//! Files that arrive whole or not at all.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Moved, SshError, Transfer, TransferError};

use super::house::House;

const MIB: u64 = 1024 * 1024;

/// A file whose every block differs, made by a rule.
fn make(path: &Path, size_bytes: u64) {
    let mut file = File::create(path).unwrap();
    let mut seed = size_bytes | 1;
    let mut left = size_bytes;
    let mut block = vec![0; 64 * 1024];
    while left > 0 {
        for word in block.chunks_mut(8) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            word.copy_from_slice(&seed.to_le_bytes());
        }
        let count = left.min(block.len() as u64);
        file.write_all(&block[..usize::try_from(count).unwrap()]).unwrap();
        left -= count;
    }
}

#[track_caller]
fn assert_same(one: &Path, other: &Path) {
    let (mut one, mut other) = (File::open(one).unwrap(), File::open(other).unwrap());
    assert_eq!(one.metadata().unwrap().len(), other.metadata().unwrap().len());
    let (mut a, mut b) = (vec![0; 1024 * 1024], vec![0; 1024 * 1024]);
    loop {
        let count = one.read(&mut a).unwrap();
        if count == 0 {
            return;
        }
        other.read_exact(&mut b[..count]).unwrap();
        let at = one.stream_position().unwrap();
        assert!(a[..count] == b[..count], "they differ before byte {at}");
    }
}

struct Case {
    house: House,
    here: PathBuf,
    there: PathBuf,
}

impl Case {
    fn new(size_bytes: u64) -> Option<Self> {
        let house = House::new()?;
        let here = house.dir.path().join("here.mkv");
        make(&here, size_bytes);
        let there = house.dir.path().join("far away/it's $(there).mkv");
        Some(Self { house, here, there })
    }

    fn up(&self, on_progress: &(dyn Fn(u64) + Sync)) -> Result<Moved, TransferError> {
        self.up_until(&Cancel::new(), on_progress)
    }

    fn up_until(&self, cancel: &Cancel, on_progress: &(dyn Fn(u64) + Sync)) -> Result<Moved, TransferError> {
        let machine = self.house.machine();
        let transfer = Transfer { machine: &machine, streams: 4, limit_bytes_per_second: None, cancel, on_progress };
        transfer.upload(&self.here, &self.there)
    }

    fn down(&self, to: &Path) -> Result<Moved, TransferError> {
        let (machine, cancel) = (self.house.machine(), Cancel::new());
        let on_progress = |_| ();
        let transfer = Transfer {
            machine: &machine,
            streams: 4,
            limit_bytes_per_second: None,
            cancel: &cancel,
            on_progress: &on_progress,
        };
        transfer.download(&self.there, to)
    }
}

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
    let cancel = Cancel::new();
    let error = case.up_until(&cancel, &|_| cancel.cancel()).unwrap_err();
    assert!(matches!(error, TransferError::Remote(SshError::Cancelled)), "{error}");
    let moved = case.up(&|_| ()).unwrap();
    assert!(moved.kept_bytes > 0, "{moved:?}");
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
