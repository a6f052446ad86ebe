//! The floor, another try below it, and the search for a CRF.

use mediaflow_core::job::{Ending, FailureCause};
use mediaflow_core::media::preset::{QualityCheck, QualityFloor, RateControl, Settings};
use mediaflow_core::plan::tuning::Tuning;
use mediaflow_store::TaskKind;

use super::house::{House, Running, balanced};

/// Each step of CRF shows.
const CLIP: &str = "-f lavfi -i testsrc2=s=320x180:r=25:d=4 -c:v libx264 -preset ultrafast -qp 4 -pix_fmt yuv420p";

/// Noise that is packed as tight as it goes: nothing keeps it that well in less.
const PACKED: &str = "-f lavfi -i testsrc2=s=320x180:r=25:d=2,noise=alls=12:allf=t -c:v libx264 -preset slow -crf 30 \
                      -pix_fmt yuv420p";

fn queue(running: &Running, name: &str, rate: RateControl, floor_vmaf: f64, quality: QualityCheck) -> i64 {
    let settings = Settings { rate, floor: QualityFloor::of_vmaf(floor_vmaf), quality, ..balanced().settings };
    running.queue_by(name, settings)
}

fn tuning(house: &House, job: i64) -> Option<Tuning> {
    house.store().read(|r| r.tuning(job)).unwrap()
}

fn encodes(house: &House, job: i64) -> usize {
    let attempts = house.store().read(|r| r.attempts_of_job(job)).unwrap();
    attempts.iter().filter(|attempt| attempt.kind == TaskKind::Encode).count()
}

#[test]
fn below_its_floor_a_film_is_encoded_again_with_a_lower_crf_and_then_replaced() {
    let Some(house) = House::with(&[("film.mkv", CLIP)]) else { return };
    let (running, _) = house.start_scanned();
    let again = QualityCheck { whole: false, retries: 2 };
    let job = queue(&running, "film.mkv", RateControl::Crf(30), 95.0, again);
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let tuning = tuning(&house, job).expect("it was lowered");
    assert!(tuning.crf < 30 && tuning.lowered >= 1 && tuning.search.is_none(), "{tuning:?}");
    assert_eq!(encodes(&house, job), usize::from(tuning.lowered) + 1);
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn without_another_try_a_film_below_its_floor_stays_and_says_so() {
    let Some(house) = House::with(&[("film.mkv", CLIP)]) else { return };
    let before = std::fs::read(house.film("film.mkv")).unwrap();
    let (running, _) = house.start_scanned();
    let whole = QualityCheck { whole: true, retries: 0 };
    let job = queue(&running, "film.mkv", RateControl::Crf(40), 90.0, whole);
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Failed);
    assert!(reason.contains("below the floor"), "{reason}");
    assert_eq!(running.job(job).failure_cause, Some(FailureCause::Proof));
    assert_eq!((encodes(&house, job), tuning(&house, job)), (1, None));
    assert!(before == std::fs::read(house.film("film.mkv")).unwrap(), "the original changed");
    running.stop();
}

#[test]
fn a_target_is_met_by_the_crf_that_samples_found() {
    let Some(house) = House::with(&[("film.mkv", CLIP), ("packed.mkv", PACKED)]) else { return };
    let (running, _) = house.start_scanned();
    let once = QualityCheck::default();
    let job = queue(&running, "film.mkv", RateControl::TargetVmaf(93), 85.0, once);
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    let search = tuning(&house, job).and_then(|tuning| tuning.search).expect("it was searched");
    assert!(search.trials.len() >= 2 && search.predicted_score >= search.target, "{search:?}");
    // A short film is its own sample: only the container and the sound are added.
    let (is, foretold) = (running.job(job).output_bytes.unwrap(), search.predicted_bytes);
    assert!(is.abs_diff(foretold) < foretold / 10, "{foretold} bytes were foretold, it has {is}");

    let job = queue(&running, "packed.mkv", RateControl::TargetVmaf(99), 0.0, once);
    let (ending, reason) = running.wait_for_end(job);
    assert!(matches!(ending, Ending::Refused | Ending::NotWorthIt), "{ending:?}: {reason}");
    assert!(reason.contains("samples"), "{reason}");
    assert_eq!(encodes(&house, job), 0, "it was encoded although its samples had said that it is no use");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}
