//! What jobs leave of a disk, and what they leave on it.

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, FailureCause};
use mediaflow_engine::service::Live;
use mediaflow_engine::settings;
use mediaflow_store::LoggedEvent;

use super::house::{House, TINY};

/// Noise that is packed tighter than the preset would.
const PACKED: &str = "-f lavfi -i testsrc2=s=320x180:r=25:d=2,noise=alls=12:allf=t -c:v libx264 -preset slow -crf 36 \
                      -pix_fmt yuv420p";

/// More than any disk here has.
const TOO_MUCH_GB: f64 = 100_000.0;

#[test]
fn a_job_that_would_not_leave_enough_free_is_not_begun_and_waits_for_room() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.setting_set(settings::MIN_FREE_GB, &TOO_MUCH_GB.into()).unwrap();
    let job = running.queue(&["a.mkv"])[0];
    let reason = running.heard.wait("the job to wait for room", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobRetryScheduled { job_id, reason, .. }, .. }) => {
            (*job_id == job).then(|| reason.clone())
        }
        _ => None,
    });
    assert!(reason.contains("of which 100.0 TB stay free") && reason.contains("free some space"), "{reason}");
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
    running.service.setting_set(settings::MAX_RETRIES, &1.into()).unwrap();
    running.service.job_resume(job).unwrap();
    assert_eq!(running.wait_for_end(job).0, Ending::Failed);
    assert_eq!(running.job(job).failure_cause, Some(FailureCause::NoSpace));

    running.service.setting_set(settings::MIN_FREE_GB, &0.into()).unwrap();
    running.service.job_resume(job).unwrap();
    running.heard.wait("the job to be replaced", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::JobEnded { job_id, ending, .. }, .. }) => {
            (*job_id == job && *ending == Ending::Replaced).then_some(())
        }
        _ => None,
    });
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn a_job_that_replaces_nothing_leaves_nothing_behind() {
    let Some(house) = House::with(&[("packed.mkv", PACKED), ("broken.mkv", TINY)]) else { return };
    let broken = house.film("broken.mkv");
    let length = std::fs::metadata(&broken).unwrap().len();
    std::fs::File::options().write(true).open(&broken).unwrap().set_len(length / 2).unwrap();
    let (running, _) = house.start_scanned();
    for (name, wanted) in [("packed.mkv", Ending::NotWorthIt), ("broken.mkv", Ending::Refused)] {
        let before = std::fs::read(house.film(name)).unwrap();
        let job = running.queue(&[name])[0];
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, wanted, "{name}: {reason}");
        assert!(house.scratch().is_empty(), "{name} left {:?}", house.scratch());
        assert!(before == std::fs::read(house.film(name)).unwrap(), "{name} changed");
    }
    running.stop();
    let beside: Vec<_> = std::fs::read_dir(house.library()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "something stays beside the films: {beside:?}");
}
