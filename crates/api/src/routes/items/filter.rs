//! The contract's filters as those of the catalog.

use std::collections::BTreeSet;

use mediaflow_core::catalog::{Bounds, Filter, millihertz};

use crate::error::ApiError;
use crate::wire::Time;
use crate::wire::media::ItemFilter;

/// Comma lists become sets, kbit/s become bit/s: a shown bitrate is rounded down, so the upper bound takes its fraction in.
/// So it is with milliseconds.
pub fn filter_of(asked: &ItemFilter) -> Result<Filter, ApiError> {
    let list = |text: &Option<String>| text.as_deref().map(Filter::set).unwrap_or_default();
    let thousands = |field, value, rest: u64| {
        Ok::<_, ApiError>(unsigned(field, value)?.map(|value: u64| value.saturating_mul(1000).saturating_add(rest)))
    };
    let micros = |field, value, rest| {
        thousands(field, value, rest).map(|value| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)))
    };
    Ok(Filter {
        search: asked.search.clone().unwrap_or_default(),
        library_ids: asked.library_id.filter(|id| *id != 0).into_iter().collect(),
        resolutions: list(&asked.resolution),
        video_codecs: list(&asked.video_codec),
        audio_codecs: list(&asked.audio_codec),
        containers: list(&asked.container),
        hdr_formats: list(&asked.hdr_format),
        hdr_only: asked.hdr_only,
        video_bitrate_bps: Bounds {
            least: thousands("min_bitrate", asked.min_bitrate, 0)?,
            most: thousands("max_bitrate", asked.max_bitrate, 999)?,
        },
        size_bytes: Bounds {
            least: unsigned("min_size", asked.min_size)?,
            most: unsigned("max_size", asked.max_size)?,
        },
        duration_us: Bounds {
            least: micros("min_duration", asked.min_duration, 0)?,
            most: micros("max_duration", asked.max_duration, 999)?,
        },
        frame_rate_millihertz: Bounds {
            least: frame_rate("min_frame_rate", asked.min_frame_rate)?,
            most: frame_rate("max_frame_rate", asked.max_frame_rate)?,
        },
        audio_channels: Bounds {
            least: unsigned("min_channels", asked.min_channels)?,
            most: unsigned("max_channels", asked.max_channels)?,
        },
        year: Bounds { least: asked.min_year, most: asked.max_year },
        play_count: Bounds {
            least: unsigned("min_play_count", asked.min_play_count)?,
            most: unsigned("max_play_count", asked.max_play_count)?,
        },
        added_at_us: Bounds {
            least: instant("added_after", asked.added_after.as_deref())?,
            most: instant("added_before", asked.added_before.as_deref())?,
        },
        tag_ids: tags_of(asked.tags.as_deref().unwrap_or_default())?,
        part_ids: None,
    })
}

/// A number of zero or more; what no column can hold is as good as the most that it can.
fn unsigned<T: TryFrom<u64> + Bounded>(field: &str, value: Option<i64>) -> Result<Option<T>, ApiError> {
    let Some(value) = value else { return Ok(None) };
    let number = u64::try_from(value)
        .map_err(|_| ApiError::field(&["query", field], "greater_than_equal", "it is zero or more", value))?;
    Ok(Some(T::try_from(number).unwrap_or(T::MOST)))
}

/// A kind of number with its greatest.
trait Bounded {
    const MOST: Self;
}

impl Bounded for u32 {
    const MOST: Self = Self::MAX;
}

impl Bounded for u64 {
    const MOST: Self = Self::MAX;
}

fn frame_rate(field: &str, frames_per_second: Option<f64>) -> Result<Option<u32>, ApiError> {
    let Some(rate) = frames_per_second else { return Ok(None) };
    if !(0.0..=1000.0).contains(&rate) {
        return Err(ApiError::field(&["query", field], "value_error", "it is 0 to 1000 frames per second", rate));
    }
    Ok(Some(millihertz(rate)))
}

fn instant(field: &str, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || {
        let msg = "it is an instant such as 2026-01-31T00:00:00Z";
        ApiError::field(&["query", field], "datetime_parsing", msg, text)
    };
    Time::parse(text).map(|Time(at)| Some(at.0)).ok_or_else(wrong)
}

/// The tags of a comma list of ids.
fn tags_of(list: &str) -> Result<BTreeSet<i64>, ApiError> {
    let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::parse);
    ids.collect::<Result<_, _>>()
        .map_err(|_| ApiError::field(&["query", "tags"], "int_parsing", "it is a comma list of tag ids", list))
}
