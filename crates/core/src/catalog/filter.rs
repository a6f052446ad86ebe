//! What a library is narrowed by.

use std::collections::BTreeSet;

use super::bounds::Bounds;
use super::coded::{Coded, NONE};
use super::columns::Number;
use super::fold::fold;
use super::mask::Mask;
use super::{Catalog, Slot, UNKNOWN};
use crate::media::ResolutionTier;
use crate::media::color::DynamicRange;

/// Which items are wanted: those that meet every condition. In a set, meeting one of its values is enough, but for tags;
/// an empty set is no condition. Values are compared without case; [`unknown`](Filter) stands for items that have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Found in the title or the path, without case; nothing in it means more than itself. Empty: no condition.
    pub search: String,
    /// Libraries, by id.
    pub library_ids: BTreeSet<i64>,
    /// Tiers, such as `4K`.
    pub resolutions: BTreeSet<String>,
    /// Video codecs.
    pub video_codecs: BTreeSet<String>,
    /// Audio codecs.
    pub audio_codecs: BTreeSet<String>,
    /// Containers.
    pub containers: BTreeSet<String>,
    /// HDR formats; `SDR` stands for items that have none.
    pub hdr_formats: BTreeSet<String>,
    /// Only items with an HDR format.
    pub hdr_only: bool,
    /// Video bitrates in bits per second.
    pub video_bitrate_bps: Bounds<u64>,
    /// Sizes in bytes.
    pub size_bytes: Bounds<u64>,
    /// Durations in microseconds.
    pub duration_us: Bounds<i64>,
    /// Frame rates, in frames of a thousand seconds.
    pub frame_rate_millihertz: Bounds<u32>,
    /// Channels of the first sound track.
    pub audio_channels: Bounds<u32>,
    /// Years.
    pub year: Bounds<i32>,
    /// How often they were played.
    pub play_count: Bounds<u32>,
    /// When they were first seen, in microseconds of [`Timestamp`](crate::time::Timestamp).
    pub added_at_us: Bounds<i64>,
    /// Tags, by id, all of which an item must have.
    pub tag_ids: BTreeSet<i64>,
    /// Only these items.
    pub part_ids: Option<BTreeSet<i64>>,
}

impl Filter {
    /// The values of a comma list, such as `hevc, av1`.
    #[must_use]
    pub fn set(list: &str) -> BTreeSet<String> {
        list.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// Whether every item meets it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The columns that facets are counted of, in the order of [`super::Facets`].
pub(super) const DIMENSIONS: usize = 6;

/// A column that facets are counted of, with the condition on it.
pub(super) struct Dimension<'c> {
    /// Its code of each slot.
    pub codes: &'c [u16],
    /// How many codes it has.
    pub values: usize,
    /// For each code whether it is wanted; `None` without a condition.
    pub wanted: Option<Vec<bool>>,
}

impl Catalog {
    /// The items that meet a filter.
    pub(super) fn select(&self, filter: &Filter) -> Mask {
        let mut items = self.select_within(filter);
        for Dimension { codes, wanted, .. } in self.dimensions(filter) {
            if let Some(wanted) = wanted {
                items.retain(|at| wanted[usize::from(codes[at])]);
            }
        }
        items
    }

    /// The items that meet everything in a filter but the conditions on [`Catalog::dimensions`].
    pub(super) fn select_within(&self, filter: &Filter) -> Mask {
        let columns = &self.columns;
        let mut items = match &filter.part_ids {
            Some(ids) => self.slots_of(ids.iter().filter_map(|id| self.slot_of(*id))),
            None => self.alive.clone(),
        };
        for tag_id in &filter.tag_ids {
            match self.tagged(*tag_id) {
                Some(tagged) => items.intersect(tagged),
                None => items.retain(|_| false),
            }
        }
        let searched = fold(&filter.search);
        if !searched.is_empty() {
            let mut found = self.slots_of([]);
            columns.title.search(&searched, &mut found);
            columns.path.search(&searched, &mut found);
            items.intersect(&found);
        }
        within(&mut items, &filter.size_bytes, |at| Some(columns.size_bytes[at]));
        within(&mut items, &filter.video_bitrate_bps, |at| columns.video_bitrate_bps[at].some());
        within(&mut items, &filter.duration_us, |at| columns.duration_us[at].some());
        within(&mut items, &filter.frame_rate_millihertz, |at| columns.frame_rate_millihertz[at].some());
        within(&mut items, &filter.audio_channels, |at| columns.audio_channels[at].some());
        within(&mut items, &filter.year, |at| columns.year[at].some());
        within(&mut items, &filter.play_count, |at| Some(columns.play_count[at]));
        within(&mut items, &filter.added_at_us, |at| Some(columns.added_at[at]));
        if filter.hdr_only {
            items.retain(|at| columns.hdr_format.codes[at] != NONE);
        }
        items
    }

    pub(super) fn dimensions(&self, filter: &Filter) -> [Dimension<'_>; DIMENSIONS] {
        let c = &self.columns;
        let libraries = &filter.library_ids;
        let tiers: BTreeSet<ResolutionTier> =
            filter.resolutions.iter().filter_map(|name| ResolutionTier::parse(name)).collect();
        let no_tier = filter.resolutions.iter().any(|name| name.eq_ignore_ascii_case(UNKNOWN));
        [
            dimension(&c.library, libraries.is_empty(), |id| id.is_some_and(|id| libraries.contains(id))),
            dimension(&c.tier, filter.resolutions.is_empty(), |tier| tier.map_or(no_tier, |tier| tiers.contains(tier))),
            named(&c.video_codec, &filter.video_codecs, UNKNOWN),
            named(&c.audio_codec, &filter.audio_codecs, UNKNOWN),
            named(&c.container, &filter.containers, UNKNOWN),
            named(&c.hdr_format, &filter.hdr_formats, &DynamicRange::Sdr.to_string()),
        ]
    }

    fn slots_of(&self, slots: impl IntoIterator<Item = Slot>) -> Mask {
        let mut mask = Mask::with_room(self.columns.slots());
        slots.into_iter().for_each(|slot| mask.insert(slot));
        mask
    }
}

fn within<T: PartialOrd>(items: &mut Mask, bounds: &Bounds<T>, number: impl Fn(usize) -> Option<T>) {
    if !bounds.are_free() {
        items.retain(|at| bounds.hold(number(at)));
    }
}

fn named<'c>(column: &'c Coded<String>, wanted: &BTreeSet<String>, none: &str) -> Dimension<'c> {
    let folded: BTreeSet<Vec<u8>> = wanted.iter().map(|value| fold(value)).collect();
    dimension(column, wanted.is_empty(), |value| folded.contains(&fold(value.map_or(none, String::as_str))))
}

fn dimension<K: Ord + Clone>(column: &Coded<K>, is_free: bool, wants: impl FnMut(Option<&K>) -> bool) -> Dimension<'_> {
    Dimension { codes: &column.codes, values: column.values().count(), wanted: (!is_free).then(|| column.table(wants)) }
}
