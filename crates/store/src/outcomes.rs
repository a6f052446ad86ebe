//! Outcomes: one row for each job that came to an end, kept for statistics when the job is cleared away.

use mediaflow_core::job::Ending;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, first, get, insert, named, time, unsigned, unsigned_opt};
use crate::store::{Reader, Tx};

/// How one job came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The job; it may have been cleared.
    pub job_id: i64,
    /// The file; it may be gone.
    pub file_id: Option<i64>,
    /// The title.
    pub title: String,
    /// Name of the preset.
    pub preset: String,
    /// The ending.
    pub ending: Ending,
    /// Why it ended so.
    pub reason: String,
    /// Video codec of the source.
    pub source_codec: Option<String>,
    /// Resolution tier of the source.
    pub source_resolution: Option<String>,
    /// Size of the source in bytes.
    pub source_bytes: u64,
    /// Video codec of the output: the codec (`hevc`), never the encoder, so that ratios are found again by it.
    pub target_codec: Option<String>,
    /// Resolution tier of the output.
    pub target_resolution: Option<String>,
    /// Size of the output in bytes.
    pub target_bytes: Option<u64>,
    /// The encoder that made it.
    pub encoder: Option<String>,
    /// Duration of the media in microseconds.
    pub media_duration_us: Option<i64>,
    /// Duration of the encode in microseconds.
    pub work_duration_us: Option<i64>,
    /// Frames encoded over the duration of the encode.
    pub average_fps: Option<f64>,
}

/// An outcome with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredOutcome {
    /// Its id.
    pub id: i64,
    /// When the job ended.
    pub created_at: Timestamp,
    /// The outcome.
    pub outcome: Outcome,
}

/// Sums over all files that were replaced and not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeTotals {
    /// Files replaced.
    pub replaced: u64,
    /// Their size before, in bytes.
    pub source_bytes: u64,
    /// Their size after, in bytes.
    pub target_bytes: u64,
}

/// What replacements of one codec by another came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingsByCodec {
    /// Video codec of the sources.
    pub source_codec: Option<String>,
    /// Video codec of the outputs.
    pub target_codec: Option<String>,
    /// Jobs.
    pub jobs: u64,
    /// Size of the sources in bytes.
    pub source_bytes: u64,
    /// Size of the outputs in bytes.
    pub target_bytes: u64,
}

/// Outcomes that count for how fast this machine is: what it did lately.
const LATELY: u32 = 50;

/// What a forecast of the whole queue must rest on at least: a few short clips tell nothing about films.
const FORETELLING_JOBS: u32 = 5;
const FORETELLING_WORK_US: i64 = 10 * 60 * 1_000_000;

fn read(row: &Row<'_>) -> Result<StoredOutcome, StoreError> {
    let outcome = Outcome {
        job_id: get(row, "job_id")?,
        file_id: get(row, "file_id")?,
        title: get(row, "title")?,
        preset: get(row, "preset")?,
        ending: named(row, "ending", Ending::parse)?,
        reason: get(row, "reason")?,
        source_codec: get(row, "source_codec")?,
        source_resolution: get(row, "source_resolution")?,
        source_bytes: unsigned(row, "source_bytes")?,
        target_codec: get(row, "target_codec")?,
        target_resolution: get(row, "target_resolution")?,
        target_bytes: unsigned_opt(row, "target_bytes")?,
        encoder: get(row, "encoder")?,
        media_duration_us: get(row, "media_duration_us")?,
        work_duration_us: get(row, "work_duration_us")?,
        average_fps: get(row, "average_fps")?,
    };
    Ok(StoredOutcome { id: get(row, "id")?, created_at: time(row, "created_at")?, outcome })
}

impl Reader<'_> {
    /// Outcomes, newest first, a page at a time.
    pub fn outcomes(&self, limit: u32, offset: u32) -> Result<Vec<StoredOutcome>, StoreError> {
        all(self.conn, "SELECT * FROM outcomes ORDER BY id DESC LIMIT ?1 OFFSET ?2", (limit, offset), read)
    }

    /// Outcomes of a preset whose result is known and was not taken back, newest first, a page at a time.
    pub fn outcomes_that_stand(&self, preset: &str, limit: u32, offset: u32) -> Result<Vec<Outcome>, StoreError> {
        let sql = "SELECT * FROM outcomes o WHERE preset = ?1 AND target_bytes IS NOT NULL
                   AND ending IN ('replaced', 'placed', 'not_worth_it') AND NOT EXISTS (
                       SELECT 1 FROM replacements r WHERE r.job_id = o.job_id AND r.quarantine = 'restored')
                   ORDER BY id DESC LIMIT ?2 OFFSET ?3";
        all(self.conn, sql, (preset, limit, offset), |row| Ok(read(row)?.outcome))
    }

    /// What ffmpeg said in the last encode of a job that was cleared away.
    pub fn kept_log(&self, job_id: i64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT log_tail FROM outcomes WHERE job_id = ?1 AND log_tail IS NOT NULL ORDER BY id DESC LIMIT 1";
        Ok(first(self.conn, sql, [job_id], |row| get::<Option<String>>(row, "log_tail"))?.flatten())
    }

    /// Sums over all files that were replaced and not taken back.
    pub fn outcome_totals(&self) -> Result<OutcomeTotals, StoreError> {
        let sql =
            "SELECT count(*) AS n, coalesce(sum(source_bytes), 0) AS source, coalesce(sum(target_bytes), 0) AS target
                   FROM outcomes o WHERE ending = 'replaced' AND NOT EXISTS (
                       SELECT 1 FROM replacements r WHERE r.job_id = o.job_id AND r.quarantine = 'restored')";
        let totals = first(self.conn, sql, [], |row| {
            Ok(OutcomeTotals {
                replaced: unsigned(row, "n")?,
                source_bytes: unsigned(row, "source")?,
                target_bytes: unsigned(row, "target")?,
            })
        })?;
        Ok(totals.unwrap_or(OutcomeTotals { replaced: 0, source_bytes: 0, target_bytes: 0 }))
    }
}

impl Reader<'_> {
    /// What was saved so far by codec pair, the most first; files that were taken back do not count.
    pub fn savings_achieved(&self) -> Result<Vec<SavingsByCodec>, StoreError> {
        let sql = "SELECT source_codec, target_codec, count(*) AS n, coalesce(sum(source_bytes), 0) AS source,
                   coalesce(sum(target_bytes), 0) AS target
                   FROM outcomes o WHERE ending = 'replaced' AND NOT EXISTS (
                       SELECT 1 FROM replacements r WHERE r.job_id = o.job_id AND r.quarantine = 'restored')
                   GROUP BY source_codec, target_codec ORDER BY source - target DESC";
        all(self.conn, sql, [], |row| {
            Ok(SavingsByCodec {
                source_codec: get(row, "source_codec")?,
                target_codec: get(row, "target_codec")?,
                jobs: unsigned(row, "n")?,
                source_bytes: unsigned(row, "source")?,
                target_bytes: unsigned(row, "target")?,
            })
        })
    }

    /// Frames a second that an encoder gave lately, for sources of a resolution tier; `None` before the first.
    pub fn average_fps(&self, encoder: &str, source_resolution: &str) -> Result<Option<f64>, StoreError> {
        let sql = "SELECT avg(average_fps) AS fps FROM (
                       SELECT average_fps FROM outcomes WHERE encoder = ?1 AND source_resolution = ?2
                       AND average_fps IS NOT NULL ORDER BY id DESC LIMIT ?3)";
        Ok(first(self.conn, sql, (encoder, source_resolution, LATELY), |row| get(row, "fps"))?.flatten())
    }

    /// Microseconds of work that a byte of a source took lately; `None` while that rests on too few jobs, or on too short
    /// ones.
    pub fn work_us_per_byte(&self) -> Result<Option<f64>, StoreError> {
        let sql = "SELECT sum(work_duration_us) * 1.0 / sum(source_bytes) AS rate FROM (
                       SELECT work_duration_us, source_bytes FROM outcomes
                       WHERE work_duration_us IS NOT NULL AND source_bytes > 0 ORDER BY id DESC LIMIT ?1)
                   HAVING count(*) >= ?2 AND sum(work_duration_us) >= ?3";
        let values = (LATELY, FORETELLING_JOBS, FORETELLING_WORK_US);
        Ok(first(self.conn, sql, values, |row| get(row, "rate"))?.flatten())
    }
}

impl Tx<'_> {
    /// Keeps an outcome, as one of the worker that has the job, and gives its id.
    pub fn outcome_put(&self, outcome: &Outcome) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO outcomes (job_id, file_id, title, preset, ending, reason, source_codec, source_resolution,
             source_bytes, target_codec, target_resolution, target_bytes, encoder, media_duration_us, work_duration_us,
             average_fps, created_at, worker_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
             (SELECT worker_id FROM jobs WHERE id = ?1))",
            rusqlite::params![
                outcome.job_id,
                outcome.file_id,
                outcome.title,
                outcome.preset,
                outcome.ending.name(),
                outcome.reason,
                outcome.source_codec,
                outcome.source_resolution,
                outcome.source_bytes.cast_signed(),
                outcome.target_codec,
                outcome.target_resolution,
                outcome.target_bytes.map(u64::cast_signed),
                outcome.encoder,
                outcome.media_duration_us,
                outcome.work_duration_us,
                outcome.average_fps,
                self.now().0,
            ],
        )
    }
}
