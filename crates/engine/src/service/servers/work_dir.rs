//! Where a worker may work: in no library. What lies there is found by scans, and a library is no place for working files.

use std::net::IpAddr;
use std::path::Path;

use mediaflow_core::worker::{PathMapping, mapped};
use mediaflow_store::{LibraryOverview, Store, WorkerForm};

use super::form::invalid;
use crate::service::CommandError;
use crate::settings;

/// Refuses a working directory in the folder of a library, as the worker sees that folder. `id` is the worker's, where it has
/// one already.
pub(super) fn check_work_dir(store: &Store, id: Option<i64>, form: &WorkerForm) -> Result<(), CommandError> {
    let (libraries, global) = store.read(|r| Ok((r.library_overviews()?, settings::path_mappings(r)?)))?;
    match library_around(&libraries, id, form, &global) {
        Some(title) => Err(invalid(
            "working_directory",
            format!("that folder lies in the library {title}, which holds films only; choose one outside of it"),
        )),
        None => Ok(()),
    }
}

/// The title of the library in whose folder the working directory lies.
fn library_around<'l>(
    libraries: &'l [LibraryOverview],
    id: Option<i64>,
    form: &WorkerForm,
    global: &[PathMapping],
) -> Option<&'l str> {
    let work_dir = Path::new(&form.work_dir);
    let is_here = is_this_machine(&form.login.address);
    let holds = |overview: &&LibraryOverview| {
        let Some(folder) = &overview.root else { return false };
        let there = match &overview.host {
            Some(host) if Some(host.worker_id) == id => Some(folder.clone()),
            None if is_here => Some(folder.clone()),
            Some(_) | None => None,
        };
        let seen = mapped(folder, &form.path_mappings, global).map(|(path, _)| path);
        there.into_iter().chain(seen).any(|folder| work_dir.starts_with(folder))
    };
    libraries.iter().find(holds).map(|overview| overview.library.title.as_str())
}

/// Whether an address is this machine's own, as far as it shows.
fn is_this_machine(address: &str) -> bool {
    address.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use mediaflow_core::time::Timestamp;
    use mediaflow_store::{Library, LibraryHost, WorkerLogin};

    use super::super::form::blank;
    use super::*;

    fn library(title: &str, root: &str, on: Option<i64>) -> LibraryOverview {
        LibraryOverview {
            library: Library {
                id: 1,
                source_id: 1,
                storage_id: Some(1),
                folder: None,
                title: title.to_owned(),
                library_type: "movie".to_owned(),
                last_scanned_at: None,
            },
            source_name: "Folders".to_owned(),
            root: Some(root.into()),
            host: on.map(|worker_id| LibraryHost { worker_id, name: "nas".to_owned(), is_online: true }),
            created_at: Timestamp(0),
        }
    }

    #[track_caller]
    fn check(address: &str, work_dir: &str, mapping: Option<(&str, &str)>, expected: Option<&str>) {
        let libraries = [library("Films", "/films", None), library("Shows", "/volume1/shows", Some(7))];
        let mapping = mapping
            .map(|(here, there)| PathMapping { source_prefix: here.to_owned(), target_prefix: there.to_owned() });
        let form = WorkerForm {
            login: WorkerLogin { address: address.to_owned(), ..WorkerLogin::default() },
            work_dir: work_dir.to_owned(),
            path_mappings: mapping.into_iter().collect(),
            ..blank()
        };
        assert_eq!(library_around(&libraries, Some(7), &form, &[]), expected, "{address} {work_dir}");
    }

    #[test]
    fn a_worker_works_in_no_library_that_it_sees() {
        check("nas.example", "/volume1/shows/work", None, Some("Shows"));
        check("nas.example", "/volume1/shows2", None, None);
        check("nas.example", "/films/work", None, None);
        check("127.0.0.1", "/films/work", None, Some("Films"));
        check("localhost", "/films", None, Some("Films"));
        check("nas.example", "/mnt/films/x", Some(("/films", "/mnt/films")), Some("Films"));
        check("nas.example", "/mnt/films/x", Some(("/other", "/mnt/films")), None);
    }
}
