//! Workers that fail again and again are left alone for a while, so that they do not spoil job after job.

use mediaflow_core::worker::{FAILURES_LIMIT, pause_minutes};
use mediaflow_store::{StoreError, Tx};

/// Counts that a worker failed at a job, or was lost; sets it aside when that was too often in a row. After the pause it
/// gets jobs again by itself, and the next failure sets it aside for longer; a job that it does well ends the count. This
/// machine is only counted: with nobody else there, its jobs would wait for nothing.
pub(crate) fn note_failure(tx: &Tx<'_>, worker_id: i64, reason: &str) -> Result<(), StoreError> {
    let worker = tx.worker(worker_id)?;
    let failures = tx.worker_failed(worker_id)?;
    let is_aside = worker.set_aside_until_at.is_some_and(|until| until > tx.now());
    if worker.is_local || is_aside || failures < FAILURES_LIMIT {
        return Ok(());
    }
    let minutes = pause_minutes(worker.set_aside_level);
    let reason = format!("it failed {failures} times in a row, the last time because: {reason}");
    tx.worker_set_aside(worker_id, tx.now().plus_seconds(minutes * 60), &reason)
}

#[cfg(test)]
mod tests {
    use mediaflow_core::event::Event;
    use mediaflow_core::worker::WorkerStatus;

    use super::super::fixture::Yard;
    use super::*;

    #[test]
    fn a_worker_that_fails_again_and_again_is_left_alone_for_longer_each_time() {
        let yard = Yard::new();
        let Some(sshd) = yard.sshd("sshd") else { return };
        let id = yard.worker("desk", &sshd);
        yard.store().write(|tx| tx.worker_stands(id, WorkerStatus::Online, None)).unwrap();
        let fail = || yard.store().write(|tx| note_failure(tx, id, "its GPU is gone")).unwrap();
        let may_work = || yard.row(id).may_work(yard.fleet.clock().now());
        let pauses = || -> Vec<u32> {
            let minutes = |event| match event {
                Event::WorkerSetAside { minutes, .. } => Some(minutes),
                _ => None,
            };
            yard.events().into_iter().filter_map(minutes).collect()
        };
        (1..FAILURES_LIMIT).for_each(|_| fail());
        assert!(may_work(), "four failures may be the files'");
        fail();
        assert!(!may_work() && yard.row(id).status_reason.unwrap().ends_with("because: its GPU is gone"));
        // Jobs that it still had in hand fail too, which says nothing new.
        fail();
        assert_eq!(pauses(), [5]);
        yard.pass_minutes(6);
        assert!(may_work(), "tried again by itself");
        fail();
        assert_eq!(pauses(), [5, 15]);
        yard.pass_minutes(16);
        yard.store().write(|tx| tx.worker_did_well(id)).unwrap();
        (1..FAILURES_LIMIT).for_each(|_| fail());
        assert_eq!((may_work(), pauses()), (true, vec![5, 15]), "one that did well starts anew");
        fail();
        assert_eq!(pauses(), [5, 15, 5]);
    }

    #[test]
    fn this_machine_is_never_set_aside() {
        let yard = Yard::new();
        let id = yard.store().read(|r| r.local_worker()).unwrap().id;
        (0..20).for_each(|_| yard.store().write(|tx| note_failure(tx, id, "no ffmpeg")).unwrap());
        assert!(yard.row(id).may_work(yard.fleet.clock().now()));
    }
}
