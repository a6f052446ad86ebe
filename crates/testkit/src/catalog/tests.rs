//! What is generated is what a scan would have written.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mediaflow_core::catalog::{Catalog, Facets, Filter, Loading, Row};
use mediaflow_core::media::title::Title;

use super::*;

const ITEMS: u64 = 1500;

fn open(folder: &Path, name: &str, seed: u64) -> (Store, Summary) {
    let calendar = Arc::new(Calendar::default());
    let store = Store::open(&folder.join(name), calendar.clone()).unwrap();
    let made = generate(&store, &calendar, ITEMS, seed, |_| {}).unwrap();
    (store, made)
}

fn rows(store: &Store) -> Vec<Row<'static>> {
    let mut rows = Vec::new();
    let visit = |row: Row<'_>| {
        rows.push(row.into_owned());
        ControlFlow::Continue(())
    };
    store.read(|reader| reader.catalog_rows(visit)).unwrap();
    rows
}

fn catalog(store: &Store) -> Catalog {
    let mut loading = Loading::default();
    rows(store).iter().for_each(|row| loading.push(row));
    loading.finish()
}

#[test]
fn the_same_seed_gives_the_same_library() {
    let folder = tempfile::tempdir().unwrap();
    let [(one, made), (same, again), (other, _)] =
        [("one.db", 1), ("same.db", 1), ("other.db", 2)].map(|(name, seed)| open(folder.path(), name, seed));
    assert_eq!(made, again);
    assert_eq!(rows(&one), rows(&same));
    assert_ne!(rows(&one), rows(&other));
}

#[test]
fn it_holds_what_was_asked_for_in_the_mix_of_a_real_one() {
    let folder = tempfile::tempdir().unwrap();
    let (store, made) = open(folder.path(), "mediaflow.db", 1);
    let catalog = catalog(&store);
    let stats = catalog.stats();
    assert_eq!((stats.total_items, made.items), (ITEMS, ITEMS));
    assert_eq!(stats.total_size_bytes, made.size_bytes);
    assert!(made.files < made.items, "some episodes share a file");
    assert!(made.missing > 0, "some files are missing");

    let Facets { library_id, resolution, video_codec, hdr_format, container, .. } = catalog.facets(&Filter::default());
    assert!(library_id.len() >= 4, "{library_id:?}");
    assert_eq!(video_codec[0].value, "h264", "{video_codec:?}");
    for (values, least) in [(&resolution, 5), (&video_codec, 6), (&hdr_format, 4), (&container, 4)] {
        assert!(values.len() >= least, "{values:?}");
    }
    assert!(rows(&store).iter().any(|row| !row.title.is_ascii()), "some titles are in other scripts");
}

#[test]
fn its_libraries_are_folders_and_its_names_read_as_its_titles() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path(), "mediaflow.db", 1);
    let libraries = store.read(|reader| reader.libraries()).unwrap();
    assert!(libraries.iter().all(|library| library.storage_id.is_some() && library.last_scanned_at.is_some()));

    let mut paths = BTreeSet::new();
    for row in rows(&store) {
        let path = RelPath::new(row.path.trim_start_matches('/')).unwrap();
        let title = Title::of(&path);
        assert!(row.title.starts_with(&title.title), "{} is called {}", row.path, row.title);
        assert_eq!(title.year.map(i32::from), row.year, "{}", row.path);
        paths.insert(row.path);
    }
    assert!(paths.len() as u64 > ITEMS * 9 / 10, "files have names of their own");
}
