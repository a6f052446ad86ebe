//! What the user does with workers: adding, changing, switching and removing them.

use mediaflow_core::event::{Change, Event};
use mediaflow_core::worker::WorkerStatus;
use rusqlite::ToSql;

use crate::error::StoreError;
use crate::row::{first, get, run, to_json};
use crate::secrets::WorkerSecret;
use crate::store::Tx;
use crate::workers::{Worker, WorkerForm};

/// What a form fills of a row, and by which parameters: the time is the thirteenth, and a statement has one of its own
/// after it.
const COLUMNS: &str =
    "name, role, address, port, username, key_path, uses_agent, via, work_dir, slots, path_mappings, hourly_cost";
const VALUES: &str = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12";

impl Tx<'_> {
    /// Adds a worker that nobody has reached yet, and gives its id.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one of that name.
    pub fn worker_create(&self, form: &WorkerForm) -> Result<i64, StoreError> {
        self.worker_name_is_free(&form.name, None)?;
        let sql =
            format!("INSERT INTO workers ({COLUMNS}, created_at, updated_at, status) VALUES ({VALUES}, ?13, ?13, ?14)");
        self.worker_write(&sql, form, &WorkerStatus::Pending.name())?;
        let id = self.conn.last_insert_rowid();
        self.worker_changed(id, &form.name, Change::Created)?;
        Ok(id)
    }

    /// Changes what the user says of a worker. At another address another machine is expected: its keys are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another one has that name.
    pub fn worker_update(&self, id: i64, form: &WorkerForm) -> Result<(), StoreError> {
        let before = self.worker(id)?;
        self.worker_name_is_free(&form.name, Some(id))?;
        let sql = format!(
            "UPDATE workers SET ({COLUMNS}) = ({VALUES}), updated_at = ?13, row_version = row_version + 1 WHERE id = ?14"
        );
        self.worker_write(&sql, form, &id)?;
        let (old, new) = (&before.form.login, &form.login);
        if (&old.address, old.port, &old.via) != (&new.address, new.port, &new.via) {
            self.worker_host_key_forget(id)?;
            self.worker_rates_forget(id)?;
        }
        self.worker_changed(id, &form.name, Change::Updated)
    }

    /// Lets a worker have jobs, or not. One that was set aside is given another chance.
    pub fn worker_enable(&self, id: i64, is_enabled: bool) -> Result<(), StoreError> {
        let worker = self.worker(id)?;
        let sql = "UPDATE workers SET is_enabled = ?2, consecutive_failures = 0, set_aside_level = 0,
                   set_aside_until_at = NULL, updated_at = ?3, row_version = row_version + 1 WHERE id = ?1";
        run(self.conn, sql, (id, is_enabled, self.now().0))?;
        if !is_enabled {
            self.outage_ends(id)?;
        }
        self.worker_changed(id, worker.name(), Change::Updated)
    }

    /// Removes a worker with its secrets and measurements. Jobs that were meant for it are anybody's again.
    ///
    /// # Errors
    /// [`StoreError::WorkerBusy`] while it has jobs in hand, [`StoreError::WorkerHasFiles`] while libraries or replaced
    /// originals lie on it, [`StoreError::LocalWorker`] for this machine.
    pub fn worker_delete(&self, id: i64) -> Result<Worker, StoreError> {
        let worker = self.worker(id)?;
        if worker.is_local {
            return Err(StoreError::LocalWorker);
        }
        let jobs = self.worker_jobs_in_hand(id)?;
        if jobs > 0 {
            return Err(StoreError::WorkerBusy { worker: worker.form.name, jobs });
        }
        let (libraries, originals) = self.worker_files(id)?;
        if libraries > 0 || originals > 0 {
            return Err(StoreError::WorkerHasFiles { worker: worker.form.name, libraries, originals });
        }
        for which in WorkerSecret::ALL {
            self.worker_secret_forget(id, which)?;
        }
        run(self.conn, "DELETE FROM workers WHERE id = ?1", [id])?;
        self.worker_changed(id, worker.name(), Change::Deleted)?;
        Ok(worker)
    }

    fn worker_write(&self, sql: &str, form: &WorkerForm, own: &dyn ToSql) -> Result<usize, StoreError> {
        let login = &form.login;
        let params = rusqlite::params![
            form.name,
            form.role,
            login.address,
            login.port,
            login.username,
            login.key_path,
            login.uses_agent,
            login.via,
            form.work_dir,
            form.slots,
            to_json("path mappings", &form.path_mappings)?,
            form.hourly_cost,
            self.now().0,
            own,
        ];
        run(self.conn, sql, params)
    }

    pub(crate) fn worker_changed(&self, id: i64, name: &str, change: Change) -> Result<(), StoreError> {
        self.event(&Event::WorkerChanged { worker_id: id, name: name.to_owned(), change }).map(drop)
    }

    fn worker_name_is_free(&self, name: &str, except: Option<i64>) -> Result<(), StoreError> {
        let sql = "SELECT id FROM workers WHERE name = ?1 COLLATE NOCASE AND id IS NOT ?2";
        match first(self.conn, sql, (name, except), |row| get::<i64>(row, "id"))? {
            Some(_) => Err(StoreError::Taken { what: "the server name", name: name.to_owned() }),
            None => Ok(()),
        }
    }
}
