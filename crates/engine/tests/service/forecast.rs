//! What queueing many files would come to, before it is done.

use std::fs;

use mediaflow_engine::service::LeftOut;

use super::house::{House, TINY, balanced};

#[test]
fn a_forecast_adds_up_what_would_be_queued_and_says_why_the_rest_would_not() {
    let Some(house) = House::with(&[("a.mkv", TINY), ("b.mkv", TINY)]) else { return };
    let (running, _) = house.start_scanned();
    running.service.queue_pause().unwrap();
    running.queue(&["a.mkv"]);
    let b = running.part("b.mkv");
    let forecast = running.service.forecast(&[running.part("a.mkv"), b, b, 4711], &balanced()).unwrap();

    let alone = running.service.dry_run(b, &balanced()).unwrap();
    assert_eq!((forecast.jobs, forecast.foretold), (1, 1), "{forecast:?}");
    assert_eq!(forecast.source_bytes, fs::metadata(house.film("b.mkv")).unwrap().len());
    assert_eq!(Some(forecast.output_bytes), alone.estimate.map(|estimate| estimate.output_bytes));
    let left_out = |reason: &str, files| LeftOut { reason: reason.to_owned(), files };
    assert_eq!(forecast.left_out, [left_out("in the queue already", 2), left_out("no longer in the library", 1)]);
    let named: Vec<_> = forecast.files.iter().map(|file| (file.path.as_str(), file.left_out.is_some())).collect();
    assert_eq!(named, [("a.mkv", true), ("b.mkv", false), ("b.mkv", true)]);
    assert_eq!(running.service.queue_stats().unwrap().queued, 1, "nothing was queued by looking");
    running.stop();
}
