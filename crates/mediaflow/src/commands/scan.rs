//! `mediaflow scan DIR`

use std::process::ExitCode;

use mediaflow_core::text;
use mediaflow_engine::scan::{Folder, ScanReport, Scanner, on_disk, open_folder};
use mediaflow_store::{File, FileKind};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::walk::Skip;
use serde::Serialize;

use crate::app::App;
use crate::cli::ScanArgs;
use crate::config::Config;
use crate::progress::Bars;
use crate::show::{self, Error};

#[derive(Default, Serialize)]
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
    let scanner = app.scanner(&toolchain);
    let folder = open_folder(&app.store, &args.dir)?;
    let mut shown = Shown { library_id: folder.library.id, ..Shown::default() };
    let mut notes = Vec::new();
    add(&app, &scanner, &folder, &mut shown, &mut notes)?;
    // Folders below that were named before are storages of their own: they belong to what was asked for all the same.
    for below in &folder.elsewhere {
        add(&app, &scanner, &open_folder(&app.store, below)?, &mut shown, &mut notes)?;
    }
    if config.json {
        show::json(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    show::line(&format!(
        "{}: {} media ({}), {}, {} of other kinds, {} that cannot be read; {} probed now, {} unchanged, {} gone.",
        text::count(shown.seen, "file"),
        shown.media,
        text::bytes(shown.media_bytes),
        text::count(shown.sidecars, "sidecar"),
        shown.other,
        shown.unreadable.len(),
        shown.probed,
        shown.unchanged,
        shown.missing
    ));
    if shown.seen == 0 {
        show::line("  Nothing was found there. Is it the right folder, and is its disk mounted?");
    }
    if shown.hard_linked > 0 {
        show::line(&format!("  {} of the files read have more than one name (hard links)", shown.hard_linked));
    }
    for note in &notes {
        show::line(&format!("  left out: {note}"));
    }
    for unreadable in shown.unreadable.iter().chain(&shown.unread_folders) {
        show::line(&format!("  cannot be read: {}: {}", unreadable.path, unreadable.reason));
    }
    Ok(ExitCode::SUCCESS)
}

/// Scans one folder and adds what was found.
fn add(app: &App, scanner: &Scanner, folder: &Folder, shown: &mut Shown, notes: &mut Vec<String>) -> Result<(), Error> {
    let report = with_bar(scanner, folder, &app.cancel)?;
    shown.seen += report.seen;
    shown.probed += report.probed;
    shown.new += report.new;
    shown.changed += report.changed;
    shown.unchanged += report.unchanged;
    shown.missing += report.missing;
    shown.hard_linked += report.hard_linked;
    let files = |kind| -> Result<Vec<File>, Error> {
        let mut files = app.store.read(|r| r.files_of_kind(folder.storage.id, kind))?;
        files.retain(|file| folder.library.holds(file));
        Ok(files)
    };
    let media = files(FileKind::Media)?;
    shown.media += media.len();
    shown.media_bytes += media.iter().map(File::size_bytes).sum::<u64>();
    shown.sidecars += files(FileKind::Sidecar)?.len();
    shown.other += files(FileKind::Other)?.len();
    shown.unreadable.extend(files(FileKind::Unreadable)?.into_iter().map(|file| Unreadable {
        path: on_disk(&folder.storage, &file.path).display().to_string(),
        reason: file.reason.unwrap_or_default(),
    }));
    shown.unread_folders.extend(
        report
            .unread_folders
            .iter()
            .map(|(path, reason)| Unreadable { path: path.display().to_string(), reason: reason.clone() }),
    );
    for (skip, count) in report.skipped.iter().filter(|(skip, _)| **skip != Skip::Elsewhere) {
        shown.skipped += count;
        notes.push(format!("{count} ({})", skip.describe()));
    }
    notes.extend(report.twins.iter().map(|twin| format!("{twin}, whose name means the same as another one's here")));
    Ok(())
}

/// Scans with a live count.
pub fn with_bar(scanner: &Scanner, folder: &Folder, cancel: &Cancel) -> Result<ScanReport, Error> {
    let bars = Bars::new();
    let bar = bars.task("scanning");
    let report = scanner.scan(folder, cancel, &|progress| {
        bar.set_length(progress.to_probe);
        bar.set_position(progress.probed);
        bar.set_message(format!("{} seen", text::count(progress.seen, "file")));
    });
    bar.finish_and_clear();
    Ok(report?)
}
