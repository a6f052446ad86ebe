//! How fast workers are with a kind of job: asked of the store once, and again when a worker has done another job.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use mediaflow_core::media::ResolutionTier;
use mediaflow_core::schedule::{Pace, PaceBasis};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{Reader, RosterEntry, StoreError};

/// What is known by now. A decision looks at every worker, so that asking for all of them each time would take longer than
/// deciding.
#[derive(Debug, Default)]
pub struct Speeds(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The last job whose outcome is in what is kept.
    last_outcome: Option<i64>,
    /// By worker, encoder and resolution tier.
    paces: BTreeMap<i64, BTreeMap<Kind, Known>>,
}

type Kind = (Option<String>, Option<ResolutionTier>);

#[derive(Debug, Clone, Copy)]
struct Known {
    /// Of which benchmark it is, where nothing was learned.
    benchmarked_at: Option<Timestamp>,
    pace: Option<Pace>,
}

impl Speeds {
    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was known of workers that have done another job since.
    pub(super) fn keep_up(&self, reader: &Reader<'_>) -> Result<(), StoreError> {
        let mut kept = self.lock();
        let (last, workers) = reader.workers_with_outcomes(kept.last_outcome)?;
        kept.last_outcome = Some(last);
        for worker_id in workers {
            kept.paces.remove(&worker_id);
        }
        Ok(())
    }

    /// How fast a worker is with an encoder and sources of a tier: by what it did, else by its benchmark.
    pub(super) fn pace(
        &self,
        reader: &Reader<'_>,
        worker: &RosterEntry,
        encoder: Option<&str>,
        tier: Option<ResolutionTier>,
    ) -> Result<Option<Pace>, StoreError> {
        let kind = (encoder.map(str::to_owned), tier);
        let mut kept = self.lock();
        let of_worker = kept.paces.entry(worker.id).or_default();
        let is_current = |known: &&Known| known.benchmarked_at == worker.last_benchmark_at;
        if let Some(known) = of_worker.get(&kind).filter(is_current) {
            return Ok(known.pace);
        }
        let pace = pace_of(reader, worker, encoder, tier)?;
        of_worker.insert(kind, Known { benchmarked_at: worker.last_benchmark_at, pace });
        Ok(pace)
    }
}

fn pace_of(
    reader: &Reader<'_>,
    worker: &RosterEntry,
    encoder: Option<&str>,
    tier: Option<ResolutionTier>,
) -> Result<Option<Pace>, StoreError> {
    let tier_name = tier.map(|tier| tier.to_string());
    if let Some(learned) = reader.worker_speed(worker.id, encoder, tier_name.as_deref())? {
        let basis = PaceBasis::Jobs(learned.jobs);
        return Ok(Some(Pace { frames_per_second: learned.frames_per_second, basis }));
    }
    if worker.last_benchmark_at.is_none() {
        return Ok(None);
    }
    let measured = reader.benchmark_latest(worker.id)?.and_then(|benchmark| {
        let of_encoder = benchmark.encoders.into_iter().find(|speed| Some(speed.encoder.as_str()) == encoder)?;
        Some(Pace::benchmarked(of_encoder.frames_per_second, tier?))
    });
    Ok(measured)
}
