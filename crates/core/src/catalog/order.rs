//! Sorted orders: the slots of all items, sorted by one column. Each is made when it is first asked for, and from then
//! on follows every change without being sorted again.

use std::cmp::Ordering;

use super::coded::{Coded, NONE};
use super::columns::{Columns, Number};
use super::fold::fold;
use super::mask::Mask;
use super::texts::Texts;
use super::{Change, Slot};

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// Smallest first.
    #[default]
    Ascending,
    /// Greatest first.
    Descending,
}

macro_rules! sort_keys {
    ($($(#[$doc:meta])* $key:ident = $name:literal,)+) => {
        /// A column to sort by. Texts sort without case, tiers by their size, flags with "no" first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SortKey {
            $($(#[$doc])* $key,)+
        }

        impl SortKey {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$key,)+];

            /// The wire's name: that of a column of the contract's `media_items`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$key => $name,)+ }
            }

            /// Reads the wire's name; `None` for one that is not known or has no order, such as a list of tracks.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$key),)+ _ => None }
            }
        }
    };
}

sort_keys! {
    /// The part's id.
    Id = "id",
    /// The library's id.
    Library = "plex_library_id",
    /// The source's name for the item.
    RatingKey = "plex_rating_key",
    /// The title.
    Title = "title",
    /// The year.
    Year = "year",
    /// The duration.
    Duration = "duration_ms",
    /// The path.
    Path = "file_path",
    /// The size.
    Size = "file_size",
    /// The container.
    Container = "container",
    /// The video codec.
    VideoCodec = "video_codec",
    /// The video codec's profile.
    VideoProfile = "video_profile",
    /// The video bitrate.
    VideoBitrate = "video_bitrate",
    /// The width.
    Width = "width",
    /// The height.
    Height = "height",
    /// The tier.
    Tier = "resolution_tier",
    /// The frame rate.
    FrameRate = "frame_rate",
    /// Whether it is HDR.
    IsHdr = "is_hdr",
    /// The HDR format.
    HdrFormat = "hdr_format",
    /// The bit depth.
    BitDepth = "bit_depth",
    /// The audio codec.
    AudioCodec = "audio_codec",
    /// The number of audio channels.
    AudioChannels = "audio_channels",
    /// The audio channel layout.
    AudioLayout = "audio_channel_layout",
    /// The audio bitrate.
    AudioBitrate = "audio_bitrate",
    /// How often it was played.
    PlayCount = "play_count",
    /// When it came in.
    AddedAt = "created_at",
    /// When it was last probed.
    UpdatedAt = "updated_at",
}

/// How two slots compare. Items without a value come last, and items that compare equal go by their id.
pub(super) enum Rule<'c> {
    /// By a number that sorts as the value does; `None` for items without one.
    Number(Box<dyn Fn(Slot) -> Option<u64> + 'c>),
    /// By a text.
    Text(&'c Texts),
}

impl<'c> Rule<'c> {
    /// The rule of a column.
    pub(super) fn of(key: SortKey, columns: &'c Columns) -> Self {
        let c = columns;
        match key {
            SortKey::Id => Self::number(|at| Some(signed(c.part_id[at]))),
            SortKey::Library => coded(&c.library, |id| *id),
            SortKey::RatingKey => Self::Text(&c.rating_key),
            SortKey::Title => Self::Text(&c.title),
            SortKey::Year => Self::number(|at| c.year[at].some().map(|year| signed(year.into()))),
            SortKey::Duration => Self::number(|at| c.duration_us[at].some().map(signed)),
            SortKey::Path => Self::Text(&c.path),
            SortKey::Size => Self::number(|at| Some(c.size_bytes[at])),
            SortKey::Container => coded(&c.container, |name| fold(name)),
            SortKey::VideoCodec => coded(&c.video_codec, |name| fold(name)),
            SortKey::VideoProfile => coded(&c.video_profile, |name| fold(name)),
            SortKey::VideoBitrate => Self::number(|at| c.video_bitrate_bps[at].some()),
            SortKey::Width => Self::number(|at| c.width[at].some().map(u64::from)),
            SortKey::Height => Self::number(|at| c.height[at].some().map(u64::from)),
            SortKey::Tier => coded(&c.tier, |tier| *tier),
            SortKey::FrameRate => Self::number(|at| c.frame_rate_millihertz[at].some().map(u64::from)),
            SortKey::IsHdr => Self::number(|at| Some(u64::from(c.hdr_format.codes[at] != NONE))),
            SortKey::HdrFormat => coded(&c.hdr_format, |name| fold(name)),
            SortKey::BitDepth => Self::number(|at| c.bit_depth[at].some().map(u64::from)),
            SortKey::AudioCodec => coded(&c.audio_codec, |name| fold(name)),
            SortKey::AudioChannels => Self::number(|at| c.audio_channels[at].some().map(u64::from)),
            SortKey::AudioLayout => coded(&c.audio_layout, |name| fold(name)),
            SortKey::AudioBitrate => Self::number(|at| c.audio_bitrate_bps[at].some()),
            SortKey::PlayCount => Self::number(|at| Some(c.play_count[at].into())),
            SortKey::AddedAt => Self::number(|at| Some(signed(c.added_at[at]))),
            SortKey::UpdatedAt => Self::number(|at| Some(signed(c.updated_at[at]))),
        }
    }

    /// The rule that brings the parts of one file together.
    pub(super) fn by_file(columns: &'c Columns) -> Self {
        Self::number(|at| Some(signed(columns.file_id[at])))
    }

    fn number(value: impl Fn(usize) -> Option<u64> + 'c) -> Self {
        Self::Number(Box::new(move |slot| value(slot as usize)))
    }

    /// Whether a slot has no value.
    pub(super) fn is_none(&self, slot: Slot) -> bool {
        match self {
            Self::Number(value) => value(slot).is_none(),
            Self::Text(_) => false,
        }
    }

    fn compare(&self, columns: &Columns, a: Slot, b: Slot) -> Ordering {
        let by_value = match self {
            Self::Number(value) => {
                let (a, b) = (value(a), value(b));
                a.is_none().cmp(&b.is_none()).then(a.cmp(&b))
            }
            Self::Text(texts) => texts.get(a).cmp(texts.get(b)),
        };
        by_value.then_with(|| columns.part_id[a as usize].cmp(&columns.part_id[b as usize]))
    }

    /// Sorts slots that are sorted by id.
    pub(super) fn sort(&self, by_id: &[Slot]) -> Vec<Slot> {
        match self {
            Self::Number(value) => {
                let (mut some, mut none) = (Vec::with_capacity(by_id.len()), Vec::new());
                for slot in by_id {
                    match value(*slot) {
                        Some(value) => some.push((value, *slot)),
                        None => none.push(*slot),
                    }
                }
                // Stable, so that equal ones stay sorted by id.
                some.sort_by_key(|(value, _)| *value);
                some.into_iter().map(|(_, slot)| slot).chain(none).collect()
            }
            Self::Text(texts) => sort_texts(texts, by_id),
        }
    }

    /// Makes a sorted order follow a change.
    pub(super) fn follow(&self, order: &mut Vec<Slot>, columns: &Columns, change: &Change) {
        if !change.dropped.is_empty() {
            order.retain(|slot| !change.dropped.contains(*slot));
        }
        let mut placed = change.placed.clone();
        placed.sort_unstable_by(|a, b| self.compare(columns, *a, *b));
        let places: Vec<usize> = placed
            .iter()
            .map(|new| order.partition_point(|old| self.compare(columns, *old, *new) == Ordering::Less))
            .collect();
        // From the end: what lies behind each place moves up by as many as come before it, once.
        let mut end = order.len();
        order.resize(end + placed.len(), 0);
        for (before, (place, slot)) in places.into_iter().zip(placed).enumerate().rev() {
            order.copy_within(place..end, place + before + 1);
            order[place + before] = slot;
            end = place;
        }
    }
}

fn coded<'c, K: Ord + Clone, R: Ord>(column: &'c Coded<K>, rank: impl Fn(&K) -> R) -> Rule<'c> {
    let ranks = column.ranks(rank);
    Rule::number(move |at| match column.codes[at] {
        NONE => None,
        code => Some(ranks[usize::from(code)]),
    })
}

/// The order of signed numbers in unsigned ones.
const fn signed(value: i64) -> u64 {
    value.cast_unsigned() ^ (1 << 63)
}

/// Sorts by eight bytes, and what these do not tell apart by the next eight. Comparing whole texts instead would read
/// each one twenty times, from all over the memory.
fn sort_texts(texts: &Texts, by_id: &[Slot]) -> Vec<Slot> {
    let mut order: Vec<(u64, Slot)> = by_id.iter().map(|slot| (0, *slot)).collect();
    let mut open = vec![(0..order.len(), 0)];
    while let Some((range, depth)) = open.pop() {
        let start = range.start;
        let equal = &mut order[range];
        for (prefix, slot) in equal.iter_mut() {
            *prefix = texts.prefix(*slot, depth);
        }
        // Stable, so that equal ones stay sorted by id.
        equal.sort_by_key(|(prefix, _)| *prefix);
        let mut at = start;
        for run in equal.chunk_by(|a, b| a.0 == b.0) {
            let has_ended = run[0].0 & 0xff == 0;
            if run.len() > 1 && !has_ended {
                open.push((at..at + run.len(), depth + 8));
            }
            at += run.len();
        }
    }
    order.into_iter().map(|(_, slot)| slot).collect()
}

/// Places in an order that pass, all in it that do not come after: where items without a value begin.
pub(super) fn nones_from(order: &[Slot], rule: &Rule<'_>) -> usize {
    order.partition_point(|slot| !rule.is_none(*slot))
}

/// What of an order lies in a set, in one of both directions. Items without a value stay last.
pub(super) fn walk<'o>(
    order: &'o [Slot],
    nones_from: usize,
    direction: SortOrder,
    only: Option<&'o Mask>,
) -> Box<dyn Iterator<Item = Slot> + 'o> {
    let (some, none) = order.split_at(nones_from);
    let slots: Box<dyn Iterator<Item = &Slot>> = match direction {
        SortOrder::Ascending => Box::new(order.iter()),
        SortOrder::Descending => Box::new(some.iter().rev().chain(none.iter().rev())),
    };
    match only {
        None => Box::new(slots.copied()),
        Some(mask) => Box::new(slots.copied().filter(|slot| mask.contains(*slot))),
    }
}
