//! Meeting a bitrate in two passes.

use mediaflow_core::job::Ending;
use mediaflow_core::media::preset::{RateControl, Settings, TargetVideo};

use super::house::{House, Running, balanced};

/// Long enough for a bitrate to be met.
const CLIP: &str = "-f lavfi -i testsrc2=s=320x180:r=25:d=6 -c:v libx264 -preset ultrafast -qp 4 -pix_fmt yuv420p";

const BPS: u64 = 600_000;

fn queue(running: &Running, name: &str, video: TargetVideo) -> i64 {
    let settings = Settings { video, rate: RateControl::Bitrate(BPS), two_pass: true, ..balanced().settings };
    running.queue_by(name, settings)
}

#[test]
fn the_second_pass_meets_the_bitrate_by_what_the_first_one_wrote() {
    let Some(house) = House::with(&[("hevc.mkv", CLIP), ("h264.mkv", CLIP)]) else { return };
    let (running, _) = house.start_scanned();
    for (name, video) in [("hevc.mkv", TargetVideo::Hevc), ("h264.mkv", TargetVideo::H264)] {
        let job = queue(&running, name, video);
        let (ending, reason) = running.wait_for_end(job);
        assert_eq!(ending, Ending::Replaced, "{name}: {reason}");
        let bits = running.job(job).output_bytes.unwrap() * 8;
        let asked = BPS * 6;
        assert!(bits > asked * 8 / 10 && bits < asked * 12 / 10, "{name}: {bits} bits instead of {asked}");
    }
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}

#[test]
fn an_encoder_without_statistics_is_not_taken_for_two_passes() {
    let Some(house) = House::with(&[("av1.mkv", CLIP)]) else { return };
    let (running, _) = house.start_scanned();
    let (ending, reason) = running.wait_for_end(queue(&running, "av1.mkv", TargetVideo::Av1));
    assert_eq!(ending, Ending::Failed);
    assert!(reason.contains("cannot do two passes"), "{reason}");
    running.stop();
    assert!(house.scratch().is_empty(), "{:?}", house.scratch());
}
