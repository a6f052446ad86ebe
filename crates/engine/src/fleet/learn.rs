//! What is learned of the lines to workers from the files that go over them.

use std::time::Instant;

use mediaflow_core::schedule::Passage;
use mediaflow_store::{Store, StoreError};
use mediaflow_transport::ssh::Moved;

use super::TransferDirection;
use crate::settings;

/// From this share of the limit on, it was the limit that held a transfer back, and not the line.
const HELD_BACK: f64 = 0.75;

/// Notes how fast a file went to a worker, or came back, since an instant. What was there already tells nothing, nor does
/// what the user's limit held back.
pub(crate) fn note_transfer(store: &Store, worker_id: i64, direction: TransferDirection, moved: Moved, since: Instant) {
    let passage = Passage { bytes: moved.sent_bytes, took: since.elapsed() };
    let noted = store.write(|tx| {
        if settings::transfer_limit(tx)?.is_some_and(|limit| is_held_back(passage, limit)) {
            return Ok(());
        }
        match direction {
            TransferDirection::Upload => tx.worker_sent(worker_id, passage),
            TransferDirection::Download => tx.worker_fetched(worker_id, passage),
        }
    });
    match noted {
        // The worker was removed meanwhile.
        Ok(()) | Err(StoreError::NotFound { .. }) => {}
        Err(error) => tracing::error!("how fast the line to worker {worker_id} is is not noted: {error}"),
    }
}

#[allow(clippy::cast_precision_loss)] // a rate is an estimate
fn is_held_back(passage: Passage, limit_bytes_per_second: u64) -> bool {
    passage.bytes as f64 >= limit_bytes_per_second as f64 * HELD_BACK * passage.took.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_came_near_the_limit_was_held_back_by_it() {
        let passage = Passage { bytes: 50_000_000, took: Duration::from_secs(10) };
        for (limit, wanted) in [(5_000_000, true), (6_000_000, true), (7_000_000, false), (4_000_000, true)] {
            assert_eq!(is_held_back(passage, limit), wanted, "{limit}");
        }
    }
}
