//! A set of slots, a bit each.

use super::Slot;

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

/// A set of slots.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask {
    words: Vec<u64>,
}

impl Mask {
    /// The empty set, with room for `slots`.
    pub(super) fn with_room(slots: usize) -> Self {
        Self { words: vec![0; slots.div_ceil(BITS)] }
    }

    pub(super) fn insert(&mut self, slot: Slot) {
        let (word, bit) = place(slot);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        let (word, bit) = place(slot);
        if let Some(word) = self.words.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        let (word, bit) = place(slot);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many slots are also in `other`.
    pub(super) fn count_common(&self, other: &Self) -> usize {
        self.words.iter().zip(&other.words).map(|(one, other)| (one & other).count_ones() as usize).sum()
    }

    /// Its slots, rising.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        self.words.iter().enumerate().flat_map(|(index, word)| Bits { left: *word, base: (index * BITS) as Slot })
    }

    /// Keeps the slots that pass.
    pub(super) fn retain(&mut self, passes: impl Fn(usize) -> bool) {
        for (index, word) in self.words.iter_mut().enumerate() {
            let base = index * BITS;
            if *word == u64::MAX {
                // The common case without a branch for each slot.
                *word = (0..BITS).fold(0, |kept, bit| kept | u64::from(passes(base + bit)) << bit);
            } else {
                let mut left = *word;
                while left != 0 {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    if !passes(base + bit) {
                        *word &= !(1 << bit);
                    }
                }
            }
        }
    }

    /// Keeps the slots that are also in `other`.
    pub(super) fn intersect(&mut self, other: &Self) {
        for (index, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(index).copied().unwrap_or(0);
        }
    }
}

const fn place(slot: Slot) -> (usize, u64) {
    (slot as usize / BITS, 1 << (slot as usize % BITS))
}

struct Bits {
    left: u64,
    base: Slot,
}

impl Iterator for Bits {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        if self.left == 0 {
            return None;
        }
        let bit = self.left.trailing_zeros();
        self.left &= self.left - 1;
        Some(self.base + bit)
    }
}
