//! `mediaflow analyze`

use std::process::ExitCode;

use mediaflow_core::text;
use mediaflow_engine::analyze::{AnalysisSummary, LeftAlone, analyze};
use mediaflow_engine::queue::best_per_file;
use mediaflow_engine::settings;
use mediaflow_store::{Recommendation, Store};
use serde::Serialize;

use crate::app::App;
use crate::cli::AnalyzeArgs;
use crate::config::Config;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Shown {
    files: u64,
    savings_bytes: u64,
    recommendations: Vec<Row>,
    left_alone: Vec<Left>,
}

#[derive(Serialize)]
struct Row {
    file_id: i64,
    path: String,
    kind: String,
    severity: String,
    priority: f64,
    confidence: f64,
    savings_bytes: u64,
    preset: String,
    reason: String,
}

#[derive(Serialize)]
struct Left {
    file_id: i64,
    path: String,
    reason: String,
}

pub fn run(config: &Config, _args: &AnalyzeArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let summary = analyze(&app.store, None, "command line", &app.store.read(settings::thresholds)?, &app.cancel)?;
    let open = best_per_file(app.store.read(|r| r.recommendations_open(u32::MAX, 0))?);
    let shown = Shown {
        files: summary.files,
        savings_bytes: summary.savings_bytes,
        recommendations: open.iter().map(row).collect(),
        left_alone: left_alone(&app.store, &summary)?,
    };
    if config.json {
        show::json(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = show::table(&["Priority", "File", "Could save", "Sure", "Preset", "Why"], &[0, 2, 3]);
    for row in &shown.recommendations {
        table.add_row([
            format!("{:.0}", row.priority),
            row.path.clone(),
            text::bytes(row.savings_bytes),
            format!("{:.0} %", row.confidence * 100.0),
            row.preset.clone(),
            row.reason.clone(),
        ]);
    }
    if !shown.recommendations.is_empty() {
        show::line(&table.to_string());
    }
    let files = text::count(shown.files, "file");
    show::line(&match shown.recommendations.len() {
        0 => format!("{files} looked at; nothing is worth doing."),
        some => {
            let savings = text::bytes(shown.savings_bytes);
            format!("{files} looked at; {some} of them could give back about {savings}.")
        }
    });
    for left in &shown.left_alone {
        show::line(&format!("  left alone: {}: {}", left.path, left.reason));
    }
    if shown.files == 0 {
        show::line(&format!("Nothing was scanned yet: {}", config.command("scan DIR")));
    } else if !shown.recommendations.is_empty() {
        show::line(&format!("To do it: {}", config.command("run")));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(recommendation: &Recommendation) -> Row {
    Row {
        file_id: recommendation.file.id,
        path: recommendation.file.path.to_string(),
        kind: recommendation.kind.clone(),
        severity: recommendation.severity.clone(),
        priority: recommendation.priority,
        confidence: recommendation.confidence,
        savings_bytes: recommendation.savings_bytes,
        preset: recommendation.preset.clone(),
        reason: recommendation.reason.clone(),
    }
}

fn left_alone(store: &Store, summary: &AnalysisSummary) -> Result<Vec<Left>, Error> {
    let left = |alone: &LeftAlone| {
        let path = store.read(|r| r.file(alone.file_id))?.path.to_string();
        Ok::<_, Error>(Left { file_id: alone.file_id, path, reason: alone.reason.clone() })
    };
    let mut all: Vec<Left> = summary.left_alone.iter().map(left).collect::<Result<_, Error>>()?;
    // Two analyzers may have found the same file.
    all.sort_by(|a, b| (a.file_id, &a.reason).cmp(&(b.file_id, &b.reason)));
    all.dedup_by(|a, b| a.file_id == b.file_id && a.reason == b.reason);
    Ok(all)
}
