//! How long an upload is kept, and what is known of a source when the catalog has forgotten it.

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{ReadPurpose, StoreError, Upload};

use crate::fixture::{Fixture, info};

const HOUR_US: i64 = 3_600_000_000;

/// A fixture with an upload, and what is due an hour after a fetch or a week after the last end.
struct Sent {
    fixture: Fixture,
    upload: Upload,
}

impl Sent {
    fn new() -> Self {
        let fixture = Fixture::new();
        let upload = fixture.store.write(|tx| tx.upload_put("7-1", "Film.mkv", 1000)).unwrap();
        Self { fixture, upload }
    }

    fn job(&self, name: &str) -> i64 {
        let job = self.fixture.queue(&self.fixture.file(name), name).unwrap();
        self.fixture.store.write(|tx| tx.upload_job(self.upload.id, job)).unwrap();
        job
    }

    fn end(&self, job: i64, ending: Ending) {
        for to in [JobStatus::Transcoding, JobStatus::Verifying, JobStatus::Replacing] {
            self.fixture.step(job, to).unwrap();
        }
        self.fixture.end(job, ending).unwrap();
    }

    fn fetch(&self, job: i64) {
        self.fixture.store.write(|tx| tx.upload_fetched(job)).unwrap();
    }

    fn is_due(&self, hours: i64) -> bool {
        let now = hours * HOUR_US + 1_000_000;
        let (fetched, old) = (Timestamp(now - HOUR_US), Timestamp(now - 7 * 24 * HOUR_US));
        !self.fixture.store.read(|r| r.uploads_due(fetched, old)).unwrap().is_empty()
    }
}

#[test]
fn an_upload_goes_an_hour_after_all_its_results_were_fetched() {
    let sent = Sent::new();
    assert!(!sent.is_due(100), "nothing was made of it yet");
    let (one, other) = (sent.job("a.mkv"), sent.job("b.mkv"));
    sent.end(one, Ending::Placed);
    sent.fetch(one);
    assert!(!sent.is_due(100), "another job still works on it");
    sent.end(other, Ending::Placed);
    assert!(!sent.is_due(100), "its second result was not fetched yet");
    sent.fetch(other);
    assert!(!sent.is_due(1), "a browser may ask again");
    assert!(sent.is_due(2));
}

#[test]
fn an_upload_goes_a_week_after_the_last_that_was_done_with_it() {
    let sent = Sent::new();
    let job = sent.job("a.mkv");
    assert!(!sent.is_due(1000), "a job waits for its turn");
    sent.fixture.clock.set(24 * HOUR_US);
    sent.end(job, Ending::Failed);
    assert!(!sent.is_due(7 * 24 + 1));
    assert!(sent.is_due(8 * 24 + 1));
}

#[test]
fn an_upload_that_is_worked_on_is_not_removed() {
    let sent = Sent::new();
    let job = sent.job("a.mkv");
    let delete = || sent.fixture.store.write(|tx| tx.upload_delete(sent.upload.id));
    assert!(matches!(delete(), Err(StoreError::AlreadyQueued { job_id }) if job_id == job));
    sent.end(job, Ending::Failed);
    delete().unwrap();
    assert_eq!(sent.fixture.count("upload_jobs"), 0);
    assert_eq!(sent.fixture.count("jobs"), 1, "the job stays in the list");
}

#[test]
fn a_result_that_was_not_fetched_yet_stays_in_the_list() {
    let sent = Sent::new();
    let (one, other) = (sent.job("a.mkv"), sent.job("b.mkv"));
    sent.end(one, Ending::Placed);
    sent.end(other, Ending::Failed);
    let clear = || sent.fixture.store.write(|tx| tx.jobs_clear_finished()).unwrap();
    assert_eq!(clear(), 1, "only the one that has no result");
    sent.fetch(one);
    assert_eq!(clear(), 1);
    assert_eq!(sent.fixture.count("jobs"), 0);
}

#[test]
fn what_was_in_a_source_outlives_the_catalogs_probe() {
    let fixture = Fixture::new();
    let job = fixture.queue(&fixture.file("a.mkv"), "1").unwrap();
    let read = fixture.store.write(|tx| tx.source_read_begin(job, ReadPurpose::Decode)).unwrap();
    fixture.clock.set(3_000_000);
    let begun = fixture.store.read(|r| r.source_reads(job)).unwrap();
    assert_eq!((begun[0].started_at, begun[0].ended_at), (Timestamp(1_000_000), None));
    fixture.store.write(|tx| tx.source_read_end(read, Some(&info(1000)))).unwrap();
    let again = fixture.store.write(|tx| tx.source_read_begin(job, ReadPurpose::Search)).unwrap();
    fixture.store.write(|tx| tx.source_read_end(again, None)).unwrap();
    let (reads, found) = fixture.store.read(|r| Ok((r.source_reads(job)?, r.source_info(job)?))).unwrap();
    assert_eq!(reads[0].ended_at, Some(Timestamp(3_000_000)));
    assert_eq!(found, Some(info(1000)), "a later reading that found nothing does not hide it");
    assert_eq!(reads.iter().map(|read| read.purpose).collect::<Vec<_>>(), [ReadPurpose::Decode, ReadPurpose::Search]);
}
