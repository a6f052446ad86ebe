//! What was found out for a job besides its frozen plan.

use mediaflow_core::plan::tuning::Tuning;

use crate::error::StoreError;
use crate::row::{first, json, run, to_json};
use crate::store::{Reader, Tx};

impl Reader<'_> {
    /// The tuning of a job, where it has one.
    pub fn tuning(&self, job_id: i64) -> Result<Option<Tuning>, StoreError> {
        first(self.conn, "SELECT tuning FROM tunings WHERE job_id = ?1", [job_id], |row| json(row, "tuning"))
    }
}

impl Tx<'_> {
    /// Writes a job's tuning down.
    pub fn tuning_put(&self, job_id: i64, tuning: &Tuning) -> Result<(), StoreError> {
        let sql = "INSERT INTO tunings (job_id, tuning) VALUES (?1, ?2)
                   ON CONFLICT (job_id) DO UPDATE SET tuning = excluded.tuning";
        run(self.conn, sql, (job_id, to_json("tuning", tuning)?)).map(drop)
    }
}
