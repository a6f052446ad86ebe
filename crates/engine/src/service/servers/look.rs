//! Whether a file of this machine appears on a worker.

use std::path::{Path, PathBuf};

use mediaflow_core::worker::{PathMapping, mapped};
use mediaflow_transport::ssh::Ends;

use super::form::invalid;
use crate::service::{CommandError, Service};
use crate::settings;

/// Where a worker sees a file, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathCheck {
    /// Where it would lie there; `None` where no mapping covers it.
    pub there: Option<PathBuf>,
    /// The mapping that says so, by its source.
    pub mapping: Option<String>,
    /// Length of what lies there; `None` where nothing does.
    pub size_bytes: Option<u64>,
    /// Whether it is the same file, by its length and both of its ends.
    pub is_same: bool,
    /// All that in a sentence.
    pub message: String,
}

impl Service {
    /// Looks whether a worker sees a file of this machine; `tried` are mappings instead of the worker's own.
    pub fn server_check_path(
        &self,
        id: i64,
        path: &Path,
        tried: Option<&[PathMapping]>,
    ) -> Result<PathCheck, CommandError> {
        let inner = &self.inner;
        for mapping in tried.into_iter().flatten() {
            mapping.check().map_err(|error| invalid("path_mappings", error.to_string()))?;
        }
        let (worker, global) = inner.store.read(|r| Ok((r.worker(id)?, settings::path_mappings(r)?)))?;
        let here = Ends::of_local(path)
            .map_err(|error| CommandError::Refused(format!("{} cannot be read: {error}", path.display())))?;
        if worker.is_local {
            let message = "This machine works on the file where it lies".to_owned();
            let (there, size_bytes) = (Some(path.to_owned()), Some(here.size_bytes));
            return Ok(PathCheck { there, mapping: None, size_bytes, is_same: true, message });
        }
        let name = worker.name();
        let Some((there, mapping)) = mapped(path, tried.unwrap_or(&worker.form.path_mappings), &global) else {
            let message = format!("No path mapping covers this file, so it is sent to {name} for each job");
            return Ok(PathCheck { there: None, mapping: None, size_bytes: None, is_same: false, message });
        };
        let machine = inner.fleet.machine(id)?;
        let found = machine.ends(&there, &inner.stop).map_err(crate::fleet::FleetError::from)?;
        let shown = there.display();
        let message = match found {
            None => format!("{name} has no file {shown}; check the mapping, and that the share is mounted there"),
            Some(found) if found == here => format!("{name} sees the same file as {shown}"),
            Some(found) if found.size_bytes == here.size_bytes => {
                format!("{name} has another file of the same length as {shown}")
            }
            Some(found) => {
                let (theirs, ours) = (found.size_bytes, here.size_bytes);
                format!("{name} has another file as {shown}: it is {theirs} bytes long there and {ours} here")
            }
        };
        Ok(PathCheck {
            mapping: Some(mapping.source_prefix.clone()),
            size_bytes: found.map(|found| found.size_bytes),
            is_same: found == Some(here),
            message,
            there: Some(there),
        })
    }
}
