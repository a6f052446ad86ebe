//! `mediaflow demo`: the main job on a sample library, from an empty folder to the table.

mod library;
mod report;

use std::io::IsTerminal;
use std::process::ExitCode;

use mediaflow_api::logs::LogBuffer;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_core::text;
use mediaflow_engine::scan::open_folder;
use mediaflow_store::JobPage;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation};

use crate::app::{App, WorkLock, cores};
use crate::cli::DemoArgs;
use crate::commands::serve::{self, Front};
use crate::commands::{run, scan};
use crate::config::Config;
use crate::progress::Bars;
use crate::show::{self, Error};

pub use library::LibraryError;

/// Clips of ten seconds keep no more than two encoders busy.
const MOST_JOBS: usize = 2;

pub fn run(config: &Config, args: &DemoArgs, logs: LogBuffer) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let lock = WorkLock::take(&config.data_dir)?;
    let front = if args.no_serve || config.json { None } else { Some(Front::open(config, &args.serve, &app)?) };
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
    let Some(front) = front else { return Ok(ExitCode::SUCCESS) };
    let page = front.page("/queue?tab=completed");
    show::line(&format!("The result is at {page}; Ctrl-C ends the server."));
    open_in_browser(page, &app.cancel);
    serve::serve(config, &app, lock, front, logs)
}

/// Shows a page where there is a desktop to show it on; whoever sits at a terminal only has its address.
fn open_in_browser(page: String, cancel: &Cancel) {
    let has_desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !std::io::stdout().is_terminal() || !(has_desktop || cfg!(target_os = "macos")) {
        return;
    }
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        if let Err(error) = process::run(&Invocation::new(opener, [page]), &cancel) {
            tracing::info!("no browser was opened: {error}");
        }
    });
}

/// The demo touches nothing but its own library.
fn refuse_strangers(app: &App, folder: &mediaflow_engine::scan::Folder) -> Result<(), Error> {
    let statuses: Vec<JobStatus> = JobStatus::ALL.into_iter().filter(|status| !status.is_final()).collect();
    let page = JobPage { statuses: &statuses, file_id: None, limit: u32::MAX, offset: 0 };
    let strangers = app.store.read(|r| r.jobs(&page))?.into_iter().filter(|job| job.storage_id != folder.storage.id);
    match strangers.count() {
        0 => Ok(()),
        count => Err(Error::Usage(format!(
            "the queue of this data directory holds {} for other files; give the demo a --data-dir of its own",
            text::count(count, "job")
        ))),
    }
}
