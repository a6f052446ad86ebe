//! Facets: how many items there would be for each value of a column.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::filter::DIMENSIONS;
use super::mask::Mask;
use super::{Catalog, Filter, UNKNOWN};
use crate::media::color::DynamicRange;

/// A value and how many items have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count<V> {
    /// The value.
    pub value: V,
    /// How many items have it.
    pub count: u64,
}

/// For each column the values among the items that meet a filter, the most frequent first. The condition on the column
/// itself is left out, so that the numbers tell what choosing another value would give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Libraries, by id.
    pub library_id: Vec<Count<i64>>,
    /// Tiers.
    pub resolution: Vec<Count<String>>,
    /// Video codecs.
    pub video_codec: Vec<Count<String>>,
    /// Audio codecs.
    pub audio_codec: Vec<Count<String>>,
    /// Containers.
    pub container: Vec<Count<String>>,
    /// HDR formats, SDR among them.
    pub hdr_format: Vec<Count<String>>,
    /// Tags, by id: how many items would be left if one had to have this tag too.
    pub tag_id: Vec<Count<i64>>,
}

impl Catalog {
    /// The facets of the items that meet a filter.
    #[must_use]
    pub fn facets(&self, filter: &Filter) -> Facets {
        let (counted, met) = self.count_codes(filter);
        let [libraries, resolutions, video_codecs, audio_codecs, containers, hdr_formats] = counted;
        let c = &self.columns;
        Facets {
            library_id: counts(
                c.library.values().map(Option::<&i64>::copied).zip(libraries).filter_map(|(id, n)| Some((id?, n))),
            ),
            resolution: counts(c.tier.values().map(|tier| name(tier, UNKNOWN)).zip(resolutions)),
            video_codec: counts(c.video_codec.values().map(|codec| name(codec, UNKNOWN)).zip(video_codecs)),
            audio_codec: counts(c.audio_codec.values().map(|codec| name(codec, UNKNOWN)).zip(audio_codecs)),
            container: counts(c.container.values().map(|container| name(container, UNKNOWN)).zip(containers)),
            hdr_format: counts(c.hdr_format.values().map(|format| name(format, DynamicRange::Sdr)).zip(hdr_formats)),
            tag_id: counts(self.tags.iter().map(|(id, tagged)| (*id, tagged.slots.count_common(&met) as u64))),
        }
    }

    /// For each dimension how many items have each code and meet the conditions on all other dimensions; and the items that
    /// meet all of them.
    fn count_codes(&self, filter: &Filter) -> ([Vec<u64>; DIMENSIONS], Mask) {
        let mut met = Mask::with_room(self.columns.slots());
        let dimensions = self.dimensions(filter);
        let mut counts = dimensions.each_ref().map(|dimension| vec![0; dimension.values]);
        let conditions: Vec<(usize, &[u16], &[bool])> = dimensions
            .iter()
            .enumerate()
            .filter_map(|(index, dimension)| Some((index, dimension.codes, dimension.wanted.as_deref()?)))
            .collect();
        for slot in self.select_within(filter).iter() {
            let at = slot as usize;
            let mut unmet = conditions.iter().filter(|(_, codes, wanted)| !wanted[usize::from(codes[at])]);
            match (unmet.next(), unmet.next()) {
                (None, _) => {
                    met.insert(slot);
                    for (dimension, counts) in dimensions.iter().zip(&mut counts) {
                        counts[usize::from(dimension.codes[at])] += 1;
                    }
                }
                (Some((index, codes, _)), None) => counts[*index][usize::from(codes[at])] += 1,
                _ => {}
            }
        }
        (counts, met)
    }
}

/// A value as the wire has it.
pub(super) fn name(value: Option<impl ToString>, none: impl ToString) -> String {
    value.map_or_else(|| none.to_string(), |value| value.to_string())
}

/// The values that occur, the most frequent first. Two codes can share a name: a codec that is called `unknown`.
pub(super) fn counts<V: Ord + Clone>(values: impl Iterator<Item = (V, u64)>) -> Vec<Count<V>> {
    let mut by_value: BTreeMap<V, u64> = BTreeMap::new();
    for (value, count) in values.filter(|(_, count)| *count > 0) {
        *by_value.entry(value).or_default() += count;
    }
    let mut counts: Vec<Count<V>> = by_value.into_iter().map(|(value, count)| Count { value, count }).collect();
    counts.sort_by_key(|one| Reverse(one.count));
    counts
}
