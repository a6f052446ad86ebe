//! What a killed process left in the user's folders.

use std::fs;

use mediaflow_core::job::Ending;

use super::house::{House, SLOW};

#[test]
fn trial_files_of_a_killed_start_are_removed_and_those_of_others_stay() {
    let Some(house) = House::with(&[("slow.mkv", SLOW)]) else { return };
    let (running, _) = house.start_scanned();
    let job = running.queue(&["slow.mkv"])[0];
    running.wait_for_frames(job);
    running.stop();

    // As a SIGKILL in the middle of a trial leaves them: in the film's folder and in the quarantine beside it.
    let quarantine = house.film(mediaflow_engine::replace::QUARANTINE_FOLDER);
    fs::create_dir(&quarantine).unwrap();
    let ours = [
        house.film(&format!(".mf-trial-job-{job}-left")),
        house.film(".mf-trial-0000000000000007-3-left"),
        quarantine.join(".mf-trial-0000000000000007-3-left"),
    ];
    let not_ours = [
        house.film(&format!(".mf-trial-job-{}-left", job + 1)),
        house.film(".mf-trial-00000000000000ff-3-left"),
        house.film(".mf-trial-mine.txt"),
        quarantine.join(".mf-trial-00000000000000ff-3-left"),
    ];
    for path in ours.iter().chain(&not_ours) {
        fs::write(path, "").unwrap();
    }

    let running = house.start();
    let (ending, reason) = running.wait_for_end(job);
    assert_eq!(ending, Ending::Replaced, "{reason}");
    running.stop();
    for path in &ours {
        assert!(!path.exists(), "{} is ours and should be gone", path.display());
    }
    for path in &not_ours {
        assert!(path.exists(), "{} is not ours and should have stayed", path.display());
    }
}
