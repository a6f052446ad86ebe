//! When a job that failed is tried again.

use super::Failure;

/// The pauses before the first three retries, in minutes (`facts` §7); later ones are as long as the last.
pub const BACKOFF_MINUTES: [u32; 3] = [1, 5, 15];

/// The pause before the next try at a job that has failed, in minutes; `None` when it is not tried again: its failure is
/// none that a retry mends, or it had its retries.
#[must_use]
pub fn next_try(failure: &Failure, retries: u32, max_retries: u32) -> Option<u32> {
    if !failure.is_worth_a_retry() || retries >= max_retries {
        return None;
    }
    let place = usize::try_from(retries).unwrap_or(usize::MAX).min(BACKOFF_MINUTES.len() - 1);
    BACKOFF_MINUTES.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::FailureCause;

    #[test]
    fn pauses_grow_and_end_with_the_limit() {
        let killed = Failure::new(FailureCause::Killed, "killed");
        let pauses: Vec<_> = (0..6).map(|retries| next_try(&killed, retries, 5)).collect();
        assert_eq!(pauses, [Some(1), Some(5), Some(15), Some(15), Some(15), None]);
        assert_eq!(next_try(&killed, 0, 0), None, "none is none");
    }

    #[test]
    fn what_another_try_cannot_mend_is_not_tried() {
        for cause in [FailureCause::Encoder, FailureCause::Proof, FailureCause::SourceChanged] {
            assert_eq!(next_try(&Failure::new(cause, ""), 0, 3), None, "{cause:?}");
        }
    }
}
