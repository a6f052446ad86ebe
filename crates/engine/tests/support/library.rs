//! A folder of films on a real disk, and a driver over it.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Kind, Mechanism, ReplacementId, State};
use mediaflow_engine::replace::{Outcome, ReplaceError, Replacer, Settings};
use mediaflow_transport::storage::{LocalStorage, Storage};

use super::films::{FixedClock, NOW, OUTPUT, SOURCE, id, proof_of, request, settings};
use super::journal::TestJournal;
use super::limited::Limited;

pub struct Library {
    _outside: tempfile::TempDir,
    pub root: PathBuf,
    pub output: PathBuf,
    pub source_bytes: Vec<u8>,
    pub output_bytes: Vec<u8>,
    pub storage: Limited,
    pub journal: TestJournal,
    pub clock: FixedClock,
    pub settings: Settings,
}

impl Library {
    pub fn new() -> Self {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("library");
        fs::create_dir(&root).unwrap();
        Self::at(root, outside)
    }

    /// Over an existing folder; `outside` holds what is not in the library.
    pub fn at(root: PathBuf, outside: tempfile::TempDir) -> Self {
        let output = outside.path().join("output.mkv");
        fs::write(&output, OUTPUT).unwrap();
        Self {
            storage: Limited::new(LocalStorage::new(&root)),
            root,
            output,
            source_bytes: SOURCE.to_vec(),
            output_bytes: OUTPUT.to_vec(),
            _outside: outside,
            journal: TestJournal::in_memory(),
            clock: FixedClock(NOW),
            settings: settings(),
        }
    }

    /// Films long enough to have blocks, and an extent or two, of their own.
    #[must_use]
    pub fn with_long_films(mut self) -> Self {
        let film = |seed: u32, length: u32| (0..length).flat_map(|i| i.wrapping_mul(seed).to_le_bytes()).collect();
        self.source_bytes = film(2_654_435_761, 80_000);
        self.output_bytes = film(40_503, 50_000);
        fs::write(&self.output, &self.output_bytes).unwrap();
        self
    }

    pub fn add(&self, path: &RelPath) -> PathBuf {
        let file = self.file(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &self.source_bytes).unwrap();
        file
    }

    pub fn file(&self, path: &RelPath) -> PathBuf {
        self.root.join(Path::new(std::ffi::OsStr::from_bytes(path.as_bytes())))
    }

    pub fn replacer(&self) -> Replacer<'_> {
        Replacer::new(&self.storage, &self.journal, &self.clock, self.settings.clone())
    }

    pub fn replace(&self, counter: u64, original: &RelPath, target: &RelPath) -> Result<Outcome, ReplaceError> {
        self.replace_it(counter, original, target, self.storage_identity(original))
    }

    /// What the storage says of a film.
    pub fn storage_identity(&self, original: &RelPath) -> FileIdentity {
        self.storage.identity(original).unwrap().expect("the original")
    }

    /// The same for a film that was looked at before.
    pub fn replace_it(
        &self,
        counter: u64,
        original: &RelPath,
        target: &RelPath,
        source: FileIdentity,
    ) -> Result<Outcome, ReplaceError> {
        let request = request(counter, original, target, source, &self.output);
        self.replacer().replace(&request, &proof_of(&self.output_bytes, source.content))
    }

    pub fn undo(&self, counter: u64, by: u64) -> Result<Outcome, ReplaceError> {
        self.replacer().undo(id(counter), id(by), 1)
    }

    pub fn quarantined(&self, replacement: ReplacementId) -> PathBuf {
        self.root.join(".mediaflow-quarantine").join(format!("{replacement}.mfq"))
    }

    /// Sets what the folder can do, for a mechanism; returns N.
    pub fn limit_to(&mut self, mechanism: Mechanism, original: &RelPath) -> RelPath {
        self.storage.exchange = mechanism == Mechanism::Exchange;
        self.storage.link = matches!(mechanism, Mechanism::Exchange | Mechanism::Link);
        self.settings.allow_two_renames = mechanism == Mechanism::TwoRenames;
        match mechanism {
            Mechanism::NewExtension => original.with_extension("mp4").unwrap(),
            _ => original.clone(),
        }
    }

    /// After recovery: all of it or nothing of it, by what the journal says. Returns that state.
    pub fn check_end(&self, journal: &TestJournal, counter: u64, context: &str) -> Option<State> {
        let row = journal.rows().get(id(counter)).cloned();
        let before_it = || journal.rows().get(id(1)).filter(|_| counter > 1).map(|row| row.record.clone());
        let record = row.as_ref().map(|row| row.record.clone()).or_else(before_it)?;
        let state = row.map(|row| row.record.state);
        let replaced = match (record.kind, state) {
            (Kind::Replace, Some(State::Done) | None) | (Kind::Undo, Some(State::Abandoned)) => true,
            (Kind::Replace, Some(State::Abandoned)) | (Kind::Undo, Some(State::Done)) => false,
            other => panic!("{context}: it ended as {other:?}: {:?}", journal.rows()),
        };
        let at = |path: &RelPath| fs::read(self.file(path)).ok();
        let (in_place, gone) =
            if replaced { (&record.target, &record.original) } else { (&record.original, &record.target) };
        let expected = if replaced { &self.output_bytes } else { &self.source_bytes };
        assert!(at(in_place).as_ref() == Some(expected), "{context}: not the right film at {in_place}");
        assert!(record.same_name() || at(gone).is_none(), "{context}: a film too many at {gone}");
        assert!(at(&record.quarantine).is_some() == replaced, "{context}: the quarantine is wrong");
        assert!(!replaced || at(&record.quarantine).as_ref() == Some(&self.source_bytes), "{context}");
        assert!(at(&record.note).is_some() == replaced, "{context}: the note is wrong");
        assert!(at(&record.staging).is_none(), "{context}: T is left over");
        state
    }

    /// Every name below the root, those that keep media servers out left out.
    pub fn names(&self) -> Vec<Vec<u8>> {
        let mut names = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.file_name().is_some_and(|name| name == ".plexignore" || name == ".ignore") {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path.clone());
                }
                names.push(path.strip_prefix(&self.root).unwrap().as_os_str().as_bytes().to_vec());
            }
        }
        names.sort();
        names
    }
}
