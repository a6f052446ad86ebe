//! Libraries of any size, of the films that [`crate::catalog`] has. What is served of a work is made again each time, so
//! that a hundred thousand items take a few dozen megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::walk::{self, File, Walk, Work};

use super::library::{Library, OWNER, duration_ms, hash};
use super::model::{Details, Item, Kind, Part, Play, SectionKind, Source};

impl Library {
    /// A library of `items` films and episodes: those that [`crate::catalog::generate`] makes of the seed, in sections
    /// of the same names and folders. A third of them has been watched.
    #[must_use]
    pub fn generated(items: u64, seed: u64) -> Self {
        let mut library = Self::new();
        for section in walk::sections() {
            let kind = if section.is_show { SectionKind::Show } else { SectionKind::Movie };
            library.add_section(section.title, kind, section.root);
        }
        for (work, files) in Walk::new(items, seed) {
            library.add_work(Arc::new(work), &files);
        }
        library.paths.sort_unstable();
        library
    }

    fn add_work(&mut self, work: Arc<Work>, files: &[File]) {
        let Some(first) = files.first().and_then(|file| file.holds.first()) else { return };
        let year = first.year;
        if first.episode.is_none() {
            let title = first.title.clone();
            let longest = files.iter().map(milliseconds).max();
            let mut film = generated(&work, Kind::Movie, &title, longest.unwrap_or(0));
            film.year = year;
            film.source = Source::Work { work, file: None };
            let key = self.put(film);
            self.paths.extend(files.iter().map(|file| (hash(&file.path), key)));
            return;
        }
        let show = self.put(Item { year, ..generated(&work, Kind::Show, &first.title, 0) });
        let mut seasons: HashMap<u32, u32> = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            for held in &file.holds {
                let Some((season, index, name)) = &held.episode else { continue };
                let parent = *seasons.entry(*season).or_insert_with(|| {
                    let item = generated(&work, Kind::Season, &format!("Season {season}"), 0);
                    self.put(Item { parent: Some(show), index: *season, ..item })
                });
                // Plex tells of each episode of a file the time of the whole file.
                let episode = generated(&work, Kind::Episode, name, milliseconds(file));
                let source = Source::Work { work: work.clone(), file: Some(number as u16) };
                let key = self.put(Item { parent: Some(parent), index: *index, source, ..episode });
                self.paths.push((hash(&file.path), key));
            }
        }
    }

    fn put(&mut self, mut item: Item) -> u32 {
        let chance = hash(&item.title) ^ item.added_at.cast_unsigned();
        if item.kind.has_files() && chance.is_multiple_of(3) {
            item.views = (chance / 3 % 3) as u32 + 1;
            item.viewed_at = Some(item.added_at + 86_400 * (chance / 7 % 60 + 1).cast_signed());
        }
        let (views, viewed_at) = (item.views, item.viewed_at);
        let key = self.insert(item);
        for view in 0..i64::from(views) {
            let at = viewed_at.unwrap_or(0) - 86_400 * (i64::from(views) - 1 - view);
            self.history.push(Play { id: self.history.len() as u32 + 1, item: key, account: OWNER, at });
        }
        key
    }
}

fn generated(work: &Work, kind: Kind, title: &str, duration_ms: u64) -> Item {
    Item {
        section: work.section as u32 + 1,
        kind,
        parent: None,
        index: 1,
        title: title.into(),
        year: None,
        duration_ms,
        added_at: work.added_at,
        updated_at: work.added_at + 60,
        views: 0,
        viewed_at: None,
        source: Source::Nothing,
    }
}

fn milliseconds(file: &File) -> u64 {
    file.info.duration_us.map_or(0, |us| us.max(0).cast_unsigned() / 1000)
}

/// The files of an item.
pub(super) fn details(source: &Source) -> Details {
    let mut making = Making::default();
    let (versions, edition) = making.files(source);
    Details { versions: versions.into_iter().map(<[Part]>::to_vec).collect(), edition }
}

/// Makes the files of several items, those of a work only once when its items come one after the other.
#[derive(Default)]
pub(super) struct Making {
    work: Option<(Arc<Work>, Vec<Part>)>,
    own: Option<Arc<Details>>,
}

impl Making {
    /// The versions of an item, and the edition of their streams.
    pub(super) fn files(&mut self, source: &Source) -> (Vec<&[Part]>, u32) {
        match source {
            Source::Nothing => (Vec::new(), 0),
            Source::Own(details) => {
                let details = self.own.insert(details.clone());
                (details.versions.iter().map(Vec::as_slice).collect(), details.edition)
            }
            Source::Work { work, file } => {
                let is_same = self.work.as_ref().is_some_and(|(last, _)| Arc::ptr_eq(last, work));
                if !is_same {
                    let files = work.files().into_iter();
                    let parts = files.map(|file| Part { file: file.path, info: file.info, sidecars: Vec::new() });
                    self.work = Some((work.clone(), parts.collect()));
                }
                let files = self.work.as_ref().map(|(_, files)| files.as_slice()).unwrap_or_default();
                let chosen = match file {
                    Some(number) => files.get(usize::from(*number)).map(std::slice::from_ref).unwrap_or_default(),
                    None => files,
                };
                (chosen.iter().map(std::slice::from_ref).collect(), 0)
            }
        }
    }
}

/// The time that a version takes.
pub(super) fn version_ms(version: &[Part]) -> u64 {
    version.iter().map(duration_ms).sum()
}
