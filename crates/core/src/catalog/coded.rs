//! A column of few different values, each written as a small number.

use std::borrow::Borrow;
use std::collections::BTreeMap;

/// The code of "none".
pub(super) const NONE: u16 = 0;

/// A column of few different values. Codes are given in the order of arrival and stay. Should there ever be more than
/// 65,535 values, the further ones count as none: codecs, layouts and libraries are some dozens.
#[derive(Debug, Clone)]
pub(super) struct Coded<K> {
    /// The code of each slot.
    pub codes: Vec<u16>,
    values: Vec<K>,
    known: BTreeMap<K, u16>,
}

// Derived, it would ask for a default value of the values.
impl<K> Default for Coded<K> {
    fn default() -> Self {
        Self { codes: Vec::new(), values: Vec::new(), known: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Coded<K> {
    /// The code of a value, a new one if it is new.
    pub(super) fn code<Q>(&mut self, value: Option<&Q>) -> u16
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        let Some(value) = value else { return NONE };
        if let Some(code) = self.known.get(value) {
            return *code;
        }
        let Ok(code) = u16::try_from(self.values.len() + 1) else { return NONE };
        self.values.push(value.to_owned());
        self.known.insert(value.to_owned(), code);
        code
    }

    /// The value of a code; `None` for [`NONE`].
    pub(super) fn value(&self, code: u16) -> Option<&K> {
        self.values.get(usize::from(code).checked_sub(1)?)
    }

    /// All codes, [`NONE`] first, each with its value.
    pub(super) fn values(&self) -> impl Iterator<Item = Option<&K>> {
        std::iter::once(None).chain(self.values.iter().map(Some))
    }

    /// For each code whether its value passes.
    pub(super) fn table(&self, passes: impl FnMut(Option<&K>) -> bool) -> Vec<bool> {
        self.values().map(passes).collect()
    }

    /// For each code where its value stands among all in the order of `rank`; [`NONE`] stands first.
    pub(super) fn ranks<R: Ord>(&self, rank: impl Fn(&K) -> R) -> Vec<u64> {
        let mut sorted: Vec<(Option<R>, usize)> =
            self.values().map(|value| value.map(&rank)).enumerate().map(|(code, rank)| (rank, code)).collect();
        sorted.sort();
        let mut ranks = vec![0; sorted.len()];
        for (place, equal) in sorted.chunk_by(|a, b| a.0 == b.0).enumerate() {
            for (_, code) in equal {
                ranks[*code] = place as u64;
            }
        }
        ranks
    }
}
