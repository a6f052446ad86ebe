//! Proofs, kept whole and apart from jobs.

use mediaflow_core::proof::{Conclusion, Proof};
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{first, get, insert, json, time, to_json};
use crate::store::{Reader, Tx};

/// A proof with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredProof {
    /// Its id.
    pub id: i64,
    /// The job whose output it is about; that job may have been cleared.
    pub job_id: i64,
    /// The proof.
    pub proof: Proof,
    /// When it was made.
    pub created_at: Timestamp,
}

const fn conclusion_name(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Proven => "proven",
        Conclusion::NotWorthIt => "not_worth_it",
        Conclusion::Rejected => "rejected",
    }
}

fn read(row: &Row<'_>) -> Result<StoredProof, StoreError> {
    Ok(StoredProof {
        id: get(row, "id")?,
        job_id: get(row, "job_id")?,
        proof: json(row, "proof")?,
        created_at: time(row, "created_at")?,
    })
}

impl Reader<'_> {
    /// The last proof that was made for a job.
    pub fn proof_of_job(&self, job_id: i64) -> Result<Option<StoredProof>, StoreError> {
        first(self.conn, "SELECT * FROM proofs WHERE job_id = ?1 ORDER BY id DESC LIMIT 1", [job_id], read)
    }
}

impl Tx<'_> {
    /// Keeps a proof and gives its id.
    pub fn proof_put(&self, job_id: i64, proof: &Proof) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO proofs (job_id, output_hash, output_bytes, content_size, content_edges, intent_hash, conclusion,
             proof, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                job_id,
                proof.output_hash.to_string(),
                proof.output_bytes.cast_signed(),
                proof.source.size_bytes.cast_signed(),
                proof.source.edges.to_string(),
                proof.intent.to_string(),
                conclusion_name(proof.conclusion()),
                to_json("proof", proof)?,
                self.now().0,
            ),
        )
    }
}
