//! Who came in, who was turned away, and who did what cannot be taken back.

use mediaflow_core::time::Timestamp;

use crate::error::StoreError;
use crate::row::{all, get, insert, run, time};
use crate::store::{Reader, Tx};

/// So many refusals are kept, the newest; everything else is kept for good.
pub const KEPT_REFUSALS: u32 = 10_000;

/// An entry to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAuditEntry<'a> {
    /// What was done, by its stable name.
    pub action: &'a str,
    /// Whether it was refused.
    pub refused: bool,
    /// Who did it.
    pub actor: &'a str,
    /// From where, as text.
    pub address: Option<&'a str>,
    /// To what, in words. Never a secret.
    pub detail: Option<&'a str>,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id; rises with time.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was done, by its stable name.
    pub action: String,
    /// Whether it was refused.
    pub refused: bool,
    /// Who did it.
    pub actor: String,
    /// From where, as text.
    pub address: Option<String>,
    /// To what, in words.
    pub detail: Option<String>,
}

impl Reader<'_> {
    /// At most `limit` entries older than the one numbered `before`, or than all to come, the newest first.
    pub fn audit_log(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = "SELECT * FROM audit_log WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
        all(self.conn, sql, (before.unwrap_or(i64::MAX), limit), |row| {
            Ok(AuditEntry {
                id: get(row, "id")?,
                at: time(row, "at")?,
                action: get(row, "action")?,
                refused: get(row, "refused")?,
                actor: get(row, "actor")?,
                address: get(row, "address")?,
                detail: get(row, "detail")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Writes an entry.
    pub fn audit(&self, entry: &NewAuditEntry<'_>) -> Result<(), StoreError> {
        insert(
            self.conn,
            "INSERT INTO audit_log (at, action, refused, actor, address, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (self.now().0, entry.action, entry.refused, entry.actor, entry.address, entry.detail),
        )?;
        if entry.refused {
            run(
                self.conn,
                "DELETE FROM audit_log WHERE refused = 1
                 AND id <= (SELECT id FROM audit_log WHERE refused = 1 ORDER BY id DESC LIMIT 1 OFFSET ?1)",
                [KEPT_REFUSALS],
            )?;
        }
        Ok(())
    }
}
