//! `mediaflow jobs`

use std::process::ExitCode;

use mediaflow_core::job::{Ending, FailureCause, JobStatus};
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::text;
use mediaflow_engine::run::Upkeep;
use mediaflow_store::{Job, JobPage, QuarantineState, StoreError, TaskKind};
use serde::Serialize;

use crate::app::App;
use crate::cli::{JobsAction, JobsArgs};
use crate::commands::transcode::print_plan;
use crate::config::Config;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Row {
    job_id: i64,
    path: String,
    title: String,
    preset: String,
    status: JobStatus,
    ending: Option<Ending>,
    reason: Option<String>,
    cause: Option<FailureCause>,
    /// The original lies at its place again.
    taken_back: bool,
    before_bytes: u64,
    after_bytes: Option<u64>,
}

pub fn run(config: &Config, args: &JobsArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    match args.action {
        None => list(config, &app, args.limit),
        Some(JobsAction::Cancel { job }) => cancel(config, &app, job),
        Some(JobsAction::Retry { job }) => retry(config, &app, job),
        Some(JobsAction::Show { job }) => show_one(config, &app, job),
    }
}

fn list(config: &Config, app: &App, limit: u32) -> Result<ExitCode, Error> {
    let page = JobPage { statuses: &[], file_id: None, limit, offset: 0 };
    let jobs = app.store.read(|r| r.jobs(&page))?;
    let rows: Vec<Row> = jobs.iter().map(|job| row(app, job)).collect::<Result<_, _>>()?;
    if config.json {
        show::json(&rows);
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        show::line("There are no jobs.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = show::table(&["Job", "File", "Preset", "Status", "Before", "After", "Why"], &[0, 4, 5]);
    for row in &rows {
        table.add_row([
            row.job_id.to_string(),
            row.path.clone(),
            row.preset.clone(),
            row.how(),
            text::bytes(row.before_bytes),
            row.after_bytes.map_or_else(String::new, text::bytes),
            row.reason.clone().unwrap_or_default(),
        ]);
    }
    show::line(&table.to_string());
    Ok(ExitCode::SUCCESS)
}

fn row(app: &App, job: &Job) -> Result<Row, StoreError> {
    let replacements = match job.ending {
        Some(Ending::Replaced) => app.store.read(|r| r.replacements_of_job(job.id))?,
        _ => Vec::new(),
    };
    Ok(Row {
        job_id: job.id,
        path: job.path.to_string(),
        title: job.title.clone(),
        preset: job.preset.clone(),
        status: job.status,
        ending: job.ending,
        reason: job.reason.clone(),
        cause: job.failure_cause,
        taken_back: replacements.iter().any(|stored| stored.quarantine == QuarantineState::Restored),
        before_bytes: job.source_bytes,
        after_bytes: job.output_bytes,
    })
}

impl Row {
    /// Where the job stands, or how it ended.
    fn how(&self) -> String {
        match self.ending {
            _ if self.taken_back => "taken back".to_owned(),
            Some(ending) => show::ending(ending).to_owned(),
            None => self.status.to_string(),
        }
    }
}

/// An unknown id is wrong usage, not a failure of ours.
pub fn found<T>(result: Result<T, StoreError>) -> Result<T, Error> {
    match result {
        Err(StoreError::NotFound { what, id }) => {
            Err(Error::Usage(format!("there is no {what} {id}; mediaflow jobs lists them")))
        }
        other => Ok(other?),
    }
}

fn cancel(config: &Config, app: &App, job: i64) -> Result<ExitCode, Error> {
    match found(app.store.write(|tx| tx.job_cancel(job, "cancelled by the user"))) {
        Ok(true) => {
            // One that was paused left a held encode behind.
            let executor = app.executor()?;
            Upkeep { store: &app.store, executor: &executor, work: &config.work_dir() }.wind_up(job)?;
            show::line(&format!("Job {job} is cancelled."));
        }
        Ok(false) => show::line(&format!("Job {job} is running and will be gone in a moment.")),
        Err(Error::Store(error @ StoreError::Step { .. })) => return Err(Error::Usage(error.to_string())),
        Err(error) => return Err(error),
    }
    Ok(ExitCode::SUCCESS)
}

fn retry(config: &Config, app: &App, id: i64) -> Result<ExitCode, Error> {
    let job = found(app.store.read(|r| r.job(id)))?;
    let queued = app.store.write(|tx| {
        tx.verdict_clear(&job.content, Some(&job.policy))?;
        tx.job_step(id, JobStatus::Queued)
    });
    match queued {
        Ok(()) => show::line(&format!("Job {id} is queued again: {}", config.command("run"))),
        Err(error @ (StoreError::Step { .. } | StoreError::AlreadyQueued { .. })) => {
            return Err(Error::Usage(error.to_string()));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Details {
    job: Row,
    intent: Option<mediaflow_core::plan::Intent>,
    attempts: Vec<AttemptRow>,
}

#[derive(Serialize)]
struct AttemptRow {
    id: i64,
    kind: String,
    state: String,
    /// Who encodes the pictures.
    encoded_by: Option<EncodedBy>,
    command: Option<Vec<String>>,
    log: Option<String>,
}

fn show_one(config: &Config, app: &App, id: i64) -> Result<ExitCode, Error> {
    let job = found(app.store.read(|r| r.job(id)))?;
    let intent = app.store.read(|r| r.job_intent(id))?;
    let attempts = app.store.read(|r| r.attempts_of_job(id))?;
    if config.json {
        let attempts = attempts
            .into_iter()
            .map(|attempt| AttemptRow {
                id: attempt.id,
                kind: attempt.kind.name().to_owned(),
                state: attempt.state.name().to_owned(),
                encoded_by: attempt.encoded_by,
                command: attempt.argv,
                log: attempt.log_tail,
            })
            .collect();
        show::json(&Details { job: row(app, &job)?, intent, attempts });
        return Ok(ExitCode::SUCCESS);
    }
    show::line(&format!("Job {id}: {}: {}", job.path, row(app, &job)?.how()));
    if let Some(reason) = &job.reason {
        show::line(&format!("  {reason}"));
    }
    if let Some(intent) = &intent {
        print_plan(intent);
    }
    for attempt in attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode) {
        let by = attempt.encoded_by.as_ref().map(|by| format!(" by {}", by.encoder)).unwrap_or_default();
        show::line(&format!("Attempt {}{by}: {}", attempt.id, attempt.state.name()));
        for remark in attempt.encoded_by.iter().flat_map(EncodedBy::remarks) {
            show::line(&format!("  note: {remark}"));
        }
        if let Some(argv) = &attempt.argv {
            let words: Vec<String> = argv.iter().map(|word| text::quoted(word)).collect();
            show::line(&format!("  ffmpeg {}", words.join(" ")));
        }
        for line in attempt.log_tail.iter().flat_map(|log| log.lines()) {
            show::line(&format!("  | {line}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
