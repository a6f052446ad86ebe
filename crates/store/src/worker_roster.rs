//! Workers as the scheduler sees them: read anew for each decision, so that nothing of it is ever stale. Hence one query,
//! of what decides and nothing else.

use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::{PathMapping, WorkerStatus};
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, first, get, json, unreadable};
use crate::store::Reader;
use crate::workers::{STORAGE_ROLE, Worker};

/// Whether the user lets a worker have jobs, and whether it could do them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    /// Whether the user lets it.
    pub is_enabled: bool,
    /// Whether it is one that encodes.
    pub encodes: bool,
    /// How it stands.
    pub status: WorkerStatus,
    /// Until when it gets no jobs, because it failed again and again.
    pub set_aside_until_at: Option<Timestamp>,
}

impl Availability {
    /// Whether it may be given jobs now.
    #[must_use]
    pub fn may_work(&self, now: Timestamp) -> bool {
        self.is_enabled
            && self.encodes
            && self.status == WorkerStatus::Online
            && self.set_aside_until_at.is_none_or(|until| until <= now)
    }
}

/// What of a worker decides whether it gets a job.
#[derive(Debug, Clone, PartialEq)]
pub struct RosterEntry {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is this machine.
    pub is_local: bool,
    /// Whether the user lets it have jobs, and whether it could do them.
    pub availability: Availability,
    /// Why it stands so, for a person, where that says something.
    pub status_reason: Option<String>,
    /// Jobs at a time; `None` for this machine, of which the setting says it.
    pub slots: Option<u32>,
    /// Under which paths it sees what lies here.
    pub path_mappings: Vec<PathMapping>,
    /// How fast it is, from 0 to 100, once that was measured.
    pub performance_score: Option<f64>,
    /// When that was measured.
    pub last_benchmark_at: Option<Timestamp>,
    /// To it, in bits a second, as far as it was learned.
    pub upload_bps: Option<u64>,
    /// From it, in bits a second, as far as it was learned.
    pub download_bps: Option<u64>,
}

const NO_MAPPINGS: &str = "[]";

/// By the places of the columns in [`ROSTER`]: looking for them by their names would take longer than all the rest.
fn read(row: &Row<'_>) -> Result<RosterEntry, StoreError> {
    let status: String = row.get(5)?;
    let mappings: String = row.get(9)?;
    let bits = |at| Ok::<_, StoreError>(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned));
    let instant = |at| Ok::<_, StoreError>(row.get::<_, Option<i64>>(at)?.map(Timestamp));
    Ok(RosterEntry {
        id: row.get(0)?,
        name: row.get(1)?,
        is_local: row.get(2)?,
        availability: Availability {
            is_enabled: row.get(3)?,
            encodes: row.get(4)?,
            status: WorkerStatus::parse(&status)
                .ok_or_else(|| unreadable("status", format!("{status:?} is not known")))?,
            set_aside_until_at: instant(6)?,
        },
        status_reason: row.get(7)?,
        slots: row.get(8)?,
        path_mappings: if mappings == NO_MAPPINGS { Vec::new() } else { json(row, "path_mappings")? },
        performance_score: row.get(10)?,
        last_benchmark_at: instant(11)?,
        upload_bps: bits(12)?,
        download_bps: bits(13)?,
    })
}

const ROSTER: &str = "SELECT id, name, is_local, is_enabled, role <> 'storage' AS encodes, status, set_aside_until_at,
    status_reason, slots, path_mappings, performance_score, last_benchmark_at, upload_bps, download_bps FROM workers";

impl Reader<'_> {
    /// All workers, in no order.
    pub fn roster(&self) -> Result<Vec<RosterEntry>, StoreError> {
        all(self.conn, ROSTER, [], read)
    }

    /// Name of a worker; `None` for one that is gone.
    pub fn worker_name(&self, id: i64) -> Result<Option<String>, StoreError> {
        first(self.conn, "SELECT name FROM workers WHERE id = ?1", [id], |row| get(row, "name"))
    }
}

impl Worker {
    /// Whether it may be given jobs now.
    #[must_use]
    pub fn may_work(&self, now: Timestamp) -> bool {
        let availability = Availability {
            is_enabled: self.is_enabled,
            encodes: self.form.role != STORAGE_ROLE,
            status: self.status,
            set_aside_until_at: self.set_aside_until_at,
        };
        availability.may_work(now)
    }
}
