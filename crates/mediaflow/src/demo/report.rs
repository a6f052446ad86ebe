//! What the demo shows at its end: every file of the sample library, and what became of it.

use std::collections::BTreeMap;

use mediaflow_core::job::Ending;
use mediaflow_core::media::tag::Mark;
use mediaflow_core::path::RelPath;
use mediaflow_core::proof::{Check, Conclusion, Proof};
use mediaflow_core::text;
use mediaflow_engine::scan::{Folder, on_disk};
use mediaflow_store::{FileKind, Store, StoreError};
use serde::Serialize;

use crate::commands::run::Done;
use crate::commands::transcode::status_of;
use crate::config::Config;
use crate::show;

/// The library before anything was done.
pub struct Before {
    files: BTreeMap<i64, (RelPath, u64)>,
}

/// The whole report; the fields of `--json`.
#[derive(Debug, Serialize)]
pub struct Report {
    files: Vec<Row>,
    saved_bytes: i64,
    replaced: usize,
    kept: usize,
    failed: usize,
}

#[derive(Debug, Serialize)]
struct Row {
    /// Where it lies now.
    path: String,
    /// Where it lay before.
    original_path: String,
    before_bytes: u64,
    after_bytes: u64,
    /// `replaced`, `kept` or `failed`.
    status: &'static str,
    reason: String,
    proof: Vec<Check>,
    job_id: Option<i64>,
    #[serde(skip)]
    proven: bool,
}

impl Before {
    /// Notes every media file, those that cannot be read among them.
    pub fn of(store: &Store, folder: &Folder) -> Result<Self, StoreError> {
        let mut files = BTreeMap::new();
        for kind in [FileKind::Media, FileKind::Unreadable] {
            for file in store.read(|r| r.files_of_kind(folder.storage.id, kind))? {
                if folder.library.holds(&file) {
                    let size_bytes = file.size_bytes();
                    files.insert(file.id, (file.path, size_bytes));
                }
            }
        }
        Ok(Self { files })
    }

    /// Joins what was there with what was done.
    pub fn report(&self, store: &Store, folder: &Folder, done: &Done) -> Result<Report, StoreError> {
        let mut rows = Vec::new();
        for (id, (path, before_bytes)) in &self.files {
            let now = store.read(|r| r.file(*id))?;
            let job = done.jobs.iter().rev().find(|(job, _)| job.file_id == Some(*id));
            let refused = done.refused.iter().find(|(file, _)| file.id == *id);
            let proof = match job {
                Some((job, _)) => store.read(|r| r.proof_of_job(job.id))?.map(|stored| stored.proof),
                None => None,
            };
            let (status, reason) = match (job, refused) {
                (Some((_, ended)), _) => (status_of(ended.ending), ended.reason.clone()),
                (None, Some((_, reason))) => ("kept", format!("refused: {reason}")),
                (None, None) => ("kept", why_kept(store, &now)?),
            };
            rows.push(Row {
                path: on_disk(&folder.storage, &now.path).display().to_string(),
                original_path: on_disk(&folder.storage, path).display().to_string(),
                before_bytes: *before_bytes,
                after_bytes: now.size_bytes(),
                status,
                reason: match job {
                    Some((_, ended)) if !matches!(ended.ending, Ending::Replaced) => {
                        format!("{}: {reason}", show::ending(ended.ending))
                    }
                    _ => reason,
                },
                job_id: job.map(|(job, _)| job.id),
                proven: proof.as_ref().is_some_and(|proof| proof.conclusion() == Conclusion::Proven),
                proof: proof.map(|proof: Proof| proof.checks).unwrap_or_default(),
            });
        }
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        let count = |status| rows.iter().filter(|row| row.status == status).count();
        Ok(Report {
            saved_bytes: rows
                .iter()
                .filter(|row| row.status == "replaced")
                .map(|row| row.before_bytes.cast_signed() - row.after_bytes.cast_signed())
                .sum(),
            replaced: count("replaced"),
            kept: count("kept"),
            failed: count("failed"),
            files: rows,
        })
    }
}

/// Why a file that no job was made for stays as it is.
fn why_kept(store: &Store, file: &mediaflow_store::File) -> Result<String, StoreError> {
    if file.kind == FileKind::Unreadable {
        return Ok(format!("it cannot be read: {}", file.reason.clone().unwrap_or_default()));
    }
    if let Some(content) = &file.content
        && let Some((_, verdict)) = store.read(|r| r.verdicts_of(content))?.first()
    {
        return Ok(format!("left alone: {}", verdict.explain()));
    }
    let Some(probe) = store.read(|r| r.probe(file.id))? else { return Ok("it was not read".to_owned()) };
    if let Some(mark) = Mark::find(&probe.info.tags) {
        return Ok(format!("left alone: MediaFlow made it (job {})", mark.job));
    }
    let codec = probe.info.videos().next().map_or_else(|| "no video".to_owned(), |(stream, _)| stream.codec.clone());
    Ok(format!("nothing to gain: {codec} in {}", probe.info.container))
}

impl Report {
    /// Whether no file was replaced without a full proof.
    pub fn all_replaced_were_proven(&self) -> bool {
        self.files.iter().all(|row| row.status != "replaced" || row.proven)
    }

    /// The table, the totals, and how to go on.
    pub fn print(&self, config: &Config) {
        let mut table = show::table(&["Job", "File", "Before", "After", "Saved", "Proof"], &[0, 2, 3, 4]);
        for row in self.files.iter().filter(|row| row.status == "replaced") {
            let saved = row.before_bytes.cast_signed() - row.after_bytes.cast_signed();
            #[allow(clippy::cast_precision_loss)]
            let percent = saved as f64 * 100.0 / row.before_bytes.max(1) as f64;
            table.add_row([
                row.job_in_short(),
                file_name(&row.path),
                text::bytes(row.before_bytes),
                text::bytes(row.after_bytes),
                format!("{} ({percent:.0} %)", text::signed_bytes(saved)),
                proof_in_short(&row.proof),
            ]);
        }
        if self.replaced > 0 {
            show::line(&table.to_string());
        }
        let others: Vec<&Row> = self.files.iter().filter(|row| row.status != "replaced").collect();
        if !others.is_empty() {
            let mut table = show::table(&["Job", "Not replaced", "Size", "End", "Why"], &[0, 2]);
            for row in others {
                let size = text::bytes(row.before_bytes);
                table.add_row([
                    row.job_in_short(),
                    file_name(&row.path),
                    size,
                    row.status.to_owned(),
                    row.reason.clone(),
                ]);
            }
            show::line(&table.to_string());
        }
        show::line(&format!(
            "{} replaced, {} kept, {} failed; {} saved.",
            self.replaced,
            self.kept,
            self.failed,
            text::signed_bytes(self.saved_bytes)
        ));
        if let Some(job) = self.files.iter().filter(|row| row.status == "replaced").find_map(|row| row.job_id) {
            show::line(&format!("The originals wait in quarantine for 14 days: {}", config.command("quarantine")));
            show::line(&format!("What was measured on job {job}: {}", config.command(&format!("proof {job}"))));
            show::line(&format!("To take its original back: {}", config.command(&format!("undo {job}"))));
        }
    }
}

impl Row {
    fn job_in_short(&self) -> String {
        self.job_id.map_or_else(String::new, |id| id.to_string())
    }
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// Checks held, and the quality where it was measured.
fn proof_in_short(checks: &[Check]) -> String {
    let held = checks.iter().filter(|check| check.passed).count();
    let quality = checks.iter().find(|check| check.check.starts_with("quality"));
    let figures = quality.and_then(|check| check.measured.split(" (at").next()).map(|text| format!(", {text}"));
    format!(
        "{held}/{}{}",
        text::count(checks.len(), "check"),
        figures.unwrap_or_else(|| ", pictures copied".to_owned())
    )
}
