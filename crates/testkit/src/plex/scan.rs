//! How a server notices that files have changed: when it scans their folder, as it is told to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mediaflow_core::media::MediaInfo;

use super::library::{Library, OWNER, now};
use super::model::{Details, Item, Part};

/// What a scan does with an item whose files have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each may be lost without the others")]
pub struct Scanning {
    /// It takes so long; until then, all is as before, and the section says that it is refreshing.
    pub takes: Duration,
    /// The streams stay as they were until the item is analysed: only file names and sizes are new.
    pub leaves_streams: bool,
    /// The date on which an item was added becomes that of the scan.
    pub loses_added_at: bool,
    /// Play counts and dates are gone.
    pub loses_views: bool,
    /// The item is no longer in its collections.
    pub loses_collections: bool,
    /// The item gets a new rating key, as if the old one had gone and a new one had come.
    pub loses_key: bool,
}

/// What is on the disk and not noticed yet, and scans that run.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    pub manner: Scanning,
    /// By path; `None` where the file has gone.
    disk: BTreeMap<String, Option<MediaInfo>>,
    /// What the analysis of an item will find.
    unread: BTreeMap<u32, Details>,
    running: Vec<Scan>,
}

#[derive(Debug)]
struct Scan {
    ends: Instant,
    section: u32,
    /// The folder, or the whole section.
    path: Option<String>,
}

impl Library {
    /// How scans go from now on.
    pub const fn scan_so(&mut self, manner: Scanning) {
        self.scanner.manner = manner;
    }

    /// The file at a path is now this: another one than before, or a new one. The server notices at its next scan of
    /// the folder. A new file whose name is that of a known one up to the extension belongs to the same item.
    pub fn file_is(&mut self, path: &str, info: MediaInfo) {
        self.scanner.disk.insert(path.to_owned(), Some(info));
    }

    /// There is no file at a path any more.
    pub fn file_gone(&mut self, path: &str) {
        self.scanner.disk.insert(path.to_owned(), None);
    }

    /// Whether a scan of a section runs.
    #[must_use]
    pub fn is_refreshing(&self, section: u32) -> bool {
        self.scanner.running.iter().any(|scan| scan.section == section)
    }

    pub(super) fn start_scan(&mut self, section: u32, path: Option<&str>) {
        let ends = Instant::now() + self.scanner.manner.takes;
        self.scanner.running.push(Scan { ends, section, path: path.map(str::to_owned) });
        self.catch_up();
    }

    /// Ends the scans whose time has come. Each request does this first.
    pub(super) fn catch_up(&mut self) {
        let now = Instant::now();
        while let Some(number) = self.scanner.running.iter().position(|scan| scan.ends <= now) {
            let scan = self.scanner.running.swap_remove(number);
            self.end_scan(&scan);
        }
    }

    fn end_scan(&mut self, scan: &Scan) {
        let Some(section) = self.sections.get_mut(&scan.section) else { return };
        section.scanned_at = now();
        let folder = scan.path.as_deref().unwrap_or(&section.root).trim_end_matches('/').to_owned();
        let lies_in =
            |path: &str| path == folder || path.strip_prefix(&folder).is_some_and(|rest| rest.starts_with('/'));
        let found: Vec<String> = self.scanner.disk.keys().filter(|path| lies_in(path)).cloned().collect();
        let found: Vec<(String, Option<MediaInfo>)> =
            found.into_iter().filter_map(|path| self.scanner.disk.remove_entry(&path)).collect();
        if found.is_empty() {
            return;
        }
        section.changed_at = now();
        // New files first, so that an item whose file has another extension now does not go in between.
        let (there, gone): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, info)| info.is_some());
        for (path, info) in there {
            if let Some(info) = info {
                self.notice(scan.section, &path, &info);
            }
        }
        for (path, _) in gone {
            for key in self.at_path(&path) {
                self.lose_file(key, &path);
            }
        }
    }

    fn notice(&mut self, section: u32, path: &str, info: &MediaInfo) {
        let mut keys = self.at_path(path);
        if keys.is_empty() {
            keys = self.of_same_name(section, path);
        }
        if keys.is_empty() {
            let (title, year) = named(path);
            self.add_film(section, &title, year.unwrap_or(0), vec![vec![Part::new(path, info.clone())]]);
        }
        for key in keys {
            let Some(item) = self.items.get(&key) else { continue };
            let mut after = super::generated::details(&item.source);
            let before = after.versions.clone();
            match after.versions.iter_mut().flatten().find(|part| part.file == path) {
                Some(part) => part.info = info.clone(),
                None => after.versions.push(vec![Part::new(path, info.clone())]),
            }
            after.edition += 1;
            self.renew(key, after, &before);
        }
    }

    /// Gives an item what is on the disk now, and loses what the server loses.
    fn renew(&mut self, key: u32, after: Details, before: &[Vec<Part>]) {
        let manner = self.scanner.manner;
        let key = if manner.loses_key { self.move_to_new_key(key) } else { key };
        let mut told = after.clone();
        if manner.leaves_streams {
            for part in told.versions.iter_mut().flatten() {
                let stem = stem(&part.file);
                if let Some(old) = before.iter().flatten().find(|old| self::stem(&old.file) == stem) {
                    let size_bytes = part.info.size_bytes;
                    part.info = MediaInfo { size_bytes, ..old.info.clone() };
                }
            }
            self.scanner.unread.insert(key, after);
        }
        self.set_details(key, told);
        self.touch(key);
    }

    /// An item has other files: what is kept of it depends.
    fn touch(&mut self, key: u32) {
        let manner = self.scanner.manner;
        if let Some(item) = self.items.get_mut(&key) {
            item.updated_at = now();
            if manner.loses_added_at || manner.loses_key {
                item.added_at = now();
            }
        }
        if manner.loses_views || manner.loses_key {
            self.set_views(key, OWNER, 0, None);
            self.others_views.retain(|(_, item), _| *item != key);
        }
        if manner.loses_collections || manner.loses_key {
            self.collections.values_mut().for_each(|collection| collection.items.retain(|item| *item != key));
        }
        self.changed();
    }

    fn move_to_new_key(&mut self, key: u32) -> u32 {
        let Some(item) = self.items.get(&key).cloned() else { return key };
        let new = self.insert(Item { ..item });
        self.remove(key);
        new
    }

    /// A file of an item has gone: its version goes, and with the last version the item.
    fn lose_file(&mut self, key: u32, path: &str) {
        let mut left = Details { versions: self.versions(key), edition: 1 };
        for version in &mut left.versions {
            version.retain(|part| part.file != path);
        }
        left.versions.retain(|version| !version.is_empty());
        if let Some(unread) = self.scanner.unread.get_mut(&key) {
            unread.versions.iter_mut().for_each(|version| version.retain(|part| part.file != path));
            unread.versions.retain(|version| !version.is_empty());
        }
        if left.versions.is_empty() {
            self.remove(key);
        } else {
            self.set_details(key, left);
        }
    }

    /// `PUT /library/metadata/{key}/analyze`: the streams are read anew.
    pub(super) fn analyze(&mut self, key: u32) {
        if let Some(details) = self.scanner.unread.remove(&key) {
            self.set_details(key, details);
        }
        if let Some(item) = self.items.get_mut(&key) {
            item.updated_at = now();
            self.changed();
        }
    }

    /// The items of a file in the same folder with the same name up to the extension.
    fn of_same_name(&self, section: u32, path: &str) -> Vec<u32> {
        let known = ["mkv", "mp4", "m4v", "avi", "ts", "wmv", "mpg", "mov", "webm", "asf", "mpeg", "m2ts"];
        let of = |extension: &str| self.at_path(&format!("{}.{extension}", stem(path)));
        let keys = known.into_iter().map(of).find(|keys| !keys.is_empty()).unwrap_or_default();
        keys.into_iter().filter(|key| self.items.get(key).is_some_and(|item| item.section == section)).collect()
    }
}

fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// The title and year of a film from its file's name: `Title (2001) - what else.mkv`.
fn named(path: &str) -> (String, Option<i32>) {
    let name = stem(path.rsplit('/').next().unwrap_or(path));
    let year = |rest: &str| rest.split_once(')').and_then(|(year, _)| year.parse().ok());
    match name.rsplit_once(" (").and_then(|(title, rest)| Some((title, year(rest)?))) {
        Some((title, year)) => (title.to_owned(), Some(year)),
        None => (name.to_owned(), None),
    }
}
