//! What a user does, through to the file on disk.

use std::fs;

use mediaflow_core::event::Event;
use mediaflow_core::job::{Ending, JobStatus};
use mediaflow_engine::service::{CommandError, QueueWish, SingleFile, Skip};
use mediaflow_store::{JobList, JobOrder, RecommendationState};
use serde_json::json;

use super::house::{House, SLOW, TINY, balanced};

#[test]
fn a_dry_run_tells_the_plan_and_never_touches_the_file() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let before = fs::read(house.film("a.mkv")).unwrap();
    let (running, _) = house.start_scanned();
    let real = running.queue(&["a.mkv"]);
    let planned = running.try_queue(&["a.mkv"], 0, true).created[0];
    let job = running.job(planned);
    assert_eq!((job.status, job.ending, job.is_dry_run), (JobStatus::Completed, Some(Ending::Planned), true));
    assert!(job.estimated_bytes.is_some_and(|bytes| bytes < job.source_bytes), "{job:?}");
    let plan = running.service.job_plan(planned).unwrap();
    assert!(plan.command[0].starts_with("ffmpeg ") && plan.command[0].contains("libx265"), "{:?}", plan.command);
    assert!(matches!(running.service.job_resume(planned), Err(CommandError::WrongState(_))));

    assert_eq!(running.wait_for_end(real[0]).0, Ending::Replaced);
    running.service.undo(real[0], false).unwrap();
    assert!(fs::read(house.film("a.mkv")).unwrap() == before, "only the real job touched it, and was taken back");
    let attempts = running.service.store().read(|r| r.attempts_of_job(planned)).unwrap();
    assert_eq!(attempts, [], "nothing was ever run for it");

    let told = running.service.dry_run(running.part("a.mkv"), &balanced()).unwrap();
    assert!(told.estimate.is_some() && told.lines[0].contains("hevc"), "{told:?}");
    running.stop();
}

#[test]
fn an_original_comes_back_after_its_job_was_cleared() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("b.mkv", TINY)]) else { return };
    let before = ["a.mkv", "b.mkv"].map(|name| fs::read(house.film(name)).unwrap());
    let (running, _) = house.start_scanned();
    let jobs = running.queue(&["a.mkv", "b.mkv"]);
    for job in &jobs {
        assert_eq!(running.wait_for_end(*job).0, Ending::Replaced);
    }
    assert_eq!(running.service.jobs_clear(false).unwrap(), 2);
    let kept = running.service.quarantine().unwrap();
    let of = |job: i64| kept.iter().find(|kept| kept.job_id == Some(job)).unwrap().entry.id;

    let restored = running.service.undo(jobs[0], false).unwrap();
    assert_eq!(restored.path, house.film("a.mkv"));
    running.service.restore(of(jobs[1]), false).unwrap();
    for (name, before) in ["a.mkv", "b.mkv"].into_iter().zip(&before) {
        assert!(&fs::read(house.film(name)).unwrap() == before, "{name} is the original again");
    }
    let again = running.service.undo(jobs[0], false);
    assert!(matches!(&again, Err(CommandError::WrongState(why)) if why.contains("taken back already")), "{again:?}");
    assert!(matches!(running.service.undo(9999, false), Err(CommandError::NotFound { .. })));
    running.stop();
}

#[test]
fn clearing_everything_ends_what_runs_and_what_waits() {
    let Some(house) = House::with(&[("slow.mkv", SLOW), ("a.mkv", TINY), ("b.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.setting_set("transcode.concurrent_jobs", &1.into()).unwrap();
    let slow = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(slow);
    running.queue(&["a.mkv", "b.mkv"]);
    assert_eq!(running.service.jobs_clear(false).unwrap(), 0, "nothing has ended yet");
    assert_eq!(running.service.jobs_clear(true).unwrap(), 3);
    let list = JobList { statuses: &[], order: JobOrder::Queue, limit: 10, offset: 0 };
    assert_eq!(running.service.store().read(|r| r.job_views(&list)).unwrap(), []);
    running.stop();
    assert!(super::processes::below(house.root()).is_empty());
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn what_cannot_be_queued_says_why() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("gone.mkv", TINY)]) else { return };
    let (running, library) = house.start_scanned();
    running.service.queue_pause().unwrap();
    let (a, gone) = (running.part("a.mkv"), running.part("gone.mkv"));
    fs::remove_file(house.film("gone.mkv")).unwrap();
    running.service.scan_start(library).unwrap();
    // The scan's own event has come once before: this one is told of by the file's row.
    while running.service.store().read(|r| r.file(r.file_of_part(gone)?)).unwrap().missing_since_at.is_none() {
        std::thread::yield_now();
    }
    let wish = QueueWish {
        part_ids: &[a, a, gone, 12345],
        preset: &balanced(),
        priority: 3,
        is_dry_run: false,
        is_forced: false,
        scheduled_after_at: None,
        preferred_worker_id: None,
    };
    let report = running.service.queue_items(&wish).unwrap();
    let job = report.created[0];
    assert_eq!((report.created.len(), running.job(job).priority), (1, 3));
    let skips: Vec<(i64, Skip)> = report.skipped.iter().map(|skipped| (skipped.id, skipped.skip)).collect();
    assert_eq!(skips, [(a, Skip::Queued(job)), (gone, Skip::Refused), (12345, Skip::Unknown)]);
    running.stop();
}

#[test]
fn a_single_file_gets_its_output_beside_it() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let before = fs::read(house.film("a.mkv")).unwrap();
    let running = house.start();
    let job = running.service.manual(&SingleFile::Local(house.film("a.mkv")), &balanced(), 10, None).unwrap();
    assert_eq!(running.wait_for_end(job).0, Ending::Placed);
    assert!(house.film("a V2.mkv").is_file());
    assert!(fs::read(house.film("a.mkv")).unwrap() == before);
    let missing = running.service.manual(&SingleFile::Local(house.film("none.mkv")), &balanced(), 10, None);
    assert!(matches!(missing, Err(CommandError::NotFound { what: "file", .. })), "{missing:?}");
    fs::write(house.film("text.mkv"), "no film").unwrap();
    let text = running.service.probe(&house.film("text.mkv"));
    assert!(matches!(text, Err(CommandError::Invalid { .. })), "{text:?}");
    assert_eq!(running.service.probe(&house.film("a.mkv")).unwrap().streams.len(), 1);
    running.stop();
}

#[test]
fn recommendations_are_answered_and_queued() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("b.mkv", TINY)]) else { return };
    let (running, library) = house.start_scanned();
    running.service.queue_pause().unwrap();
    let summary = running.service.analyze(Some(library), "manual").unwrap();
    assert_eq!((summary.files, summary.recommendations), (2, 2));
    let store = running.service.store();
    let open = store.read(|r| r.recommendations_open(10, 0)).unwrap();
    let [first, second] = [open[0].id, open[1].id];
    running.service.recommendation_set(first, RecommendationState::Accepted).unwrap();
    running.service.recommendation_set(second, RecommendationState::Dismissed).unwrap();
    let counts = store.read(|r| r.recommendation_counts(Some(library))).unwrap();
    let states: Vec<_> = counts.iter().map(|count| (count.state, count.count)).collect();
    assert_eq!(states, [(RecommendationState::Accepted, 1), (RecommendationState::Dismissed, 1)]);
    running.service.recommendation_set(second, RecommendationState::Open).unwrap();

    let report = running.service.recommendations_queue(&[first, 777], None).unwrap();
    assert_eq!((report.created.len(), report.skipped[0].skip), (1, Skip::Unknown));
    let state = store.read(|r| r.recommendation(first)).unwrap().state;
    assert_eq!(state, RecommendationState::Actioned);
    let again = running.service.recommendations_queue(&[first], None).unwrap();
    assert_eq!(again.skipped[0].skip, Skip::Queued(report.created[0]));
    running.stop();
}

#[test]
fn thresholds_hold_from_the_next_analysis_and_nonsense_is_refused() {
    let Some(house) = House::with(&[("a.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    assert_eq!(running.service.analyze(None, "manual").unwrap().recommendations, 1);
    running.service.setting_set("intel.min_savings_percent", &json!("90")).unwrap();
    assert_eq!(running.service.analyze(None, "manual").unwrap().recommendations, 0);
    let wrong = running.service.setting_set("intel.min_savings_percent", &json!(200));
    assert!(matches!(&wrong, Err(CommandError::Invalid { field: "value", message }) if message.contains("1 to 90")));
    running.service.setting_set("intel.min_savings_percent", &json!(null)).unwrap();
    assert_eq!(running.service.analyze(None, "manual").unwrap().recommendations, 1);
    running.heard.wait("the setting's event", |live| match live {
        mediaflow_engine::service::Live::Recorded(logged) => {
            matches!(&logged.event, Event::SettingChanged { key } if key == "intel.min_savings_percent").then_some(())
        }
        _ => None,
    });
    running.stop();
}

#[test]
fn presets_of_ones_own_come_and_go_and_those_of_the_program_stay() {
    let Some(house) = House::with(&[]) else { return };
    let running = house.start();
    let mut mine = balanced();
    mine.name = " Mine ".to_owned();
    let made = running.service.preset_create(&mine).unwrap();
    assert_eq!((made.preset.name.as_str(), made.preset.is_builtin), ("Mine", false));
    assert!(matches!(running.service.preset_create(&mine), Err(CommandError::Conflict(_))));
    mine.name = "Ours".to_owned();
    assert_eq!(running.service.preset_update(made.id, &mine).unwrap().preset.name, "Ours");
    let stored = running.service.store().read(|r| r.stored_presets()).unwrap();
    let names: Vec<&str> = stored.iter().map(|stored| stored.preset.name.as_str()).collect();
    assert_eq!(names, ["Balanced", "Storage Saver", "Mobile Optimized", "Ultra Fidelity", "Ours"]);
    assert!(matches!(running.service.preset_delete(stored[0].id), Err(CommandError::BuiltIn(_))));
    assert!(matches!(running.service.preset_update(stored[0].id, &mine), Err(CommandError::BuiltIn(_))));
    running.service.preset_delete(made.id).unwrap();
    assert!(matches!(running.service.preset_delete(made.id), Err(CommandError::NotFound { .. })));
    running.stop();
}
