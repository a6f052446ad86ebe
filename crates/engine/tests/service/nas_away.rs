//! A NAS that does not answer keeps nobody waiting but those who need it.

use std::fs;
use std::time::Duration;

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::replace::PurgeReport;
use mediaflow_store::THIS_MACHINE;

use super::fleet::queue_for;
use super::house::{House, Running, TINY};
use super::nas::{Nas, names};

/// A library here with a film, and one with films on a NAS.
fn with_films_on_both(of_nas: &[&str]) -> Option<(House, Running, Nas)> {
    let house = House::with(&[("local.mkv", TINY)])?;
    let shelf = house.root().join("shelf");
    fs::create_dir(&shelf).unwrap();
    for name in of_nas {
        house.make_at(&shelf.join(name), TINY);
    }
    let (running, _) = house.start_scanned();
    let nas = Nas::with(&house, &running, &shelf)?;
    Some((house, running, nas))
}

#[test]
fn jobs_of_other_disks_are_begun_while_a_nas_gives_no_answer() {
    let Some((_house, running, nas)) = with_films_on_both(&["there.mkv"]) else { return };
    running.service.setting_set("transcode.concurrent_jobs", &2.into()).unwrap();
    nas.sshd.set_held(true);
    let there = queue_for(&running, &["there.mkv"], THIS_MACHINE)[0];
    running.wait_for_status(there, JobStatus::Transferring);
    let here = running.queue(&["local.mkv"])[0];
    let (ending, reason) = running.wait_for_end(here);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(running.job(there).ending, None);
    nas.sshd.set_held(false);
    let (ending, reason) = running.wait_for_end(there);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    running.stop();
}

#[test]
fn jobs_wait_for_a_nas_that_is_away_and_go_on_by_themselves() {
    let Some((house, running, nas)) = with_films_on_both(&["one.mkv", "two.mkv"]) else { return };
    nas.sshd.set_down(true);
    let jobs = queue_for(&running, &["one.mkv", "two.mkv"], THIS_MACHINE);
    for job in &jobs {
        let reason = running.wait_until_it_waits(*job);
        assert!(reason.contains("waits for its folder and goes on by itself"), "{reason}");
        assert!(reason.contains("127.0.0.1"), "it says what cannot be reached: {reason}");
    }
    let here = running.queue(&["local.mkv"])[0];
    let (ending, reason) = running.wait_for_end(here);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    nas.sshd.set_down(false);
    for job in jobs {
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{reason}");
        assert_eq!(running.job(job).retries, 0, "that it was away is no failure");
    }
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn an_original_on_a_nas_goes_when_its_time_has_come_and_the_nas_can_be_reached() {
    let Some((house, running, nas)) = with_films_on_both(&["there.mkv"]) else { return };
    let originals = || names(&house.root().join("shelf")).into_iter().filter(|name| name.ends_with(".mfq")).count();
    let job = queue_for(&running, &["there.mkv"], THIS_MACHINE)[0];
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    assert_eq!(running.service.purge().unwrap(), PurgeReport::default());
    assert_eq!(originals(), 1, "its time has not come");
    running.stop();

    nas.sshd.set_down(true);
    let running = house.start_later(Duration::from_secs(40 * 24 * 3600));
    let report = running.service.purge().unwrap();
    assert_eq!((report.purged.len(), report.kept.len()), (0, 1));
    assert!(report.kept[0].reason.contains("127.0.0.1"), "it says what cannot be reached: {:?}", report.kept);
    assert_eq!(originals(), 1);

    nas.sshd.set_down(false);
    // It is left alone for a moment after a call that failed.
    while originals() > 0 {
        running.service.purge().unwrap();
    }
    let refused = running.service.undo(job, false).unwrap_err().to_string();
    assert!(refused.contains("its time in quarantine has ended"), "{refused}");
    running.stop();
}
