//! The state of a server: its sections, items, collections, and what was watched. A test changes it at any time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::model::{Collection, Details, Item, Kind, Part, Play, Section, SectionKind, Session, Source, Version};
use super::scan::Scanner;

/// The account that owns the server, as the server counts its accounts.
pub const OWNER: u32 = 1;

/// What a server serves.
#[derive(Debug, Default)]
pub struct Library {
    pub(super) sections: BTreeMap<u32, Section>,
    pub(super) items: BTreeMap<u32, Item>,
    /// The seasons of shows and the episodes of seasons.
    pub(super) children: HashMap<u32, Vec<u32>>,
    pub(super) collections: BTreeMap<u32, Collection>,
    pub(super) history: Vec<Play>,
    pub(super) sessions: Vec<Session>,
    /// Play counts of all accounts but the owner's.
    pub(super) others_views: HashMap<(u32, u32), (u32, i64)>,
    /// Names of all accounts but the owner's.
    pub(super) accounts: BTreeMap<u32, String>,
    /// Hashes of paths with the items of the file, sorted.
    pub(super) paths: Vec<(u64, u32)>,
    pub(super) scanner: Scanner,
    /// Goes up with each change, so that lists are made anew.
    pub(super) revision: u64,
    last_key: u32,
}

/// An episode to be added.
#[derive(Debug, Clone)]
pub struct Episode<'a> {
    /// The show's title; it is made with its season where it is not there.
    pub show: &'a str,
    /// When it began.
    pub year: i32,
    /// Counted from 1; 0 are specials.
    pub season: u32,
    /// Its number in the season.
    pub number: u32,
    /// Its own title.
    pub title: &'a str,
}

/// Seconds of the epoch.
pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

impl Library {
    /// One without anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A key that nothing has. Items and collections share the numbers.
    pub(super) fn next_key(&mut self) -> u32 {
        self.last_key += 1;
        self.last_key
    }

    pub(super) fn changed(&mut self) {
        self.revision += 1;
    }

    /// Adds a section and gives its key, which `/library/sections` has as text.
    pub fn add_section(&mut self, title: &str, kind: SectionKind, root: &str) -> u32 {
        let key = self.sections.keys().last().map_or(1, |last| last + 1);
        let (title, root) = (title.to_owned(), root.to_owned());
        self.sections.insert(key, Section { kind, title, root, scanned_at: now(), changed_at: now() });
        key
    }

    /// Adds a film and gives its rating key.
    pub fn add_film(&mut self, section: u32, title: &str, year: i32, versions: Vec<Version>) -> u32 {
        self.add(Self::blank(section, Kind::Movie, title, Some(year)), versions)
    }

    /// Adds an episode, with its show and season where they are missing, and gives its rating key. The same file may be
    /// that of several episodes.
    pub fn add_episode(&mut self, section: u32, episode: &Episode<'_>, versions: Vec<Version>) -> u32 {
        let show = match self.find_kind(episode.show, Kind::Show) {
            Some(show) => show,
            None => self.insert(Self::blank(section, Kind::Show, episode.show, Some(episode.year))),
        };
        let season = self.child(show, episode.season).unwrap_or_else(|| {
            let title = format!("Season {}", episode.season);
            let season =
                Item { index: episode.season, parent: Some(show), ..Self::blank(section, Kind::Season, &title, None) };
            self.insert(season)
        });
        let blank = Self::blank(section, Kind::Episode, episode.title, Some(episode.year));
        self.add(Item { index: episode.number, parent: Some(season), ..blank }, versions)
    }

    fn blank(section: u32, kind: Kind, title: &str, year: Option<i32>) -> Item {
        Item {
            section,
            kind,
            parent: None,
            index: 1,
            title: title.into(),
            year,
            duration_ms: 0,
            added_at: now(),
            updated_at: now(),
            views: 0,
            viewed_at: None,
            source: Source::Nothing,
        }
    }

    fn add(&mut self, item: Item, versions: Vec<Version>) -> u32 {
        let key = self.insert(item);
        self.set_details(key, Details { versions, edition: 0 });
        key
    }

    /// Adds an item as it is.
    pub(super) fn insert(&mut self, item: Item) -> u32 {
        let key = self.next_key();
        if let Some(parent) = item.parent {
            self.children.entry(parent).or_default().push(key);
        }
        self.items.insert(key, item);
        self.changed();
        key
    }

    /// Gives an item other files.
    pub(super) fn set_details(&mut self, key: u32, details: Details) {
        let parts: Vec<&Part> = details.versions.iter().flatten().collect();
        for part in &parts {
            self.paths.push((hash(&part.file), key));
        }
        self.paths.sort_unstable();
        self.paths.dedup();
        let longest = details.versions.iter().map(|version| version.iter().map(duration_ms).sum()).max();
        if let Some(item) = self.items.get_mut(&key) {
            item.duration_ms = longest.unwrap_or(0);
            item.source = Source::Own(Arc::new(details));
        }
        self.changed();
    }

    /// Removes an item with all that is below it, as if the files had gone.
    pub fn remove(&mut self, key: u32) {
        for child in self.children.remove(&key).unwrap_or_default() {
            self.remove(child);
        }
        let parent = self.items.remove(&key).and_then(|item| item.parent);
        for collection in self.collections.values_mut() {
            collection.items.retain(|item| *item != key);
        }
        self.sessions.retain(|session| session.item != key);
        self.others_views.retain(|(_, item), _| *item != key);
        self.changed();
        if let Some(parent) = parent {
            let siblings = self.children.entry(parent).or_default();
            siblings.retain(|child| *child != key);
            if siblings.is_empty() {
                self.remove(parent);
            }
        }
    }

    /// The first item of a title that has files.
    #[must_use]
    pub fn find(&self, title: &str) -> Option<u32> {
        self.find_kind(title, Kind::Movie).or_else(|| self.find_kind(title, Kind::Episode))
    }

    pub(super) fn find_kind(&self, title: &str, kind: Kind) -> Option<u32> {
        self.items.iter().find(|(_, item)| item.kind == kind && &*item.title == title).map(|(key, _)| *key)
    }

    /// The items whose files are at a path.
    #[must_use]
    pub fn at_path(&self, path: &str) -> Vec<u32> {
        let wanted = hash(path);
        let from = self.paths.partition_point(|(hash, _)| *hash < wanted);
        let keys = self.paths[from..].iter().take_while(|(hash, _)| *hash == wanted).map(|(_, key)| *key);
        // A path stays noted when its file has gone.
        let has = |key: &u32| self.versions(*key).iter().flatten().any(|part| part.file == path);
        keys.filter(has).collect()
    }

    /// The versions of an item; none of a show, a season, or what is not there.
    #[must_use]
    pub fn versions(&self, key: u32) -> Vec<Version> {
        self.items.get(&key).map(|item| super::generated::details(&item.source).versions).unwrap_or_default()
    }

    /// All items with files, in the order of their keys.
    pub fn keys(&self) -> impl Iterator<Item = u32> {
        self.items.iter().filter(|(_, item)| item.kind.has_files()).map(|(key, _)| *key)
    }

    fn child(&self, parent: u32, index: u32) -> Option<u32> {
        let children = self.children.get(&parent)?;
        children.iter().copied().find(|child| self.items.get(child).is_some_and(|item| item.index == index))
    }

    /// All items with files below an item, itself among them.
    pub(super) fn leaves(&self, key: u32) -> Vec<u32> {
        match self.items.get(&key) {
            Some(item) if item.kind.has_files() => vec![key],
            Some(_) => {
                let children = self.children.get(&key).map(Vec::as_slice).unwrap_or_default();
                children.iter().flat_map(|child| self.leaves(*child)).collect()
            }
            None => Vec::new(),
        }
    }
}

/// FNV-1a: the same in each run, and good enough to find a path by.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

pub(super) fn duration_ms(part: &Part) -> u64 {
    part.info.duration_us.map_or(0, |us| us.max(0).cast_unsigned() / 1000)
}
