//! Tags as a user deals with them: many items at once, without keeping others from writing.

use super::Service;
use super::error::CommandError;

/// Items that get or lose a tag in one transaction: some ten milliseconds, for which others wait.
const ITEMS_AT_ONCE: usize = 5000;

impl Service {
    /// Gives all of these tags to all of these items; gives how many tags were given anew. Items that are no more are passed
    /// over. Broken off, it has given some: giving them again does the rest.
    pub fn tags_apply(&self, part_ids: &[i64], tag_ids: &[i64]) -> Result<usize, CommandError> {
        self.each_tag(part_ids, tag_ids, |tx, tag_id, chunk| tx.tag_apply(tag_id, chunk))
    }

    /// Takes all of these tags from all of these items; gives how many were taken.
    pub fn tags_remove(&self, part_ids: &[i64], tag_ids: &[i64]) -> Result<usize, CommandError> {
        self.each_tag(part_ids, tag_ids, |tx, tag_id, chunk| tx.tag_remove(tag_id, chunk))
    }

    fn each_tag(
        &self,
        part_ids: &[i64],
        tag_ids: &[i64],
        change: impl Fn(&mediaflow_store::Tx<'_>, i64, &[i64]) -> Result<usize, mediaflow_store::StoreError>,
    ) -> Result<usize, CommandError> {
        let store = self.store();
        // All of them before any: what is wrong with one is said before others have it.
        store.read(|r| tag_ids.iter().try_for_each(|id| r.tag(*id).map(drop)))?;
        let mut changed = 0;
        for tag_id in tag_ids {
            for chunk in part_ids.chunks(ITEMS_AT_ONCE) {
                changed += store.write(|tx| change(tx, *tag_id, chunk))?;
            }
        }
        Ok(changed)
    }
}
