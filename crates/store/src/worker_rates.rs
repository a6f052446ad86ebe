//! How fast files go to workers and come back, as far as it was seen.

use mediaflow_core::schedule::Passage;

use crate::error::StoreError;
use crate::row::run;
use crate::store::Tx;

impl Tx<'_> {
    /// Learns from a file that went to a worker.
    pub fn worker_sent(&self, id: i64, passage: Passage) -> Result<(), StoreError> {
        let learned = passage.learned(self.worker(id)?.upload_bps).map(u64::cast_signed);
        run(self.conn, "UPDATE workers SET upload_bps = ?2 WHERE id = ?1", (id, learned)).map(drop)
    }

    /// Notes what was measured on purpose, which is believed whatever was learned before.
    pub(crate) fn worker_rates_put(&self, id: i64, up: Option<u64>, down: Option<u64>) -> Result<(), StoreError> {
        let sql = "UPDATE workers SET upload_bps = coalesce(?2, upload_bps), download_bps = coalesce(?3, download_bps)
                   WHERE id = ?1";
        run(self.conn, sql, (id, up.map(u64::cast_signed), down.map(u64::cast_signed))).map(drop)
    }

    /// Forgets what was learned: it is another line.
    pub(crate) fn worker_rates_forget(&self, id: i64) -> Result<(), StoreError> {
        run(self.conn, "UPDATE workers SET upload_bps = NULL, download_bps = NULL WHERE id = ?1", [id]).map(drop)
    }

    /// Learns from a file that came back from a worker.
    pub fn worker_fetched(&self, id: i64, passage: Passage) -> Result<(), StoreError> {
        let learned = passage.learned(self.worker(id)?.download_bps).map(u64::cast_signed);
        run(self.conn, "UPDATE workers SET download_bps = ?2 WHERE id = ?1", (id, learned)).map(drop)
    }
}
