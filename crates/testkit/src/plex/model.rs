//! What a library consists of.

use std::sync::Arc;

use mediaflow_core::media::MediaInfo;

use crate::catalog::walk::Work;

/// What a library holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// Films.
    Movie,
    /// Shows with seasons and episodes.
    Show,
    /// Music, of which nothing but the section is served.
    Artist,
}

/// A library of a server.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub kind: SectionKind,
    pub title: String,
    /// The folder that it is made of.
    pub root: String,
    /// When it was scanned, and when something of it changed.
    pub scanned_at: i64,
    pub changed_at: i64,
}

/// A file, as a server knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Where it lies.
    pub file: String,
    /// What is in it.
    pub info: MediaInfo,
    /// Subtitles that lie beside it.
    pub sidecars: Vec<Sidecar>,
}

/// A subtitle file beside a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    /// Its format, as Plex names it: `srt`, `ass`.
    pub codec: &'static str,
    /// ISO 639-2 code.
    pub language: &'static str,
    /// Whether it is shown without being asked for.
    pub forced: bool,
}

impl Part {
    /// A file with nothing beside it.
    #[must_use]
    pub fn new(file: &str, info: MediaInfo) -> Self {
        Self { file: file.to_owned(), info, sidecars: Vec::new() }
    }
}

/// One of the versions of an item (`Media`): mostly one file, sometimes several that are played one after the other.
pub type Version = Vec<Part>;

/// The files of an item.
#[derive(Debug, Clone, Default)]
pub(super) struct Details {
    pub versions: Vec<Version>,
    /// Goes up with each look at changed files; streams get new ids by it.
    pub edition: u32,
}

/// The kinds of items, with Plex's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Movie = 1,
    Show = 2,
    Season = 3,
    Episode = 4,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Show => "show",
            Self::Season => "season",
            Self::Episode => "episode",
        }
    }

    pub(super) const fn of_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Movie),
            2 => Some(Self::Show),
            3 => Some(Self::Season),
            4 => Some(Self::Episode),
            _ => None,
        }
    }

    pub(super) const fn has_files(self) -> bool {
        matches!(self, Self::Movie | Self::Episode)
    }
}

/// Where an item's files are told from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// It has none: a show, a season.
    Nothing,
    /// All files of a generated work, or one of them.
    Work { work: Arc<Work>, file: Option<u16> },
    /// As a test or a scan said.
    Own(Arc<Details>),
}

/// An item: what lists need of it, so that a library of any size is small.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub section: u32,
    pub kind: Kind,
    /// The season of an episode, the show of a season.
    pub parent: Option<u32>,
    /// Its number among its siblings.
    pub index: u32,
    pub title: Box<str>,
    pub year: Option<i32>,
    pub duration_ms: u64,
    pub added_at: i64,
    pub updated_at: i64,
    /// What the owner has seen of it.
    pub views: u32,
    pub viewed_at: Option<i64>,
    pub source: Source,
}

/// A collection.
#[derive(Debug, Clone)]
pub(super) struct Collection {
    pub key: u32,
    pub section: u32,
    pub title: String,
    /// The kind of all of its items.
    pub kind: Kind,
    pub items: Vec<u32>,
    pub added_at: i64,
    pub updated_at: i64,
}

/// Something was watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Play {
    pub id: u32,
    pub item: u32,
    pub account: u32,
    pub at: i64,
}

/// Something is being watched.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub id: u32,
    pub item: u32,
    pub account: u32,
    pub state: &'static str,
}
