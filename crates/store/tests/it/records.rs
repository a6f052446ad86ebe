//! What happened stays known when the queue is cleared.

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus, Verdict};
use mediaflow_core::replace::State;
use mediaflow_core::time::Timestamp;
use mediaflow_store::{AttemptState, NewAttempt, Outcome, OutcomeTotals, QuarantineState, TaskKind};

use crate::fixture::{Fixture, balanced};
use crate::replacements::{advance, begin, proof};

pub fn outcome(job_id: i64, ending: Ending) -> Outcome {
    Outcome {
        job_id,
        file_id: None,
        title: "A film".to_owned(),
        preset: "Balanced".to_owned(),
        ending,
        reason: "because".to_owned(),
        source_codec: Some("h264".to_owned()),
        source_resolution: Some("1080p".to_owned()),
        source_bytes: 1000,
        target_codec: Some("hevc".to_owned()),
        target_resolution: None,
        target_bytes: Some(400),
        encoder: Some("libx265".to_owned()),
        media_duration_us: Some(10_000_000),
        work_duration_us: Some(5_000_000),
        average_fps: Some(48.5),
    }
}

#[test]
fn clearing_finished_jobs_takes_no_record_away() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let (content, policy) = (file.content.unwrap(), balanced().settings.policy());
    let job = fixture.queue(&file, "1").unwrap();
    let waiting = fixture.queue(&fixture.file("b.mkv"), "2").unwrap();
    for to in [JobStatus::Transcoding, JobStatus::Verifying, JobStatus::Replacing] {
        fixture.step(job, to).unwrap();
    }
    let replacement = advance(&fixture, &begin(&fixture, job), State::Done, None).unwrap();
    fixture
        .store
        .write(|tx| {
            let new = NewAttempt {
                job_id: job,
                kind: TaskKind::Encode,
                position: 0,
                worker_id: mediaflow_store::THIS_MACHINE,
                lease_until_at: Timestamp(9),
            };
            let encode = tx.attempt_begin(&new, |_| "/attempts/1".into())?;
            tx.attempt_finish(encode.id, encode.token, AttemptState::Done, &0, Some("x265 said this"))?;
            tx.proof_put(job, &proof())?;
            tx.outcome_put(&outcome(job, Ending::Replaced))?;
            tx.verdict_put(&content, &policy, &Verdict::Made)?;
            tx.quarantine_hold(replacement.id, Timestamp(9))?;
            tx.job_end(job, &crate::fixture::end(Ending::Replaced))
        })
        .unwrap();
    let mut events = fixture.events();

    assert_eq!(fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap(), 1);
    assert!(fixture.store.read(|r| r.job(job)).is_err());
    assert_eq!(fixture.store.read(|r| r.job(waiting)).unwrap().status, JobStatus::Queued);
    fixture
        .store
        .read(|r| {
            assert_eq!(r.kept_log(job)?.as_deref(), Some("x265 said this"));
            assert_eq!(r.proof_of_job(job)?.unwrap().proof, proof());
            assert_eq!(r.verdict(&content, &policy)?, Some(Verdict::Made));
            assert_eq!(r.outcomes(10, 0)?[0].outcome, outcome(job, Ending::Replaced));
            assert_eq!(r.outcome_totals()?, OutcomeTotals { replaced: 1, source_bytes: 1000, target_bytes: 400 });
            assert_eq!(r.replacement(replacement.id)?.unwrap().quarantine, QuarantineState::Held);
            assert_eq!(r.replacement_steps(replacement.id)?.len(), 2);
            Ok(())
        })
        .unwrap();
    events.push(Event::JobsCleared { count: 1 });
    assert_eq!(fixture.events(), events);
}

#[test]
fn savings_count_what_was_replaced_and_not_taken_back() {
    let fixture = Fixture::new();
    let undone = begin(&fixture, 7);
    fixture
        .store
        .write(|tx| {
            tx.outcome_put(&outcome(7, Ending::Replaced))?;
            tx.outcome_put(&outcome(8, Ending::Replaced))?;
            tx.outcome_put(&outcome(9, Ending::NotWorthIt))?;
            tx.quarantine_set(undone.id, QuarantineState::None, QuarantineState::Restored)
        })
        .unwrap();
    let totals = fixture.store.read(|r| r.outcome_totals()).unwrap();
    assert_eq!(totals, OutcomeTotals { replaced: 1, source_bytes: 1000, target_bytes: 400 });
}

#[test]
fn the_last_proof_of_a_job_is_its_proof() {
    let fixture = Fixture::new();
    let mut second = proof();
    second.checks[0].passed = false;
    for proof in [proof(), second.clone()] {
        fixture.store.write(|tx| tx.proof_put(3, &proof)).unwrap();
    }
    assert_eq!(fixture.store.read(|r| r.proof_of_job(3)).unwrap().unwrap().proof, second);
    assert_eq!(fixture.store.read(|r| r.proof_of_job(4)).unwrap(), None);
}
