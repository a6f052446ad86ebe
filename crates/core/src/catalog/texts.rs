//! A column of texts that are nearly all different, folded, in one long arena: a search is one pass over it.

use std::sync::OnceLock;

use memchr::{memchr, memmem};

use super::Slot;
use super::fold::{END, fold, fold_into};
use super::mask::Mask;

/// Arenas below this size are not worth tidying.
const TIDY_BYTES: usize = 1 << 20;

/// A column of texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    /// Every text, each followed by [`END`]. Where one was taken away there are only ends, so that nothing is found there.
    arena: Vec<u8>,
    /// Where each slot's text begins.
    starts: Vec<usize>,
    /// Bytes of texts that were taken away.
    dead_bytes: usize,
    /// The slots in the order of the arena; made by the first search after a change.
    owners: OnceLock<Vec<Slot>>,
}

impl Texts {
    /// Writes a slot's text; a slot that is new is the next one.
    pub(super) fn put(&mut self, slot: Slot, text: &str) {
        let slot = slot as usize;
        if slot < self.starts.len() {
            let folded = fold(text);
            if self.get(slot as Slot) == folded {
                return;
            }
            self.blank(slot);
            self.starts[slot] = self.arena.len();
            self.arena.extend_from_slice(&folded);
        } else {
            self.starts.push(self.arena.len());
            fold_into(text, &mut self.arena);
        }
        self.arena.push(END);
        self.owners = OnceLock::new();
        self.tidy();
    }

    /// A slot's text, folded.
    pub(super) fn get(&self, slot: Slot) -> &[u8] {
        let text = &self.arena[self.starts[slot as usize]..];
        &text[..memchr(END, text).unwrap_or(text.len())]
    }

    /// Eight bytes of a slot's text from `depth` on as a number that sorts as they do; bytes behind its end are zero.
    pub(super) fn prefix(&self, slot: Slot, depth: usize) -> u64 {
        let from = self.starts[slot as usize] + depth;
        let text = &self.arena[from..self.arena.len().min(from + 8)];
        let text = &text[..memchr(END, text).unwrap_or(text.len())];
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text);
        u64::from_be_bytes(bytes)
    }

    /// Adds the slots whose text contains `folded` to `found`.
    pub(super) fn search(&self, folded: &[u8], found: &mut Mask) {
        let owners = self.owners.get_or_init(|| {
            let mut owners: Vec<Slot> = (0..self.starts.len() as Slot).collect();
            owners.sort_by_key(|slot| self.starts[*slot as usize]);
            owners
        });
        let finder = memmem::Finder::new(folded);
        let (mut from, mut next) = (0, 0);
        while let Some(hit) = finder.find(&self.arena[from..]).map(|hit| from + hit) {
            // Hits come in the order of the arena, mostly close to each other.
            next += step_past(&owners[next..], |slot| self.starts[*slot as usize] <= hit);
            if let Some(owner) = owners.get(next.wrapping_sub(1)) {
                found.insert(*owner);
            }
            from = match memchr(END, &self.arena[hit..]) {
                Some(end) => hit + end,
                None => return,
            };
        }
    }

    fn blank(&mut self, slot: usize) {
        let (start, length) = (self.starts[slot], self.get(slot as Slot).len());
        self.arena[start..start + length].fill(END);
        self.dead_bytes += length;
    }

    /// Writes the arena anew when most of it is nothing.
    fn tidy(&mut self) {
        if self.dead_bytes < TIDY_BYTES || self.dead_bytes * 2 < self.arena.len() {
            return;
        }
        let mut arena = Vec::with_capacity(self.arena.len() - self.dead_bytes);
        let mut starts = Vec::with_capacity(self.starts.len());
        for slot in 0..self.starts.len() {
            starts.push(arena.len());
            arena.extend_from_slice(self.get(slot as Slot));
            arena.push(END);
        }
        *self = Self { arena, starts, ..Self::default() };
    }
}

/// How many items at the start pass, found in steps that grow: as many as a binary search where that is far, few where
/// it is near.
fn step_past<T>(items: &[T], passes: impl Fn(&T) -> bool) -> usize {
    let mut step = 1;
    while items.get(step - 1).is_some_and(&passes) {
        step *= 2;
    }
    let low = step / 2;
    low + items[low..items.len().min(step)].partition_point(passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_change_for_ever_need_no_more_room() {
        let mut texts = Texts::default();
        texts.put(0, "the first");
        texts.put(1, "the second");
        texts.put(2, "the third");
        for round in 0..100_000 {
            texts.put(1, &format!("the second in round {round}"));
        }
        assert!(texts.arena.len() < 3 * TIDY_BYTES, "{} bytes for three texts", texts.arena.len());
        let found = |text: &str| {
            let mut found = Mask::default();
            texts.search(text.as_bytes(), &mut found);
            found.iter().collect::<Vec<_>>()
        };
        assert_eq!(found("the"), [0, 1, 2]);
        assert_eq!(found("round 99999"), [1]);
        assert_eq!(found("round 99998"), [0; 0], "what was there before is not found");
        assert_eq!(texts.get(2), b"the third");
    }
}
