//! The columns themselves: one value for each slot, numbers as numbers, few-valued texts coded, the others in arenas.

use super::Slot;
use super::coded::Coded;
use super::row::Row;
use super::texts::Texts;
use crate::media::ResolutionTier;

/// A number that may be absent, in the room of the number alone: the greatest value stands for none.
pub(super) trait Number: Copy + PartialEq {
    /// Stands for none.
    const NONE: Self;

    /// The value, unless it stands for none.
    fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }
}

macro_rules! numbers {
    ($($number:ty),+) => { $(impl Number for $number { const NONE: Self = Self::MAX; })+ };
}
numbers!(u8, i32, u32, i64, u64);

/// All columns. A slot whose item is gone keeps its values until another item gets it.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub part_id: Vec<i64>,
    pub file_id: Vec<i64>,
    pub size_bytes: Vec<u64>,
    pub duration_us: Vec<i64>,
    pub video_bitrate_bps: Vec<u64>,
    pub audio_bitrate_bps: Vec<u64>,
    pub added_at: Vec<i64>,
    pub updated_at: Vec<i64>,
    pub year: Vec<i32>,
    pub width: Vec<u32>,
    pub height: Vec<u32>,
    /// Frames in a thousand seconds: more than enough to tell 23.976 from 24.
    pub frame_rate_millihertz: Vec<u32>,
    pub audio_channels: Vec<u32>,
    pub play_count: Vec<u32>,
    pub bit_depth: Vec<u8>,
    pub library: Coded<i64>,
    pub container: Coded<String>,
    pub video_codec: Coded<String>,
    pub video_profile: Coded<String>,
    pub tier: Coded<ResolutionTier>,
    pub hdr_format: Coded<String>,
    pub audio_codec: Coded<String>,
    pub audio_layout: Coded<String>,
    pub rating_key: Texts,
    pub title: Texts,
    pub path: Texts,
}

impl Columns {
    /// Slots so far, with those whose item is gone.
    pub(super) fn slots(&self) -> usize {
        self.part_id.len()
    }

    /// Writes a row into a slot; one that is new is the next one.
    pub(super) fn put(&mut self, slot: Slot, row: &Row<'_>) {
        let media = &row.media;
        let at = slot as usize;
        set(&mut self.part_id, at, row.part_id);
        set(&mut self.file_id, at, row.file_id);
        set(&mut self.size_bytes, at, row.size_bytes);
        set_some(&mut self.duration_us, at, media.duration_us);
        set_some(&mut self.video_bitrate_bps, at, media.video_bitrate_bps);
        set_some(&mut self.audio_bitrate_bps, at, media.audio_bitrate_bps);
        set(&mut self.added_at, at, row.added_at.0);
        set(&mut self.updated_at, at, row.updated_at.0);
        set_some(&mut self.year, at, row.year);
        set_some(&mut self.width, at, media.width);
        set_some(&mut self.height, at, media.height);
        set_some(&mut self.frame_rate_millihertz, at, media.frame_rate.map(millihertz));
        set_some(&mut self.audio_channels, at, media.audio_channels);
        set(&mut self.play_count, at, row.play_count);
        set_some(&mut self.bit_depth, at, media.bit_depth);

        let code = self.library.code(Some(&row.library_id));
        set(&mut self.library.codes, at, code);
        let code = self.tier.code(media.tier.as_ref());
        set(&mut self.tier.codes, at, code);
        let hdr_format = media.hdr_format.map(|range| range.to_string());
        for (column, value) in [
            (&mut self.container, Some(media.container.as_ref())),
            (&mut self.video_codec, media.video_codec.as_deref()),
            (&mut self.video_profile, media.video_profile.as_deref()),
            (&mut self.hdr_format, hdr_format.as_deref()),
            (&mut self.audio_codec, media.audio_codec.as_deref()),
            (&mut self.audio_layout, media.audio_layout.as_deref()),
        ] {
            let code = column.code(value);
            set(&mut column.codes, at, code);
        }
        self.rating_key.put(slot, &row.rating_key);
        self.title.put(slot, &row.title);
        self.path.put(slot, &row.path);
    }
}

fn set<T>(column: &mut Vec<T>, at: usize, value: T) {
    match column.get_mut(at) {
        Some(place) => *place = value,
        None => column.push(value),
    }
}

fn set_some<T: Number>(column: &mut Vec<T>, at: usize, value: Option<T>) {
    set(column, at, value.unwrap_or(T::NONE));
}

/// A frame rate as the column and its bounds have it: frames in a thousand seconds.
#[must_use]
pub fn millihertz(frames_per_second: f64) -> u32 {
    (frames_per_second * 1000.0).round() as u32
}
