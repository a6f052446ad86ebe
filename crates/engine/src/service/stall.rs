//! A queue that has stalled: jobs wait, and none has got on for a long time. Told once, with what keeps them.

use std::time::{Duration, Instant};

use mediaflow_core::event::Event;
use mediaflow_core::job::JobStatus;
use mediaflow_core::text;
use mediaflow_store::StoreError;

use super::inner::Inner;
use super::progress::JobProgress;
use super::tools::ToolsState;
use crate::settings;

/// Where the jobs in hand stand: as soon as one is elsewhere, the queue gets on.
type Standing = Vec<(i64, &'static str, u64, Option<u64>)>;

/// Since when nothing has got on.
pub(super) struct Stall {
    standing: Standing,
    since: Instant,
    was_told: bool,
}

impl Stall {
    pub fn new() -> Self {
        Self { standing: Vec::new(), since: Instant::now(), was_told: false }
    }

    /// Looks whether anything gets on. `may_begin`: neither the user nor the hours hold the queue. Jobs that wait for an
    /// instant that the user chose, or for the end of a pause, do not count as waiting. Gives when to look next.
    pub fn look(&mut self, inner: &Inner, may_begin: bool) -> Result<Option<Instant>, StoreError> {
        let of = |now: &JobProgress| (now.job_id, now.stage.name(), now.share.to_bits(), now.frame);
        let standing: Standing = inner.progress.all().iter().map(of).collect();
        let gets_on = standing != self.standing;
        self.standing = standing;
        let (queued, waits, limit) = inner
            .store
            .read(|r| Ok((r.jobs_total(&[JobStatus::Queued])?, r.queue_waits()?, settings::stuck_after(r)?)))?;
        let waiting = queued.saturating_sub(waits.timed);
        if gets_on || !may_begin || waiting == 0 {
            (self.since, self.was_told) = (Instant::now(), false);
            return Ok((may_begin && waiting > 0).then(|| self.since + limit));
        }
        if self.was_told {
            return Ok(None);
        }
        if self.since.elapsed() < limit {
            return Ok(Some(self.since + limit));
        }
        self.was_told = true;
        let reason = self.reason(inner, waits.away)?;
        let (jobs, minutes) = (waiting, self.since.elapsed().as_secs() / 60);
        tracing::warn!("the queue has stalled: {} wait; {reason}", text::count(jobs, "job"));
        inner.store.write(|tx| tx.event(&Event::QueueStalled { jobs, minutes, reason }))?;
        Ok(None)
    }

    fn reason(&self, inner: &Inner, away: u64) -> Result<String, StoreError> {
        let mut reasons = Vec::new();
        match inner.tools.state() {
            ToolsState::Found(_) => {}
            ToolsState::Looking => reasons.push("ffmpeg is still being looked for".to_owned()),
            ToolsState::Missing(reason) => reasons.push(format!("ffmpeg is missing: {reason}")),
        }
        if !self.standing.is_empty() {
            let running = text::count(self.standing.len(), "job");
            reasons.push(format!("{running} in hand, and none gets on"));
        }
        if away > 0 {
            let folders = inner.store.read(|r| r.folders_away())?;
            let names: Vec<String> = folders.iter().map(|away| away.folder.display().to_string()).collect();
            let wait = text::count(away, "job");
            reasons.push(format!("{wait} waiting for a folder that is not there ({})", names.join(", ")));
        }
        if reasons.is_empty() {
            reasons.push("none could be begun; the log says why".to_owned());
        }
        Ok(reasons.join("; "))
    }
}

/// The sooner of two instants, of which either may be none.
pub(super) fn sooner(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// Until an instant, and at most so long.
pub(super) fn until(at: Option<Instant>, limit: Duration) -> Duration {
    at.map_or(limit, |at| at.saturating_duration_since(Instant::now()).min(limit))
}
