//! `mediaflow demo`: the main job on a sample library, from an empty folder to the table.

mod library;
mod report;

use std::process::ExitCode;

use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::scan::open_folder;
use mediaflow_api::logs::LogBuffer;
use mediaflow_store::JobPage;

use crate::app::{App, WorkLock, cores};
use crate::cli::DemoArgs;
use crate::commands::{run, scan, serve};
use crate::config::Config;
use crate::progress::Bars;
use crate::show::{self, Error};

pub use library::LibraryError;

/// Clips of ten seconds keep no more than two encoders busy.
const MOST_JOBS: usize = 2;

pub fn run(config: &Config, args: &DemoArgs, logs: LogBuffer) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let lock = WorkLock::take(&config.data_dir)?;
    let toolchain = app.toolchain(config)?;
    let runner = app.runner(config, &toolchain)?;
    let standing = run::recover(&app, &runner)?;
    let dir = args.dir.clone().unwrap_or_else(|| config.data_dir.join("demo-library"));

    show::note(&format!("1/4  Making a sample library in {}", dir.display()));
    let bars = Bars::new();
    let bar = bars.task("making");
    let made = library::make(&dir, &toolchain.ffmpeg, &app.cancel, &mut |done, of, path| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        bar.set_message(path.to_owned());
    });
    bar.finish_and_clear();
    made?;

    show::note("2/4  Scanning it");
    let folder = open_folder(&app.store, &dir)?;
    refuse_strangers(&app, &folder)?;
    scan::with_bar(&app.scanner(&toolchain), &folder, &app.cancel)?;
    let before = report::Before::of(&app.store, &folder)?;

    show::note(
        "3/4  Looking for what is worth it, and doing it: every result is proven before it takes its original's place",
    );
    let done = run::work(&app, &runner, cores().min(MOST_JOBS), standing, true, Some(folder.library.id))?;
    if app.cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }

    show::note("4/4  Done");
    let report = before.report(&app.store, &folder, &done)?;
    if config.json {
        show::json(&report);
    } else {
        report.print(config);
    }
    let all_proven = report.all_replaced_were_proven();
    let failed = done.jobs.iter().any(|(_, ended)| ended.ending == Ending::Failed);
    if !all_proven || failed {
        return Ok(ExitCode::from(show::FAILED));
    }
    if args.no_serve || config.json {
        return Ok(ExitCode::SUCCESS);
    }
    serve::serve(config, &args.serve, &app, lock, logs, "/queue?tab=completed")
}

/// The demo touches nothing but its own library.
fn refuse_strangers(app: &App, folder: &mediaflow_engine::scan::Folder) -> Result<(), Error> {
    let statuses: Vec<JobStatus> = JobStatus::ALL.into_iter().filter(|status| !status.is_final()).collect();
    let page = JobPage { statuses: &statuses, file_id: None, limit: u32::MAX, offset: 0 };
    let strangers = app.store.read(|r| r.jobs(&page))?.into_iter().filter(|job| job.storage_id != folder.storage.id);
    match strangers.count() {
        0 => Ok(()),
        count => Err(Error::Usage(format!(
            "the queue of this data directory holds {count} jobs for other files; give the demo a --data-dir of its own"
        ))),
    }
}
