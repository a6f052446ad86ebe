//! Media items: what the library shows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{INSTANT, Time};

/// One media file in the library. Bitrates in kbit/s, size in bytes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MediaItemResponse {
    /// Its id.
    pub id: i64,
    /// The library it belongs to.
    pub plex_library_id: i64,
    /// The source's own name for it; for a folder, its path in that folder.
    pub plex_rating_key: String,
    /// Its title.
    pub title: String,
    /// The year it came out.
    pub year: Option<i64>,
    /// How long it lasts, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Its picture, where the source has one.
    pub thumb_url: Option<String>,
    /// Where it lies. Names that are not UTF-8 are shown with replacement characters.
    pub file_path: Option<String>,
    /// Size in bytes.
    pub file_size: Option<i64>,
    /// Container, such as `mkv`.
    pub container: Option<String>,
    /// Video codec, such as `h264`.
    pub video_codec: Option<String>,
    /// Profile of the video codec.
    pub video_profile: Option<String>,
    /// Bitrate of the video in kbit/s.
    pub video_bitrate: Option<i64>,
    /// Width in pixels.
    pub width: Option<i64>,
    /// Height in pixels.
    pub height: Option<i64>,
    /// `4K`, `1080p`, `720p`, `480p` or `SD`.
    pub resolution_tier: Option<String>,
    /// Frames per second.
    pub frame_rate: Option<f64>,
    /// Whether the picture is HDR.
    pub is_hdr: bool,
    /// Which HDR.
    pub hdr_format: Option<String>,
    /// Bits per colour sample.
    pub bit_depth: Option<i64>,
    /// Codec of the first audio track.
    pub audio_codec: Option<String>,
    /// Channels of the first audio track.
    pub audio_channels: Option<i64>,
    /// Layout of the first audio track.
    pub audio_channel_layout: Option<String>,
    /// Bitrate of the first audio track in kbit/s.
    pub audio_bitrate: Option<i64>,
    /// All audio tracks.
    pub audio_tracks_json: Option<Vec<AudioTrack>>,
    /// All subtitle tracks.
    pub subtitle_tracks_json: Option<Vec<SubtitleTrack>>,
    /// How often it was played.
    pub play_count: i64,
    /// Genres, where the source tells.
    pub genres: Option<Vec<String>>,
    /// Directors, where the source tells.
    pub directors: Option<Vec<String>>,
    /// Title of its library.
    pub library_title: Option<String>,
    /// Tags of the user.
    pub tags: Option<Vec<TagBrief>>,
}

/// An audio track of an item.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AudioTrack {
    /// Codec.
    pub codec: String,
    /// Channels.
    pub channels: Option<i64>,
    /// Language.
    pub language: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Bitrate in kbit/s.
    pub bitrate: Option<i64>,
}

/// A subtitle track of an item.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SubtitleTrack {
    /// Codec.
    pub codec: String,
    /// Language.
    pub language: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Whether it is shown even with subtitles off.
    pub forced: bool,
}

/// A tag, in short.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TagBrief {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: String,
}

/// What to show of the library. Filters are ANDed, comma lists ORed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct ItemFilter {
    /// Part of the title or of the path, whatever the case of its letters.
    pub search: Option<String>,
    /// One library; 0 for all.
    pub library_id: Option<i64>,
    /// Resolution tiers, such as `4K,1080p`; `unknown` for none.
    pub resolution: Option<String>,
    /// Video codecs, such as `h264,mpeg4`.
    pub video_codec: Option<String>,
    /// Audio codecs.
    pub audio_codec: Option<String>,
    /// Containers.
    pub container: Option<String>,
    /// HDR formats; `SDR` for none.
    pub hdr_format: Option<String>,
    /// Only HDR.
    #[serde(default, deserialize_with = "super::flag")]
    pub hdr_only: bool,
    /// Least video bitrate in kbit/s.
    #[schemars(range(min = 0))]
    pub min_bitrate: Option<i64>,
    /// Largest video bitrate in kbit/s.
    #[schemars(range(min = 0))]
    pub max_bitrate: Option<i64>,
    /// Least size in bytes.
    #[schemars(range(min = 0))]
    pub min_size: Option<i64>,
    /// Largest size in bytes.
    #[schemars(range(min = 0))]
    pub max_size: Option<i64>,
    /// Least duration in milliseconds.
    #[schemars(range(min = 0))]
    pub min_duration: Option<i64>,
    /// Largest duration in milliseconds.
    #[schemars(range(min = 0))]
    pub max_duration: Option<i64>,
    /// Least frame rate in frames per second, such as 23.976.
    #[schemars(range(min = 0, max = 1000))]
    pub min_frame_rate: Option<f64>,
    /// Largest frame rate in frames per second.
    #[schemars(range(min = 0, max = 1000))]
    pub max_frame_rate: Option<f64>,
    /// Least number of channels of the first sound track.
    #[schemars(range(min = 0))]
    pub min_channels: Option<i64>,
    /// Largest number of channels of the first sound track.
    #[schemars(range(min = 0))]
    pub max_channels: Option<i64>,
    /// First year.
    pub min_year: Option<i32>,
    /// Last year.
    pub max_year: Option<i32>,
    /// Least number of plays.
    #[schemars(range(min = 0))]
    pub min_play_count: Option<i64>,
    /// Largest number of plays; 0 for what nobody has seen.
    #[schemars(range(min = 0))]
    pub max_play_count: Option<i64>,
    /// Added at this instant or later, such as `2026-01-31T00:00:00Z`.
    #[schemars(regex(pattern = INSTANT))]
    pub added_after: Option<String>,
    /// Added at this instant or before.
    #[schemars(regex(pattern = INSTANT))]
    pub added_before: Option<String>,
    /// Ids of tags that an item must all have.
    #[schemars(regex(pattern = "^([0-9]{1,18}(,[0-9]{1,18})*)?$"))]
    pub tags: Option<String>,
}

/// Which page of the library, and in which order; the filter stands beside it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct ItemOrder {
    /// From 1.
    #[schemars(range(min = 1))]
    pub page: Option<i64>,
    /// At most 500.
    #[schemars(range(min = 1, max = 500))]
    pub page_size: Option<i64>,
    /// A field of an item; anything else sorts by title.
    pub sort_by: Option<String>,
    /// `desc`; anything else is ascending.
    pub sort_order: Option<String>,
}

/// A page of media items.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ItemPage {
    /// The items.
    pub items: Vec<MediaItemResponse>,
    /// Items on all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// Items on a page.
    pub page_size: i64,
    /// Pages there are.
    pub total_pages: i64,
    /// Size of all that match, in bytes.
    pub total_size: i64,
}

/// The ids of all that match.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ItemIds {
    /// The ids.
    pub ids: Vec<i64>,
    /// How many.
    pub total: i64,
    /// Their size in bytes.
    pub total_size: i64,
}

/// How many items each value of a column has, each column counted without its own filter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Facets {
    /// Libraries by id.
    pub library_id: Vec<Facet>,
    /// Resolution tiers.
    pub resolution: Vec<Facet>,
    /// Video codecs.
    pub video_codec: Vec<Facet>,
    /// Audio codecs.
    pub audio_codec: Vec<Facet>,
    /// Containers.
    pub container: Vec<Facet>,
    /// HDR formats.
    pub hdr_format: Vec<Facet>,
    /// Tags by id: items that would be left if they had to have this one too.
    pub tags: Vec<Facet>,
}

/// One value with its count.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Facet {
    /// The value, as the filter takes it.
    pub value: String,
    /// Items that have it.
    pub count: i64,
}

/// A library among all.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LibrarySectionResponse {
    /// Its id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// `movie` or `show`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Items in it.
    pub total_items: i64,
    /// Their size in bytes.
    pub total_size: i64,
    /// Name of its server.
    pub server_name: String,
    /// Its server.
    pub server_id: i64,
}

/// The whole library in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LibraryStatsResponse {
    /// Items.
    pub total_items: i64,
    /// Their size in bytes.
    pub total_size: i64,
    /// Their length in milliseconds.
    pub total_duration_ms: i64,
    /// Items by video codec.
    pub codec_breakdown: std::collections::BTreeMap<String, i64>,
    /// Items by resolution tier.
    pub resolution_breakdown: std::collections::BTreeMap<String, i64>,
    /// Items in HDR.
    pub hdr_count: i64,
    /// Mean video bitrate in kbit/s.
    pub avg_bitrate: f64,
    /// Every library.
    pub libraries: Vec<LibraryCount>,
}

/// One library in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LibraryCount {
    /// Its id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// `movie` or `show`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Items in it.
    pub total_items: i64,
    /// Their size in bytes.
    pub total_size: i64,
}

/// What to export.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ExportQuery {
    /// `csv` or `json`.
    #[schemars(regex(pattern = r"^(csv|json)$"))]
    pub format: Option<String>,
    /// One library; 0 for all.
    pub library_id: Option<i64>,
}

/// An export.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Export {
    /// `csv` or `json`.
    pub format: String,
    /// Items in it.
    pub count: i64,
    /// The export itself.
    pub data: ExportData,
}

/// CSV as one text with a header line, or the items themselves.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ExportData {
    /// `title,year,resolution,codec,bitrate,file_size,audio,file_path`, quoted as RFC 4180 says.
    Csv(String),
    /// The items.
    Items(Vec<MediaItemResponse>),
}

/// Everything known of one item.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ItemDetails {
    /// As in the list.
    pub item: MediaItemResponse,
    /// All streams of the file.
    pub streams: Vec<StreamDetail>,
    /// Chapters.
    pub chapters: Vec<ChapterDetail>,
    /// Tags of the container.
    pub container_tags: std::collections::BTreeMap<String, String>,
    /// Overall bitrate in kbit/s.
    pub bitrate: Option<i64>,
    /// When it was first seen.
    pub added_at: Time,
    /// When it was last read.
    pub probed_at: Option<Time>,
    /// Jobs of this file, newest first.
    pub job_ids: Vec<i64>,
}

/// One stream of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StreamDetail {
    /// Position in the file.
    pub index: i64,
    /// `video`, `cover`, `audio`, `subtitle`, `attachment` or `data`.
    pub kind: String,
    /// Codec.
    pub codec: String,
    /// Profile.
    pub profile: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Flags such as `default` and `forced`.
    pub dispositions: Vec<String>,
    /// Bitrate in kbit/s.
    pub bitrate: Option<i64>,
    /// What else is to be said of it, in a few words: `3840x1600, 10 bit, 23.976 fps, HDR10`.
    pub summary: String,
}

/// One chapter.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChapterDetail {
    /// Start in milliseconds.
    pub start_ms: i64,
    /// Title.
    pub title: Option<String>,
}
