//! The contract's filters as those of the catalog.

use std::collections::BTreeSet;

use mediaflow_core::catalog::Filter;

use crate::error::ApiError;
use crate::wire::media::ItemFilter;

/// Comma lists become sets, kbit/s become bit/s: a shown bitrate is rounded down, so the upper bound takes its fraction in.
pub fn filter_of(asked: &ItemFilter) -> Result<Filter, ApiError> {
    let list = |text: &Option<String>| text.as_deref().map(Filter::set).unwrap_or_default();
    let bytes = |field: &str, value: Option<i64>| value.map(|value| unsigned(field, value)).transpose();
    let bps = |field: &str, value: Option<i64>, rest: u64| {
        bytes(field, value).map(|kbps| kbps.map(|kbps| kbps.saturating_mul(1000).saturating_add(rest)))
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
        min_video_bitrate_bps: bps("min_bitrate", asked.min_bitrate, 0)?,
        max_video_bitrate_bps: bps("max_bitrate", asked.max_bitrate, 999)?,
        min_size_bytes: bytes("min_size", asked.min_size)?,
        max_size_bytes: bytes("max_size", asked.max_size)?,
        part_ids: tagged(asked.tags.as_deref())?,
    })
}

fn unsigned(field: &str, value: i64) -> Result<u64, ApiError> {
    u64::try_from(value)
        .map_err(|_| ApiError::field(&["query", field], "greater_than_equal", "it is zero or more", value))
}

/// Items that have all of these tags. There are no tags yet, so whoever asks for one finds nothing.
fn tagged(tags: Option<&str>) -> Result<Option<BTreeSet<i64>>, ApiError> {
    let Some(tags) = tags.filter(|tags| !tags.trim().is_empty()) else { return Ok(None) };
    for tag in tags.split(',') {
        if tag.trim().parse::<i64>().is_err() {
            return Err(ApiError::field(&["query", "tags"], "int_parsing", "it is a comma list of tag ids", tags));
        }
    }
    Ok(Some(BTreeSet::new()))
}
