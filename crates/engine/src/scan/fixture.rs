//! A library of real files in a temporary folder, with a real store and a real ffprobe that counts its runs.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use mediaflow_core::path::RelPath;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{FileKind, Store};
use mediaflow_transport::cancel::Cancel;

use super::{ScanError, ScanReport, Scanner, Storages, open_folder};

/// Each look at it is a second later.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::Relaxed))
    }
}

pub struct Library {
    dir: tempfile::TempDir,
    pub scanner: Scanner,
}

impl Library {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("films")).unwrap();
        let store = Store::open(&dir.path().join("db/test.db"), Arc::new(Ticking(AtomicI64::new(0)))).unwrap();
        let ffprobe = dir.path().join("ffprobe");
        let scanner = Scanner { store, storages: Storages::here(), ffprobe, tool: "test build".to_owned(), threads: 2 };
        let library = Self { dir, scanner };
        library.set_ffprobe("");
        library
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("films")
    }

    pub fn store(&self) -> &Store {
        &self.scanner.store
    }

    /// The real ffprobe behind a script that notes each run and first does `before`; `$file` is the probed file.
    pub fn set_ffprobe(&self, before: &str) {
        let script = format!(
            "#!/bin/sh\necho run >>'{}'\nfor file; do :; done\nfile=\"${{file#file:}}\"\n{before}\nexec ffprobe \"$@\"\n",
            self.log().display()
        );
        // Written beside and renamed, because a script that is open for writing cannot be run.
        let new = self.dir.path().join("ffprobe.new");
        fs::write(&new, script).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(new, &self.scanner.ffprobe).unwrap();
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("runs")
    }

    /// How often ffprobe ran since the last time this was asked.
    pub fn probes(&self) -> usize {
        let runs = fs::read_to_string(self.log()).unwrap_or_default().lines().count();
        let _ = fs::remove_file(self.log());
        runs
    }

    pub fn path(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.root().join(OsStr::from_bytes(name.as_ref()))
    }

    pub fn put(&self, name: impl AsRef<[u8]>, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn scan(&self) -> Result<ScanReport, ScanError> {
        self.scan_folder(&self.root())
    }

    pub fn scan_folder(&self, folder: &Path) -> Result<ScanReport, ScanError> {
        let folder = open_folder(self.store(), folder)?;
        self.scanner.scan(&folder, &Cancel::new(), &|_| {})
    }

    /// Names of the present files of a kind, as lossy text.
    pub fn names(&self, kind: FileKind) -> Vec<String> {
        let storage = self.store().read(|reader| reader.storages()).unwrap().remove(0);
        let files = self.store().read(|reader| reader.files_of_kind(storage.id, kind)).unwrap();
        files.iter().map(|file| file.path.to_string()).collect()
    }

    pub fn file(&self, name: impl AsRef<[u8]>) -> mediaflow_store::File {
        let storage = self.store().read(|reader| reader.storages()).unwrap().remove(0);
        let path = RelPath::new(name.as_ref()).unwrap();
        self.store().read(|reader| reader.file_at(&storage, &path)).unwrap().expect("the store knows the file")
    }
}

/// A short clip of a moving test picture with the given encoder, as bytes of a file with this extension.
pub fn clip(encoder: &str, extension: &str, more: &[&str]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("clip.{extension}"));
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=1", "-c:v", encoder])
        .args(["-q:v", "3", "-pix_fmt", "yuv420p"])
        .args(more)
        .arg(&path)
        .output()
        .expect("ffmpeg is on PATH");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read(path).unwrap()
}

/// The same clip with other bytes: a container skips what it does not know behind its end.
pub fn variant(clip: &[u8], number: u32) -> Vec<u8> {
    // A Matroska Void element of four bytes.
    [clip, &[0xec, 0x84], &number.to_be_bytes()].concat()
}
