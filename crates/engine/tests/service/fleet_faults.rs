//! Jobs on another machine under everything that may happen to it, to its network and to us, at random moments.
//!
//! `MEDIAFLOW_CRASH_RUNS` sets how many, `MEDIAFLOW_CRASH_SEED` repeats the choices of an earlier call.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mediaflow_core::job::Ending;
use mediaflow_store::TaskKind;

use super::fleet::{Yard, queue_for};
use super::house::{Running, TINY};
use super::processes;

/// What happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// All connections end.
    Cut,
    /// They end, and none is made for a while.
    Down,
    /// Nothing goes through for a while, and nobody is told.
    Held,
    /// A byte is another one on its way.
    Spoiled,
    /// The machine's encode, or whatever it measures, is killed.
    Killed,
    /// It stands still for a while.
    Frozen,
    /// The service stops, and starts again.
    Restart,
    /// The same while the machine is away for a while.
    RestartWhileDown,
    /// The machine is away for longer than it may.
    Lost,
    /// It comes back with another key, which the user says is right.
    OtherKey,
}

use Fault::{Cut, Down, Frozen, Held, Killed, Lost, OtherKey, Restart, RestartWhileDown, Spoiled};

/// The usual ones more often: the last ones take long.
const FAULTS: [Fault; 16] = [
    Cut,
    Cut,
    Down,
    Down,
    Held,
    Spoiled,
    Spoiled,
    Spoiled,
    Killed,
    Killed,
    Frozen,
    Restart,
    Restart,
    RestartWhileDown,
    Lost,
    OtherKey,
];

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

#[test]
#[ignore = "long: ./test.sh --full"]
fn whatever_happens_to_a_machine_each_job_ends_once_and_nothing_stays_behind() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = given("MEDIAFLOW_CRASH_SEED").unwrap_or(clock);
    let runs = given("MEDIAFLOW_CRASH_RUNS").unwrap_or(20);
    println!("MEDIAFLOW_CRASH_SEED={seed} MEDIAFLOW_CRASH_RUNS={runs}");
    let mut random = Random(seed.max(1));
    let Some(yard) = Yard::with(&[("first.mkv", TINY)]) else { return };
    let (mut running, library) = yard.house.start_scanned();
    running.service.setting_set("transfer.lost_after_seconds", &20.into()).unwrap();
    let attic = yard.join(&running);
    // So long a job takes here, when nobody interferes; faults come within.
    let began = Instant::now();
    let first = queue_for(&running, &["first.mkv"], attic)[0];
    assert_eq!(running.wait_for_end(first).0, Ending::Replaced);
    let usual = u64::try_from(began.elapsed().as_millis()).unwrap();
    let mut met: BTreeMap<(Fault, String), u32> = BTreeMap::new();
    for run in 0..runs {
        let name = format!("film {run} $(touch owned) 'q' \"d\" -x.mkv");
        yard.house.make(&name, TINY);
        running.service.scan_start(library).unwrap();
        while running.find_part(&name).is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let before = fs::read(yard.house.film(&name)).unwrap();
        let job = queue_for(&running, &[&name], attic)[0];
        let fault = FAULTS[usize::try_from(random.below(16)).unwrap()];
        // The moment is what is random here; nothing is waited for.
        std::thread::sleep(Duration::from_millis(random.below(usual)));
        let status = running.job(job).status;
        *met.entry((fault, status.to_string())).or_default() += 1;
        running = strike(&yard, running, fault, attic, &mut random);
        let (ending, reason) = end_of(&running, job);
        let what = format!("run {run}: {fault:?} while {status}: {ending:?} {reason}");
        println!("{what}");
        let now = fs::read(yard.house.film(&name)).unwrap();
        match ending {
            Ending::Replaced => assert!(now.len() < before.len(), "{what}"),
            // A killed measurement, or a worker without room, may fail a try; the original is untouched then.
            _ => panic!("{what}"),
        }
        let outputs = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
        let replaced = running.service.store().read(|r| r.replacements_of_job(job)).unwrap();
        assert_eq!(replaced.len(), 1, "{what}: replaced once");
        assert!(outputs.iter().any(|attempt| attempt.kind == TaskKind::Prove), "{what}");
        yard.wait_until_tidy();
        // The job's end is told before its scratch is swept.
        let swept = Instant::now() + Duration::from_secs(60);
        while !yard.house.scratch().is_empty() {
            assert!(Instant::now() < swept, "{what}: {:?} stays", yard.house.scratch());
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!fs::exists(yard.house.library().join("owned")).unwrap());
        let strays: Vec<_> = fs::read_dir(yard.house.library())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with(".mf-"))
            .collect();
        assert_eq!(strays, [] as [String; 0], "{what}");
    }
    running.stop();
    assert_eq!(processes::encodes(yard.house.root()).len(), 0, "an encode was left behind");
    for ((fault, status), count) in met {
        println!("{fault:?} while {status}: {count}");
    }
}

fn strike(yard: &Yard, running: Running, fault: Fault, attic: i64, random: &mut Random) -> Running {
    let mut pause = |most_ms| std::thread::sleep(Duration::from_millis(random.below(most_ms)));
    match fault {
        Cut => yard.sshd.cut(),
        Down => {
            yard.sshd.set_down(true);
            yard.sshd.cut();
            pause(5_000);
            yard.sshd.set_down(false);
        }
        Held => {
            yard.sshd.set_held(true);
            pause(18_000);
            yard.sshd.set_held(false);
        }
        Spoiled => {
            yard.sshd.spoil_after(1 + random.below(600_000));
        }
        Killed => processes::below(&yard.work_there()).iter().for_each(processes::Process::kill),
        Frozen => {
            let all = processes::below(&yard.work_there());
            all.iter().for_each(processes::Process::stop);
            pause(8_000);
            all.iter().for_each(processes::Process::go_on);
        }
        Restart => {
            running.stop();
            return yard.house.start();
        }
        RestartWhileDown => {
            yard.sshd.set_down(true);
            yard.sshd.cut();
            running.stop();
            let running = yard.house.start();
            pause(5_000);
            yard.sshd.set_down(false);
            return running;
        }
        Lost => {
            yard.sshd.set_down(true);
            yard.sshd.cut();
            std::thread::sleep(Duration::from_secs(30));
            yard.sshd.set_down(false);
        }
        OtherKey => {
            yard.sshd.change_host_key().unwrap();
            yard.sshd.cut();
            pause(5_000);
            running.service.server_forget_host_key(attic).unwrap();
        }
    }
    running
}

/// A killed measurement is a failure that is tried again after a minute; nobody waits for that here.
fn end_of(running: &Running, job: i64) -> (Ending, String) {
    loop {
        let now = running.job(job);
        if let Some(ending) = now.ending {
            return (ending, now.reason.unwrap_or_default());
        }
        if now.not_before_at.is_some() {
            let _ = running.service.job_resume(job);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
