//! `mediaflow undo JOB`

use std::process::ExitCode;

use mediaflow_engine::originals::OriginalsError;
use mediaflow_engine::replace::{Refusal, ReplaceError};
use mediaflow_engine::scan::on_disk;
use serde::Serialize;

use crate::app::{App, WorkLock};
use crate::cli::UndoArgs;
use crate::commands::jobs::found;
use crate::config::Config;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Shown {
    job_id: i64,
    restored: String,
}

pub fn run(config: &Config, args: &UndoArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let _lock = WorkLock::take(&config.data_dir)?;
    let job = found(app.store.read(|r| r.job(args.job)))?;
    let originals = app.originals();
    originals.recover()?;
    let outcome = match originals.undo(job.id, args.beside) {
        Ok(outcome) => outcome,
        Err(error @ OriginalsError::NothingToUndo { .. }) => return Err(Error::Usage(error.to_string())),
        Err(OriginalsError::Replace(ReplaceError::Refused(
            refusal @ (Refusal::ChangedSince(_) | Refusal::TargetExists(_)),
        ))) => {
            let beside = config.command(&format!("undo {} --beside", job.id));
            show::note(&format!("mediaflow: {refusal}. To restore it beside: {beside}"));
            return Ok(ExitCode::from(show::REFUSED));
        }
        Err(error) => return Err(error.into()),
    };
    let storage = app.store.read(|r| r.storage(outcome.replacement.storage_id))?;
    let name = if args.beside { &outcome.replacement.target } else { &outcome.replacement.original };
    let restored = on_disk(&storage, name).display().to_string();
    // The catalog knows the file again, streams and all, without waiting for the next scan.
    if let Ok(toolchain) = app.toolchain(config)
        && let Err(error) = app.scanner(&toolchain).scan_file(&storage, None, name, &app.cancel)
    {
        show::note(&format!("the restored file will be read by the next scan: {error}"));
    }
    if config.json {
        show::json(&Shown { job_id: job.id, restored });
    } else {
        let what = if args.beside { "is the original, beside what has its place" } else { "is the original again" };
        show::line(&format!("{restored} {what}."));
    }
    Ok(ExitCode::SUCCESS)
}
