//! Jobs on another machine, and of films on another machine, under everything that may happen to these machines, to the
//! network and to us, at random moments.
//!
//! `MEDIAFLOW_CRASH_RUNS` sets how many, `MEDIAFLOW_CRASH_SEED` repeats the choices of an earlier call.

mod fault;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mediaflow_core::job::Ending;
use mediaflow_core::replace::State;
use mediaflow_store::{THIS_MACHINE, TaskKind};

use super::fleet::{Disk, Yard, queue_for};
use super::house::{Running, TINY};
use super::nas::{Nas, names};
use super::processes;
use fault::{Fault, Struck, wait_until_replacing};

/// Holds what is needed for source and output of all films here, and the margin that a job wants to be left.
const DISK_BYTES: u64 = 160 * 1024 * 1024;

/// Only ends a run that would hang.
const LIMIT: Duration = Duration::from_secs(300);

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// All machines of a test, as its service knows them.
struct Site {
    yard: Yard,
    disk: Option<Disk>,
    attic: i64,
    nas: Nas,
    /// The library on this machine.
    library: i64,
    /// The folder of the library on the NAS.
    shelf: PathBuf,
}

/// Where a film lies, and who encodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// From here to the other machine and back.
    HereToAttic,
    /// From the NAS to this machine and back.
    NasToHere,
    /// From the NAS through this machine to the other one, and back.
    NasToAttic,
}

use Way::{HereToAttic, NasToAttic, NasToHere};

#[test]
#[ignore = "long: ./test.sh --full"]
fn whatever_happens_to_a_machine_each_job_ends_once_and_nothing_stays_behind() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = given("MEDIAFLOW_CRASH_SEED").unwrap_or(clock);
    let runs = given("MEDIAFLOW_CRASH_RUNS").unwrap_or(20);
    println!("MEDIAFLOW_CRASH_SEED={seed} MEDIAFLOW_CRASH_RUNS={runs}");
    let mut random = Random(seed.max(1));
    let Some(yard) = Yard::with(&[("first.mkv", TINY)]) else { return };
    let disk = yard.own_disk(DISK_BYTES);
    let shelf = yard.house.root().join("shelf");
    fs::create_dir(&shelf).unwrap();
    let (mut running, library) = yard.house.start_scanned();
    running.service.setting_set("transfer.lost_after_seconds", &20.into()).unwrap();
    let attic = yard.join(&running);
    let Some(nas) = Nas::with(&yard.house, &running, &shelf) else { return };
    let site = Site { yard, disk, attic, nas, library, shelf };
    // So long a job takes here, when nobody interferes; faults come within.
    let began = Instant::now();
    let first = queue_for(&running, &["first.mkv"], attic)[0];
    assert_eq!(running.wait_for_end(first).0, Ending::Replaced);
    let usual = u64::try_from(began.elapsed().as_millis()).unwrap();
    running.service.undo(first, false).unwrap();
    let mut met: BTreeMap<(Fault, Way, String), u32> = BTreeMap::new();
    for run in 0..runs {
        let (said, now) = site.run(run, usual, running, &mut random);
        running = now;
        *met.entry(said).or_default() += 1;
    }
    running.stop();
    assert_eq!(processes::encodes(site.yard.house.root()).len(), 0, "an encode was left behind");
    for ((fault, way, status), count) in met {
        println!("{fault:?} {way:?} while {status}: {count}");
    }
}

impl Site {
    /// One film from the queue to its end, and back. Says what happened to it, and when.
    fn run(&self, run: u64, usual: u64, running: Running, random: &mut Random) -> ((Fault, Way, String), Running) {
        let way = [HereToAttic, HereToAttic, NasToHere, NasToAttic][usize::try_from(random.below(4)).unwrap()];
        let (folder, library) = match way {
            HereToAttic => (self.yard.house.library(), self.library),
            NasToHere | NasToAttic => (self.shelf.clone(), self.nas.library),
        };
        let worker = if way == NasToHere { THIS_MACHINE } else { self.attic };
        let name = format!("film {run} $(touch owned) 'q' \"d\" -x.mkv");
        let film = folder.join(&name);
        self.yard.house.make_at(&film, TINY);
        let found = Instant::now() + LIMIT;
        while running.find_part(&name).is_none() {
            assert!(Instant::now() < found, "run {run}: {name} is not found");
            // A machine that was away a moment ago may still be left alone.
            let _ = running.service.scan_start(library);
            std::thread::sleep(Duration::from_millis(50));
        }
        let before = fs::read(&film).unwrap();
        // What happened in earlier runs is none of its doing.
        running.service.store().write(|tx| tx.worker_did_well(self.attic)).unwrap();
        let job = queue_for(&running, &[&name], worker)[0];
        let struck = match way {
            HereToAttic => self.attic(),
            NasToHere => self.nas(),
            NasToAttic if random.below(3) == 0 => self.attic(),
            NasToAttic => self.nas(),
        };
        let fault = struck.choose(random);
        // The moment is what is random here; nothing is waited for, but for what is over too soon to be met.
        if struck.work.is_none() && random.below(3) > 0 {
            wait_until_replacing(&running, job);
            std::thread::sleep(Duration::from_millis(random.below(200)));
        } else {
            std::thread::sleep(Duration::from_millis(random.below(usual)));
        }
        let status = running.job(job).status;
        let running = struck.strike(fault, &self.yard.house, running, job, random);
        let (ending, reason) = end_of(&running, job);
        let what = format!("run {run}: {fault:?} {way:?} while {status}: {ending:?} {reason}");
        println!("{what}");
        self.check(&what, ending, &running, job, &film, &before);
        ((fault, way, status.to_string()), running)
    }

    fn attic(&self) -> Struck<'_> {
        let Yard { sshd, .. } = &self.yard;
        Struck { id: self.attic, sshd, work: Some(self.yard.work_there()), disk: self.disk.as_ref() }
    }

    fn nas(&self) -> Struck<'_> {
        Struck { id: self.nas.id, sshd: &self.nas.sshd, work: None, disk: None }
    }

    #[track_caller]
    fn check(&self, what: &str, ending: Ending, running: &Running, job: i64, film: &Path, before: &[u8]) {
        assert_eq!(ending, Ending::Replaced, "{what}");
        let after = fs::metadata(film).unwrap().len();
        assert!(after < before.len() as u64, "{what}");
        let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
        assert!(attempts.iter().any(|attempt| attempt.kind == TaskKind::Prove), "{what}");
        let replaced = running.service.store().read(|r| r.replacements_of_job(job)).unwrap();
        let done = replaced.iter().filter(|stored| stored.record.state == State::Done).count();
        assert_eq!(done, 1, "{what}: replaced once");
        self.yard.wait_until_tidy();
        // The job's end is told before its scratch is swept.
        let swept = Instant::now() + LIMIT;
        while !self.yard.house.scratch().is_empty() {
            assert!(Instant::now() < swept, "{what}: {:?} stays", self.yard.house.scratch());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.check_names(what, 1);
        let undone = Instant::now() + LIMIT;
        while let Err(error) = running.service.undo(job, false) {
            // A machine that was away a moment ago may still be left alone.
            assert!(Instant::now() < undone, "{what}: {error}");
            std::thread::sleep(Duration::from_millis(200));
        }
        assert!(fs::read(film).unwrap() == before, "{what}: what is taken back is the original");
        self.check_names(what, 0);
        // The next run's originals are alone in quarantine.
        fs::remove_file(film).unwrap();
    }

    /// Nothing of ours lies beside films, but the originals that are kept.
    #[track_caller]
    fn check_names(&self, what: &str, kept: usize) {
        let all: Vec<String> =
            [self.yard.house.library(), self.shelf.clone()].iter().flat_map(|folder| names(folder)).collect();
        let strays: Vec<_> = all.iter().filter(|name| name.contains(".mf-") || name.ends_with("owned")).collect();
        assert!(strays.is_empty(), "{what}: {strays:?}");
        let originals = all.iter().filter(|name| name.ends_with(".mfq")).count();
        assert_eq!(originals, kept, "{what}: {all:?}");
    }
}

/// A killed measurement is a failure that is tried again after a minute; nobody waits for that here.
fn end_of(running: &Running, job: i64) -> (Ending, String) {
    let until = Instant::now() + LIMIT;
    loop {
        let now = running.job(job);
        if let Some(ending) = now.ending {
            return (ending, now.reason.unwrap_or_default());
        }
        if now.not_before_at.is_some() {
            let _ = running.service.job_resume(job);
        }
        assert!(Instant::now() < until, "it does not end: {now:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
