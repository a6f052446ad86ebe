//! The same answers by the plainest means: a scan over whole rows.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use crate::media::ResolutionTier;
use crate::media::color::DynamicRange;

/// Rows by id.
#[derive(Default)]
pub(super) struct Model {
    rows: BTreeMap<i64, Row<'static>>,
    pub tags: BTreeMap<i64, BTreeSet<i64>>,
}

/// A value to sort by.
#[derive(PartialEq, PartialOrd)]
enum Value {
    Number(f64),
    Text(Vec<u8>),
}

impl Model {
    pub(super) fn apply(&mut self, rows: &[Row<'static>], gone: &BTreeSet<i64>) {
        self.rows.retain(|id, _| !gone.contains(id));
        self.rows.extend(rows.iter().map(|row| (row.part_id, row.clone())));
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn page(&self, filter: &Filter, key: SortKey, by: SortOrder, offset: usize, limit: usize) -> Page {
        let mut rows: Vec<&Row<'_>> = self.rows.values().filter(|row| self.meets(row, filter)).collect();
        let turn = |ordering: Ordering| if by == SortOrder::Descending { ordering.reverse() } else { ordering };
        rows.sort_by(|a, b| {
            let (x, y) = (value(a, key), value(b, key));
            let by_value = turn(x.partial_cmp(&y).unwrap());
            x.is_none().cmp(&y.is_none()).then(by_value).then(turn(a.part_id.cmp(&b.part_id)))
        });
        Page {
            ids: rows.iter().map(|row| row.part_id).skip(offset).take(limit).collect(),
            total: rows.len() as u64,
            total_size_bytes: bytes(&rows),
        }
    }

    pub(super) fn ids(&self, filter: &Filter) -> Page {
        self.page(filter, SortKey::Id, SortOrder::Ascending, 0, usize::MAX)
    }

    pub(super) fn facets(&self, filter: &Filter) -> Facets {
        let mut without = [(); 6].map(|()| filter.clone());
        without[0].library_ids.clear();
        without[1].resolutions.clear();
        without[2].video_codecs.clear();
        without[3].audio_codecs.clear();
        without[4].containers.clear();
        without[5].hdr_formats.clear();
        let rows =
            without.map(|filter| self.rows.values().filter(move |row| self.meets(row, &filter)).collect::<Vec<_>>());
        let named = |rows: &[&Row<'static>], name: fn(&Row<'_>) -> String| tally(rows.iter().map(|row| name(row)));
        Facets {
            library_id: tally(rows[0].iter().map(|row| row.library_id)),
            resolution: named(&rows[1], tier),
            video_codec: named(&rows[2], |row| text(row.media.video_codec.as_deref())),
            audio_codec: named(&rows[3], |row| text(row.media.audio_codec.as_deref())),
            container: named(&rows[4], |row| row.media.container.to_string()),
            hdr_format: named(&rows[5], hdr),
            tag_id: tally(self.rows.values().filter(|row| self.meets(row, filter)).flat_map(|row| {
                self.tags.iter().filter(|(_, tagged)| tagged.contains(&row.part_id)).map(|(id, _)| *id)
            })),
        }
    }

    fn meets(&self, row: &Row<'_>, filter: &Filter) -> bool {
        let has = |tag: &i64| self.tags.get(tag).is_some_and(|tagged| tagged.contains(&row.part_id));
        filter.tag_ids.iter().all(has) && meets(row, filter)
    }

    pub(super) fn stats(&self) -> Stats {
        let rows: Vec<&Row<'_>> = self.rows.values().collect();
        let bitrates: Vec<u64> = rows.iter().filter_map(|row| row.media.video_bitrate_bps).collect();
        let mut libraries = BTreeMap::new();
        for id in rows.iter().map(|row| row.library_id) {
            let own: Vec<&Row<'_>> = rows.iter().copied().filter(|row| row.library_id == id).collect();
            libraries.insert(id, LibraryTotals { items: own.len() as u64, size_bytes: bytes(&own) });
        }
        Stats {
            total_items: rows.len() as u64,
            total_size_bytes: bytes(&rows),
            total_duration_us: of_files(&rows, |row| row.media.duration_us.unwrap_or(0).max(0).cast_unsigned()),
            video_codecs: tally(rows.iter().map(|row| text(row.media.video_codec.as_deref()))),
            resolutions: tally(rows.iter().map(|row| tier(row))),
            hdr_count: rows.iter().filter(|row| row.media.hdr_format.is_some()).count() as u64,
            average_video_bitrate_bps: (!bitrates.is_empty())
                .then(|| bitrates.iter().sum::<u64>() as f64 / bitrates.len() as f64),
            libraries,
        }
    }
}

fn bytes(rows: &[&Row<'_>]) -> u64 {
    of_files(rows, |row| row.size_bytes)
}

/// Sums over files: what the first of a file's items says.
fn of_files(rows: &[&Row<'_>], value: impl Fn(&Row<'_>) -> u64) -> u64 {
    let mut files = BTreeMap::new();
    let mut by_id: Vec<&&Row<'_>> = rows.iter().collect();
    by_id.sort_by_key(|row| row.part_id);
    for row in by_id {
        files.entry(row.file_id).or_insert_with(|| value(row));
    }
    files.into_values().sum()
}

fn tally<V: Ord + Clone>(values: impl Iterator<Item = V>) -> Vec<Count<V>> {
    let mut counts: BTreeMap<V, u64> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let mut counts: Vec<Count<V>> = counts.into_iter().map(|(value, count)| Count { value, count }).collect();
    counts.sort_by_key(|one| Reverse(one.count));
    counts
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or("unknown").to_owned()
}

fn tier(row: &Row<'_>) -> String {
    row.media.tier.map_or_else(|| "unknown".to_owned(), |tier| tier.to_string())
}

fn hdr(row: &Row<'_>) -> String {
    row.media.hdr_format.unwrap_or(DynamicRange::Sdr).to_string()
}

fn meets(row: &Row<'_>, filter: &Filter) -> bool {
    let media = &row.media;
    let wanted = |set: &BTreeSet<String>, value: &str| {
        set.is_empty() || set.iter().any(|wanted| wanted.to_lowercase() == value.to_lowercase())
    };
    let contains = |text: &str| String::from_utf8(fold(text)).unwrap().contains(&filter.search.to_lowercase());
    let tiers = &filter.resolutions;
    (filter.search.is_empty() || contains(&row.title) || contains(&row.path))
        && (filter.library_ids.is_empty() || filter.library_ids.contains(&row.library_id))
        && (wanted(tiers, &tier(row))
            || media.tier.is_some_and(|own| tiers.iter().any(|name| ResolutionTier::parse(name) == Some(own))))
        && wanted(&filter.video_codecs, &text(media.video_codec.as_deref()))
        && wanted(&filter.audio_codecs, &text(media.audio_codec.as_deref()))
        && wanted(&filter.containers, &media.container)
        && wanted(&filter.hdr_formats, &hdr(row))
        && (!filter.hdr_only || media.hdr_format.is_some())
        && lies(media.video_bitrate_bps, filter.video_bitrate_bps)
        && lies(Some(row.size_bytes), filter.size_bytes)
        && lies(media.duration_us, filter.duration_us)
        && lies(media.frame_rate.map(|rate| (rate * 1000.0).round() as u32), filter.frame_rate_millihertz)
        && lies(media.audio_channels, filter.audio_channels)
        && lies(row.year, filter.year)
        && lies(Some(row.play_count), filter.play_count)
        && lies(Some(row.added_at.0), filter.added_at_us)
        && filter.part_ids.as_ref().is_none_or(|ids| ids.contains(&row.part_id))
}

fn lies<T: PartialOrd>(number: Option<T>, Bounds { least, most }: Bounds<T>) -> bool {
    least.is_none_or(|least| number.as_ref().is_some_and(|number| *number >= least))
        && most.is_none_or(|most| number.as_ref().is_some_and(|number| *number <= most))
}

#[allow(clippy::cast_precision_loss, reason = "the numbers of these tests are small")]
fn value(row: &Row<'_>, key: SortKey) -> Option<Value> {
    let media = &row.media;
    let number = |value: Option<i64>| value.map(|value| Value::Number(value as f64));
    let folded = |value: Option<&str>| value.map(|value| Value::Text(fold(value)));
    let tier = |tier: ResolutionTier| {
        use ResolutionTier::{P480, P720, P1080, Sd, Uhd};
        [Sd, P480, P720, P1080, Uhd].iter().position(|other| *other == tier).unwrap() as i64
    };
    match key {
        SortKey::Id => number(Some(row.part_id)),
        SortKey::Library => number(Some(row.library_id)),
        SortKey::RatingKey => folded(Some(&row.rating_key)),
        SortKey::Title => folded(Some(&row.title)),
        SortKey::Year => number(row.year.map(i64::from)),
        SortKey::Duration => number(media.duration_us),
        SortKey::Path => folded(Some(&row.path)),
        SortKey::Size => number(Some(row.size_bytes.cast_signed())),
        SortKey::Container => folded(Some(&media.container)),
        SortKey::VideoCodec => folded(media.video_codec.as_deref()),
        SortKey::VideoProfile => folded(media.video_profile.as_deref()),
        SortKey::VideoBitrate => number(media.video_bitrate_bps.map(u64::cast_signed)),
        SortKey::Width => number(media.width.map(i64::from)),
        SortKey::Height => number(media.height.map(i64::from)),
        SortKey::Tier => number(media.tier.map(tier)),
        SortKey::FrameRate => media.frame_rate.map(Value::Number),
        SortKey::IsHdr => number(Some(media.hdr_format.is_some().into())),
        SortKey::HdrFormat => folded(media.hdr_format.map(|range| range.to_string()).as_deref()),
        SortKey::BitDepth => number(media.bit_depth.map(i64::from)),
        SortKey::AudioCodec => folded(media.audio_codec.as_deref()),
        SortKey::AudioChannels => number(media.audio_channels.map(i64::from)),
        SortKey::AudioLayout => folded(media.audio_layout.as_deref()),
        SortKey::AudioBitrate => number(media.audio_bitrate_bps.map(u64::cast_signed)),
        SortKey::PlayCount => number(Some(row.play_count.into())),
        SortKey::AddedAt => number(Some(row.added_at.0)),
        SortKey::UpdatedAt => number(Some(row.updated_at.0)),
    }
}
