//! What is learned of the lines to workers from the files that go over them.

use std::time::Instant;

use mediaflow_core::schedule::Passage;
use mediaflow_store::{Store, StoreError};
use mediaflow_transport::ssh::Moved;

use super::TransferDirection;

/// Notes how fast a file went to a worker, or came back, since an instant. What was there already tells nothing.
pub(crate) fn note_transfer(store: &Store, worker_id: i64, direction: TransferDirection, moved: Moved, since: Instant) {
    let passage = Passage { bytes: moved.sent_bytes, took: since.elapsed() };
    let noted = store.write(|tx| match direction {
        TransferDirection::Upload => tx.worker_sent(worker_id, passage),
        TransferDirection::Download => tx.worker_fetched(worker_id, passage),
    });
    match noted {
        // The worker was removed meanwhile.
        Ok(()) | Err(StoreError::NotFound { .. }) => {}
        Err(error) => tracing::error!("how fast the line to worker {worker_id} is is not noted: {error}"),
    }
}
