//! The catalog against a plain scan over its rows, and what a person notices first.

mod model;

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::media::ResolutionTier;
use crate::media::color::DynamicRange;
use crate::time::Timestamp;
use model::Model;

/// An item of a library, told by what tests ask about.
fn row(part_id: i64, title: &str, path: &str, size_bytes: u64) -> Row<'static> {
    Row {
        part_id,
        file_id: part_id,
        library_id: 1,
        rating_key: title.to_owned().into(),
        title: title.to_owned().into(),
        year: Some(1995),
        path: path.to_owned().into(),
        size_bytes,
        play_count: 0,
        added_at: Timestamp(part_id),
        updated_at: Timestamp(part_id),
        media: MediaFacts { container: "mkv".into(), ..MediaFacts::default() },
    }
}

fn catalog(rows: impl IntoIterator<Item = Row<'static>>) -> Catalog {
    let mut loading = Loading::default();
    rows.into_iter().for_each(|row| loading.push(&row));
    loading.finish()
}

fn found(catalog: &Catalog, search: &str) -> Vec<i64> {
    catalog.ids(&Filter { search: search.to_owned(), ..Filter::default() }).ids
}

#[test]
fn a_search_looks_into_titles_and_paths_and_means_what_it_says() {
    let catalog = catalog([
        row(1, "Amélie", "/films/Le fabuleux destin/film.mkv", 1),
        row(2, "100% Wolf", "/films/100_wolf.mkv", 1),
        row(3, "Spirited Away", "/films/千と千尋の神隠し.mkv", 1),
        row(4, "Wolfwalkers", "/films/wolf.mkv", 1),
    ]);
    assert_eq!(found(&catalog, "AMÉLIE"), [1]);
    assert_eq!(found(&catalog, "Ame\u{301}lie"), [1], "written with a combining accent");
    assert_eq!(found(&catalog, "FABULEUX"), [1], "in the path");
    assert_eq!(found(&catalog, "wolf"), [2, 4]);
    assert_eq!(found(&catalog, "0%"), [2], "a percent sign is no wildcard");
    assert_eq!(found(&catalog, "0_w"), [2], "nor is an underscore");
    assert_eq!(found(&catalog, "千尋"), [3]);
    assert_eq!(found(&catalog, "wolf.mkv/films"), [0; 0], "no text runs on into the next");
    assert_eq!(found(&catalog, ""), [1, 2, 3, 4]);
}

#[test]
fn a_file_with_two_episodes_lies_on_the_disk_once() {
    let episode = |part_id, library_id| Row {
        file_id: 7,
        library_id,
        media: MediaFacts { duration_us: Some(60), ..MediaFacts::default() },
        ..row(part_id, "Show S01E01", "/shows/S01E01-E02.mkv", 1000)
    };
    let mut catalog = catalog([episode(1, 1), episode(2, 1), row(3, "Heat", "/films/Heat.mkv", 5)]);
    let page = catalog.ids(&Filter::default());
    assert_eq!((page.total, page.total_size_bytes), (3, 1005));
    let stats = catalog.stats();
    assert_eq!((stats.total_items, stats.total_size_bytes, stats.total_duration_us), (3, 1005, 60));
    assert_eq!(stats.libraries[&1], LibraryTotals { items: 3, size_bytes: 1005 });

    catalog.apply([episode(2, 2)], []);
    let stats = catalog.stats();
    assert_eq!(stats.total_size_bytes, 1005);
    assert_eq!(stats.libraries[&1].size_bytes, 1005);
    assert_eq!(stats.libraries[&2].size_bytes, 1000, "each library for itself");

    catalog.apply([], [1]);
    assert_eq!(catalog.stats().total_size_bytes, 1005, "the other episode still keeps the file");
}

#[test]
fn facets_tell_what_another_choice_would_give() {
    let coded = |part_id, codec: &'static str, tier| {
        let media = MediaFacts { video_codec: Some(codec.into()), tier: Some(tier), ..MediaFacts::default() };
        Row { media, ..row(part_id, "Film", "/film", 1) }
    };
    let catalog = catalog([
        coded(1, "h264", ResolutionTier::P1080),
        coded(2, "h264", ResolutionTier::Uhd),
        coded(3, "hevc", ResolutionTier::Uhd),
        row(4, "Song", "/song", 1),
    ]);
    let filter = Filter { video_codecs: Filter::set(" H264 ,"), ..Filter::default() };
    let facets = catalog.facets(&filter);
    let listed = |counts: &[Count<String>]| counts.iter().map(|c| (c.value.clone(), c.count)).collect::<Vec<_>>();
    let named = |pairs: &[(&str, u64)]| pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(listed(&facets.video_codec), named(&[("h264", 2), ("hevc", 1), ("unknown", 1)]), "its own is left out");
    assert_eq!(listed(&facets.resolution), named(&[("1080p", 1), ("4K", 1)]));
    assert_eq!(facets.library_id, [Count { value: 1, count: 2 }]);
    assert_eq!(listed(&facets.hdr_format), named(&[("SDR", 2)]));

    let unknown = Filter { resolutions: Filter::set("2160p,unknown"), ..Filter::default() };
    assert_eq!(catalog.ids(&unknown).ids, [2, 3, 4], "by another name, and those that have none");
}

#[test]
fn items_without_a_value_come_last_whatever_the_direction() {
    let year = |part_id, year| Row { year, ..row(part_id, "Film", "/film", 1) };
    let catalog = catalog([year(1, None), year(2, Some(1999)), year(3, Some(-5)), year(4, None)]);
    let page = |direction| catalog.page(&Filter::default(), SortKey::Year, direction, 0, 10).ids;
    assert_eq!(page(SortOrder::Ascending), [3, 2, 1, 4]);
    assert_eq!(page(SortOrder::Descending), [2, 3, 4, 1]);
}

#[test]
fn every_column_is_sorted_by_under_the_name_the_contract_has() {
    for key in SortKey::ALL {
        assert_eq!(SortKey::parse(key.name()), Some(*key));
    }
    for name in ["metadata", "registry", "audio_tracks_json", "", "Title"] {
        assert_eq!(SortKey::parse(name), None, "{name}");
    }
}

const CODECS: [Option<&str>; 5] = [None, Some("h264"), Some("hevc"), Some("HEVC"), Some("unknown")];
const TEXTS: [&str; 8] = ["Heat", "heat", "Heathers", "Amélie", "AMÉLIE 2", "千と千尋", "Blade Runner 2049", ""];
const TIERS: [Option<ResolutionTier>; 4] =
    [None, Some(ResolutionTier::Sd), Some(ResolutionTier::P1080), Some(ResolutionTier::Uhd)];
const RANGES: [Option<DynamicRange>; 3] = [None, Some(DynamicRange::Hdr10), Some(DynamicRange::DolbyVision)];

/// Rows of few values, so that they meet.
fn rows() -> impl Strategy<Value = Row<'static>> {
    let of = |codecs: [Option<&'static str>; 5]| select(codecs.to_vec());
    let media = (
        (option::of(-1..3_i64), select(vec!["mkv", "mp4"]), of(CODECS), of(CODECS), option::of(0..4_u64)),
        (option::of(0..3_u32), option::of(0..3_u32), select(TIERS.to_vec()), option::of(select(vec![23.976, 24.0]))),
        (
            select(RANGES.to_vec()),
            option::of(8..10_u8),
            of(CODECS),
            option::of(1..3_u32),
            of(CODECS),
            option::of(0..3_u64),
        ),
    );
    let media = media.prop_map(|((duration_us, container, codec, profile, rate), (width, height, tier, fps), rest)| {
        let (hdr_format, bit_depth, audio_codec, audio_channels, audio_layout, audio_bitrate_bps) = rest;
        MediaFacts {
            duration_us,
            container: container.into(),
            video_codec: codec.map(Into::into),
            video_profile: profile.map(Into::into),
            video_bitrate_bps: rate,
            width,
            height,
            tier,
            frame_rate: fps,
            hdr_format,
            bit_depth,
            audio_codec: audio_codec.map(Into::into),
            audio_channels,
            audio_layout: audio_layout.map(Into::into),
            audio_bitrate_bps,
        }
    });
    let texts = || select(TEXTS.to_vec());
    let keys = (0..40_i64, 1..20_i64, 1..3_i64, texts(), texts(), texts());
    (keys, option::of(1990..1993), 0..20_u64, 0..2_u32, (0..3_i64, 0..3_i64), media).prop_map(
        |((part_id, file_id, library_id, rating_key, title, path), year, size, play_count, at, media)| Row {
            part_id,
            file_id,
            library_id,
            rating_key: rating_key.into(),
            title: title.into(),
            year,
            path: format!("/media/{path}").into(),
            size_bytes: size,
            play_count,
            added_at: Timestamp(at.0),
            updated_at: Timestamp(at.1),
            media,
        },
    )
}

fn bounds<T: Clone + std::fmt::Debug + 'static>(range: std::ops::Range<T>) -> impl Strategy<Value = Bounds<T>>
where
    std::ops::Range<T>: Strategy<Value = T>,
{
    (option::weighted(0.2, range.clone()), option::weighted(0.2, range))
        .prop_map(|(least, most)| Bounds { least, most })
}

fn filters() -> impl Strategy<Value = Filter> {
    let set = |values: Vec<&'static str>| btree_set(select(values).prop_map(str::to_owned), 0..3);
    let codecs = || set(vec!["h264", "HEVC", "unknown", "vp9"]);
    (
        option::weighted(0.3, select(vec!["heat", "HEAT", "é", "media/b", "千", "zzz", "2"])),
        btree_set(1..4_i64, 0..2),
        (set(vec!["4k", "SD", "unknown", "8K"]), codecs(), codecs(), set(vec!["MKV"]), set(vec!["sdr", "HDR10"])),
        any::<bool>(),
        (
            (bounds(0..4_u64), bounds(0..20_u64), bounds(-1..3_i64), bounds(23_000..25_000_u32)),
            (bounds(0..4_u32), bounds(1989..1994), bounds(0..3_u32), bounds(0..3_i64)),
        ),
        option::weighted(0.2, btree_set(0..40_i64, 0..20)),
        btree_set(1..4_i64, 0..2),
    )
        .prop_map(|(search, library_ids, sets, hdr, bounds, part_ids, tag_ids)| Filter {
            search: search.unwrap_or_default().to_owned(),
            library_ids,
            resolutions: sets.0,
            video_codecs: sets.1,
            audio_codecs: sets.2,
            containers: sets.3,
            hdr_formats: sets.4,
            hdr_only: hdr,
            video_bitrate_bps: bounds.0.0,
            size_bytes: bounds.0.1,
            duration_us: bounds.0.2,
            frame_rate_millihertz: bounds.0.3,
            audio_channels: bounds.1.0,
            year: bounds.1.1,
            play_count: bounds.1.2,
            added_at_us: bounds.1.3,
            tag_ids,
            part_ids,
        })
}

/// What may happen to a tag: nothing, items that have it from now on, or that it is deleted.
fn tags() -> impl Strategy<Value = Option<(i64, Option<BTreeSet<i64>>)>> {
    option::of((1..4_i64, option::weighted(0.8, btree_set(0..40_i64, 0..20))))
}

/// A filter with most of its conditions taken away: one with all of them seldom leaves anything.
fn some_conditions() -> impl Strategy<Value = Filter> {
    (filters(), vec(select(vec![true, false, false]), 18)).prop_map(|(full, keep)| {
        let mut filter = Filter::default();
        let mut keep = keep.into_iter();
        macro_rules! maybe {
            ($($field:ident),+) => { $(if keep.next() == Some(true) { filter.$field = full.$field; })+ };
        }
        maybe!(search, library_ids, resolutions, video_codecs, audio_codecs, containers);
        maybe!(hdr_formats, hdr_only, video_bitrate_bps, size_bytes, duration_us, frame_rate_millihertz);
        maybe!(audio_channels, year, play_count, added_at_us, part_ids, tag_ids);
        filter
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever came and went, and whatever was asked in between, the columns say what a scan over the rows says.
    #[test]
    fn the_catalog_says_what_a_plain_scan_says(
        loaded in vec(rows(), 0..50),
        changes in vec((vec(rows(), 0..6), btree_set(0..40_i64, 0..4), select(SortKey::ALL.to_vec()), tags()), 0..8),
        filter in prop_oneof![filters(), some_conditions()],
        key in select(SortKey::ALL.to_vec()),
        descending in any::<bool>(),
        (offset, limit) in (0..20_usize, 0..20_usize),
    ) {
        let direction = if descending { SortOrder::Descending } else { SortOrder::Ascending };
        let mut model = Model::default();
        let loaded: Vec<Row<'static>> = { let mut ids = BTreeSet::new(); loaded.into_iter().filter(|row| ids.insert(row.part_id)).collect() };
        model.apply(&loaded, &BTreeSet::new());
        let mut catalog = catalog(loaded);
        for (rows, gone, asked, tag) in changes {
            // Makes an order, which has to follow from here on.
            let _ = catalog.page(&Filter::default(), asked, direction, 0, 1);
            model.apply(&rows, &gone);
            catalog.apply(rows, gone);
            match tag {
                Some((tag, Some(ids))) => {
                    catalog.put_tag(tag, ids.iter().rev().copied().collect());
                    model.tags.insert(tag, ids);
                }
                Some((tag, None)) => {
                    catalog.drop_tag(tag);
                    model.tags.remove(&tag);
                }
                None => {}
            }
            prop_assert_eq!(catalog.ids(&Filter::default()), model.ids(&Filter::default()));
        }
        prop_assert_eq!(catalog.len(), model.len());
        prop_assert_eq!(catalog.page(&filter, key, direction, offset, limit), model.page(&filter, key, direction, offset, limit));
        prop_assert_eq!(catalog.page(&Filter::default(), key, direction, 0, 99), model.page(&Filter::default(), key, direction, 0, 99));
        prop_assert_eq!(catalog.ids(&filter), model.ids(&filter));
        prop_assert_eq!(catalog.facets(&filter), model.facets(&filter));
        prop_assert_eq!(catalog.stats(), model.stats());
        let tagged = |tag: i64| Filter { tag_ids: [tag].into(), ..Filter::default() };
        for (tag, count) in catalog.tag_counts() {
            prop_assert_eq!(count, model.ids(&tagged(tag)).total);
        }
    }
}
