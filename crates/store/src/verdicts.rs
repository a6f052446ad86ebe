//! Verdicts: what is remembered of a content under a policy, so that nothing loops.

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::job::Verdict;

use crate::error::StoreError;
use crate::row::{all, first, hash, json, run, to_json};
use crate::store::{Reader, Tx};

impl Reader<'_> {
    /// What is remembered of a content under a policy.
    pub fn verdict(&self, content: &ContentId, policy: &Hash) -> Result<Option<Verdict>, StoreError> {
        first(
            self.conn,
            "SELECT verdict FROM verdicts WHERE content_size = ?1 AND content_edges = ?2 AND policy = ?3",
            (content.size_bytes.cast_signed(), content.edges.to_string(), policy.to_string()),
            |row| json(row, "verdict"),
        )
    }

    /// What is remembered of a content under any policy.
    pub fn verdicts_of(&self, content: &ContentId) -> Result<Vec<(Hash, Verdict)>, StoreError> {
        all(
            self.conn,
            "SELECT policy, verdict FROM verdicts WHERE content_size = ?1 AND content_edges = ?2",
            (content.size_bytes.cast_signed(), content.edges.to_string()),
            |row| Ok((hash(row, "policy")?, json(row, "verdict")?)),
        )
    }
}

impl Tx<'_> {
    /// Remembers a verdict in place of any earlier one.
    pub fn verdict_put(&self, content: &ContentId, policy: &Hash, verdict: &Verdict) -> Result<(), StoreError> {
        run(
            self.conn,
            "INSERT INTO verdicts (content_size, content_edges, policy, verdict, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (content_size, content_edges, policy) DO UPDATE
             SET verdict = excluded.verdict, updated_at = excluded.updated_at",
            (
                content.size_bytes.cast_signed(),
                content.edges.to_string(),
                policy.to_string(),
                to_json("verdict", verdict)?,
                self.now().0,
            ),
        )?;
        Ok(())
    }

    /// Counts one more failure and gives the verdict that holds now. A failure never softens another verdict: what was
    /// refused or undone stays so.
    pub fn verdict_failed(&self, content: &ContentId, policy: &Hash, reason: &str) -> Result<Verdict, StoreError> {
        let count = match self.verdict(content, policy)? {
            None => 1,
            Some(Verdict::Failed { count, .. }) => count.saturating_add(1),
            Some(other) => return Ok(other),
        };
        let verdict = Verdict::Failed { count, reason: reason.to_owned() };
        self.verdict_put(content, policy, &verdict)?;
        Ok(verdict)
    }

    /// Forgets what is remembered of a content, under one policy or (`None`) under all.
    pub fn verdict_clear(&self, content: &ContentId, policy: Option<&Hash>) -> Result<(), StoreError> {
        run(
            self.conn,
            "DELETE FROM verdicts WHERE content_size = ?1 AND content_edges = ?2 AND (?3 IS NULL OR policy = ?3)",
            (content.size_bytes.cast_signed(), content.edges.to_string(), policy.map(Hash::to_string)),
        )?;
        Ok(())
    }
}
