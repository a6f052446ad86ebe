//! SIGKILL at random moments of the whole line, replacement and undo included, with every option that makes other files on
//! the way.
//!
//! `MEDIAFLOW_CRASH_RUNS` sets how many, `MEDIAFLOW_CRASH_SEED` repeats the choices of an earlier call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mediaflow_transport::storage::content::hash_all;
use serde_json::Value;

use crate::kill::{Random, runs};
use crate::support::disk::{assert_holds, files_below};
use crate::support::home::{Home, Running, list};
use crate::ways::{self, Way};

/// From when on the delay until the kill counts.
#[derive(Debug, Clone, Copy)]
enum Since {
    /// The start of the program; delays reach beyond its end.
    Start,
    /// So many files were made in the work directory: each step of a way begins and ends with one.
    WorkFile(u64),
    /// The first change in the library: its abilities are tried there, at the beginning of a job and of an undo.
    FirstChange,
    /// The output begins to be copied beside the original: the replacement is short, and would be met too rarely.
    Staged,
}

/// One film, replaced under kills and taken back under kills, again and again.
struct Trial {
    home: Home,
    random: Random,
    /// How long the first way takes here when nobody interferes.
    usual: Duration,
    /// How many kills met a job in which status.
    met: BTreeMap<String, u32>,
}

#[test]
fn killed_at_random_moments() {
    Trial::new().go_on(runs(ways::COUNT));
}

#[test]
#[ignore = "long: ./test.sh --full"]
fn killed_at_random_moments_200_times() {
    Trial::new().go_on(runs(200));
}

/// Whether this is a copy of an output, on its way into its original's place.
fn is_staged(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(".mf-") && !name.starts_with(".mf-trial-")
}

impl Trial {
    fn new() -> Self {
        let mut trial = Self { home: Home::new(), random: Random::new(), usual: Duration::ZERO, met: BTreeMap::new() };
        // Nobody interferes with round 0, which shows how long a line takes and that the checks pass then.
        trial.begin(0);
        let start = Instant::now();
        trial.home.call(["run"]).expect(0);
        trial.usual = start.elapsed();
        trial.check_replaced(0, 0);
        trial.home.call(["undo", "1"]).expect(0);
        trial.check_taken_back(0);
        trial
    }

    fn go_on(mut self, runs: u64) {
        for round in 1..=runs {
            let newest = self.begin(round);
            let running = self.start(round);
            let since = match self.random.below(4) {
                0 => Since::Start,
                1 => Since::WorkFile(1 + self.random.below(Way::of(round).files)),
                2 => Since::FirstChange,
                _ => Since::Staged,
            };
            let told = self.kill(running, since, self.usual);
            let jobs = self.home.jobs();
            let job = jobs.first().filter(|job| job["job_id"].as_i64() > Some(newest));
            let status = job.map_or("before the job", |job| job["ending"].as_str().or(job["status"].as_str()).unwrap());
            println!("round {round}: run: {told}: {status}");
            self.check_original_is_safe(round, newest);
            *self.met.entry(status.to_owned()).or_default() += 1;

            let again = if job.is_some() { self.home.call(["run"]) } else { self.start(round).finish() };
            again.expect(0);
            let job_id = self.check_replaced(round, newest);

            let undo = ["undo", &job_id.to_string()];
            if self.random.below(2) == 0 {
                let running = self.home.start(undo);
                let since = if self.random.below(2) == 0 { Since::Start } else { Since::FirstChange };
                let told = self.kill(running, since, Duration::from_millis(200));
                println!("round {round}: undo: {told}");
                assert!(self.places(round).0 > 0, "round {round}: the original is nowhere");
                let again = self.home.call(undo);
                let done_already = again.stderr.contains("taken back already");
                assert!(again.status.success() || done_already, "round {round}: {}", again.stderr);
            } else {
                self.home.call(undo).expect(0);
            }
            self.check_taken_back(round);
        }
        println!("{runs} kills, by where they met the job: {:?}", self.met);
    }

    /// Starts the round's way.
    fn start(&self, round: u64) -> Running {
        let (way, film) = (Way::of(round), self.original(round));
        if way.fields.is_empty() {
            return self.home.start(["run"]);
        }
        let fields = way.fields.iter().flat_map(|field| ["--set", *field]);
        self.home.start(["transcode", film.to_str().unwrap()].into_iter().chain(fields))
    }

    /// Puts the round's film into the library, scans it, and gives the newest job there is.
    fn begin(&self, round: u64) -> i64 {
        fs::write(self.original(round), Way::of(round).film(round)).unwrap();
        self.home.scan();
        self.home.jobs().first().map_or(0, |job| job["job_id"].as_i64().unwrap())
    }

    fn original(&self, round: u64) -> PathBuf {
        self.home.film(ways::names(round).0)
    }

    fn target(&self, round: u64) -> PathBuf {
        self.home.film(ways::names(round).1)
    }

    /// Kills at a random moment and says when that was.
    fn kill(&mut self, mut running: Running, since: Since, usual: Duration) -> String {
        let victim = self.random.victim();
        let longest = match since {
            Since::Start => usual + usual / 8,
            Since::WorkFile(_) => Duration::from_millis(30),
            Since::FirstChange | Since::Staged => Duration::from_millis(60),
        };
        let delay = Duration::from_micros(self.random.below(longest.as_micros() as u64 + 1));
        let before = files_below(&self.home.library());
        let mut made = BTreeSet::new();
        let mut has_come = || match since {
            Since::Start => true,
            Since::WorkFile(count) => {
                made.extend(files_below(&self.home.data().join("work")));
                made.len() as u64 >= count
            }
            Since::FirstChange => files_below(&self.home.library()) != before,
            Since::Staged => files_below(&self.home.library()).iter().any(|path| is_staged(path)),
        };
        while !has_come() && !running.has_ended() {
            std::thread::sleep(Duration::from_micros(300));
        }
        std::thread::sleep(delay);
        victim.kill(&self.home, running);
        format!("{victim:?} killed {delay:.1?} after {since:?}")
    }

    /// In how many places the round's original lies, and whether one of them is its own path.
    fn places(&self, round: u64) -> (usize, bool) {
        let source = Way::of(round).film(round);
        let own = self.original(round);
        let at: Vec<PathBuf> = files_below(&self.home.library())
            .into_iter()
            .filter(|path| fs::read(path).is_ok_and(|bytes| bytes == source))
            .collect();
        (at.len(), at.contains(&own))
    }

    /// The promise, at the instant of the kill: the original lies at its path, or a proven output does and the original
    /// lies in quarantine or, for the instant of an exchange, under the staging name.
    fn check_original_is_safe(&self, round: u64, newest: i64) {
        let (places, at_its_path) = self.places(round);
        assert!(places > 0, "round {round}: the original is nowhere");
        if !at_its_path {
            let job_id = self.job(round, newest)["job_id"].as_i64().unwrap();
            self.check_proven(round, job_id);
        }
    }

    /// The round's only job.
    fn job(&self, round: u64, newest: i64) -> Value {
        let jobs = self.home.jobs();
        let mine: Vec<&Value> = jobs.iter().filter(|job| job["job_id"].as_i64() > Some(newest)).collect();
        assert_eq!(mine.len(), 1, "round {round}: one job for one film: {mine:?}");
        mine[0].clone()
    }

    /// What lies at the final path is what was proven.
    fn check_proven(&self, round: u64, job_id: i64) {
        let proof = self.home.json(["proof", &job_id.to_string()]);
        assert!(list(&proof["checks"]).iter().all(|check| check["passed"] == true), "round {round}: {proof}");
        let (hash, _) = hash_all(&mut File::open(self.target(round)).unwrap()).unwrap();
        assert_eq!(proof["output_hash"], hash.to_string(), "round {round}: the proven output is in place");
    }

    /// After a run that nobody killed. Gives the job.
    fn check_replaced(&self, round: u64, newest: i64) -> i64 {
        let job = self.job(round, newest);
        assert_eq!(job["ending"], "replaced", "round {round}: {job}");
        let job_id = job["job_id"].as_i64().unwrap();
        self.check_proven(round, job_id);
        self.home.assert_quarantined(&Way::of(round).film(round));
        assert_eq!(self.original(round).exists(), self.original(round) == self.target(round), "round {round}");
        self.home.assert_tidy();
        job_id
    }

    /// After an undo. Removes the film, so that the next round begins with an empty library.
    fn check_taken_back(&self, round: u64) {
        let visible: Vec<PathBuf> = files_below(&self.home.library())
            .into_iter()
            .filter(|path| !path.ends_with(".ignore") && !path.ends_with(".plexignore"))
            .collect();
        assert_eq!(visible, [self.original(round)], "round {round}: the original and nothing else");
        assert_holds(self.original(round), &Way::of(round).film(round), &format!("round {round}: byte for byte"));
        self.home.assert_tidy();
        fs::remove_file(self.original(round)).unwrap();
    }
}
