//! Pages of items.

use super::order::{Rule, nones_from, walk};
use super::{Catalog, Filter, SortKey, SortOrder};

/// Some of the items that meet a filter, and what all of them come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Ids of this page's items, in order.
    pub ids: Vec<i64>,
    /// How many items meet the filter.
    pub total: u64,
    /// Their bytes; a file that holds several of them counts once.
    pub total_size_bytes: u64,
}

impl Catalog {
    /// At most `limit` of the items that meet a filter, from the one numbered `offset` (from 0) on. Items without a value
    /// in the column come last in both directions; items that are equal in it go by their id, in the same direction.
    #[must_use]
    pub fn page(&self, filter: &Filter, key: SortKey, direction: SortOrder, offset: usize, limit: usize) -> Page {
        let items = self.select(filter);
        let total = items.count();
        // Where all items are wanted, no look at each on the way to the page is needed.
        let only = (total < self.len()).then_some(&items);
        let order = self.order(key);
        let nones_from = nones_from(order, &Rule::of(key, &self.columns));
        let slots = walk(order, nones_from, direction, only).skip(offset).take(limit);
        Page {
            ids: slots.map(|slot| self.columns.part_id[slot as usize]).collect(),
            total: total as u64,
            total_size_bytes: self.size_bytes(&items),
        }
    }

    /// All items that meet a filter, by id.
    #[must_use]
    pub fn ids(&self, filter: &Filter) -> Page {
        self.page(filter, SortKey::Id, SortOrder::Ascending, 0, usize::MAX)
    }
}
