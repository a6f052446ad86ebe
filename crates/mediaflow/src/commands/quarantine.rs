//! `mediaflow quarantine`

use std::process::ExitCode;

use mediaflow_core::text;
use serde::Serialize;

use crate::app::{App, WorkLock};
use crate::cli::{QuarantineAction, QuarantineArgs};
use crate::config::Config;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Listing {
    originals: Vec<Row>,
    size_bytes: u64,
}

#[derive(Serialize)]
struct Row {
    id: String,
    job_id: Option<i64>,
    original: String,
    size_bytes: Option<u64>,
    keep_until: String,
    kept_because: Option<String>,
}

#[derive(Serialize)]
struct Purged {
    purged: usize,
    freed_bytes: u64,
    kept: Vec<String>,
    left_for_later: usize,
}

pub fn run(config: &Config, args: &QuarantineArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    match args.action {
        None => list(config, &app),
        Some(QuarantineAction::Purge) => purge(config, &app),
    }
}

fn list(config: &Config, app: &App) -> Result<ExitCode, Error> {
    let rows: Vec<Row> = app
        .originals()
        .list()?
        .into_iter()
        .map(|kept| Row {
            id: kept.entry.id.to_string(),
            job_id: kept.job_id,
            original: kept.root.join(kept.entry.original.to_string()).display().to_string(),
            size_bytes: kept.entry.size_bytes,
            keep_until: date(kept.entry.keep_until),
            kept_because: kept.entry.kept_because,
        })
        .collect();
    let listing = Listing { size_bytes: rows.iter().filter_map(|row| row.size_bytes).sum(), originals: rows };
    if config.json {
        show::json(&listing);
        return Ok(ExitCode::SUCCESS);
    }
    if listing.originals.is_empty() {
        show::line("The quarantine is empty.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = show::table(&["Job", "Original", "Size", "Kept until", "Note"], &[0, 2]);
    for row in &listing.originals {
        table.add_row([
            row.job_id.map_or_else(String::new, |id| id.to_string()),
            row.original.clone(),
            row.size_bytes.map_or_else(|| "not there".to_owned(), text::bytes),
            row.keep_until.chars().take("2026-01-01".len()).collect(),
            row.kept_because.clone().unwrap_or_default(),
        ]);
    }
    show::line(&table.to_string());
    show::line(&format!("{}, {}.", text::count(listing.originals.len(), "original"), text::bytes(listing.size_bytes)));
    Ok(ExitCode::SUCCESS)
}

fn date(at: mediaflow_core::time::Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| format!("{at:.0}"))
}

fn purge(config: &Config, app: &App) -> Result<ExitCode, Error> {
    let _lock = WorkLock::take(&config.data_dir)?;
    let originals = app.originals();
    originals.recover()?;
    let report = originals.purge(app.clock.now())?;
    let purged = Purged {
        purged: report.purged.len(),
        freed_bytes: report.freed_bytes,
        kept: report.kept.iter().map(|kept| format!("{}: {}", kept.id, kept.reason)).collect(),
        left_for_later: report.left_for_later,
    };
    if config.json {
        show::json(&purged);
        return Ok(ExitCode::SUCCESS);
    }
    show::line(&format!(
        "{} removed, {} freed.",
        text::count(purged.purged, "original"),
        text::bytes(purged.freed_bytes)
    ));
    for kept in &purged.kept {
        show::line(&format!("  stays: {kept}"));
    }
    if purged.left_for_later > 0 {
        show::line(&format!("  {} more are due; run it again for them", purged.left_for_later));
    }
    Ok(ExitCode::SUCCESS)
}
