//! What the catalog in memory is loaded from, and how it learns of changes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use mediaflow_core::catalog::{MediaFacts, Row};
use mediaflow_core::identity::FileIdentity;
use mediaflow_core::media::color::{ColorInfo, DynamicRange, HdrInfo};
use mediaflow_core::media::{Audio, MediaInfo, Ratio, ResolutionTier, Stream, StreamKind, Video};
use mediaflow_core::time::Timestamp;
use mediaflow_store::{CatalogChanges, CatalogEntry, Library, Store, StoreError, Tx};
use rusqlite::Connection;

use crate::fixture::{Fixture, clock, content, info, path, put_file, seen, stat};

fn entry<'a>(key: &'a str, title: &'a str) -> CatalogEntry<'a> {
    CatalogEntry { item_key: key, item_type: "movie", title, year: Some(1999), version_key: "", position: 0 }
}

fn rows(store: &Store) -> (Vec<Row<'static>>, i64) {
    let mut rows = Vec::new();
    let seq = store.read(|r| {
        r.catalog_rows(|row| {
            rows.push(row.into_owned());
            ControlFlow::Continue(())
        })
    });
    (rows, seq.unwrap())
}

fn changes(store: &Store, after: i64) -> CatalogChanges {
    store.read(|r| r.catalog_changes(after)).unwrap()
}

fn films(fixture: &Fixture) -> Library {
    fixture.store.write(|tx| tx.folder_put(&fixture.storage, None, "Films", "movie")).unwrap()
}

/// A probed film in a library; gives its file and part.
fn film(fixture: &Fixture, library: &Library, name: &str) -> (i64, i64) {
    let put = |tx: &Tx<'_>| {
        let file = put_file(tx, &fixture.storage, name)?;
        tx.probe_put(file.id, file.generation, &info(1000), b"{}", "n8.0")?;
        Ok((file.id, tx.catalog_put(library.id, file.id, &[entry(name, name)])?[0]))
    };
    fixture.store.write(put).unwrap()
}

/// A 4K film in HDR with surround sound.
fn rich() -> MediaInfo {
    let stream = |index, codec: &str, profile: &str, bitrate_bps, kind| Stream {
        index,
        codec: codec.to_owned(),
        profile: Some(profile.to_owned()),
        language: None,
        title: None,
        dispositions: [].into(),
        tags: [].into(),
        start_us: None,
        duration_us: None,
        bitrate_bps: Some(bitrate_bps),
        extradata_hash: None,
        kind,
    };
    let video = Video {
        width: 3840,
        height: 1600,
        sample_aspect: Ratio { num: 1, den: 1 },
        pixel_format: "yuv420p10le".to_owned(),
        bit_depth: 10,
        frame_rate: Some(Ratio { num: 24000, den: 1001 }),
        average_frame_rate: None,
        interlaced: false,
        rotation_deg: 0,
        color: ColorInfo { transfer: Some("smpte2084".to_owned()), ..ColorInfo::default() },
        hdr: HdrInfo::default(),
        closed_captions: false,
        spatial: false,
    };
    let audio = Audio { channels: 6, layout: Some("5.1(side)".to_owned()), sample_rate_hz: 48_000 };
    let streams = vec![
        stream(0, "hevc", "Main 10", 20_000_000, StreamKind::Video(video)),
        stream(1, "dts", "DTS-HD MA", 3_000_000, StreamKind::Audio(audio)),
    ];
    MediaInfo { streams, ..info(1000) }
}

#[test]
fn a_probed_file_is_a_row_with_everything_that_is_filtered_by() {
    let fixture = Fixture::new();
    let library = films(&fixture);
    let (file, part) = film(&fixture, &library, "Amélie.mkv");
    fixture.clock.set(5_000_000);
    fixture.store.write(|tx| tx.probe_put(file, 1, &rich(), b"{}", "n8.0")).unwrap();

    let row = Row {
        part_id: part,
        file_id: file,
        library_id: library.id,
        rating_key: "Amélie.mkv".into(),
        title: "Amélie.mkv".into(),
        year: Some(1999),
        path: "/films/Amélie.mkv".into(),
        size_bytes: 1000,
        play_count: 0,
        added_at: Timestamp(1_000_000),
        updated_at: Timestamp(5_000_000),
        media: MediaFacts {
            duration_us: Some(10_000_000),
            container: "mkv".into(),
            video_codec: Some("hevc".into()),
            video_profile: Some("Main 10".into()),
            video_bitrate_bps: Some(20_000_000),
            width: Some(3840),
            height: Some(1600),
            tier: Some(ResolutionTier::Uhd),
            frame_rate: Some(24000.0 / 1001.0),
            hdr_format: Some(DynamicRange::Hdr10),
            bit_depth: Some(10),
            audio_codec: Some("dts".into()),
            audio_channels: Some(6),
            audio_layout: Some("5.1(side)".into()),
            audio_bitrate_bps: Some(3_000_000),
        },
    };
    assert_eq!(rows(&fixture.store).0, std::slice::from_ref(&row));
    let found = fixture.store.read(|r| r.media_part(part)).unwrap();
    assert_eq!((found.row, found.info, found.file.id), (row, rich(), file));
    assert_eq!((found.item_type.as_str(), found.library_title.as_str()), ("movie", "Films"));
}

#[test]
fn each_change_is_told_once_and_a_look_without_news_tells_nothing() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let library = films(&fixture);
    let (heat, heat_part) = film(&fixture, &library, "Heat.mkv");
    let (alien, alien_part) = film(&fixture, &library, "Alien.mkv");
    let mut at = rows(store).1;
    let mut told = |what: &str| {
        let news = changes(store, at);
        assert!(news.seq >= at, "{what}: the number went back");
        at = news.seq;
        (news.rows.iter().map(|row| row.part_id).collect::<Vec<_>>(), news.gone)
    };
    assert_eq!(told("loaded"), (vec![], vec![]));

    let scan = store.write(|tx| tx.scan_begin(library.id)).unwrap();
    store.write(|tx| tx.files_unchanged(scan, &[heat, alien])).unwrap();
    store.write(|tx| tx.file_put(&fixture.storage, Some(scan), &seen("Heat.mkv", 1000, "Heat.mkv"))).unwrap();
    assert_eq!(told("seen again"), (vec![], vec![]));

    store.write(|tx| tx.file_put(&fixture.storage, None, &seen("Heat.mkv", 2000, "another"))).unwrap();
    assert_eq!(told("changed, and not probed yet"), (vec![], vec![heat_part]));
    store.write(|tx| tx.probe_put(heat, 2, &info(2000), b"{}", "n8.0")).unwrap();
    assert_eq!(told("probed"), (vec![heat_part], vec![]));

    let next = store.write(|tx| tx.scan_begin(library.id)).unwrap();
    store.write(|tx| tx.files_unchanged(next, &[heat])).unwrap();
    store
        .write(|tx| {
            let unseen = tx.files_unseen(next, fixture.storage.id, None, &[])?;
            tx.files_mark_missing(next, &unseen)
        })
        .unwrap();
    assert_eq!(told("missing"), (vec![], vec![alien_part]));
    assert!(matches!(store.read(|r| r.media_part(alien_part)), Err(StoreError::NotFound { what: "item", .. })));
    store.write(|tx| tx.files_unchanged(next, &[alien])).unwrap();
    assert_eq!(told("back"), (vec![alien_part], vec![]));

    store.write(|tx| tx.catalog_put(library.id, heat, &[entry("Heat.mkv", "Heat (1995)")])).unwrap();
    assert_eq!(told("another title"), (vec![heat_part], vec![]));

    let listed = store.read(|r| r.media_parts(&[alien_part, 999, heat_part])).unwrap();
    assert_eq!(listed.iter().map(|part| part.row.part_id).collect::<Vec<_>>(), [alien_part, heat_part]);

    store.write(|tx| tx.source_delete(library.source_id)).unwrap();
    assert_eq!(told("the library went"), (vec![], vec![heat_part, alien_part]));
}

/// Numbers that look random, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// One of the things that the product does to files and their places.
fn something(tx: &Tx<'_>, fixture: &Fixture, libraries: &[Library; 2], dice: &mut Dice) -> Result<(), StoreError> {
    let name = format!("{}.mkv", dice.below(8));
    let known = tx.file_at(&fixture.storage, &path(&name))?;
    let library = &libraries[dice.below(2) as usize];
    match (dice.below(7), known) {
        (0 | 1, _) | (_, None) => {
            let bytes = ["one", "other"][dice.below(2) as usize];
            tx.file_put(&fixture.storage, None, &seen(&name, 1000 + dice.below(2), bytes)).map(drop)
        }
        (2, Some(file)) => tx.probe_put(file.id, file.generation, &info(dice.below(3)), b"{}", "n8.0"),
        (3 | 4, Some(file)) => {
            let keys = ["a", "b", "c"];
            let entries: Vec<CatalogEntry<'_>> = (0..=dice.below(2))
                .map(|_| entry(keys[dice.below(3) as usize], keys[dice.below(3) as usize]))
                .collect();
            tx.catalog_put(library.id, file.id, &entries).map(drop)
        }
        (5, Some(_)) => {
            let scan = tx.scan_begin(library.id)?;
            tx.files_mark_missing(scan, &tx.files_unseen(scan, fixture.storage.id, None, &[])?).map(drop)
        }
        (_, Some(file)) => {
            let target = path(&format!("{}.mkv", dice.below(8)));
            let identity = FileIdentity { stat: stat(500, 1), content: content(500, "ours") };
            let file = tx.file_replaced(file.id, &fixture.storage, &target, &identity)?;
            tx.probe_put(file.id, file.generation, &info(500), b"{}", "n8.0")
        }
    }
}

#[test]
fn whatever_is_written_the_changes_lead_to_what_a_new_look_shows() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let folder =
        |name: &str| store.write(|tx| tx.folder_put(&fixture.storage, Some(&path(name)), name, "movie")).unwrap();
    let mut dice = Dice(7);
    let (mut followed, mut at): (BTreeMap<i64, Row<'static>>, i64) = (BTreeMap::new(), 0);
    let mut filled = 0;
    for round in 0..60 {
        let libraries = [folder("one"), folder("two")];
        for step in 0..20 {
            store.write(|tx| something(tx, &fixture, &libraries, &mut dice)).unwrap();
            let news = changes(store, at);
            at = news.seq;
            followed.retain(|id, _| !news.gone.contains(id));
            followed.extend(news.rows.into_iter().map(|row| (row.part_id, row)));
            let looked = rows(store).0;
            assert_eq!(followed.values().cloned().collect::<Vec<_>>(), looked, "round {round}, step {step}");
            filled = filled.max(looked.len());
        }
        store.write(|tx| tx.source_delete(libraries[round % 2].source_id)).unwrap();
    }
    assert!(filled >= 4, "at most {filled} rows: nothing was tested");
}

#[test]
fn probes_of_an_older_database_are_flattened_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let conn = Connection::open(&file).unwrap();
    for step in [
        include_str!("../../migrations/0001_catalog.sql"),
        include_str!("../../migrations/0002_intelligence.sql"),
        include_str!("../../migrations/0003_queue.sql"),
        include_str!("../../migrations/0004_records.sql"),
    ] {
        conn.execute_batch(step).unwrap();
    }
    conn.execute_batch(
        "PRAGMA application_id = 0x4d464c57; PRAGMA user_version = 4;
         INSERT INTO storages VALUES (1, x'2f', 0, '{}', NULL, 1, 1);
         INSERT INTO sources VALUES (1, 'folder', 'Films', 1);
         INSERT INTO libraries VALUES (1, 1, 1, x'', 'Films', 'movie', NULL, 1);
         INSERT INTO items VALUES (1, 1, 'heat', 'movie', 'Heat', 1995, 1, 1);
         INSERT INTO versions VALUES (1, 1, '');
         INSERT INTO parts VALUES (7, 1, 0);
         INSERT INTO files (id, storage_id, path, path_key, kind, size_bytes, first_seen_at, last_seen_at)
             VALUES (3, 1, x'61', x'61', 'media', 1000, 1, 1);
         INSERT INTO part_files VALUES (7, 3);",
    )
    .unwrap();
    let json = serde_json::to_string(&rich()).unwrap();
    conn.execute("INSERT INTO probes VALUES (3, 1, ?1, 'n8.0', 9)", [json]).unwrap();
    drop(conn);

    let store = Store::open(&file, clock()).unwrap();
    let (rows, _) = rows(&store);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].part_id, rows[0].path.as_ref(), rows[0].updated_at), (7, "/a", Timestamp(9)));
    assert_eq!(rows[0].media, MediaFacts::of(&rich()));
}

#[test]
fn a_listener_hears_of_commits_and_sees_what_they_wrote() {
    let fixture = Fixture::new();
    let seen = Arc::new(AtomicI64::new(-1));
    let listener = {
        let (store, seen) = (fixture.store.clone(), Arc::clone(&seen));
        move || {
            let value = store.read(|r| r.setting::<i64>("n")).unwrap().unwrap_or(0);
            seen.store(value, Ordering::SeqCst);
        }
    };
    fixture.store.on_commit(Arc::new(listener));
    let failed: Result<(), _> = fixture.store.write(|tx| {
        tx.setting_put("n", &1)?;
        Err(StoreError::NotFound { what: "nothing", id: 0 })
    });
    assert!(failed.is_err());
    assert_eq!(seen.load(Ordering::SeqCst), -1, "nothing was committed");
    fixture.store.write(|tx| tx.setting_put("n", &2)).unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}
