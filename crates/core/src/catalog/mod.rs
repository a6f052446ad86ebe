//! The library in memory: one row for each part (the wire's media item), held as columns, so that any filter, sort, page,
//! facet and count over a million items takes milliseconds.
//!
//! It holds only what is filtered, sorted or counted by: some 140 bytes an item and its folded texts, and four more for
//! each column that was sorted by. The database stays the truth and gives the rows by id.
//!
//! An item lies in a *slot*: the same place in every column for as long as it is there.

mod apply;
mod bounds;
mod coded;
mod columns;
mod facets;
mod filter;
mod fold;
mod mask;
mod order;
mod page;
mod row;
mod stats;
mod tags;
mod texts;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use apply::Loading;
pub use bounds::Bounds;
pub use columns::millihertz;
pub use facets::{Count, Facets};
pub use filter::Filter;
pub use fold::fold;
pub use order::{SortKey, SortOrder};
pub use page::Page;
pub use row::{MediaFacts, Row};
pub use stats::{LibraryTotals, Stats};

use columns::Columns;
use mask::Mask;
use order::Rule;
use tags::Tagged;

/// The place of an item in every column.
type Slot = u32;

/// How "none" is called among the values of a column.
const UNKNOWN: &str = "unknown";

/// The library as columns.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    columns: Columns,
    /// Slots that hold an item.
    alive: Mask,
    /// Slots whose item is gone.
    free: Vec<Slot>,
    /// All items by id.
    by_id: Vec<Slot>,
    /// All items, those of one file together.
    by_file: Vec<Slot>,
    /// The items that share their file with others, those of one file together.
    sharing: Vec<Slot>,
    /// All items by each column that was asked for.
    orders: [OnceLock<Vec<Slot>>; SortKey::ALL.len()],
    /// By the tags' ids.
    tags: BTreeMap<i64, Tagged>,
}

/// What happened to the slots, for the sorted orders to follow.
struct Change {
    /// Slots whose item went or is another now.
    dropped: Mask,
    /// Slots that have an item to be sorted in.
    placed: Vec<Slot>,
}

impl Catalog {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether there is an item of this id.
    #[must_use]
    pub fn contains(&self, part_id: i64) -> bool {
        self.slot_of(part_id).is_some()
    }

    fn slot_of(&self, part_id: i64) -> Option<Slot> {
        let ids = &self.columns.part_id;
        let place = self.by_id.binary_search_by_key(&part_id, |slot| ids[*slot as usize]).ok()?;
        self.by_id.get(place).copied()
    }

    /// All items in the order of a column, made now if nobody asked for it yet.
    fn order(&self, key: SortKey) -> &[Slot] {
        match key {
            SortKey::Id => &self.by_id,
            _ => self.orders[key as usize].get_or_init(|| Rule::of(key, &self.columns).sort(&self.by_id)),
        }
    }

    /// The bytes of some items. A file that holds several of them counts once: it lies on the disk once.
    fn size_bytes(&self, items: &Mask) -> u64 {
        self.sum_of_files(items, |slot| self.columns.size_bytes[slot as usize])
    }

    /// Sums what belongs to files rather than to items.
    fn sum_of_files(&self, items: &Mask, value: impl Fn(Slot) -> u64) -> u64 {
        let of_items = items.iter().map(&value).fold(0, u64::saturating_add);
        let counted_again = self.files_shared().map(|slots| {
            let again = slots.iter().filter(|slot| items.contains(**slot)).skip(1);
            again.map(|slot| value(*slot)).fold(0, u64::saturating_add)
        });
        of_items.saturating_sub(counted_again.fold(0, u64::saturating_add))
    }

    /// The files that hold several items, each as its items' slots.
    fn files_shared(&self) -> impl Iterator<Item = &[Slot]> {
        let ids = &self.columns.file_id;
        self.sharing.chunk_by(|a, b| ids[*a as usize] == ids[*b as usize])
    }
}

#[cfg(test)]
mod tests;
