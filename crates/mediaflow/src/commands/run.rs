//! `mediaflow run`

use std::collections::BTreeSet;
use std::process::ExitCode;

use mediaflow_core::identity::Hash;
use mediaflow_core::job::Ending;
use mediaflow_core::text;
use mediaflow_engine::analyze::analyze;
use mediaflow_engine::queue::{queue_recommended, requeue_failed};
use mediaflow_engine::replace::Recovered;
use mediaflow_engine::run::{Ended, Resumed, Runner};
use mediaflow_engine::settings;
use mediaflow_store::{File, Job};
use serde::Serialize;

use crate::app::{App, WorkLock};
use crate::cli::RunArgs;
use crate::config::Config;
use crate::progress::Bars;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Shown {
    jobs: Vec<Row>,
    refused: Vec<Refused>,
    saved_bytes: i64,
}

#[derive(Serialize)]
struct Row {
    job_id: i64,
    path: String,
    preset: String,
    ending: Ending,
    reason: String,
    before_bytes: u64,
    after_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Refused {
    path: String,
    reason: String,
}

pub fn run(config: &Config, args: &RunArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let _lock = WorkLock::take(&config.data_dir)?;
    let toolchain = app.toolchain(config)?;
    let runner = app.runner(config, &toolchain)?;
    let limit = args.jobs.map_or_else(settings::default_concurrent_jobs, usize::from);
    let standing = recover(&app, &runner)?;
    requeue_failed(&app.store)?;
    let done = work(&app, &runner, limit, standing, !args.no_queue, None)?;
    report_purge(&app)?;
    let shown = Shown {
        saved_bytes: done.jobs.iter().map(|(job, ended)| saved(job, ended)).sum(),
        jobs: done
            .jobs
            .into_iter()
            .map(|(job, ended)| Row {
                job_id: job.id,
                path: job.path.to_string(),
                preset: job.preset,
                ending: ended.ending,
                reason: ended.reason,
                before_bytes: job.source_bytes,
                after_bytes: job.output_bytes,
            })
            .collect(),
        refused: done
            .refused
            .into_iter()
            .map(|(file, reason)| Refused { path: file.path.to_string(), reason })
            .collect(),
    };
    if config.json {
        show::json(&shown);
    } else {
        print(config, &shown);
    }
    if app.cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    let failed = shown.jobs.iter().any(|row| row.ending == Ending::Failed);
    Ok(ExitCode::from(if failed { show::FAILED } else { 0 }))
}

/// What working through the queue came to.
#[derive(Default)]
pub struct Done {
    /// Jobs that ended, as they stand now.
    pub jobs: Vec<(Job, Ended)>,
    /// Recommended files that are not done, with the reason.
    pub refused: Vec<(File, String)>,
}

impl Done {
    /// What had its try, so that nothing goes round in one run. What was not worth a re-encode may still be worth a remux.
    fn tried(&self) -> BTreeSet<(i64, Hash)> {
        self.jobs.iter().filter_map(|(job, _)| Some((job.file_id?, job.policy))).collect()
    }
}

/// Puts in order what earlier processes left in the middle.
pub fn recover(app: &App, runner: &Runner) -> Result<Vec<Resumed>, Error> {
    for Recovered { replacement, ending } in app.originals().recover()? {
        match ending {
            Ok(ending) => show::note(&format!("recovered: {}: {ending:?}", replacement.original)),
            Err(error) => show::note(&format!("not recovered: {}: {error}", replacement.original)),
        }
    }
    Ok(runner.resume()?)
}

/// Works until nothing is left: queues what is recommended, runs it, and looks again, since a file whose re-encode was
/// not worth it may still be worth a remux. With `library_id`, only that library is looked at.
pub fn work(
    app: &App,
    runner: &Runner,
    limit: usize,
    mut standing: Vec<Resumed>,
    queue: bool,
    library_id: Option<i64>,
) -> Result<Done, Error> {
    let bars = Bars::new();
    let mut done = Done::default();
    loop {
        if queue {
            analyze(&app.store, library_id, "run", &app.store.read(settings::thresholds)?, &app.cancel)?;
            done.refused = queue_recommended(&app.store, app.epoch, library_id, &done.tried())?.refused;
        }
        let ended = runner.run_queue(limit, std::mem::take(&mut standing), &bars)?;
        let was_idle = ended.is_empty();
        for ended in ended {
            done.jobs.push((app.store.read(|r| r.job(ended.job_id))?, ended));
        }
        if was_idle || app.cancel.is_cancelled() {
            return Ok(done);
        }
    }
}

/// What a job gave back, in bytes.
pub fn saved(job: &Job, ended: &Ended) -> i64 {
    match (ended.ending, job.output_bytes) {
        (Ending::Replaced, Some(after)) => job.source_bytes.cast_signed() - after.cast_signed(),
        _ => 0,
    }
}

/// Removes originals whose time has come, and says so.
fn report_purge(app: &App) -> Result<(), Error> {
    let report = app.originals().purge(app.clock.now())?;
    if !report.purged.is_empty() {
        let purged = text::count(report.purged.len(), "original");
        show::note(&format!("{purged} left the quarantine, {} freed.", text::bytes(report.freed_bytes)));
    }
    for kept in &report.kept {
        show::note(&format!("the original of {} stays in quarantine: {}", kept.id, kept.reason));
    }
    Ok(())
}

fn print(config: &Config, shown: &Shown) {
    if shown.jobs.is_empty() {
        show::line("Nothing to do.");
    } else {
        let mut table = show::table(&["Job", "File", "Before", "After", "End", "Why"], &[0, 2, 3]);
        for row in &shown.jobs {
            table.add_row([
                row.job_id.to_string(),
                row.path.clone(),
                text::bytes(row.before_bytes),
                row.after_bytes.map_or_else(String::new, text::bytes),
                show::ending(row.ending).to_owned(),
                row.reason.clone(),
            ]);
        }
        show::line(&table.to_string());
        let count = |ending| shown.jobs.iter().filter(|row| row.ending == ending).count();
        let replaced = count(Ending::Replaced);
        show::line(&format!(
            "{replaced} replaced, {} not worth it, {} refused, {} failed; {} saved.",
            count(Ending::NotWorthIt),
            count(Ending::Refused),
            count(Ending::Failed),
            text::signed_bytes(shown.saved_bytes)
        ));
        if replaced > 0 {
            let undo = config.command("undo JOB");
            show::line(&format!("The originals wait in quarantine for 14 days. To take one back: {undo}"));
        }
    }
    for refused in &shown.refused {
        show::line(&format!("  refused: {}: {}", refused.path, refused.reason));
    }
}
