//! The filterable columns of each probe, flat beside it: what the catalog is loaded from.

use mediaflow_core::catalog::MediaFacts;
use mediaflow_core::media::color::DynamicRange;
use mediaflow_core::media::{MediaInfo, ResolutionTier};
use mediaflow_core::time::Timestamp;
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Row};

use crate::error::StoreError;
use crate::row::{json, run, time, unreadable};

/// What [`read`] reads, of a table that is called `m`.
pub(crate) const COLUMNS: &str = "m.duration_us, m.container, m.video_codec, m.video_profile, m.video_bitrate_bps,
    m.width, m.height, m.tier, m.frame_rate, m.hdr_format, m.bit_depth, m.audio_codec, m.audio_channels,
    m.audio_layout, m.audio_bitrate_bps";

/// Writes the columns of a probe.
pub(crate) fn put(
    conn: &Connection,
    file_id: i64,
    generation: i64,
    info: &MediaInfo,
    probed_at: Timestamp,
) -> Result<(), StoreError> {
    let facts = MediaFacts::of(info);
    run(
        conn,
        "INSERT INTO media_facts (file_id, generation, probed_at, duration_us, container, video_codec, video_profile,
         video_bitrate_bps, width, height, tier, frame_rate, hdr_format, bit_depth, audio_codec, audio_channels,
         audio_layout, audio_bitrate_bps)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT (file_id) DO UPDATE SET generation = excluded.generation, probed_at = excluded.probed_at,
         duration_us = excluded.duration_us, container = excluded.container, video_codec = excluded.video_codec,
         video_profile = excluded.video_profile, video_bitrate_bps = excluded.video_bitrate_bps,
         width = excluded.width, height = excluded.height, tier = excluded.tier, frame_rate = excluded.frame_rate,
         hdr_format = excluded.hdr_format, bit_depth = excluded.bit_depth, audio_codec = excluded.audio_codec,
         audio_channels = excluded.audio_channels, audio_layout = excluded.audio_layout,
         audio_bitrate_bps = excluded.audio_bitrate_bps",
        rusqlite::params![
            file_id,
            generation,
            probed_at.0,
            facts.duration_us,
            facts.container,
            facts.video_codec,
            facts.video_profile,
            facts.video_bitrate_bps.map(u64::cast_signed),
            facts.width,
            facts.height,
            facts.tier.map(|tier| tier.to_string()),
            facts.frame_rate,
            facts.hdr_format.map(|range| range.to_string()),
            facts.bit_depth,
            facts.audio_codec,
            facts.audio_channels,
            facts.audio_layout,
            facts.audio_bitrate_bps.map(u64::cast_signed),
        ],
    )?;
    Ok(())
}

/// Writes the columns of every probe that has none yet.
pub(crate) fn fill(conn: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT file_id, generation, info, probed_at FROM probes
               WHERE file_id NOT IN (SELECT file_id FROM media_facts)";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        put(conn, row.get("file_id")?, row.get("generation")?, &json(row, "info")?, time(row, "probed_at")?)?;
    }
    Ok(())
}

/// Reads [`COLUMNS`], the first of which is the one numbered `at`. By number: a million rows are read at once.
pub(crate) fn read<'r>(row: &'r Row<'_>, at: usize) -> Result<MediaFacts<'r>, StoreError> {
    Ok(MediaFacts {
        duration_us: row.get(at)?,
        container: text(row, at + 1)?.unwrap_or_default().into(),
        video_codec: text(row, at + 2)?.map(Into::into),
        video_profile: text(row, at + 3)?.map(Into::into),
        video_bitrate_bps: number::<i64>(row, at + 4)?.map(i64::cast_unsigned),
        width: number(row, at + 5)?,
        height: number(row, at + 6)?,
        tier: named(row, at + 7, ResolutionTier::parse)?,
        frame_rate: number(row, at + 8)?,
        hdr_format: named(row, at + 9, DynamicRange::parse)?,
        bit_depth: number(row, at + 10)?,
        audio_codec: text(row, at + 11)?.map(Into::into),
        audio_channels: number(row, at + 12)?,
        audio_layout: text(row, at + 13)?.map(Into::into),
        audio_bitrate_bps: number::<i64>(row, at + 14)?.map(i64::cast_unsigned),
    })
}

/// A text where it lies, without a copy; `None` for NULL.
pub(crate) fn text<'r>(row: &'r Row<'_>, at: usize) -> Result<Option<&'r str>, StoreError> {
    match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        value => Ok(Some(value.as_str().map_err(rusqlite::Error::from)?)),
    }
}

fn number<T: FromSql>(row: &Row<'_>, at: usize) -> Result<Option<T>, StoreError> {
    Ok(row.get(at)?)
}

fn named<T>(row: &Row<'_>, at: usize, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
    let Some(name) = text(row, at)? else { return Ok(None) };
    match parse(name) {
        Some(value) => Ok(Some(value)),
        None => Err(unreadable(row.as_ref().column_name(at)?, format!("{name:?} is not known"))),
    }
}
