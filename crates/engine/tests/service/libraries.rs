//! Libraries, their scans, and the analysis that follows.

use mediaflow_core::event::Event;
use mediaflow_engine::service::{CommandError, Live, ScanStatus};
use mediaflow_store::LoggedEvent;

use super::house::{House, TINY};

#[test]
fn a_folder_becomes_a_library_is_scanned_analysed_and_removed() {
    let Some(house) = House::with(&[("Heat (1995).mkv", TINY)]) else { return };
    let running = house.start();
    let added = running.service.library_add(&house.library(), Some(" Films "), "movie").unwrap();
    let id = added.library.id;
    assert_eq!((added.library.title.as_str(), added.root.as_deref()), ("Films", Some(house.library().as_path())));
    running.scan(id);
    let found = running.heard.wait("the analysis after the scan", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::AnalysisCompleted { library_id, recommendations, .. }, .. }) => {
            Some((*library_id, *recommendations))
        }
        _ => None,
    });
    assert_eq!(found, (Some(id), 1));
    let size = running.service.store().read(|r| r.library_size(id)).unwrap();
    assert_eq!(size.parts, 1);
    assert_eq!(size.size_bytes, std::fs::metadata(house.film("Heat (1995).mkv")).unwrap().len());

    running.service.queue_pause().unwrap();
    let job = running.queue(&["Heat (1995).mkv"])[0];
    let refused = running.service.library_remove(id);
    assert!(matches!(&refused, Err(CommandError::WrongState(why)) if why.contains("1 unfinished")), "{refused:?}");
    running.service.job_cancel(job).unwrap();
    running.service.library_remove(id).unwrap();
    assert!(matches!(running.service.library_remove(id), Err(CommandError::NotFound { .. })));
    assert_eq!(running.service.store().read(|r| r.recommendations_open(10, 0)).unwrap(), []);
    assert!(house.film("Heat (1995).mkv").is_file());
    running.stop();
}

#[test]
fn a_folder_is_added_once_and_only_if_it_is_one() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let running = house.start();
    let id = running.service.library_add(&house.library(), None, "show").unwrap().library.id;
    std::fs::create_dir(house.film("below")).unwrap();
    for (path, library_type) in [(house.library(), "movie"), (house.film("below"), "movie")] {
        let twice = running.service.library_add(&path, None, library_type);
        assert!(matches!(twice, Err(CommandError::Conflict(_))), "{twice:?}");
    }
    for (path, library_type) in
        [(house.film("a.mkv"), "movie"), (house.film("none"), "movie"), (house.library(), "song")]
    {
        let wrong = running.service.library_add(&path, None, library_type);
        assert!(matches!(wrong, Err(CommandError::Invalid { .. })), "{wrong:?}");
    }
    assert!(matches!(running.service.scan_cancel(id), Err(CommandError::WrongState(_))));
    assert!(matches!(running.service.scan_start(999), Err(CommandError::NotFound { .. })));
    running.stop();
}

#[test]
fn scans_take_turns_and_one_that_waits_is_cancelled_at_once() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let other = house.root().join("other");
    std::fs::create_dir(&other).unwrap();
    // As long as nobody says where ffmpeg is, the first scan cannot go on.
    let (found, tools) = std::sync::mpsc::channel();
    let running = house.start_with_tools_from(tools);
    let add = |path| running.service.library_add(path, None, "movie").unwrap().library.id;
    let (first, second) = (add(&house.library()), add(&other));
    running.service.scan_start(first).unwrap();
    running.service.scan_start(second).unwrap();
    assert!(matches!(running.service.scan_start(first), Err(CommandError::WrongState(_))));
    let status =
        |library| running.service.scans().iter().find(|scan| scan.library_id == library).map(|scan| scan.status);
    while status(first) != Some(ScanStatus::Running) {
        std::thread::yield_now();
    }
    assert_eq!(status(second), Some(ScanStatus::Waiting));
    running.service.scan_cancel(second).unwrap();
    assert_eq!(status(second), None);
    found.send(house.tools.clone()).unwrap();
    running.wait_for_scan(first);
    assert_eq!(running.service.scans(), []);
    running.stop();
}

#[test]
fn a_scan_of_a_folder_that_went_away_fails_with_a_reason_and_marks_nothing_missing() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let (running, library) = house.start_scanned();
    std::fs::rename(house.library(), house.root().join("away")).unwrap();
    running.service.scan_start(library).unwrap();
    let reason = running.heard.wait("the scan to fail", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::ScanFailed { reason, .. }, .. }) => Some(reason.clone()),
        _ => None,
    });
    assert!(reason.contains("library"), "{reason}");
    assert_eq!(running.service.store().read(|r| r.library_size(library)).unwrap().parts, 1);
    running.stop();
}
