//! What the user says about other machines.

use mediaflow_store::{Reader, StoreError};

use super::value;

/// Connections for one large file.
pub const TRANSFER_STREAMS: &str = "transfer.streams";
/// The most that one file takes of the line.
pub const TRANSFER_LIMIT: &str = "transfer.limit_mbps";
/// How long a silent server keeps its job.
pub const LEASE_SECONDS: &str = "transfer.lost_after_seconds";

/// Whether servers may fetch sources from each other.
pub const DIRECT_TRANSFERS: &str = "transfer.direct";

/// Whether a server may fetch a source from the server that it lies on, by its own `ssh`.
pub fn direct_transfers(reader: &Reader<'_>) -> Result<bool, StoreError> {
    Ok(value(reader, DIRECT_TRANSFERS)?.as_bool().unwrap_or(false))
}

/// Connections for one large file.
pub fn transfer_streams(reader: &Reader<'_>) -> Result<usize, StoreError> {
    Ok(value(reader, TRANSFER_STREAMS)?.as_u64().and_then(|streams| usize::try_from(streams).ok()).unwrap_or(4))
}

/// Bytes a second that one file takes at most; `None` without a limit.
pub fn transfer_limit(reader: &Reader<'_>) -> Result<Option<u64>, StoreError> {
    let mbps = value(reader, TRANSFER_LIMIT)?.as_f64().unwrap_or(0.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok((mbps > 0.0).then_some((mbps * 125_000.0) as u64)) // positive, and far below the end of its range
}

/// Seconds for which a silent server keeps its job.
pub fn lease_seconds(reader: &Reader<'_>) -> Result<i64, StoreError> {
    Ok(value(reader, LEASE_SECONDS)?.as_i64().unwrap_or(120))
}
