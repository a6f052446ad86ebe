//! A library of any size, written down as if it had been scanned: films and shows in several folders, in the mix of
//! codecs, sizes and names that real libraries have. The same seed gives the same library.
//!
//! Its files exist only in the database, so the server shows and analyses them; a scan says that their disk is not there.

mod dice;
mod media;
mod names;
mod template;
#[cfg(feature = "plex")]
pub(crate) mod walk;
mod works;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use mediaflow_core::identity::{ContentId, Hash, Stat};
use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{CatalogEntry, FileKind, Library, ScanCounts, SeenFile, Storage, Store, StoreError, Tx};

use dice::Dice;
use names::Names;
use template::Template;
use works::NewFile;

/// Items to a transaction.
const BATCH: usize = 2000;

/// So many in a thousand files were there once and are missing.
const MISSING_PER_MILLE: u64 = 5;

/// 2023-01-01, when the library is said to have been begun.
const FIRST_DAY_US: i64 = 1_672_531_200_000_000;

/// Three years, over which it grew.
const GROWING_US: i64 = 3 * 365 * 86_400 * 1_000_000;

/// What stands for ffprobe in the probes.
const TOOL: &str = "generated";

/// A library to be made.
struct Plan {
    title: &'static str,
    root: &'static str,
    library_type: &'static str,
    /// How often the next work is one of it, among all.
    weight: u64,
    /// Which kinds of files it has.
    of: fn(&Template) -> bool,
}

const PLANS: [Plan; 5] = [
    Plan { title: "Films", root: "/media/films", library_type: "movie", weight: 600, of: |kind| kind.width < 3840 },
    Plan {
        title: "Films 4K",
        root: "/media/films-4k",
        library_type: "movie",
        weight: 90,
        of: |kind| kind.width == 3840,
    },
    Plan { title: "Documentaries", root: "/media/docs", library_type: "movie", weight: 110, of: |_| true },
    Plan { title: "Shows", root: "/media/shows", library_type: "show", weight: 18, of: |_| true },
    Plan { title: "Anime", root: "/media/anime", library_type: "show", weight: 3, of: |kind| kind.width >= 1280 },
];

/// A library that is being made.
struct Growing {
    storage: Storage,
    library: Library,
    /// The scan that found what is there, and the one before, which found also what is missing now.
    scan_id: i64,
    earlier_scan_id: i64,
    counts: ScanCounts,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Items that are there.
    pub items: u64,
    /// Files that are there.
    pub files: u64,
    /// Files that are missing.
    pub missing: u64,
    /// Bytes of the files that are there.
    pub size_bytes: u64,
}

/// The clock of the database while the library is made: it goes through the years in which it is said to have grown.
#[derive(Debug)]
pub struct Calendar(AtomicI64);

impl Default for Calendar {
    fn default() -> Self {
        Self(AtomicI64::new(FIRST_DAY_US))
    }
}

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Writes a library of `items` items. `store` has `calendar` as its clock; `progress` is told how many are written.
///
/// # Errors
/// Those of the store.
pub fn generate(
    store: &Store,
    calendar: &Calendar,
    items: u64,
    seed: u64,
    progress: impl Fn(u64),
) -> Result<Summary, StoreError> {
    let mut dice = Dice::new(seed);
    let mut names = Names::default();
    let mut growing = PLANS.iter().map(|plan| begin(store, plan)).collect::<Result<Vec<_>, _>>()?;
    let mut summary = Summary::default();
    while summary.items < items {
        let grown = summary.items as i128 * i128::from(GROWING_US) / i128::from(items);
        calendar.0.store(FIRST_DAY_US + grown as i64, Ordering::Relaxed);
        let mut batch: Vec<(usize, bool, NewFile)> = Vec::new();
        let mut in_batch = 0;
        while in_batch < BATCH && summary.items < items {
            let plan = *dice.weigh(&[0, 1, 2, 3, 4], |plan| PLANS[*plan].weight);
            let work = if PLANS[plan].library_type == "show" { works::show } else { works::film };
            for mut file in work(&mut names, PLANS[plan].of, &mut dice) {
                let is_missing = dice.per_mille(MISSING_PER_MILLE);
                if is_missing {
                    summary.missing += 1;
                } else {
                    // The last file may hold more episodes than are still wanted.
                    file.items.truncate((items - summary.items) as usize);
                    if file.items.is_empty() {
                        break;
                    }
                    summary.items += file.items.len() as u64;
                    summary.files += 1;
                    summary.size_bytes += file.info.size_bytes;
                }
                in_batch += file.items.len();
                batch.push((plan, is_missing, file));
            }
        }
        store.write(|tx| {
            batch.iter().try_for_each(|(plan, is_missing, file)| put(tx, &mut growing[*plan], *is_missing, file))
        })?;
        progress(summary.items);
    }
    for mut library in growing {
        let (scan_id, storage_id) = (library.scan_id, library.storage.id);
        let unseen = store.read(|r| r.files_unseen(scan_id, storage_id, None, &[]))?;
        library.counts.missing = store.write(|tx| tx.files_mark_missing(scan_id, &unseen))?;
        library.counts.items = store.read(|r| r.library_size(library.library.id))?.parts;
        store.write(|tx| tx.scan_end(scan_id, library.counts))?;
    }
    Ok(summary)
}

fn begin(store: &Store, plan: &Plan) -> Result<Growing, StoreError> {
    let capabilities =
        Capabilities { exchange: false, link: false, rename_no_replace: false, folds_case: false, normalises: false };
    store.write(|tx| {
        let storage = tx.storage_put(Path::new(plan.root), false, &capabilities, None)?;
        let library = tx.folder_put(&storage, None, plan.title, plan.library_type)?;
        let earlier_scan_id = tx.scan_begin(library.id)?;
        let scan_id = tx.scan_begin(library.id)?;
        Ok(Growing { storage, library, scan_id, earlier_scan_id, counts: ScanCounts::default() })
    })
}

/// Writes a file down as a scan does.
fn put(tx: &Tx<'_>, library: &mut Growing, is_missing: bool, file: &NewFile) -> Result<(), StoreError> {
    let edges = Hash::of_bytes(file.path.as_bytes());
    let size_bytes = file.info.size_bytes;
    let seen = SeenFile {
        path: RelPath::new(file.path.as_str())?,
        kind: FileKind::Media,
        reason: None,
        stat: Some(Stat { size_bytes, mtime_ns: tx.now().0 * 1000, device: 1, inode: library.counts.seen, links: 1 }),
        content: Some(ContentId { size_bytes, edges }),
    };
    let scan_id = if is_missing { library.earlier_scan_id } else { library.scan_id };
    let known = tx.file_put(&library.storage, Some(scan_id), &seen)?;
    tx.probe_put(known.id, known.generation, &file.info, b"{}", TOOL)?;
    let entries: Vec<CatalogEntry<'_>> = file
        .items
        .iter()
        .map(|item| CatalogEntry {
            item_key: &item.key,
            item_type: item.kind,
            title: &item.title,
            year: item.year,
            version_key: &file.version,
            position: 0,
        })
        .collect();
    tx.catalog_put(library.library.id, known.id, &entries)?;
    library.counts.seen += 1;
    library.counts.probed += 1;
    Ok(())
}

#[cfg(test)]
mod tests;
