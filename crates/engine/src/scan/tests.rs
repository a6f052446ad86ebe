use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU64, Ordering};

use mediaflow_core::job::Verdict;
use mediaflow_core::media::preset::find_builtin;
use mediaflow_store::FileKind;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::walk::{Skip, WalkError};

use super::fixture::{Library, clip, variant};
use super::{Progress, ScanError, open_folder};

#[test]
fn a_hostile_folder_is_read_file_by_file() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    let names: [&[u8]; 7] = [
        b"Heat (1995)/Heat (1995).mkv",
        b"-i.mkv",
        b"it's \"quoted\" $(rm -rf).mkv",
        b"new\nline.mkv",
        b"not utf-8 \xff\xfe.mkv",
        b"100% of %d.mkv",
        b"http:/host/film.mkv",
    ];
    for (number, name) in (0..).zip(names) {
        library.put(name, &variant(&film, number));
    }
    fs::hard_link(library.path("-i.mkv"), library.path("second name.mkv")).unwrap();
    library.put("Heat (1995)/Heat (1995).srt", b"1");
    library.put("notes.txt", b"hello");
    library.put("cut.mkv", &film[..100]);
    library.put("text.mkv", b"this is not a film\n");
    library.put("empty.mkv", b"");
    library.put("coming.mkv.part", &film);
    library.put("coming.mkv.!qB", &film);
    library.put(".hidden/film.mkv", &film);
    library.put(".mf-1.part", &film);
    std::os::unix::fs::symlink(".", library.path("loop")).unwrap();

    let report = library.scan().unwrap();

    let mut media: Vec<String> = names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    media.push("second name.mkv".to_owned());
    media.sort();
    let mut got = library.names(FileKind::Media);
    got.sort();
    assert_eq!(got, media);
    assert_eq!(library.names(FileKind::Sidecar), ["Heat (1995)/Heat (1995).srt"]);
    assert_eq!(library.names(FileKind::Other), ["coming.mkv.!qB", "coming.mkv.part", "notes.txt"]);
    let mut unreadable: Vec<(String, String)> =
        report.unreadable.iter().map(|(path, reason)| (path.to_string(), reason.clone())).collect();
    unreadable.sort();
    assert_eq!(
        unreadable.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["cut.mkv", "empty.mkv", "text.mkv"]
    );
    assert_eq!(unreadable[1].1, "it is empty");
    assert_eq!(unreadable[2].1, "ffprobe: Invalid data found when processing input");
    assert_eq!((report.seen, report.new, report.hard_linked), (15, 15, 2));
    assert_eq!(report.skipped, [(Skip::Hidden, 2), (Skip::Link, 1)].into());
    assert!(library.file("-i.mkv").reason.is_some_and(|reason| reason.contains("2 names")));

    let probe = library.store().read(|reader| reader.probe(library.file(names[4]).id)).unwrap().unwrap();
    assert_eq!(probe.info.videos().next().map(|(stream, _)| stream.codec.as_str()), Some("mpeg4"));
    assert_eq!(probe.tool, "test build");
}

#[test]
fn a_rescan_probes_only_what_changed() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    for number in 0..4 {
        library.put(format!("{number}.mkv"), &variant(&film, number));
    }
    library.put("broken.mkv", b"not a film");
    library.scan().unwrap();
    assert_eq!(library.probes(), 5);

    let again = library.scan().unwrap();
    assert_eq!((library.probes(), again.unchanged, again.probed), (0, 5, 0), "nothing changed");

    library.put("1.mkv", &variant(&variant(&film, 1), 2));
    library.put("4.mkv", &variant(&film, 4));
    fs::remove_file(library.path("3.mkv")).unwrap();
    let third = library.scan().unwrap();
    assert_eq!(library.probes(), 2, "one changed, one is new");
    assert_eq!((third.changed, third.new, third.missing, third.unchanged), (1, 1, 1, 3));
    assert_eq!(library.file("1.mkv").generation, 2);
    assert_eq!(library.file("0.mkv").generation, 1);
    assert_eq!(library.names(FileKind::Media), ["0.mkv", "1.mkv", "2.mkv", "4.mkv"]);
}

#[test]
fn a_touched_file_keeps_its_generation_and_a_moved_one_its_verdict() {
    let library = Library::new();
    library.put("Heat.mkv", &clip("mpeg4", "mkv", &[]));
    library.scan().unwrap();
    let before = library.file("Heat.mkv");
    let policy = find_builtin("Balanced").unwrap().settings.policy();
    let content = before.content.unwrap();
    library.store().write(|tx| tx.verdict_put(&content, &policy, &Verdict::Undone)).unwrap();

    fs::File::options()
        .append(true)
        .open(library.path("Heat.mkv"))
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH)
        .unwrap();
    library.scan().unwrap();
    assert_eq!(library.file("Heat.mkv").generation, 1, "its bytes are the same");

    fs::create_dir(library.path("Heat (1995)")).unwrap();
    fs::rename(library.path("Heat.mkv"), library.path("Heat (1995)/Heat (1995).mkv")).unwrap();
    let report = library.scan().unwrap();
    assert_eq!((report.new, report.missing), (1, 1));
    let after = library.file("Heat (1995)/Heat (1995).mkv").content.unwrap();
    let verdict = library.store().read(|reader| reader.verdict(&after, &policy)).unwrap();
    assert_eq!(verdict, Some(Verdict::Undone));
}

#[test]
fn an_unmounted_disk_marks_nothing_as_missing() {
    let library = Library::new();
    library.put("Heat.mkv", &clip("mpeg4", "mkv", &[]));
    library.scan().unwrap();

    let (root, away) = (library.root(), library.root().with_file_name("away"));
    fs::rename(&root, &away).unwrap();
    let gone = library.scan().unwrap_err();
    assert!(matches!(gone, ScanError::Walk(WalkError::NotFound(_))), "{gone}");

    fs::create_dir(&root).unwrap();
    let empty = library.scan().unwrap_err();
    assert!(matches!(empty, ScanError::LooksUnmounted { known: 1, .. }), "{empty}");
    assert!(empty.to_string().contains("is the disk mounted?"), "{empty}");
    assert_eq!(library.file("Heat.mkv").missing_since_at, None);

    fs::remove_dir(&root).unwrap();
    fs::rename(&away, &root).unwrap();
    library.probes();
    assert_eq!(library.scan().unwrap().unchanged, 1);
    assert_eq!(library.probes(), 0);
}

#[test]
fn what_lies_in_a_folder_that_cannot_be_listed_is_not_missing() {
    let film = clip("mpeg4", "mkv", &[]);
    let check = || {
        let library = Library::new();
        library.put("closed/deep/film.mkv", &film);
        library.put("open/film.mkv", &variant(&film, 1));
        library.put("open/other.mkv", &variant(&film, 2));
        library.scan().unwrap();
        fs::remove_file(library.path("open/other.mkv")).unwrap();
        let mode = |mode| fs::set_permissions(library.path("closed"), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o000);
        let report = library.scan();
        mode(0o755);
        let report = report.unwrap();
        assert_eq!(report.unread_folders.len(), 1, "{report:?}");
        assert_eq!(report.missing, 1, "only the one that is gone");
        assert_eq!(library.names(FileKind::Media), ["closed/deep/film.mkv", "open/film.mkv"]);
    };
    std::thread::scope(|scope| scope.spawn(|| as_nobody(check)).join()).unwrap();
}

/// Runs something without root's right to read every folder. On Linux user ids belong to threads, so this takes them
/// from the calling thread, and those it starts, alone.
fn as_nobody(run: impl FnOnce()) {
    if rustix::process::geteuid().is_root() {
        #[cfg(target_os = "linux")]
        {
            let nobody = rustix::process::Uid::from_raw(65534);
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
        }
        #[cfg(not(target_os = "linux"))]
        panic!("run this test as a user who is not root");
    }
    run();
}

#[test]
fn a_file_that_goes_or_grows_while_it_is_read_is_left_for_the_next_scan() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    library.put("goes.mkv", &film);
    library.put("grows.mkv", &variant(&film, 1));
    library.put("stays.mkv", &variant(&film, 2));
    library.set_ffprobe("case \"$file\" in *goes*) rm \"$file\";; *grows*) echo x >>\"$file\";; esac");
    let report = library.scan().unwrap();
    assert_eq!(library.names(FileKind::Media), ["stays.mkv"]);
    let unreadable: Vec<_> = report.unreadable.iter().map(|(path, why)| (path.to_string(), why.as_str())).collect();
    assert_eq!(unreadable, [("grows.mkv".to_owned(), "it was being written while it was read")]);

    library.set_ffprobe("");
    library.probes();
    library.scan().unwrap();
    assert_eq!(library.probes(), 1, "the one that grew is tried again");
    assert_eq!(library.names(FileKind::Media), ["grows.mkv", "stays.mkv"]);
}

#[test]
fn a_crash_of_ffprobe_is_the_files_fault_and_a_kill_is_not() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    library.put("crash.mkv", &film);
    library.put("kill.mkv", &variant(&film, 1));
    library.put("loader.mkv", &variant(&film, 2));
    library.set_ffprobe("case \"$file\" in *crash*) kill -SEGV $$;; *kill*) kill -KILL $$;; *loader*) exit 127;; esac");
    assert_eq!(library.scan().unwrap().unreadable.len(), 3);
    library.set_ffprobe("");
    library.probes();
    library.scan().unwrap();
    assert_eq!(library.probes(), 2);
    assert_eq!(library.names(FileKind::Media), ["kill.mkv", "loader.mkv"]);
    assert!(library.file("crash.mkv").reason.is_some_and(|reason| reason.contains("crashed")));
}

#[test]
fn without_ffprobe_nothing_is_called_unreadable() {
    let mut library = Library::new();
    library.put("Heat.mkv", &clip("mpeg4", "mkv", &[]));
    library.scanner.ffprobe = library.path("no such program");
    let error = library.scan().unwrap_err();
    assert!(matches!(error, ScanError::Tool(_)), "{error}");
    assert_eq!(library.names(FileKind::Unreadable), [""; 0]);
}

#[test]
fn a_scan_that_was_stopped_goes_on_where_it_was() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    for number in 0..20 {
        library.put(format!("{number:02}.mkv"), &variant(&film, number));
    }
    let folder = open_folder(library.store(), &library.root()).unwrap();
    let cancel = Cancel::new();
    let stop_after_three = |progress: Progress| {
        if progress.probed >= 3 {
            cancel.cancel();
        }
    };
    let stopped = library.scanner.scan(&folder, &cancel, &stop_after_three).unwrap_err();
    assert!(matches!(stopped, ScanError::Cancelled), "{stopped}");
    let kept = library.names(FileKind::Media).len();
    assert!((1..20).contains(&kept), "{kept} of 20 were kept");

    library.probes();
    let (seen, to_probe) = (AtomicU64::new(0), AtomicU64::new(0));
    let note = |progress: Progress| {
        seen.fetch_max(progress.seen, Ordering::Relaxed);
        if progress.walked {
            to_probe.fetch_max(progress.to_probe, Ordering::Relaxed);
        }
    };
    let report = library.scanner.scan(&folder, &Cancel::new(), &note).unwrap();
    let rest = 20 - kept as u64;
    assert_eq!(library.probes() as u64, rest);
    assert_eq!((report.unchanged, report.new, report.missing), (kept as u64, rest, 0));
    assert_eq!((seen.into_inner(), to_probe.into_inner()), (20, rest), "what the progress told");
}

#[test]
fn a_file_is_known_once_however_its_folder_is_named() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    library.put("kids/film.mkv", &film);
    library.put("film.mkv", &variant(&film, 1));
    // The inner folder first: the outer one then leaves it out.
    assert_eq!(library.scan_folder(&library.path("kids")).unwrap().new, 1);
    let outer = library.scan().unwrap();
    assert_eq!((outer.new, outer.skipped.get(&Skip::Elsewhere)), (1, Some(&1)));

    // The other way round the inner folder is a part of the outer storage.
    let library = Library::new();
    library.put("kids/film.mkv", &film);
    library.put("film.mkv", &variant(&film, 1));
    assert_eq!(library.scan().unwrap().new, 2);
    library.probes();
    let inner = library.scan_folder(&library.path("kids")).unwrap();
    assert_eq!((inner.seen, inner.unchanged, inner.missing, library.probes()), (1, 1, 0, 0));
    assert_eq!(library.names(FileKind::Media), ["film.mkv", "kids/film.mkv"]);
}

#[test]
fn names_become_films_and_episodes() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    library.put("Heat (1995)/Heat (1995) - 1080p.mkv", &film);
    library.put("Heat (1995)/Heat (1995) - 720p.mkv", &variant(&film, 1));
    library.put("Show/Season 1/Show - S01E01-E02 - Both.mkv", &variant(&film, 2));
    library.scan().unwrap();
    let item = |name: &str| {
        let id = library.file(name).id;
        library.store().read(|reader| reader.item_of_file(id)).unwrap().unwrap()
    };
    let (full, small) = (item("Heat (1995)/Heat (1995) - 1080p.mkv"), item("Heat (1995)/Heat (1995) - 720p.mkv"));
    assert_eq!((full.title.as_str(), full.year, full.item_type.as_str()), ("Heat", Some(1995), "movie"));
    assert_eq!(full.item_id, small.item_id, "one film");
    assert_ne!(full.part_id, small.part_id, "in two versions");
    let episode = item("Show/Season 1/Show - S01E01-E02 - Both.mkv");
    assert_eq!((episode.title.as_str(), episode.item_type.as_str()), ("Show S01E01 - Both", "episode"));
}

#[test]
fn files_that_differ_only_in_their_extension_are_all_shown() {
    let library = Library::new();
    let film = clip("mpeg4", "mkv", &[]);
    let names = ["Heat (1995).avi", "Heat (1995).mkv", "Heat (1995).mp4"];
    for (number, name) in (0..).zip(names) {
        library.put(name, &variant(&film, number));
    }
    for scan in ["first", "second"] {
        library.scan().unwrap();
        let mut shown = Vec::new();
        let collect = |row: mediaflow_core::catalog::Row<'_>| {
            shown.push((row.title.to_string(), row.path.rsplit('/').next().unwrap_or_default().to_owned()));
            std::ops::ControlFlow::Continue(())
        };
        library.store().read(|reader| reader.catalog_rows(collect)).unwrap();
        shown.sort();
        let expected = names.map(|name| ("Heat".to_owned(), name.to_owned()));
        assert_eq!(shown, expected, "after the {scan} scan");
    }
}

#[test]
fn a_library_that_was_removed_and_made_again_shows_its_files_again() {
    let library = Library::new();
    library.put("Heat (1995).mkv", &clip("mpeg4", "mkv", &[]));
    library.scan().unwrap();
    let source_id = library.store().read(|reader| reader.libraries()).unwrap()[0].source_id;
    library.store().write(|tx| tx.source_delete(source_id)).unwrap();

    let report = library.scan().unwrap();

    assert_eq!(report.probed, 0, "it was read before and is as it was");
    let new = library.store().read(|reader| reader.libraries()).unwrap().remove(0);
    assert_ne!(new.source_id, source_id);
    assert_eq!(library.store().read(|reader| reader.library_size(new.id)).unwrap().parts, 1);
}

#[test]
fn a_single_file_is_read_or_refused_with_its_reason() {
    let library = Library::new();
    library.put("Heat.mkv", &clip("mpeg4", "mkv", &[]));
    library.put("text.mkv", b"not a film");
    let (storage, _) = super::open_storage(library.store(), &fs::canonicalize(library.root()).unwrap()).unwrap();
    let read = |name: &str| {
        let path = mediaflow_core::path::RelPath::new(name).unwrap();
        library.scanner.scan_file(&storage, None, &path, &Cancel::new())
    };
    let (file, info) = read("Heat.mkv").unwrap();
    assert_eq!((file.generation, info.streams.len()), (1, 1));
    for (name, reason) in [("text.mkv", "Invalid data"), ("nowhere.mkv", "there is no such file")] {
        let error = read(name).unwrap_err().to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
}
