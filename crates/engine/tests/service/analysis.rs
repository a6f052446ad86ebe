//! Analyses that are given up.

use std::thread;

use mediaflow_core::event::Event;
use mediaflow_engine::service::{CommandError, Live, TaskStatus};
use mediaflow_store::LoggedEvent;
use serde_json::json;

use super::house::{House, Running, TINY};

fn recommended(running: &Running) -> Vec<i64> {
    let open = running.service.store().read(|r| r.recommendations_open(10, 0)).unwrap();
    open.iter().map(|one| one.id).collect()
}

fn analysis(running: &Running) -> mediaflow_engine::service::TaskState {
    running.service.tasks().into_iter().find(|task| task.name == "analysis").unwrap()
}

#[test]
fn a_cancelled_analysis_changes_nothing_and_the_next_one_is_whole() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("b.mkv", TINY)]) else { return };
    let (running, library) = house.start_scanned();
    assert!(matches!(running.service.analysis_cancel(), Err(CommandError::WrongState(_))), "none is running");
    running.service.analyze(Some(library), "manual").unwrap();
    let before = recommended(&running);
    assert_eq!(before.len(), 2);
    // The next one would recommend nothing any more.
    running.service.setting_set("intel.min_savings_percent", &json!(90)).unwrap();

    // Whoever writes keeps it from coming to its end.
    let asked = house.store().write(|_| {
        let service = running.service.clone();
        let asked = thread::spawn(move || service.analyze(Some(library), "manual"));
        while analysis(&running).state != TaskStatus::Running {
            thread::yield_now();
        }
        running.service.analysis_cancel().unwrap();
        Ok(asked)
    });
    let cancelled = asked.unwrap().join().unwrap();
    assert!(matches!(&cancelled, Err(CommandError::WrongState(why)) if why.contains("was cancelled")), "{cancelled:?}");
    running.heard.wait("the event of the cancelled analysis", |live| match live {
        Live::Recorded(LoggedEvent { event: Event::AnalysisCancelled { library_id }, .. }) => {
            (*library_id == Some(library)).then_some(())
        }
        _ => None,
    });
    assert_eq!(recommended(&running), before, "what was recommended before stays");
    let task = analysis(&running);
    assert_eq!((task.state, task.detail.as_deref()), (TaskStatus::Idle, Some("library: cancelled")));

    assert_eq!(running.service.analyze(Some(library), "manual").unwrap().recommendations, 0);
    assert_eq!(recommended(&running), [0_i64; 0]);
    running.stop();
}
