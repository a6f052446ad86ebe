//! Why an encode ended badly, in words for its user.

use mediaflow_core::job::{Failure, FailureCause};
use mediaflow_ffmpeg::failure;
use mediaflow_transport::executor::{End, Exit};

/// How an error of this program begins.
const OWN_WORDS: &str = "mediaflow: ";

/// `worker` is whose disk it is.
pub(super) fn disk_full(worker: &str) -> Failure {
    Failure::new(
        FailureCause::NoSpace,
        format!("the disk of {worker} became full while encoding; free some space there"),
    )
}

/// Why an encode of `worker` ended badly: by what ffmpeg said, and by how it went.
pub(super) fn explain(exit: &Exit, log: &str, worker: &str) -> Failure {
    let said = failure::last_words(log);
    let code = match exit.end {
        End::Code(code) => Some(code),
        _ => None,
    };
    if failure::is_disk_full(log) || failure::is_disk_full(&exit.last_words) || code.is_some_and(failure::is_full_code)
    {
        return disk_full(worker);
    }
    if failure::is_passing(log) {
        let message = format!("ffmpeg could not read or write: {said}; look at the disk and the network");
        return Failure::new(FailureCause::Storage, message);
    }
    match &exit.end {
        End::Signal(signal) => {
            Failure::new(FailureCause::Killed, format!("ffmpeg was killed by signal {signal}; run again"))
        }
        End::Lacks(file) if mediaflow_ffmpeg::burn_in::is_file_name(file) => Failure::new(
            FailureCause::Encoder,
            format!(
                "the subtitles that were to be drawn into the picture could not be taken out of the source: {said}"
            ),
        ),
        End::Lacks(_) => Failure::new(
            FailureCause::Encoder,
            "the first of two passes left no statistics: this ffmpeg's encoder cannot do two passes; choose one pass, or a \
             constant quality",
        ),
        End::NotStarted(reason) => Failure::new(FailureCause::Tool, format!("ffmpeg could not be started: {reason}")),
        // What our own program says in a step begins with its name.
        End::Code(_) if said.starts_with(OWN_WORDS) => Failure::new(
            FailureCause::Encoder,
            format!("dynamic HDR metadata could not be put beside the pictures: {}", said.replacen(OWN_WORDS, "", 1)),
        ),
        End::Code(code) => Failure::new(FailureCause::Encoder, format!("ffmpeg ended with code {code}: {said}")),
        End::Cancelled => Failure::new(FailureCause::Killed, "the encode was stopped"),
    }
}
