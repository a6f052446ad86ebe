//! A file that is to be moved.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::ssh::{Moved, RemoteMachine, Transfer, TransferError};

use super::house::House;

pub const MIB: u64 = 1024 * 1024;

/// A file whose every block differs, made by a rule.
pub fn make(path: &Path, size_bytes: u64) {
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
pub fn assert_same(one: &Path, other: &Path) {
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

/// A transfer that nobody stops, watches or slows.
pub fn transfer(machine: &RemoteMachine) -> Transfer<'_> {
    static NOBODY: LazyLock<Cancel> = LazyLock::new(Cancel::new);
    Transfer { machine, streams: 4, limit_bytes_per_second: None, cancel: &NOBODY, on_progress: &|_| () }
}

/// A file here, and where it is to lie there.
pub struct Case {
    pub house: House,
    pub here: PathBuf,
    pub there: PathBuf,
}

impl Case {
    pub fn new(size_bytes: u64) -> Option<Self> {
        let house = House::new()?;
        let here = house.dir.path().join("here.mkv");
        make(&here, size_bytes);
        let there = house.dir.path().join("far away/it's $(there).mkv");
        Some(Self { house, here, there })
    }

    pub fn up(&self, on_progress: &(dyn Fn(u64) + Sync)) -> Result<Moved, TransferError> {
        let machine = self.house.machine();
        Transfer { on_progress, ..transfer(&machine) }.upload(&self.here, &self.there)
    }

    pub fn down(&self, to: &Path) -> Result<Moved, TransferError> {
        transfer(&self.house.machine()).download(&self.there, to)
    }
}
