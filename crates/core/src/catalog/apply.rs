//! Changes: items that are new, that changed, that are gone.

use std::collections::BTreeMap;

use super::mask::Mask;
use super::order::Rule;
use super::{Catalog, Change, Row, Slot, SortKey};

/// One in so many items may change before sorting anew is cheaper than sorting them in.
const SORT_ANEW: usize = 4;

impl Catalog {
    /// Takes items away and puts others in, in the place of those with the same ids.
    pub fn apply<'r>(&mut self, rows: impl IntoIterator<Item = Row<'r>>, gone: impl IntoIterator<Item = i64>) {
        let mut change = Change { dropped: Mask::with_room(self.columns.slots()), placed: Vec::new() };
        let mut removed = Vec::new();
        for part_id in gone {
            let known = self.slot_of(part_id).filter(|slot| !change.dropped.contains(*slot));
            if let Some(slot) = known {
                change.dropped.insert(slot);
                self.alive.remove(slot);
                removed.push(slot);
            }
        }
        let mut placed: BTreeMap<i64, Slot> = BTreeMap::new();
        for row in rows {
            let known = placed.get(&row.part_id).copied().or_else(|| self.slot_of(row.part_id));
            let slot = known.unwrap_or_else(|| self.free.pop().unwrap_or(self.columns.slots() as Slot));
            if known.is_some() && !placed.contains_key(&row.part_id) {
                change.dropped.insert(slot);
            }
            placed.insert(row.part_id, slot);
            self.columns.put(slot, &row);
            self.alive.insert(slot);
        }
        // Only now: until the orders have followed, a slot must keep the id by which it is found.
        self.free.extend(removed.into_iter().filter(|slot| !self.alive.contains(*slot)));
        change.placed = placed.into_values().collect();
        self.follow(&change);
    }

    fn follow(&mut self, change: &Change) {
        if change.placed.is_empty() && change.dropped.is_empty() {
            return;
        }
        self.follow_by_tags(change);
        let columns = &self.columns;
        let by_file = Rule::by_file(columns);
        if change.placed.len() > self.by_id.len() / SORT_ANEW {
            self.by_id = self.alive.iter().collect();
            self.by_id.sort_by_key(|slot| columns.part_id[*slot as usize]);
            self.by_file = by_file.sort(&self.by_id);
            self.orders = Default::default();
        } else {
            Rule::of(SortKey::Id, columns).follow(&mut self.by_id, columns, change);
            by_file.follow(&mut self.by_file, columns, change);
            for key in SortKey::ALL {
                if let Some(order) = self.orders[*key as usize].get_mut() {
                    Rule::of(*key, columns).follow(order, columns, change);
                }
            }
        }
        let same_file = |a: &Slot, b: &Slot| columns.file_id[*a as usize] == columns.file_id[*b as usize];
        self.sharing = self.by_file.chunk_by(same_file).filter(|items| items.len() > 1).flatten().copied().collect();
    }
}

/// All of a library at once, as it is loaded. Cheaper than [`Catalog::apply`] by the rows that need not be kept.
#[derive(Debug, Default)]
pub struct Loading {
    catalog: Catalog,
}

impl Loading {
    /// Puts an item in. Its id must not have been put before.
    pub fn push(&mut self, row: &Row<'_>) {
        let slot = self.catalog.columns.slots() as Slot;
        self.catalog.columns.put(slot, row);
        self.catalog.alive.insert(slot);
    }

    /// How many there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.catalog.columns.slots()
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The catalog of these items, sorted by title already, as it is asked for first.
    #[must_use]
    pub fn finish(mut self) -> Catalog {
        let placed = self.catalog.alive.iter().collect();
        self.catalog.follow(&Change { dropped: Mask::default(), placed });
        self.catalog.order(SortKey::Title);
        self.catalog
    }
}
