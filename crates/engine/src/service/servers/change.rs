//! Adding, changing and removing workers.

use std::path::{Path, PathBuf};

use mediaflow_core::worker::WorkerStatus;
use mediaflow_store::{STORAGE_ROLE, StoreError, Tx, Worker, WorkerForm};
use serde_json::json;

use super::Server;
use super::form::{ServerWish, blank, check_name, check_slots, invalid};
use super::work_dir::check_work_dir;
use crate::fleet::{self, TOOLS_FOLDER, Workers};
use crate::service::{CommandError, Service};
use crate::settings;

impl Service {
    /// Adds a worker. Nothing is called yet: it is pending until it answers.
    pub fn server_create(&self, wish: &ServerWish) -> Result<Server, CommandError> {
        let form = wish.over(blank())?;
        check_work_dir(&self.inner.store, None, &form)?;
        let id = self.inner.store.write(|tx| {
            let id = tx.worker_create(&form)?;
            self.keep_secrets(tx, id, wish)?;
            Ok(id)
        })?;
        tracing::info!("server {} was added", form.name);
        self.inner.signals.fleet.raise();
        self.server(id)
    }

    /// Changes a worker.
    pub fn server_update(&self, id: i64, wish: &ServerWish) -> Result<Server, CommandError> {
        let before = self.inner.store.read(|r| r.worker(id))?;
        if before.is_local {
            return self.local_update(&before, wish);
        }
        let form = wish.over(before.form.clone())?;
        // What was kept before there was such a library can still be changed otherwise.
        if (&form.work_dir, &form.path_mappings) != (&before.form.work_dir, &before.form.path_mappings) {
            check_work_dir(&self.inner.store, Some(id), &form)?;
        }
        self.inner.store.write(|tx| {
            if form != before.form || wish.secrets().iter().any(|(_, text)| text.is_some()) {
                tx.worker_update(id, &form)?;
            }
            self.keep_secrets(tx, id, wish)?;
            if form.role == STORAGE_ROLE && before.status == WorkerStatus::SetupFailed {
                // There is nothing to set up on it any more.
                tx.worker_stands(id, WorkerStatus::Pending, None)?;
            }
            switch(tx, &before, wish)
        })?;
        tracing::info!("server {} was changed", form.name);
        if form.login != before.form.login || form.work_dir != before.form.work_dir {
            self.inner.fleet.forget(id);
        }
        self.inner.signals.fleet.raise();
        self.inner.signals.queue.raise();
        self.server(id)
    }

    /// Changes what can be changed of this machine. Its jobs at a time are the setting of that name.
    fn local_update(&self, before: &Worker, wish: &ServerWish) -> Result<Server, CommandError> {
        if wish.path_mappings.as_ref().is_some_and(|mappings| !mappings.is_empty()) {
            return Err(invalid(
                "path_mappings",
                "this machine sees its files where they lie; map them for other servers",
            ));
        }
        self.check_local(before, wish)?;
        let form = WorkerForm {
            name: wish.name.as_ref().map_or_else(|| before.form.name.clone(), |name| name.trim().to_owned()),
            hourly_cost: wish.hourly_cost.or(before.form.hourly_cost),
            ..before.form.clone()
        };
        check_name(&form.name)?;
        self.inner.store.write(|tx| {
            if form != before.form {
                tx.worker_update(before.id, &form)?;
            }
            switch(tx, before, wish)
        })?;
        if let Some(slots) = wish.slots {
            self.setting_set(settings::CONCURRENT_JOBS, &json!(slots))?;
        }
        self.server(before.id)
    }

    /// Refuses what would change nothing: this machine is not called. What is sent back as it was shown is no change.
    fn check_local(&self, before: &Worker, wish: &ServerWish) -> Result<(), CommandError> {
        let is_other = |wish: &Option<String>, shown: &str| wish.as_ref().is_some_and(|text| text != shown);
        let login = [&wish.username, &wish.key_path, &wish.via, &wish.password, &wish.private_key, &wish.passphrase];
        if is_other(&wish.work_dir, &self.inner.work.to_string_lossy()) {
            return Err(invalid("working_directory", "this machine works in its data directory, which DATA_DIR names"));
        }
        if is_other(&wish.address, &before.form.login.address) || login.into_iter().any(|text| is_other(text, "")) {
            return Err(invalid("hostname", "this machine is not reached over SSH; add another server instead"));
        }
        if is_other(&wish.role, &before.form.role) {
            return Err(invalid("role", "this machine always encodes; switch it off to give it no jobs"));
        }
        check_slots(wish.slots)
    }

    /// Removes a worker. Jobs that wait for it are anybody's again.
    ///
    /// # Errors
    /// While it has jobs in hand, and for this machine.
    pub fn server_remove(&self, id: i64) -> Result<Worker, CommandError> {
        let worker = self.inner.fleet.worker(id);
        let removed = self.inner.store.write(|tx| tx.worker_delete(id))?;
        self.inner.fleet.forget(id);
        if let Some(worker) = worker {
            let work_dir = PathBuf::from(&removed.form.work_dir);
            self.inner.threads.spawn("leave", move || leave(&worker, &work_dir));
        }
        tracing::info!("server {} was removed", removed.name());
        Ok(removed)
    }

    fn keep_secrets(&self, tx: &Tx<'_>, id: i64, wish: &ServerWish) -> Result<(), StoreError> {
        let vault = self.inner.store.vault();
        for (which, text) in wish.secrets() {
            match text.map(String::as_str) {
                None => {}
                Some("") => tx.worker_secret_forget(id, which)?,
                Some(text) => tx.worker_secret_put(&vault, id, which, text)?,
            }
        }
        Ok(())
    }
}

/// Switched on again, a worker that was set aside has another chance.
fn switch(tx: &Tx<'_>, before: &Worker, wish: &ServerWish) -> Result<(), StoreError> {
    match wish.is_enabled {
        Some(is_enabled) if is_enabled != before.is_enabled || before.set_aside_until_at.is_some() => {
            tx.worker_enable(before.id, is_enabled)
        }
        _ => Ok(()),
    }
}

/// Takes what is ours from a machine that is a worker no more: our folder, and the programs that were sent to it where no
/// other installation may need them.
fn leave(worker: &fleet::Worker, work_dir: &Path) {
    let machine = worker.machine();
    let left = machine.remove(&worker.work).and_then(|()| machine.list(work_dir)).and_then(|names| {
        let is_alone = names.iter().all(|name| name == TOOLS_FOLDER);
        if is_alone { machine.remove(&work_dir.join(TOOLS_FOLDER)) } else { Ok(()) }
    });
    if let Err(error) = left {
        tracing::warn!("something is left on {}: {error}", worker.name);
    }
}
