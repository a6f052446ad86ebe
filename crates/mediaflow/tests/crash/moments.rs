//! SIGKILL at random moments of the whole line, replacement and undo included, with every option that makes other files on
//! the way.
//!
//! `MEDIAFLOW_CRASH_RUNS` sets how many, `MEDIAFLOW_CRASH_SEED` repeats the choices of an earlier call.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use mediaflow_transport::storage::content::hash_all;
use serde_json::Value;

use crate::support::clips::{Clip, TITLE};
use crate::support::disk::{assert_holds, files_below};
use crate::support::home::{Home, Running, list};
use crate::support::processes;

/// Numbers that look random and can be had again (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % limit
    }
}

/// What is killed.
#[derive(Debug, Clone, Copy)]
enum Victim {
    /// MediaFlow alone: an encode goes on.
    Coordinator,
    /// MediaFlow, the supervisor and ffmpeg.
    Everything,
}

/// From when on the delay until the kill counts.
#[derive(Debug, Clone, Copy)]
enum Since {
    /// The start of the program; delays reach beyond its end.
    Start,
    /// The first change in the library: the replacement is short, and would be met too rarely.
    FirstChange,
}

/// One film, replaced under kills and taken back under kills, again and again.
struct Trial {
    home: Home,
    random: Random,
    /// How long the line takes here when nobody interferes.
    usual: Duration,
    /// How many kills met a job in which status.
    met: BTreeMap<String, u32>,
}

/// Names in turn: the first keeps its extension and is exchanged, the second gets a new one.
const NAMES: [(&str, &str); 2] = [("Tiny.mkv", "Tiny.mkv"), ("Moving.avi", "Moving.mkv")];

/// What is done, in turn: each way leaves other working files where it is killed.
const WAYS: [Way; 5] = [
    Way { clip: Clip::Tiny, fields: &[] },
    // The statistics of the first pass.
    Way { clip: Clip::Tiny, fields: &["bitrate_mode=vbr", "target_bitrate=300k", "two_pass=true"] },
    // Trials on samples.
    Way { clip: Clip::Tiny, fields: &["bitrate_mode=quality", "target_vmaf=90"] },
    // Subtitles that are taken out of the film.
    Way { clip: Clip::Worded, fields: &["subtitle_mode=burn"] },
    // A second encode after one below its floor.
    Way { clip: Clip::Tiny, fields: &["crf_value=24", "quality_floor=95", "quality_retries=2"] },
];

/// One way through the line.
struct Way {
    clip: Clip,
    fields: &'static [&'static str],
}

impl Way {
    /// That of a round; names change with every round, ways with every second one.
    fn of(round: u64) -> &'static Self {
        &WAYS[(round / 2) as usize % WAYS.len()]
    }
}

#[test]
fn killed_at_random_moments() {
    Trial::new().go_on(runs(10));
}

#[test]
#[ignore = "long: ./test.sh --full"]
fn killed_at_random_moments_200_times() {
    Trial::new().go_on(runs(200));
}

fn runs(default: u64) -> u64 {
    std::env::var("MEDIAFLOW_CRASH_RUNS").map_or(default, |text| text.parse().unwrap())
}

/// A film like no other: the same pictures with another title, as a file that was changed counts as a new one.
fn film(round: u64) -> Vec<u8> {
    let mut bytes = Way::of(round).clip.bytes();
    let at = bytes.windows(TITLE.len()).position(|window| window == TITLE.as_bytes()).unwrap();
    bytes[at..at + TITLE.len()].copy_from_slice(format!("round-{round:010}").as_bytes());
    bytes
}

impl Trial {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
        let seed = std::env::var("MEDIAFLOW_CRASH_SEED").map_or(now as u64 | 1, |text| text.parse().unwrap());
        println!("MEDIAFLOW_CRASH_SEED={seed}");
        let mut trial = Self { home: Home::new(), random: Random(seed), usual: Duration::ZERO, met: BTreeMap::new() };
        // What is found out about the machine is found out once.
        trial.home.call(["doctor"]);
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
            let told = self.kill(running, self.usual);
            let status = self.home.jobs().first().filter(|job| job["job_id"].as_i64() > Some(newest)).map_or_else(
                || "before the job".to_owned(),
                |job| job["ending"].as_str().or(job["status"].as_str()).unwrap().to_owned(),
            );
            println!("round {round}: run: {told}: {status}");
            self.check_original_is_safe(round, newest);
            *self.met.entry(status).or_default() += 1;

            self.home.call(["run"]).expect(0);
            let job_id = self.check_replaced(round, newest);

            let undo = ["undo", &job_id.to_string()];
            if self.random.below(2) == 0 {
                let running = self.home.start(undo);
                let told = self.kill(running, Duration::from_millis(200));
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

    /// Starts the round's way. Where it is killed before there is a job, the next run makes one by itself.
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
        fs::write(self.original(round), film(round)).unwrap();
        self.home.scan();
        self.home.jobs().first().map_or(0, |job| job["job_id"].as_i64().unwrap())
    }

    fn original(&self, round: u64) -> PathBuf {
        self.home.film(NAMES[(round % 2) as usize].0)
    }

    fn target(&self, round: u64) -> PathBuf {
        self.home.film(NAMES[(round % 2) as usize].1)
    }

    /// Kills at a random moment and says when that was.
    fn kill(&mut self, mut running: Running, usual: Duration) -> String {
        let victim = if self.random.below(2) == 0 { Victim::Coordinator } else { Victim::Everything };
        let since = if self.random.below(2) == 0 { Since::Start } else { Since::FirstChange };
        let longest = match since {
            Since::Start => usual + usual / 8,
            Since::FirstChange => Duration::from_millis(60),
        };
        let delay = Duration::from_micros(self.random.below(longest.as_micros() as u64 + 1));
        if matches!(since, Since::FirstChange) {
            let before = files_below(&self.home.library());
            while !running.has_ended() && files_below(&self.home.library()) == before {
                std::thread::sleep(Duration::from_micros(300));
            }
        }
        std::thread::sleep(delay);
        running.process().signal("KILL");
        running.finish();
        if matches!(victim, Victim::Everything) {
            loop {
                let left = processes::below(self.home.root());
                if left.is_empty() {
                    break;
                }
                left.iter().for_each(|process| process.signal("KILL"));
            }
        }
        format!("{victim:?} killed {delay:.1?} after {since:?}")
    }

    /// In how many places the round's original lies, and whether one of them is its own path.
    fn places(&self, round: u64) -> (usize, bool) {
        let source = film(round);
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
        self.home.assert_quarantined(&film(round));
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
        assert_holds(self.original(round), &film(round), &format!("round {round}: byte for byte"));
        self.home.assert_tidy();
        fs::remove_file(self.original(round)).unwrap();
    }
}
