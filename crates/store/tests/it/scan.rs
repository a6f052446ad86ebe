//! Files: what a scan and a rescan make of them.

use std::ops::ControlFlow;

use mediaflow_core::identity::FileIdentity;
use mediaflow_core::path::RelPath;
use mediaflow_store::{File, FileChange, FileKind, KnownFile, PutFile, ScanCounts, SeenFile};

use crate::fixture::{Fixture, content, info, path, seen, stat};

struct Scan<'f> {
    fixture: &'f Fixture,
    id: i64,
}

impl<'f> Scan<'f> {
    fn begin(fixture: &'f Fixture) -> Self {
        let id = fixture
            .store
            .write(|tx| {
                let library = tx.folder_put(&fixture.storage, None, "Films", "movie")?;
                tx.scan_begin(library.id)
            })
            .unwrap();
        Self { fixture, id }
    }

    fn put(&self, seen: &SeenFile) -> PutFile {
        self.fixture.store.write(|tx| tx.file_put(&self.fixture.storage, Some(self.id), seen)).unwrap()
    }

    fn missing(&self, folder: Option<&RelPath>, unread: &[RelPath]) -> Vec<i64> {
        let storage = self.fixture.storage.id;
        let store = &self.fixture.store;
        let unseen = store.read(|r| r.files_unseen(self.id, storage, folder, unread)).unwrap();
        let marked = store.write(|tx| tx.files_mark_missing(self.id, &unseen)).unwrap();
        assert_eq!(marked, unseen.len() as u64);
        unseen
    }
}

fn file(fixture: &Fixture, id: i64) -> File {
    fixture.store.read(|r| r.file(id)).unwrap()
}

fn known(fixture: &Fixture) -> Vec<KnownFile> {
    let mut known = Vec::new();
    fixture
        .store
        .read(|r| {
            r.files_known(fixture.storage.id, |file| {
                known.push(file);
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    known
}

#[test]
fn a_probe_counts_until_the_content_changes() {
    let fixture = Fixture::new();
    let scan = Scan::begin(&fixture);
    let new = scan.put(&seen("a.mkv", 10, "one"));
    assert_eq!((new.change, new.generation), (FileChange::New, 1));
    assert!(!known(&fixture)[0].probed);
    let text = br#"{"streams": [{"index": 0, "codec_name": "h264"}]}"#;
    fixture.store.write(|tx| tx.probe_put(new.id, new.generation, &info(10), text, "n8.0")).unwrap();
    assert!(known(&fixture)[0].probed);
    let probe = fixture.store.read(|r| r.probe(new.id)).unwrap().unwrap();
    assert_eq!((probe.info, probe.tool.as_str()), (info(10), "n8.0"));
    assert_eq!(fixture.store.read(|r| r.probe_text(new.id)).unwrap().as_deref(), Some(&text[..]));

    let touched = SeenFile { stat: Some(stat(10, 99)), ..seen("a.mkv", 10, "one") };
    assert_eq!(scan.put(&touched).change, FileChange::Same);
    assert!(known(&fixture)[0].probed, "a touched file is the same film");

    let changed = scan.put(&seen("a.mkv", 10, "two"));
    assert_eq!(changed, PutFile { id: new.id, generation: 2, change: FileChange::Changed });
    assert!(!known(&fixture)[0].probed);
    assert_eq!(fixture.store.read(|r| r.probe(new.id)).unwrap(), None);
    // A probe of the old content that comes in late does not count for the new one.
    fixture.store.write(|tx| tx.probe_put(new.id, 1, &info(10), b"{}", "n8.0")).unwrap();
    assert_eq!(fixture.store.read(|r| r.probe(new.id)).unwrap(), None);
}

#[test]
fn names_are_bytes_and_come_back_as_they_are() {
    let fixture = Fixture::new();
    let scan = Scan::begin(&fixture);
    for name in [&b"plain.mkv"[..], b"it's \"a\" film\n$(x).mkv", b"latin1-\xe9.mkv", "Ame\u{301}lie.mkv".as_bytes()] {
        let seen = SeenFile { path: RelPath::new(name).unwrap(), ..seen("x", 1, "x") };
        let put = scan.put(&seen);
        let read = file(&fixture, put.id);
        assert_eq!((read.path, read.stat, read.content), (seen.path.clone(), seen.stat, seen.content));
        assert_eq!(fixture.store.read(|r| r.file_at(&fixture.storage, &seen.path)).unwrap().unwrap().id, put.id);
    }
}

#[test]
fn two_spellings_of_one_name_do_not_take_turns() {
    let fixture = Fixture::new();
    let (composed, decomposed) = ("Am\u{e9}lie.mkv", "Ame\u{301}lie.mkv");
    for _ in 0..2 {
        let scan = Scan::begin(&fixture);
        let first = scan.put(&seen(composed, 1, "one"));
        let twin = scan.put(&seen(decomposed, 2, "two"));
        assert_eq!(twin, PutFile { change: FileChange::Twin, ..first });
        assert_eq!(file(&fixture, first.id).path, path(composed));
        assert_eq!(file(&fixture, first.id).generation, 1);
    }
    // On its own it is the same file under a new spelling, as when a share is mounted from a Mac.
    let renamed = Scan::begin(&fixture).put(&seen(decomposed, 1, "one"));
    assert_eq!(renamed.change, FileChange::Same);
    assert_eq!(file(&fixture, renamed.id).path, path(decomposed));
}

#[test]
fn only_what_could_have_been_seen_goes_missing() {
    let fixture = Fixture::new();
    let names = ["gone.mkv", "kept.mkv", "a/gone.mkv", "locked/x.mkv", "locked too/gone.mkv"];
    let scan = Scan::begin(&fixture);
    let ids = names.map(|name| scan.put(&seen(name, 1, name)).id);
    assert_eq!(scan.missing(None, &[]), [0; 0]);

    let scan = Scan::begin(&fixture);
    fixture.store.write(|tx| tx.files_unchanged(scan.id, &[ids[1]])).unwrap();
    assert_eq!(scan.missing(Some(&path("a")), &[]), [ids[2]], "a scan of one folder says nothing of others");
    assert_eq!(scan.missing(None, &[path("locked")]), [ids[0], ids[4]]);
    assert_eq!(scan.missing(None, &[path("locked")]), [0; 0], "once is enough");
    assert!(file(&fixture, ids[0]).missing_since_at.is_some());
    assert_eq!(known(&fixture).iter().map(|k| k.id).collect::<Vec<_>>(), [ids[1], ids[3]]);

    let back = Scan::begin(&fixture).put(&seen("gone.mkv", 1, "gone.mkv"));
    assert_eq!((back.id, back.change), (ids[0], FileChange::Same));
    assert_eq!(file(&fixture, back.id).missing_since_at, None);
}

#[test]
fn a_file_that_cannot_be_read_for_a_while_is_not_forgotten() {
    let fixture = Fixture::new();
    let scan = Scan::begin(&fixture);
    let put = scan.put(&seen("a.mkv", 10, "one"));
    fixture.store.write(|tx| tx.probe_put(put.id, 1, &info(10), b"{}", "n8.0")).unwrap();
    let reason = Some("permission denied".to_owned());
    let unreadable =
        SeenFile { path: path("a.mkv"), kind: FileKind::Unreadable, reason: reason.clone(), stat: None, content: None };
    assert_eq!(scan.put(&unreadable).change, FileChange::Same);
    let listed = fixture.store.read(|r| r.files_of_kind(fixture.storage.id, FileKind::Unreadable)).unwrap();
    assert_eq!((listed.len(), &listed[0].reason, listed[0].content), (1, &reason, Some(content(10, "one"))));
    scan.put(&seen("a.mkv", 10, "one"));
    assert!(known(&fixture)[0].probed, "its probe is still good");
}

#[test]
fn a_replaced_file_keeps_its_id_under_its_new_name() {
    let fixture = Fixture::new();
    let old = fixture.file("film.avi");
    let identity = FileIdentity { stat: stat(4, 9), content: content(4, "made by us") };
    let replaced =
        fixture.store.write(|tx| tx.file_replaced(old.id, &fixture.storage, &path("film.mkv"), &identity)).unwrap();
    assert_eq!((replaced.id, replaced.generation), (old.id, old.generation + 1));
    assert_eq!((replaced.path, replaced.content), (path("film.mkv"), Some(identity.content)));
    assert_eq!(fixture.store.read(|r| r.file_at(&fixture.storage, &path("film.avi"))).unwrap(), None);

    // A scan that comes between the swap and its commit meets the new file first.
    let early = fixture.file("film.mp4");
    let onto = fixture.store.write(|tx| tx.file_replaced(old.id, &fixture.storage, &early.path, &identity)).unwrap();
    assert_eq!((onto.id, onto.path), (old.id, early.path));
    assert_eq!(known(&fixture).len(), 1, "one file, one row");
}

#[test]
fn a_scan_ends_with_its_event() {
    let fixture = Fixture::new();
    let scan = Scan::begin(&fixture);
    fixture.clock.set(7_000_000);
    fixture.store.write(|tx| tx.scan_end(scan.id, ScanCounts { items: 2, seen: 3, probed: 2, missing: 1 })).unwrap();
    let library = &fixture.store.read(|r| r.libraries()).unwrap()[0];
    assert_eq!(library.last_scanned_at.unwrap().0, 7_000_000);
    let ended = mediaflow_core::event::Event::SyncCompleted {
        source_id: library.source_id,
        library_id: library.id,
        server_name: "Films".to_owned(),
        items: 2,
        seen: 3,
        probed: 2,
    };
    assert_eq!(fixture.events().last(), Some(&ended));
}
