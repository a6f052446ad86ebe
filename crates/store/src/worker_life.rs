//! What becomes of workers by themselves: found, lost, set up, set aside.

use mediaflow_core::event::{Change, Event};
use mediaflow_core::time::Timestamp;
use mediaflow_core::worker::{Capabilities, WorkerStatus};

use crate::error::StoreError;
use crate::row::{run, to_json};
use crate::store::Tx;
use crate::workers::WorkerTools;

impl Tx<'_> {
    /// Notes how a worker stands, with its events where it stood otherwise.
    pub fn worker_stands(&self, id: i64, status: WorkerStatus, reason: Option<&str>) -> Result<(), StoreError> {
        self.worker_stands_with(id, status, reason, None)
    }

    /// The same of one that is in trouble, with the kind of that trouble by a stable name.
    pub fn worker_in_trouble(
        &self,
        id: i64,
        status: WorkerStatus,
        reason: &str,
        problem: &str,
    ) -> Result<(), StoreError> {
        self.worker_stands_with(id, status, Some(reason), Some(problem))
    }

    fn worker_stands_with(
        &self,
        id: i64,
        status: WorkerStatus,
        reason: Option<&str>,
        problem: Option<&str>,
    ) -> Result<(), StoreError> {
        let before = self.worker(id)?;
        if (before.status, before.status_reason.as_deref(), before.problem.as_deref()) == (status, reason, problem) {
            return Ok(());
        }
        let sql = "UPDATE workers SET status = ?2, status_reason = ?3, problem = ?4, row_version = row_version + 1
                   WHERE id = ?1";
        run(self.conn, sql, (id, status.name(), reason, problem))?;
        match status {
            WorkerStatus::Offline if before.is_enabled => self.outage_begins(id)?,
            WorkerStatus::Offline | WorkerStatus::Pending => {}
            WorkerStatus::Online | WorkerStatus::Provisioning | WorkerStatus::SetupFailed => self.outage_ends(id)?,
        }
        if before.status == status {
            // What it says of itself is news for whoever shows it.
            return self.worker_changed(id, before.name(), Change::Updated);
        }
        let told = reason.map(ToOwned::to_owned);
        self.event(&Event::WorkerStatusChanged { worker_id: id, status, reason: told.clone() })?;
        let name = before.form.name;
        match status {
            WorkerStatus::Online => self.event(&Event::WorkerOnline { worker_id: id, name })?,
            WorkerStatus::Offline => {
                self.event(&Event::WorkerOffline { worker_id: id, name, reason: told.unwrap_or_default() })?
            }
            _ => return Ok(()),
        };
        Ok(())
    }

    /// Notes a sign of life.
    pub fn worker_seen(&self, id: i64) -> Result<(), StoreError> {
        run(self.conn, "UPDATE workers SET last_seen_at = ?2 WHERE id = ?1", (id, self.now().0)).map(drop)
    }

    /// Notes by which keys a worker, and the machine to go through, are known from now on.
    pub fn worker_host_key_put(&self, id: i64, host_key: &str, via_host_key: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE workers SET host_key = ?2, via_host_key = ?3, row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, (id, host_key, via_host_key)).map(drop)
    }

    /// Forgets by which keys a worker is known: whatever is shown next is believed.
    pub fn worker_host_key_forget(&self, id: i64) -> Result<(), StoreError> {
        let sql =
            "UPDATE workers SET host_key = NULL, via_host_key = NULL, row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, [id]).map(drop)
    }

    /// Notes what a worker is.
    pub fn worker_capabilities_put(&self, id: i64, is: &Capabilities) -> Result<(), StoreError> {
        let sql =
            "UPDATE workers SET cpu_model = ?2, cpu_cores = ?3, ram_bytes = ?4, gpu_model = ?5, os = ?6, arch = ?7,
                   hardware = ?8, ffmpeg_version = ?9, row_version = row_version + 1 WHERE id = ?1";
        let values = rusqlite::params![
            id,
            is.cpu_model,
            is.cpu_cores,
            is.ram_bytes.map(u64::cast_signed),
            is.gpu_model,
            is.os,
            is.arch,
            to_json("list of hardware", &is.hardware)?,
            is.ffmpeg_version,
        ];
        run(self.conn, sql, values).map(drop)
    }

    /// Notes which programs are to be used on a worker; `None` for whatever is found there.
    pub fn worker_tools_put(&self, id: i64, tools: Option<&WorkerTools>) -> Result<(), StoreError> {
        let tools = tools.map(|tools| to_json("tools", tools)).transpose()?;
        run(self.conn, "UPDATE workers SET tools = ?2, row_version = row_version + 1 WHERE id = ?1", (id, tools))
            .map(drop)
    }

    /// Keeps what was said while a worker was set up.
    pub fn worker_provision_log_put(&self, id: i64, log: &str) -> Result<(), StoreError> {
        run(self.conn, "UPDATE workers SET provision_log = ?2 WHERE id = ?1", (id, log)).map(drop)
    }

    /// Counts a failure of a worker, and gives how many there were in a row.
    pub fn worker_failed(&self, id: i64) -> Result<u32, StoreError> {
        run(self.conn, "UPDATE workers SET consecutive_failures = consecutive_failures + 1 WHERE id = ?1", [id])?;
        Ok(self.worker(id)?.consecutive_failures)
    }

    /// Forgets a worker's failures: it did something well.
    pub fn worker_did_well(&self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE workers SET consecutive_failures = 0, set_aside_level = 0, set_aside_until_at = NULL
                   WHERE id = ?1 AND (consecutive_failures > 0 OR set_aside_level > 0)";
        run(self.conn, sql, [id]).map(drop)
    }

    /// Gives a worker another chance that is left alone for what somebody has just mended.
    pub fn worker_pardon(&self, id: i64) -> Result<(), StoreError> {
        let before = self.worker(id)?;
        if before.consecutive_failures == 0 && before.set_aside_level == 0 && before.set_aside_until_at.is_none() {
            return Ok(());
        }
        let sql = "UPDATE workers SET consecutive_failures = 0, set_aside_level = 0, set_aside_until_at = NULL,
                   row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, [id])?;
        self.worker_changed(id, before.name(), Change::Updated)
    }

    /// Gives a worker no jobs until an instant, and a longer pause the next time.
    pub fn worker_set_aside(&self, id: i64, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        let worker = self.worker(id)?;
        let sql =
            "UPDATE workers SET set_aside_until_at = ?2, set_aside_level = set_aside_level + 1, status_reason = ?3,
                   problem = NULL, row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, (id, until.0, reason))?;
        let minutes = u32::try_from((until.0 - self.now().0) / 60_000_000).unwrap_or(0);
        self.event(&Event::WorkerSetAside {
            worker_id: id,
            name: worker.form.name,
            consecutive_failures: worker.consecutive_failures,
            reason: reason.to_owned(),
            minutes,
        })
        .map(drop)
    }
}
