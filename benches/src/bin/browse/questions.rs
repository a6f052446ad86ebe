//! What the library page asks.

use mediaflow_core::catalog::{Catalog, Filter, SortKey, SortOrder};

/// Asks the catalog, and gives how many rows the statements of SQL must answer with.
pub type AskCatalog = Box<dyn Fn(&Catalog) -> usize>;

/// One question to both sides.
pub struct Question {
    /// In words.
    pub what: &'static str,
    /// The statements that ask SQL.
    pub sql: Vec<String>,
    /// The same of the catalog.
    pub catalog: AskCatalog,
    /// How long each side took, SQL first, a round each.
    pub seconds: Vec<(f64, f64)>,
}

const ALL: &str = "true";
const H264: &str = "video_codec IN ('h264')";
const HIGH: &str = "resolution_tier IN ('1080p', '4K')";
const BOTH: &str = "video_codec IN ('h264') AND resolution_tier IN ('1080p', '4K')";
const VC1: &str = "video_codec IN ('vc1')";
const WOLF: &str = "(title LIKE '%wolf%' OR file_path LIKE '%wolf%')";

/// All of them.
pub fn questions() -> Vec<Question> {
    let all = Filter::default;
    let both = || Filter { resolutions: Filter::set("1080p,4K"), ..codec("h264") };
    let wolf = Filter { search: "wolf".to_owned(), ..Filter::default() };
    let facets = [
        ("library_id", BOTH),
        ("container", BOTH),
        ("audio_codec", BOTH),
        ("hdr_format", BOTH),
        ("video_codec", HIGH),
        ("resolution_tier", H264),
    ];
    let stats = ["video_codec", "resolution_tier", "library_id"];
    let sums = "SELECT count(*), sum(file_size), sum(duration_ms), avg(video_bitrate), sum(is_hdr) FROM media_items";
    vec![
        page("first page by title", (ALL, "title"), 0, all(), SortKey::Title),
        page("page in the middle, by size", (ALL, "file_size"), 40_000, all(), SortKey::Size),
        page("first page by bitrate, without an index", (ALL, "video_bitrate"), 0, all(), SortKey::VideoBitrate),
        page("two filters, by title", (BOTH, "title"), 0, both(), SortKey::Title),
        page("a rare codec, by path", (VC1, "file_path"), 0, codec("vc1"), SortKey::Path),
        page("search, by title", (WOLF, "title"), 0, wolf, SortKey::Title),
        ask("six facets under two filters", facets.map(|(column, of)| group(column, of)).to_vec(), move |catalog| {
            let found = catalog.facets(&both());
            let named = [found.resolution, found.video_codec, found.audio_codec, found.container, found.hdr_format];
            found.library_id.len() + named.iter().map(Vec::len).sum::<usize>()
        }),
        ask(
            "ids under two filters",
            vec![format!("SELECT id FROM media_items WHERE {BOTH} ORDER BY id")],
            move |catalog| catalog.ids(&both()).ids.len(),
        ),
        ask(
            "statistics of the library",
            stats.map(|column| group(column, ALL)).into_iter().chain([sums.to_owned()]).collect(),
            |catalog| {
                let stats = catalog.stats();
                stats.video_codecs.len() + stats.resolutions.len() + stats.libraries.len() + 1
            },
        ),
    ]
}

fn codec(name: &str) -> Filter {
    Filter { video_codecs: Filter::set(name), ..Filter::default() }
}

fn group(column: &str, condition: &str) -> String {
    format!("SELECT {column}, count(*) FROM media_items WHERE {condition} GROUP BY 1")
}

/// A page of fifty, with the count and the bytes of all that it is of. SQL has its items without a value first.
fn page(what: &'static str, sql: (&str, &str), offset: usize, filter: Filter, key: SortKey) -> Question {
    let (condition, column) = sql;
    let sql = vec![
        format!("SELECT count(*), sum(file_size) FROM media_items WHERE {condition}"),
        format!("SELECT id FROM media_items WHERE {condition} ORDER BY {column}, id LIMIT 50 OFFSET {offset}"),
    ];
    ask(what, sql, move |catalog| 1 + catalog.page(&filter, key, SortOrder::Ascending, offset, 50).ids.len())
}

fn ask(what: &'static str, sql: Vec<String>, catalog: impl Fn(&Catalog) -> usize + 'static) -> Question {
    Question { what, sql, catalog: Box::new(catalog), seconds: Vec::new() }
}
