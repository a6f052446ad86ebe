//! The catalog follows the store: what this process commits, and what others do.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mediaflow_core::catalog::{Filter, SortKey, SortOrder};
use mediaflow_core::identity::{ContentId, Hash, Stat};
use mediaflow_core::media::{Container, MediaInfo};
use mediaflow_core::path::RelPath;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::{CatalogEntry, FileKind, SeenFile};

use super::*;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(1)
    }
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("mediaflow.db"), Arc::new(StoppedClock)).unwrap()
}

/// Writes down a probed film, as a scan does.
fn add(store: &Store, title: &str) {
    let put = store.write(|tx| {
        let storage = tx.storage_put(Path::new("/films"), false, &"none", None)?;
        let library = tx.folder_put(&storage, None, "Films", "movie")?;
        let seen = SeenFile {
            path: RelPath::new(format!("{title}.mkv"))?,
            kind: FileKind::Media,
            reason: None,
            stat: Some(Stat { size_bytes: 10, mtime_ns: 1, device: 1, inode: 1, links: 1 }),
            content: Some(ContentId { size_bytes: 10, edges: Hash::of_bytes(title.as_bytes()) }),
        };
        let file = tx.file_put(&storage, None, &seen)?;
        let info = MediaInfo {
            container: Container::Matroska,
            format_name: "matroska".to_owned(),
            size_bytes: 10,
            duration_us: None,
            bitrate_bps: None,
            tags: [].into(),
            streams: vec![],
            chapters: vec![],
        };
        tx.probe_put(file.id, file.generation, &info, b"{}", "n8.0")?;
        let entry =
            CatalogEntry { item_key: title, item_type: "movie", title, year: None, version_key: "", position: 0 };
        tx.catalog_put(library.id, file.id, &[entry])
    });
    put.unwrap();
}

/// Waits until so many films are there, without asking for a look.
fn until_there_are(live: &LiveCatalog, films: usize) {
    let mut status = live.shared.status();
    // The catalog changes before its status does, so no change is missed here.
    while live.shared.catalog.read().unwrap().len() != films {
        let (next, waited) = live.shared.changed.wait_timeout(status, Duration::from_secs(30)).unwrap();
        assert!(!waited.timed_out(), "there are still {} films", live.shared.catalog.read().unwrap().len());
        status = next;
    }
}

#[test]
fn it_loads_what_is_there_and_follows_what_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    add(&store, "Heat");
    let live = LiveCatalog::start(store.clone()).unwrap();
    assert_eq!(live.read(|catalog| catalog.len()), Ok(1), "the first look waits for the load");
    assert_eq!(live.state(), CatalogState::Ready { items: 1 });

    add(&store, "Alien");
    until_there_are(&live, 2);
    add(&store, "Brazil");
    live.catch_up().unwrap();
    let page = live.read(|c| c.page(&Filter::default(), SortKey::Title, SortOrder::Ascending, 0, 9)).unwrap();
    assert_eq!(page.ids, [2, 3, 1]);

    let library = store.read(|r| r.libraries()).unwrap().remove(0);
    store.write(|tx| tx.source_delete(library.source_id)).unwrap();
    until_there_are(&live, 0);
    live.stop();
}

#[test]
fn it_follows_what_another_process_commits() {
    let folder = tempfile::tempdir().unwrap();
    let live = LiveCatalog::start(open(folder.path())).unwrap();
    assert_eq!(live.read(|catalog| catalog.len()), Ok(0));
    add(&open(folder.path()), "Heat");
    until_there_are(&live, 1);
    live.stop();
}

#[test]
fn nobody_waits_for_one_that_has_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let live = LiveCatalog::start(store.clone()).unwrap();
    live.stop();
    add(&store, "Heat");
    assert_eq!(live.read(|catalog| catalog.len()), Err(CatalogError::Stopped));
    assert_eq!(live.catch_up(), Err(CatalogError::Stopped));
    assert_eq!(live.state(), CatalogState::Stopped);
    live.stop();
}

#[test]
fn it_follows_the_tags() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    add(&store, "Heat");
    let parts = |live: &LiveCatalog, tag: i64| {
        live.catch_up().unwrap();
        live.read(|catalog| catalog.ids(&Filter { tag_ids: [tag].into(), ..Filter::default() }).total).unwrap()
    };
    let (before, part) = store
        .write(|tx| {
            let tag = tx.tag_create("Before", "#000000")?;
            let part = tx.catalog_changes(0)?.rows[0].part_id;
            tx.tag_apply(tag, &[part]).map(|_| (tag, part))
        })
        .unwrap();
    let live = LiveCatalog::start(store.clone()).unwrap();
    assert_eq!(parts(&live, before), 1, "what was given before it began");
    let late = store.write(|tx| tx.tag_create("Late", "#000000")).unwrap();
    assert_eq!(parts(&live, late), 0);
    assert_eq!(store.write(|tx| tx.tag_apply(late, &[part, 4711])).unwrap(), 1);
    assert_eq!(parts(&live, late), 1);
    store.write(|tx| tx.tag_remove(late, &[part])).unwrap();
    store.write(|tx| tx.tag_delete(before)).unwrap();
    assert_eq!((parts(&live, late), parts(&live, before)), (0, 0));
    live.stop();
}
