//! `mediaflow scan DIR`

use std::process::ExitCode;

use mediaflow_core::text;
use mediaflow_engine::scan::{Folder, ScanReport, Scanner, open_folder};
use mediaflow_store::FileKind;
use mediaflow_transport::cancel::Cancel;
use serde::Serialize;

use crate::app::App;
use crate::cli::ScanArgs;
use crate::config::Config;
use crate::progress::Bars;
use crate::show::{self, Error};

#[derive(Serialize)]
struct Shown {
    library_id: i64,
    seen: u64,
    probed: u64,
    new: u64,
    changed: u64,
    unchanged: u64,
    missing: u64,
    hard_linked: u64,
    media: usize,
    media_bytes: u64,
    sidecars: usize,
    other: usize,
    unreadable: Vec<Unreadable>,
    unread_folders: Vec<Unreadable>,
    skipped: u64,
}

#[derive(Serialize)]
struct Unreadable {
    path: String,
    reason: String,
}

pub fn run(config: &Config, args: &ScanArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let toolchain = app.toolchain(config)?;
    let folder = open_folder(&app.store, &args.dir)?;
    let report = with_bar(&app.scanner(&toolchain), &folder, &app.cancel)?;
    let of_kind = |kind| app.store.read(|r| r.files_of_kind(folder.storage.id, kind));
    let media = of_kind(FileKind::Media)?;
    let shown = Shown {
        library_id: folder.library.id,
        seen: report.seen,
        probed: report.probed,
        new: report.new,
        changed: report.changed,
        unchanged: report.unchanged,
        missing: report.missing,
        hard_linked: report.hard_linked,
        media: media.len(),
        media_bytes: media.iter().map(mediaflow_store::File::size_bytes).sum(),
        sidecars: of_kind(FileKind::Sidecar)?.len(),
        other: of_kind(FileKind::Other)?.len(),
        unreadable: of_kind(FileKind::Unreadable)?
            .into_iter()
            .map(|file| Unreadable { path: file.path.to_string(), reason: file.reason.unwrap_or_default() })
            .collect(),
        unread_folders: report
            .unread_folders
            .iter()
            .map(|(path, reason)| Unreadable { path: path.display().to_string(), reason: reason.clone() })
            .collect(),
        skipped: report.skipped.values().sum(),
    };
    if config.json {
        show::json(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    show::line(&format!(
        "{} files: {} media ({}), {} sidecars, {} others, {} that cannot be read; {} read now, {} unchanged, {} gone.",
        shown.seen,
        shown.media,
        text::bytes(shown.media_bytes),
        shown.sidecars,
        shown.other,
        shown.unreadable.len(),
        shown.probed,
        shown.unchanged,
        shown.missing
    ));
    for (reason, count) in &report.skipped {
        show::line(&format!("  left out: {count} ({})", reason.describe()));
    }
    if shown.hard_linked > 0 {
        show::line(&format!("  {} of the files read have more than one name (hard links)", shown.hard_linked));
    }
    for unreadable in shown.unreadable.iter().chain(&shown.unread_folders) {
        show::line(&format!("  cannot be read: {}: {}", unreadable.path, unreadable.reason));
    }
    for twin in &report.twins {
        show::line(&format!("  left out: {twin}, whose name means the same as another one's here"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Scans with a live count.
pub fn with_bar(scanner: &Scanner, folder: &Folder, cancel: &Cancel) -> Result<ScanReport, Error> {
    let bars = Bars::new();
    let bar = bars.task("scanning");
    let report = scanner.scan(folder, cancel, &|progress| {
        bar.set_length(progress.to_probe);
        bar.set_position(progress.probed);
        bar.set_message(format!("{} files seen", progress.seen));
    });
    bar.finish_and_clear();
    Ok(report?)
}
