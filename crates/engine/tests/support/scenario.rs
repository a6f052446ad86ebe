//! What is explored: an undertaking, a storage that can do this much, and what must hold.

use std::io::Write as _;
use std::sync::Arc;

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Capabilities, Mechanism, Replacement, State};
use mediaflow_engine::replace::{Ending, JournalError, Note, Outcome, ReplaceError, Replacer, Settings};
use mediaflow_transport::storage::Storage;

use super::films::{FixedClock, NOW, OUTPUT, SOURCE, id, path, proof_of, request, settings};
use super::journal::{Quarantined, Rows, TestJournal};
use super::sim::SimStorage;
use super::tree::Tree;
use super::world::{Plan, World};

/// Who may be the reason when something does not come to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Only power was lost: it must end in one of the two ways.
    Nobody,
    /// The disk reported an error: a conflict is an end too, but both films are safe.
    Disk,
    /// Somebody changed files meanwhile: a whole film that was not ours to remove must be left.
    Somebody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Replace,
    Beside,
    Undo,
    RestoreBeside,
    Purge,
}

#[derive(Debug, Clone)]
pub struct Scenario {
    pub what: What,
    pub mechanism: Mechanism,
    pub capabilities: Capabilities,
    pub original: RelPath,
    pub target: RelPath,
}

/// Everything that a storage may lack, and every mechanism.
pub fn scenarios() -> Vec<Scenario> {
    let all =
        Capabilities { exchange: true, link: true, rename_no_replace: true, folds_case: false, normalises: false };
    let smb = Capabilities { exchange: false, link: false, ..all };
    let nfs = Capabilities { exchange: false, rename_no_replace: false, ..all };
    let mut scenarios = Vec::new();
    for (mechanism, capabilities, target) in [
        (Mechanism::Exchange, all, "Films/A.mkv"),
        // Exchanges, but knows no rename that refuses: every move is a link and a removal.
        (Mechanism::Exchange, Capabilities { rename_no_replace: false, ..all }, "Films/A.mkv"),
        (Mechanism::Link, nfs, "Films/A.mkv"),
        (Mechanism::NewExtension, all, "Films/A.mp4"),
        (Mechanism::NewExtension, nfs, "Films/A.mp4"),
        (Mechanism::TwoRenames, smb, "Films/A.mkv"),
    ] {
        for what in [What::Replace, What::Undo, What::RestoreBeside, What::Purge] {
            let (original, target) = (path("Films/A.mkv"), path(target));
            scenarios.push(Scenario { what, mechanism, capabilities, original, target });
        }
    }
    for capabilities in [all, nfs] {
        let (original, target) = (path("Films/A.mkv"), path("Films/A V2.mkv"));
        let mechanism = Mechanism::NewExtension;
        scenarios.push(Scenario { what: What::Beside, mechanism, capabilities, original, target });
    }
    scenarios
}

/// The number of the replacement, and of what takes it back.
const FIRST: u64 = 1;
const SECOND: u64 = 2;
const LATER: i64 = 15 * 24 * 3600;

#[allow(clippy::large_enum_variant)] // one at a time, in a test
pub enum Answer {
    Replacement(Result<Outcome, ReplaceError>),
    Purge(Result<usize, JournalError>),
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        match self {
            Self::Replacement(result) => result.is_ok(),
            Self::Purge(result) => result.as_ref().is_ok_and(|purged| *purged == 1),
        }
    }
}

impl Scenario {
    pub fn name(&self) -> String {
        let moves = if self.capabilities.rename_no_replace { "" } else { ", moving by links" };
        format!("{:?} by {:?}{moves}", self.what, self.mechanism)
    }

    pub fn settings(&self) -> Settings {
        Settings { allow_two_renames: self.mechanism == Mechanism::TwoRenames, ..settings() }
    }

    pub fn mount(&self, tree: &Tree, plan: Plan) -> (Arc<World>, SimStorage) {
        let world = World::new(plan);
        let places = (self.original.clone(), self.target.clone());
        (Arc::clone(&world), SimStorage::mount(tree.clone(), self.capabilities, world, places))
    }

    pub fn journal(&self, rows: &Rows, world: &Arc<World>) -> TestJournal {
        let world = Arc::clone(world);
        TestJournal::new(
            rows.clone(),
            Box::new(move |_| {
                if world.commit() { Ok(()) } else { Err(JournalError::Unavailable("the machine is off".to_owned())) }
            }),
        )
    }

    /// The disk and the journal before what is to be explored.
    pub fn start(&self) -> (Tree, Rows) {
        let mut tree = Tree::default();
        tree.add(&self.original, SOURCE, 1000);
        tree.add(&path("Films/A.srt"), b"a sidecar", 1000);
        if matches!(self.what, What::Replace | What::Beside) {
            return (tree, Rows::default());
        }
        let first = Self { what: What::Replace, ..self.clone() };
        let (world, storage) = self.mount(&tree, Plan::default());
        let journal = self.journal(&Rows::default(), &world);
        assert!(first.run(&storage, &journal).is_ok());
        let done = journal.rows().get(id(FIRST)).unwrap().record.clone();
        assert_eq!(done.mechanism, self.mechanism);
        assert_eq!(storage.after_crash().0, [storage.live()], "{}: done, but not durable", self.name());
        (storage.live(), journal.rows())
    }

    pub fn run(&self, storage: &SimStorage, journal: &TestJournal) -> Answer {
        let clock = FixedClock(NOW);
        let replacer = Replacer::new(storage, journal, &clock, self.settings());
        match self.what {
            What::Replace | What::Beside => {
                let mut output = tempfile::NamedTempFile::new().unwrap();
                output.write_all(OUTPUT).unwrap();
                let source = source_identity(self);
                let proven = proof_of(OUTPUT, source.content);
                let request = request(FIRST, &self.original, &self.target, source, output.path());
                Answer::Replacement(match self.what {
                    What::Beside => replacer.place_beside(&request, &proven),
                    _ => replacer.replace(&request, &proven),
                })
            }
            What::Undo => Answer::Replacement(replacer.undo(id(FIRST), id(SECOND), 1)),
            What::RestoreBeside => Answer::Replacement(replacer.restore_beside(id(FIRST), id(SECOND), 1)),
            What::Purge => {
                let report = replacer.purge_due(NOW.plus_seconds(LATER), 10);
                Answer::Purge(report.map(|report| report.purged.len()))
            }
        }
    }

    pub fn recover(&self, storage: &SimStorage, journal: &TestJournal) -> Result<(), String> {
        let clock = FixedClock(NOW);
        let replacer = Replacer::new(storage, journal, &clock, self.settings());
        for recovered in replacer.recover_all().map_err(|error| error.to_string())? {
            let ending: Ending = recovered.ending.map_err(|error| error.to_string())?;
            drop(ending);
        }
        Ok(())
    }

    /// The record that is explored, once it was written down.
    pub fn record(&self, rows: &Rows) -> Option<Replacement> {
        let counter = if matches!(self.what, What::Undo | What::RestoreBeside) { SECOND } else { FIRST };
        rows.get(id(counter)).map(|row| row.record.clone())
    }

    /// What must hold at every instant, whatever was lost.
    pub fn check_instant(&self, tree: &Tree, rows: &Rows) {
        let context = || format!("{}\n{}\n{rows:#?}", self.name(), show(tree));
        assert_eq!(tree.data(&path("Films/A.srt")), Some(&b"a sidecar"[..]), "a sidecar was touched: {}", context());
        let original_in_place = tree.data(&self.original) == Some(SOURCE);
        let output_in_place = tree.data(&self.target) == Some(OUTPUT);
        let purged = rows
            .get(id(FIRST))
            .is_some_and(|row| matches!(row.quarantined, Some(Quarantined::Purging | Quarantined::Purged)));
        // Retrievable: in quarantine, at T for the instant within an exchange, or under the free name.
        let retrievable = tree.has(SOURCE);
        let gap = self.mechanism == Mechanism::TwoRenames && matches!(self.what, What::Replace | What::Undo);
        let in_place = original_in_place || output_in_place;
        assert!(in_place || gap, "no whole film in place: {}", context());
        assert!(retrievable || (purged && output_in_place), "the original is lost: {}", context());
        for name in tree.names.keys().filter(|name| name.ends_with(b".mfq")) {
            let quarantined = RelPath::new(name.clone()).unwrap();
            let note = RelPath::new([name.as_slice(), b".json"].concat()).unwrap();
            let whole = tree.data(&note).is_some_and(|text| serde_json::from_slice::<Note>(text).is_ok());
            assert!(whole, "{quarantined} has no note: {}", context());
        }
    }

    /// What must hold once recovery is through.
    pub fn check_end(&self, tree: &Tree, rows: &Rows, before: &Tree, blame: Blame) -> State {
        let context = || format!("{}\n{}\n{rows:#?}", self.name(), show(tree));
        let Some(record) = self.record(rows) else {
            assert!(matches!(self.what, What::Undo | What::RestoreBeside | What::Replace | What::Beside));
            self.check_untouched(tree, rows, before);
            return State::Abandoned;
        };
        let at = |path: &RelPath| tree.data(path);
        if self.what == What::Purge {
            let held = rows.get(id(FIRST)).unwrap().quarantined == Some(Quarantined::Held);
            let expected = held.then_some(SOURCE);
            assert_eq!(at(&self.target), Some(OUTPUT), "{}", context());
            assert_eq!(at(&record.quarantine), expected, "{}", context());
            assert_eq!(at(&record.note).is_some(), held, "{}", context());
            return if held { State::Abandoned } else { State::Done };
        }
        match record.state {
            State::Conflict => {
                assert!(blame != Blame::Nobody, "a conflict without a reason: {}", context());
                return State::Conflict;
            }
            State::Done => {}
            State::Abandoned => {
                self.check_untouched(tree, rows, before);
                return State::Abandoned;
            }
            unfinished => panic!("still {unfinished:?}: {}", context()),
        }
        assert_eq!(at(&record.staging), None, "T is left over: {}", context());
        match self.what {
            What::Replace => {
                assert_eq!(at(&self.target), Some(OUTPUT), "{}", context());
                assert_eq!(at(&record.quarantine), Some(SOURCE), "{}", context());
                assert!(record.same_name() || at(&self.original).is_none(), "{}", context());
            }
            What::Beside => {
                assert_eq!(at(&self.target), Some(OUTPUT), "{}", context());
                assert!(at(&self.original) == Some(SOURCE), "{}", context());
            }
            What::Undo | What::RestoreBeside => {
                let back = if self.what == What::Undo { &record.original } else { &record.target };
                assert_eq!(at(back), Some(SOURCE), "{}", context());
                assert_eq!(at(&record.quarantine), None, "{}", context());
                assert_eq!(at(&record.note), None, "{}", context());
                let output_expected = self.what == What::RestoreBeside;
                assert!(tree.has(OUTPUT) == output_expected, "{}", context());
                let first = rows.get(id(FIRST)).unwrap();
                assert_eq!(first.quarantined, Some(Quarantined::Restored), "{}", context());
            }
            What::Purge => unreachable!("handled above"),
        }
        State::Done
    }

    /// Nothing of ours may be left: the disk is as it was before, but for an empty quarantine.
    fn check_untouched(&self, tree: &Tree, rows: &Rows, before: &Tree) {
        let counts = |name: &&Vec<u8>| {
            let text = String::from_utf8_lossy(name);
            let places = [&self.original, &self.target].map(RelPath::as_bytes);
            let kept = text.ends_with(".mfq") || text.ends_with(".json");
            !places.contains(&name.as_slice()) && (kept || !text.contains(".mediaflow-quarantine"))
        };
        let names = |tree: &Tree| tree.names.keys().filter(counts).cloned().collect::<Vec<_>>();
        assert_eq!(names(tree), names(before), "{}: files left over\n{}{rows:#?}", self.name(), show(tree));
    }
}

fn source_identity(scenario: &Scenario) -> FileIdentity {
    let mut tree = Tree::default();
    tree.add(&scenario.original, SOURCE, 1000);
    let (_, storage) = scenario.mount(&tree, Plan::default());
    storage.identity(&scenario.original).unwrap().unwrap()
}

pub fn show(tree: &Tree) -> String {
    let mut text = String::new();
    for name in tree.names.keys() {
        let data = RelPath::new(name.clone()).ok().and_then(|path| tree.data(&path).map(<[u8]>::to_vec));
        let data = data.map(|data| String::from_utf8_lossy(&data[..data.len().min(40)]).into_owned());
        text += &format!("  {}: {data:?}\n", String::from_utf8_lossy(name));
    }
    text
}
