//! Tags: for each one the items that have it.

use std::collections::BTreeMap;

use super::mask::Mask;
use super::{Catalog, Change};

/// The items of one tag.
#[derive(Debug, Clone, Default)]
pub(super) struct Tagged {
    /// Rising; also those that are not here, so that they have it when they come.
    part_ids: Vec<i64>,
    pub slots: Mask,
}

impl Catalog {
    /// Says which items have a tag, by their ids in any order.
    pub fn put_tag(&mut self, tag_id: i64, mut part_ids: Vec<i64>) {
        part_ids.sort_unstable();
        part_ids.dedup();
        let slots = self.slots_of_rising(&part_ids);
        self.tags.insert(tag_id, Tagged { part_ids, slots });
    }

    /// Forgets a tag.
    pub fn drop_tag(&mut self, tag_id: i64) {
        self.tags.remove(&tag_id);
    }

    /// How many items have each tag.
    #[must_use]
    pub fn tag_counts(&self) -> BTreeMap<i64, u64> {
        self.tags.iter().map(|(id, tagged)| (*id, tagged.slots.count() as u64)).collect()
    }

    /// The items that have a tag; `None` where there is no such tag.
    pub(super) fn tagged(&self, tag_id: i64) -> Option<&Mask> {
        self.tags.get(&tag_id).map(|tagged| &tagged.slots)
    }

    /// Has the tags follow a change of the items.
    pub(super) fn follow_by_tags(&mut self, change: &Change) {
        let ids = &self.columns.part_id;
        for tagged in self.tags.values_mut() {
            change.dropped.iter().for_each(|slot| tagged.slots.remove(slot));
            for slot in &change.placed {
                if tagged.part_ids.binary_search(&ids[*slot as usize]).is_ok() {
                    tagged.slots.insert(*slot);
                }
            }
        }
    }

    /// Slots of ids that rise, as all items by id do: one walk along both.
    fn slots_of_rising(&self, part_ids: &[i64]) -> Mask {
        let mut mask = Mask::with_room(self.columns.slots());
        let mut items = self.by_id.iter().copied().peekable();
        for part_id in part_ids {
            let of = |slot: u32| self.columns.part_id[slot as usize];
            while items.next_if(|slot| of(*slot) < *part_id).is_some() {}
            if let Some(slot) = items.next_if(|slot| of(*slot) == *part_id) {
                mask.insert(slot);
            }
        }
        mask
    }
}
