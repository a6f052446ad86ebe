//! What is known of a worker and of a job when one is chosen for the other.

use super::TransferMode;
use crate::media::ResolutionTier;
use crate::text;

/// What is kept free beyond a job's source and its output where it is encoded: for logs, working files, and whatever else
/// writes on that disk.
const MARGIN_BYTES: u64 = 64 * 1024 * 1024;

/// A worker that might encode a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its id.
    pub worker_id: i64,
    /// Its name, for the reason.
    pub name: String,
    /// Whether it is this machine, to which no result has to come back.
    pub is_local: bool,
    /// Jobs that it may run at once; none while it is made ready.
    pub slots: u32,
    /// Jobs that it runs.
    pub running: u32,
    /// Other jobs that are meant for it and not begun, as one whose source goes up already.
    pub queued: u32,
    /// Why it cannot do this job at all, for a person: it is offline, it lacks the encoder.
    pub obstacle: Option<String>,
    /// How the source comes there.
    pub mode: TransferMode,
    /// How fast it encodes such a job, where that is known.
    pub pace: Option<Pace>,
    /// Score of its benchmark, 0 to 100.
    pub benchmark_score: Option<f64>,
    /// Rate to it in bits per second, from where the source lies.
    pub upload_bps: Option<u64>,
    /// Rate from it to this machine in bits per second.
    pub download_bps: Option<u64>,
    /// Free bytes of its working directory's disk, where nobody else looks after the space.
    pub free_bytes: Option<u64>,
}

/// How fast a worker encodes jobs of one encoder and one resolution tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Frames a second.
    pub frames_per_second: f64,
    /// Where that was seen.
    pub basis: PaceBasis,
}

/// Where a pace was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceBasis {
    /// So many finished jobs.
    Jobs(u32),
    /// A benchmark.
    Benchmark,
}

/// The job, as far as a choice needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Size of the source.
    pub source_bytes: u64,
    /// Expected size of the result, for how long it takes to come back.
    pub output_bytes: u64,
    /// Frames to encode; 0 where that is not known.
    pub frames: u64,
}

impl Work {
    /// What a job of such a source needs of the disk of its working directory; a source that is copied lies there too. An
    /// output that outgrows its source is stopped.
    #[must_use]
    pub const fn room_bytes(source_bytes: u64, copies_source: bool) -> u64 {
        let copied = if copies_source { source_bytes } else { 0 };
        copied.saturating_add(source_bytes).saturating_add(MARGIN_BYTES)
    }
}

impl Pace {
    /// What the benchmark's picture, which is 1080p, tells of another tier: encoders take their time by the pixel.
    #[must_use]
    pub fn benchmarked(frames_per_second: f64, tier: ResolutionTier) -> Self {
        let pixels = |tier: ResolutionTier| {
            let (width, height) = tier.bounds();
            f64::from(width) * f64::from(height)
        };
        let scaled = frames_per_second * pixels(ResolutionTier::P1080) / pixels(tier);
        Self { frames_per_second: scaled, basis: PaceBasis::Benchmark }
    }
}

impl Candidate {
    /// Why it cannot do a job at all.
    pub(super) fn obstacle(&self, work: &Work) -> Option<String> {
        if self.obstacle.is_some() {
            return self.obstacle.clone();
        }
        let needed = Work::room_bytes(work.source_bytes, self.mode.copies_source());
        let free = self.free_bytes.filter(|free| *free < needed)?;
        Some(format!("{} are free there, and {} needed", text::bytes(free), text::bytes(needed)))
    }

    /// Slots that are taken, or about to be.
    pub(super) const fn taken(&self) -> u32 {
        self.running.saturating_add(self.queued)
    }

    /// Whether it has no slot left.
    pub(super) const fn is_full(&self) -> bool {
        self.taken() >= self.slots
    }

    /// What keeps it from one more job, in a word or two.
    pub(super) const fn why_full(&self) -> &'static str {
        if self.slots == 0 { "being made ready" } else { "busy" }
    }

    /// Its pace, if it is one.
    pub(super) fn known_pace(&self) -> Option<Pace> {
        self.pace.filter(|pace| pace.frames_per_second.is_finite() && pace.frames_per_second > 0.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A film of 100 minutes at 24 frames a second: 4 GB that become 2.
    pub(in crate::schedule) const FILM: Work =
        Work { source_bytes: 4_000_000_000, output_bytes: 2_000_000_000, frames: 144_000 };

    /// A worker over SSH of which nothing is known.
    pub(in crate::schedule) fn stranger(worker_id: i64, name: &str) -> Candidate {
        Candidate {
            worker_id,
            name: name.to_owned(),
            is_local: false,
            slots: 1,
            running: 0,
            queued: 0,
            obstacle: None,
            mode: TransferMode::Push,
            pace: None,
            benchmark_score: None,
            upload_bps: None,
            download_bps: None,
            free_bytes: None,
        }
    }

    pub(in crate::schedule) fn learned(frames_per_second: f64, jobs: u32) -> Option<Pace> {
        Some(Pace { frames_per_second, basis: PaceBasis::Jobs(jobs) })
    }

    #[test]
    fn a_benchmark_of_1080p_tells_of_other_tiers_by_their_pixels() {
        for (tier, expected) in
            [(ResolutionTier::Uhd, 10.0), (ResolutionTier::P1080, 40.0), (ResolutionTier::P720, 90.0)]
        {
            let pace = Pace::benchmarked(40.0, tier);
            assert!((pace.frames_per_second - expected).abs() < 1e-9, "{tier}: {pace:?}");
        }
    }

    #[test]
    fn space_is_needed_for_what_lies_there() {
        let with = |mode, free_bytes| Candidate { mode, free_bytes: Some(free_bytes), ..stranger(1, "desk") };
        let needed = 2 * FILM.source_bytes + MARGIN_BYTES;
        let obstacle = with(TransferMode::Push, needed - 100_000_000).obstacle(&FILM);
        assert_eq!(obstacle.as_deref(), Some("8.0 GB are free there, and 8.1 GB needed"));
        assert_eq!(with(TransferMode::Push, needed).obstacle(&FILM), None);
        let stays = needed - FILM.source_bytes;
        assert_eq!(with(TransferMode::Mapped, stays).obstacle(&FILM), None, "the source stays where it is");
    }
}
