//! Sources, items, presets and settings.

use std::ops::ControlFlow;

use mediaflow_core::media::preset::Preset;
use mediaflow_core::replace::Epoch;
use mediaflow_store::{CatalogEntry, MediaFile, StoreError};

use crate::fixture::{Fixture, balanced, info, path};

const FILM: CatalogEntry<'static> = CatalogEntry {
    item_key: "film",
    item_type: "movie",
    title: "A film",
    year: Some(1999),
    version_key: "",
    position: 0,
};

fn media(fixture: &Fixture, library: Option<i64>) -> Vec<MediaFile> {
    let mut media = Vec::new();
    fixture
        .store
        .read(|r| {
            r.media_files(library, |file| {
                media.push(file);
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    media
}

#[test]
fn a_folder_has_one_library_however_often_it_is_added() {
    let fixture = Fixture::new();
    let put = |folder: Option<&str>| {
        let folder = folder.map(path);
        fixture.store.write(|tx| tx.folder_put(&fixture.storage, folder.as_ref(), "Films", "movie")).unwrap()
    };
    let root = put(None);
    assert_eq!((put(None), root.folder.clone()), (root.clone(), None));
    let below = put(Some("below"));
    assert_eq!(below.folder, Some(path("below")));
    assert_eq!(fixture.store.read(|r| r.libraries()).unwrap(), [root, below]);
    let again = fixture.store.write(|tx| tx.storage_put("/films".as_ref(), true, &"link", None)).unwrap();
    assert_eq!((again.id, again.fold_case), (fixture.storage.id, false), "its keys were built without folding");
    assert_eq!(fixture.store.read(|r| r.storage_capabilities::<String>(again.id)).unwrap(), "link");
}

#[test]
fn one_file_may_hold_two_episodes_and_one_film_two_versions() {
    let fixture = Fixture::new();
    let library = fixture.store.write(|tx| tx.folder_put(&fixture.storage, None, "All", "movie")).unwrap();
    let other =
        fixture.store.write(|tx| tx.folder_put(&fixture.storage, Some(&path("other")), "Other", "movie")).unwrap();
    let [double, plain, uhd] = ["s01e01e02.mkv", "film.mkv", "film 4K.mkv"].map(|name| {
        let file = fixture.file(name);
        fixture.store.write(|tx| tx.probe_put(file.id, 1, &info(1000), b"{}", "n8.0")).unwrap();
        file.id
    });
    let put = |file, entries: &[CatalogEntry<'_>]| {
        fixture.store.write(|tx| tx.catalog_put(library.id, file, entries)).unwrap()
    };
    let episode = |key| CatalogEntry { item_key: key, item_type: "episode", title: key, ..FILM };
    let parts = put(double, &[episode("one"), episode("two")]);
    assert_eq!(parts.len(), 2);
    assert_eq!(put(double, &[episode("one"), episode("two")]), parts, "the same keys are the same parts");
    put(plain, &[FILM]);
    put(uhd, &[CatalogEntry { version_key: "4K", ..FILM }]);

    let item = |file| fixture.store.read(|r| r.item_of_file(file)).unwrap().unwrap();
    assert_eq!(item(plain).item_id, item(uhd).item_id);
    assert_ne!(item(plain).part_id, item(uhd).part_id);
    assert_eq!((item(double).part_id, item(double).title.as_str()), (parts[0], "one"));
    let listed = media(&fixture, None);
    assert_eq!(listed.iter().map(|m| m.file.id).collect::<Vec<_>>(), [double, plain, uhd], "each file once");
    assert_eq!((&listed[1].info, listed[1].item.as_ref().unwrap().year), (&info(1000), Some(1999)));
    assert_eq!((media(&fixture, Some(library.id)).len(), media(&fixture, Some(other.id)).len()), (3, 0));

    put(double, &[episode("two")]);
    assert_eq!(item(double).title, "two");
    assert_eq!(fixture.count("items"), 2, "an item without a file is gone");
    fixture.store.write(|tx| tx.source_delete(library.source_id)).unwrap();
    assert_eq!((fixture.count("items"), fixture.count("part_files"), fixture.count("files")), (0, 0, 3));
}

#[test]
fn a_walk_over_the_library_can_be_stopped_and_can_ask_on_the_way() {
    let fixture = Fixture::new();
    for n in 0..5 {
        let file = fixture.file(&format!("{n}.mkv"));
        fixture.store.write(|tx| tx.probe_put(file.id, 1, &info(1000), b"{}", "n8.0")).unwrap();
    }
    let mut walked = 0;
    fixture
        .store
        .read(|r| {
            r.media_files(None, |media| {
                walked += 1;
                assert_eq!(r.verdicts_of(&media.file.content.unwrap()).unwrap(), []);
                if walked == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        })
        .unwrap();
    assert_eq!(walked, 2);
}

#[test]
fn references_to_nothing_are_refused() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let orphan = fixture.store.write(|tx| tx.catalog_put(999, file.id, &[FILM]));
    assert!(matches!(orphan, Err(StoreError::Database { .. })), "{orphan:?}");
    assert_eq!(fixture.count("items"), 0);
}

#[test]
fn presets_are_seeded_once_and_a_built_in_name_is_taken() {
    let fixture = Fixture::new();
    let put = |preset: &Preset| fixture.store.write(|tx| tx.preset_put(preset));
    let mut preset = balanced();
    let id = put(&preset).unwrap();
    assert_eq!(put(&preset).unwrap(), id);
    assert_eq!(fixture.store.read(|r| r.preset("BALANCED")).unwrap(), Some(preset.clone()));
    preset.settings.min_savings_percent = 9;
    assert_eq!(put(&preset).unwrap(), id);
    assert_eq!(fixture.store.read(|r| r.presets()).unwrap(), [(id, preset.clone())]);
    let own = Preset { is_builtin: false, name: "balanced".to_owned(), ..preset };
    assert!(matches!(put(&own), Err(StoreError::Taken { .. })));
}

#[test]
fn settings_and_the_installation_are_kept() {
    let fixture = Fixture::new();
    let read = || fixture.store.read(|r| r.setting::<Vec<u8>>("list")).unwrap();
    assert_eq!(read(), None);
    fixture.store.write(|tx| tx.setting_put("list", &[1, 2])).unwrap();
    assert_eq!(read(), Some(vec![1, 2]));
    fixture.store.write(|tx| tx.setting_clear("list")).unwrap();
    assert_eq!(read(), None);

    let ensure = |epoch| fixture.store.write(|tx| tx.installation_ensure(Epoch(epoch))).unwrap().epoch;
    assert_eq!((ensure(u64::MAX), ensure(3)), (Epoch(u64::MAX), Epoch(u64::MAX)), "an epoch is drawn once");
    fixture.store.write(|tx| tx.installation_renew(Epoch(3))).unwrap();
    assert_eq!(fixture.store.read(|r| r.installation()).unwrap().unwrap().epoch, Epoch(3));
}
