//! Jobs on another machine: a real SSH server here, with a work folder of its own.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::schedule::TransferMode;
use mediaflow_engine::fleet::{FleetNews, TransferDirection};
use mediaflow_engine::run::Stage;
use mediaflow_engine::service::{Live, QueueWish, ServerWish};
use mediaflow_store::{LoggedEvent, THIS_MACHINE, TaskKind, WorkerTools};
use mediaflow_testkit::sshd::Sshd;

use super::house::{House, Running, SLOW, TINY, balanced, wish};
use super::mounts::Mounted;

/// A house with another machine beside it.
pub struct Yard {
    pub house: House,
    pub sshd: Sshd,
    work: PathBuf,
}

/// A disk of the other machine's own, on which only its working directory lies. Unmounted when it goes.
pub struct Disk {
    _mounted: Mounted,
    ballast: PathBuf,
}

impl Disk {
    /// Somebody else writes until there is no room left.
    pub fn fill(&self) {
        let mut file = File::create(&self.ballast).unwrap();
        let full = (0..).find_map(|_| file.write_all(&[0; 64 * 1024]).err()).unwrap();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }

    /// There is room again.
    pub fn empty(&self) {
        fs::remove_file(&self.ballast).unwrap();
    }
}

impl Yard {
    pub fn with(clips: &[(&str, &str)]) -> Option<Self> {
        let house = House::with(clips)?;
        let Some(sshd) = Sshd::start(&house.root().join("sshd")).unwrap() else {
            println!("skipped: there is no sshd here");
            return None;
        };
        // A clock that is an hour off, where there is a library that pretends so.
        if let Some(library) = std::env::var_os("MEDIAFLOW_FAKETIME") {
            sshd.set_env("LD_PRELOAD", &library.to_string_lossy()).unwrap();
            sshd.set_env("FAKETIME", "+1h").unwrap();
        }
        let work = house.root().join("there");
        Some(Self { house, sshd, work })
    }

    pub fn work_there(&self) -> &Path {
        &self.work
    }

    /// Gives the other machine's working directory a disk of its own; `None`, said aloud, where nothing can be mounted.
    pub fn own_disk(&self, bytes: u64) -> Option<Disk> {
        fs::create_dir(&self.work).unwrap();
        let mounted = Mounted::try_new(&["-t", "tmpfs", "-o", &format!("size={bytes}"), "none"], &self.work)?;
        Some(Disk { _mounted: mounted, ballast: self.work.join("ballast") })
    }

    /// What a user says of the machine.
    pub fn form(&self) -> ServerWish {
        ServerWish {
            name: Some("attic".to_owned()),
            address: Some("127.0.0.1".to_owned()),
            port: Some(self.sshd.port()),
            key_path: Some(self.sshd.key().display().to_string()),
            work_dir: Some(self.work_there().display().to_string()),
            ..ServerWish::default()
        }
    }

    /// Adds the machine to a service, and waits until it may be given jobs.
    pub fn join(&self, running: &Running) -> i64 {
        let id = running.service.server_create(&self.form()).unwrap().worker.id;
        let ffprobe = self.house.tools.ffprobe.display().to_string();
        let tools = WorkerTools { ffmpeg: self.ffmpeg_there().display().to_string(), ffprobe };
        running.service.store().write(|tx| tx.worker_tools_put(id, Some(&tools))).unwrap();
        self.wait_until_ready(running, id);
        id
    }

    /// The other machine's own ffmpeg, which does what this one's does.
    fn ffmpeg_there(&self) -> PathBuf {
        let path = self.house.root().join("ffmpeg-there");
        if !path.exists() {
            self.put_ffmpeg_there(&format!("exec '{}' \"$@\"", self.house.tools.ffmpeg.display()));
        }
        path
    }

    fn put_ffmpeg_there(&self, script: &str) {
        self.put_program("ffmpeg-there", script);
    }

    fn put_program(&self, name: &str, script: &str) {
        let (path, draft) = (self.house.root().join(name), self.house.root().join("program.new"));
        fs::write(&draft, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&draft, &path).unwrap();
    }

    /// Nothing is told when a machine is ready: whoever has a job for it finds it so.
    #[track_caller]
    fn wait_until_ready(&self, running: &Running, id: i64) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(180);
        let is_ready = || running.service.store().read(|r| r.worker(id)).unwrap().capabilities.ffmpeg_version.is_some();
        while !is_ready() {
            assert!(std::time::Instant::now() < deadline, "the other machine is not ready");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// What lies in our folder there.
    fn left_there(&self) -> BTreeSet<String> {
        let folders = fs::read_dir(self.work_there()).into_iter().flatten().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        files.map(|file| file.file_name().to_string_lossy().into_owned()).collect()
    }

    #[track_caller]
    pub fn wait_until_tidy(&self) {
        // One that was away is called again after a minute at the latest.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(180);
        while !self.left_there().is_empty() {
            assert!(std::time::Instant::now() < deadline, "it stays there: {:?}", self.left_there());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

pub fn queue_for(running: &Running, names: &[&str], worker_id: i64) -> Vec<i64> {
    let part_ids: Vec<i64> = names.iter().map(|name| running.part(name)).collect();
    let preset = balanced();
    let wish = QueueWish { preferred_worker_id: Some(worker_id), ..wish(&part_ids, &preset) };
    let report = running.service.queue_items(&wish).unwrap();
    assert_eq!(report.skipped, []);
    report.created
}

/// How many encodes were begun for a job.
fn encodes_of(running: &Running, job: i64) -> usize {
    let attempts = running.service.store().read(|r| r.attempts_of_job(job)).unwrap();
    attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count()
}

#[test]
fn a_job_goes_to_another_machine_and_comes_back_as_a_proven_replacement() {
    let Some(yard) = Yard::with(&[("film.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let before = fs::metadata(yard.house.film("film.mkv")).unwrap().len();
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert!(fs::metadata(yard.house.film("film.mkv")).unwrap().len() < before);
    let job = running.job(job);
    assert_eq!((job.worker_id, job.transfer_mode), (Some(attic), Some(TransferMode::Push)));
    assert!(job.worker_reason.unwrap().contains("attic, as asked for"));
    for wanted in [TransferDirection::Upload, TransferDirection::Download] {
        running.heard.wait("news of a transfer", |live| match live {
            Live::Fleet(FleetNews::Transfer { direction, .. }) => (*direction == wanted).then_some(()),
            _ => None,
        });
    }
    yard.wait_until_tidy();
    running.stop();
    assert!(yard.house.scratch().is_empty(), "{:?}", yard.house.scratch());
}

#[test]
fn a_connection_that_is_cut_costs_an_encode_nothing() {
    let Some(yard) = Yard::with(&[("film.mkv", SLOW)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    running.wait_for_frames(job);
    yard.sshd.cut();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(encodes_of(&running, job), 1, "it went on with the encode that ran");
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_restart_finds_an_encode_on_another_machine_again() {
    let Some(yard) = Yard::with(&[("film.mkv", SLOW)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    running.wait_for_frames(job);
    running.stop();
    // So that it is still to be found.
    yard.sshd.set_held(true);
    let running = yard.house.start();
    let stands = running.service.progress(&running.job(job)).unwrap();
    assert!(stands.stage == Stage::Encode && stands.share > 0.1, "{stands:?}");
    running.heard.wait("where it is looked for", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobStatusChanged { job_id, reason, .. }, .. }) => {
            (*job_id == job && reason.as_deref() == Some("finding it again on attic")).then_some(())
        }
        _ => None,
    });
    yard.sshd.set_held(false);
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(encodes_of(&running, job), 1, "it went on with the encode that ran");
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_lost_machine_loses_its_job_after_its_time_and_what_it_still_does_changes_nothing() {
    let Some(yard) = Yard::with(&[("film.mkv", SLOW)]) else { return };
    let (running, _) = yard.house.start_scanned();
    running.service.setting_set("transfer.lost_after_seconds", &20.into()).unwrap();
    let attic = yard.join(&running);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    running.wait_for_frames(job);
    yard.sshd.set_down(true);
    yard.sshd.cut();
    running.heard.wait("the job to be given back", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobStatusChanged { job_id, status, .. }, .. }) => {
            (*job_id == job && *status == JobStatus::Queued).then_some(())
        }
        _ => None,
    });
    // The one that was asked for is away: this machine does it.
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(running.job(job).worker_id, Some(THIS_MACHINE));
    yard.sshd.set_down(false);
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_full_disk_of_another_machine_costs_a_job_a_try_and_nothing_else() {
    let Some(yard) = Yard::with(&[("film.mkv", SLOW)]) else { return };
    let Some(disk) = yard.own_disk(160 * 1024 * 1024) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let before = fs::read(yard.house.film("film.mkv")).unwrap();
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    running.wait_for_frames(job);
    disk.fill();
    let reason = running.heard.wait("the job to wait for room", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobRetryScheduled { job_id, reason, .. }, .. }) => {
            (*job_id == job).then(|| reason.clone())
        }
        _ => None,
    });
    assert!(reason.contains("the disk of attic became full") && reason.contains("free some space"), "{reason}");
    assert!(fs::read(yard.house.film("film.mkv")).unwrap() == before);
    disk.empty();
    running.service.job_resume(job).unwrap();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!((running.job(job).worker_id, encodes_of(&running, job)), (Some(attic), 2));
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn the_next_source_goes_up_while_a_machine_encodes_and_is_dropped_with_its_job() {
    let Some(yard) = Yard::with(&[("one.mkv", SLOW), ("two.mkv", TINY), ("three.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let jobs = queue_for(&running, &["one.mkv", "two.mkv", "three.mkv"], attic);
    let [first, second, third] = jobs[..] else { panic!("{jobs:?}") };
    let is_there = |job| {
        running.heard.wait("a source to be there ahead of its job", |live| match live {
            Live::Fleet(FleetNews::PreuploadCompleted { job_id }) => (*job_id == job).then_some(()),
            _ => None,
        });
        assert!(yard.left_there().contains(&format!("film-{job}")), "{:?}", yard.left_there());
        assert_eq!(running.job(job).status, JobStatus::Queued);
    };
    is_there(second);
    assert_eq!(running.job(first).ended_at, None, "the first one is still encoded");
    running.service.job_cancel(second).unwrap();
    is_there(third);
    for (job, wanted) in [(first, Ending::Replaced), (second, Ending::Cancelled), (third, Ending::Replaced)] {
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, wanted, "{reason}");
    }
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_job_that_is_moved_before_the_one_that_was_sent_ahead_takes_its_place() {
    let Some(yard) = Yard::with(&[("one.mkv", SLOW), ("two.mkv", TINY), ("three.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let jobs = queue_for(&running, &["one.mkv", "two.mkv", "three.mkv"], attic);
    let [first, second, third] = jobs[..] else { panic!("{jobs:?}") };
    let went_up = |job| {
        running.heard.wait("a source to be there ahead of its job", |live| match live {
            Live::Fleet(FleetNews::PreuploadCompleted { job_id }) => (*job_id == job).then_some(()),
            _ => None,
        });
    };
    went_up(second);
    running.service.job_move(third, Some(second)).unwrap();
    went_up(third);
    for job in [first, second, third] {
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
    }
    let began = |id: i64| running.job(id).started_at;
    assert!(began(third) < began(second), "{:?}", [began(second), began(third)]);
    yard.wait_until_tidy();
    running.stop();
}

/// What a program says that an update has left without a library.
const BROKEN: &str = "{ echo 'error while loading shared libraries: libx265.so.199: cannot open shared object file' >&2; \
                      exit 127; }";

#[test]
#[ignore = "long: ./test.sh --full"]
fn what_a_machine_with_a_broken_ffmpeg_says_of_films_counts_for_nothing() {
    let Some(yard) = Yard::with(&[("one.mkv", TINY), ("two.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    yard.put_ffmpeg_there(BROKEN);
    // Nor is there another one to be taken instead.
    yard.put_program("ffmpeg", BROKEN);
    let path = std::env::var("PATH").unwrap();
    yard.sshd.set_env("PATH", &format!("{}:{path}", yard.house.root().display())).unwrap();
    yard.sshd.cut();
    // While the first one is refused, the second one's source may go there.
    let jobs = queue_for(&running, &["one.mkv", "two.mkv"], attic);
    running.heard.wait("the first job to be given back", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobStatusChanged { job_id, status, .. }, .. }) => {
            (*job_id == jobs[0] && *status == JobStatus::Queued).then_some(())
        }
        _ => None,
    });
    for job in jobs {
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
        let job = running.job(job);
        assert_eq!((job.worker_id, job.retries), (Some(THIS_MACHINE), 0), "{:?}", job.worker_reason);
    }
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn a_machine_whose_encoder_breaks_is_set_aside_and_its_job_is_done_elsewhere() {
    let Some(yard) = Yard::with(&[("film.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let works = format!("exec '{}' \"$@\"", yard.house.tools.ffmpeg.display());
    let no_encoder = format!("for word; do case $word in libx265|libsvtav1|libx264) {BROKEN} ;; esac; done");
    yard.put_ffmpeg_there(&format!("{no_encoder}\n{works}"));
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let job = running.job(job);
    assert_eq!((job.worker_id, job.retries), (Some(THIS_MACHINE), 0), "{:?}", job.worker_reason);
    running.heard.wait("the machine to be set aside", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::WorkerSetAside { worker_id, reason, .. }, .. }) => {
            assert!(*worker_id == attic && reason.contains("its ffmpeg does not work"), "{reason}");
            Some(())
        }
        _ => None,
    });
    // By then it was made ready again.
    yard.wait_until_tidy();
    let said = running.service.server(attic).unwrap().worker.status_reason;
    assert!(said.as_ref().is_some_and(|said| said.contains("failed 5 times")), "{said:?}");
    running.stop();
}

#[test]
fn a_machine_that_sees_the_file_works_on_it_where_it_lies() {
    use mediaflow_core::worker::PathMapping;

    let Some(yard) = Yard::with(&[("film.mkv", TINY), ("other.mkv", TINY)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    // The library under another path, as a mount has it.
    let mount = yard.house.root().join("mnt");
    std::os::unix::fs::symlink(yard.house.library(), &mount).unwrap();
    let mapping = |target: &Path| PathMapping {
        source_prefix: yard.house.library().display().to_string(),
        target_prefix: target.display().to_string(),
    };
    let map = |target| {
        let wish = ServerWish { path_mappings: Some(vec![mapping(target)]), ..ServerWish::default() };
        running.service.server_update(attic, &wish).unwrap();
        yard.wait_until_ready(&running, attic);
    };
    map(&mount);
    let done = |name, mode| {
        let job = queue_for(&running, &[name], attic)[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
        let job = running.job(job);
        assert_eq!(job.transfer_mode, Some(mode));
        job.worker_reason.unwrap()
    };
    done("film.mkv", TransferMode::Mapped);
    // A mapping that leads to nothing.
    map(&yard.house.root().join("nowhere"));
    let reason = done("other.mkv", TransferMode::Push);
    assert!(reason.contains("attic does not see"), "{reason}");
    yard.wait_until_tidy();
    running.stop();
}

#[test]
fn another_film_of_the_same_length_and_ends_does_not_stand_in_for_the_original() {
    use mediaflow_core::worker::PathMapping;

    /// Pictures as they are: any byte of them may be another one.
    const RAW: &str = "-f lavfi -i testsrc2=s=160x90:r=25:d=8 -c:v rawvideo -pix_fmt yuv420p";
    let Some(yard) = Yard::with(&[("film.mkv", RAW)]) else { return };
    let (running, _) = yard.house.start_scanned();
    let attic = yard.join(&running);
    let stale = yard.house.root().join("stale");
    fs::create_dir(&stale).unwrap();
    let original = fs::read(yard.house.film("film.mkv")).unwrap();
    let mut other = original.clone();
    // Within one picture.
    let middle = other.len() / 2;
    other[middle..middle + 100].fill(0x80);
    fs::write(stale.join("film.mkv"), other).unwrap();
    let mapping = PathMapping {
        source_prefix: yard.house.library().display().to_string(),
        target_prefix: stale.display().to_string(),
    };
    let wish = ServerWish { path_mappings: Some(vec![mapping]), ..ServerWish::default() };
    running.service.server_update(attic, &wish).unwrap();
    yard.wait_until_ready(&running, attic);
    let job = queue_for(&running, &["film.mkv"], attic)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Failed, "{reason}");
    assert!(reason.contains("is not the original"), "{reason}");
    assert!(fs::read(yard.house.film("film.mkv")).unwrap() == original);
    running.stop();
}
