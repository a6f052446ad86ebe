//! Many jobs queued in one go, in one transaction: their plans are made when their turn comes.

use std::collections::BTreeSet;

use mediaflow_core::event::Event;
use mediaflow_core::job::Verdict;
use mediaflow_core::media::preset::Preset;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::order::RANK_STEP;
use crate::row::{all, first, get, json, run, to_json};
use crate::store::{Reader, Tx};

/// What is to be done with many parts.
#[derive(Debug, Clone, Copy)]
pub struct ManyJobs<'a> {
    /// The parts, each at most once; their jobs come up in this order.
    pub part_ids: &'a [i64],
    /// This installation, for the jobs' public ids.
    pub epoch: Epoch,
    /// What to do.
    pub preset: &'a Preset,
    /// Whether nothing that is remembered of a content holds its job back.
    pub insisted: bool,
    /// Higher goes first.
    pub priority: i64,
    /// Their turns come then at the earliest.
    pub scheduled_after_at: Option<Timestamp>,
}

/// What queueing many came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueuedMany {
    /// The jobs, in the order asked for.
    pub created: Vec<i64>,
    /// Parts that got none, with the reason.
    pub left_out: Vec<(i64, NoJob)>,
}

/// Why a part got no job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoJob {
    /// There is no such part.
    Unknown,
    /// Its file was not there when its folder was last scanned.
    Missing,
    /// Its file was not read yet.
    Unread,
    /// Its file has this unfinished job, or another part asked for has it.
    Held(i64),
    /// This is remembered of its content.
    Remembered(Verdict),
}

/// From the parts asked for (`w`, in their order) to their files (`f`): the first one of each.
const PARTS: &str = "json_each(?1) w CROSS JOIN part_files pf ON pf.part_id = w.value AND pf.file_id = (
        SELECT min(o.file_id) FROM part_files o WHERE o.part_id = w.value)
    CROSS JOIN files f ON f.id = pf.file_id";

impl Reader<'_> {
    /// What is remembered under a policy of the parts asked for, by their place in the list.
    fn remembered_of(&self, parts: &str, policy: &str) -> Result<Vec<(i64, Verdict)>, StoreError> {
        let sql = format!(
            "SELECT w.key AS place, v.verdict FROM {PARTS}
             JOIN verdicts v ON v.content_size = f.content_size AND v.content_edges = f.content_edges AND v.policy = ?2"
        );
        all(self.conn, &sql, (parts, policy), |row| Ok((get(row, "place")?, json(row, "verdict")?)))
    }
}

impl Tx<'_> {
    /// Queues many parts. Their files are not looked at: a job whose file turns out to be changed, or whose plan is
    /// refused, ends so when its turn comes. `holds_back` says which of the remembered verdicts leaves a file alone.
    pub fn jobs_create(
        &self,
        many: &ManyJobs<'_>,
        holds_back: impl Fn(&Verdict) -> bool,
    ) -> Result<QueuedMany, StoreError> {
        let parts = to_json("list of parts", &many.part_ids)?;
        let policy = many.preset.settings.policy().to_string();
        let mut remembered = if many.insisted { Vec::new() } else { self.remembered_of(&parts, &policy)? };
        remembered.retain(|(_, verdict)| holds_back(verdict));
        let alone: BTreeSet<i64> = remembered.iter().map(|(place, _)| *place).collect();
        // The place in the list stands in the rank, by which the new rows are told from the list again.
        let base = self.next_rank(many.priority)?;
        let before: i64 =
            first(self.conn, "SELECT max(id) AS id FROM jobs", [], |row| get(row, "id"))?.flatten().unwrap_or(0);
        let count = many.part_ids.len() as u64;
        let token = self.fencing_tokens(count)?;
        let sql = format!(
            "INSERT INTO jobs (public_id, file_id, storage_id, path, path_key, generation, source_bytes, content_size,
             content_edges, title, preset, settings_id, policy, mode, forced, insisted, priority, rank, status,
             scheduled_after_at, not_before_at, created_at)
             SELECT printf('%016x-%d', ?2, ?3 + w.key), f.id, f.storage_id, f.path, f.path_key, f.generation,
                 f.content_size, f.content_size, f.content_edges, i.title, ?4, ?5, ?6, 'replace', 1, ?7, ?8,
                 ?9 + w.key * {RANK_STEP}, 'queued', ?10, ?11, ?12
             FROM {PARTS} CROSS JOIN parts t ON t.id = w.value CROSS JOIN versions v ON v.id = t.version_id
             CROSS JOIN items i ON i.id = v.item_id
             WHERE f.missing_since_at IS NULL AND f.content_size IS NOT NULL
             AND EXISTS (SELECT 1 FROM probes p WHERE p.file_id = f.id AND p.generation = f.generation)
             AND w.key NOT IN (SELECT value FROM json_each(?13))
             ORDER BY w.key ON CONFLICT DO NOTHING"
        );
        let made = run(
            self.conn,
            &sql,
            rusqlite::params![
                parts,
                many.epoch.0.cast_signed(),
                token.cast_signed(),
                many.preset.name,
                self.settings_id(&many.preset.settings)?,
                policy,
                many.insisted,
                many.priority,
                base,
                many.scheduled_after_at.map(|at| at.0),
                many.scheduled_after_at.filter(|at| *at > self.now()).map(|at| at.0),
                self.now().0,
                to_json("list of places", &alone)?,
            ],
        )?;
        let rows = all(self.conn, "SELECT id, rank FROM jobs WHERE id > ?1 ORDER BY id", [before], |row| {
            Ok((get::<i64>(row, "id")?, (get::<i64>(row, "rank")? - base) / RANK_STEP))
        })?;
        if let Some((first_job_id, _)) = rows.first() {
            self.event(&Event::JobsCreated { first_job_id: *first_job_id, count: made as u64 })?;
        }
        let left_out = self.left_out(many.part_ids, &rows, remembered)?;
        Ok(QueuedMany { created: rows.into_iter().map(|(id, _)| id).collect(), left_out })
    }

    /// Why the parts that are in no row got no job.
    fn left_out(
        &self,
        part_ids: &[i64],
        rows: &[(i64, i64)],
        remembered: Vec<(i64, Verdict)>,
    ) -> Result<Vec<(i64, NoJob)>, StoreError> {
        let made: BTreeSet<i64> = rows.iter().map(|(_, place)| *place).collect();
        let mut remembered: std::collections::BTreeMap<i64, Verdict> = remembered.into_iter().collect();
        let mut left_out = Vec::new();
        for (place, part_id) in (0..).zip(part_ids).filter(|(place, _)| !made.contains(place)) {
            let why = match remembered.remove(&place) {
                Some(verdict) => NoJob::Remembered(verdict),
                None => self.why_no_job(*part_id)?,
            };
            left_out.push((*part_id, why));
        }
        Ok(left_out)
    }

    fn why_no_job(&self, part_id: i64) -> Result<NoJob, StoreError> {
        let sql = "SELECT f.missing_since_at IS NOT NULL AS is_missing, j.id AS holder
                   FROM part_files pf JOIN files f ON f.id = pf.file_id
                   LEFT JOIN jobs j ON j.storage_id = f.storage_id AND j.path_key = f.path_key
                       AND j.status NOT IN ('completed', 'failed', 'cancelled')
                   WHERE pf.part_id = ?1 ORDER BY f.id LIMIT 1";
        let found = first(self.conn, sql, [part_id], |row| {
            Ok(match (get::<bool>(row, "is_missing")?, get::<Option<i64>>(row, "holder")?) {
                (true, _) => NoJob::Missing,
                (false, Some(job_id)) => NoJob::Held(job_id),
                (false, None) => NoJob::Unread,
            })
        })?;
        Ok(found.unwrap_or(NoJob::Unknown))
    }
}
