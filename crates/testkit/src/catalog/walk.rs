//! The library that [`super::generate`] writes down, work by work: for what serves it and does not want to hold it.

use mediaflow_core::media::MediaInfo;

use super::dice::Dice;
use super::names::Names;
use super::works::{self, NewFile};
use super::{FIRST_DAY_US, GROWING_US, MISSING_PER_MILLE, PLANS};

/// A library of the generated ones.
pub(crate) struct Section {
    pub title: &'static str,
    pub root: &'static str,
    pub is_show: bool,
}

/// All of them; [`Work::section`] counts them from 0.
pub(crate) fn sections() -> impl Iterator<Item = Section> {
    PLANS.iter().map(|plan| Section { title: plan.title, root: plan.root, is_show: plan.library_type == "show" })
}

/// A file of a work that is there.
pub(crate) struct File {
    /// Its path, with that of its library.
    pub path: String,
    pub info: MediaInfo,
    /// What it holds: a film, or one episode or two.
    pub holds: Vec<Held>,
}

/// A film, or an episode with the title of its show.
pub(crate) struct Held {
    pub title: String,
    pub year: Option<i32>,
    /// Season, number and name.
    pub episode: Option<(u32, u32, String)>,
}

/// How a work is made again: a few bytes instead of its files.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub section: usize,
    /// When its files came, in seconds of the epoch.
    pub added_at: i64,
    dice: Dice,
    /// How often its title had been given with it.
    times: u32,
}

impl Work {
    /// Its files, as often as wanted, and always the same.
    pub(crate) fn files(&self) -> Vec<File> {
        let mut names = Names::default();
        for _ in 1..self.times {
            names.title(&mut self.dice.clone());
        }
        let mut dice = self.dice.clone();
        let files = make(self.section, &mut names, &mut dice);
        files.into_iter().filter(|_| !dice.per_mille(MISSING_PER_MILLE)).map(|file| told(self.section, file)).collect()
    }
}

/// Goes through a generated library.
pub(crate) struct Walk {
    dice: Dice,
    names: Names,
    items: u64,
    wanted: u64,
}

impl Walk {
    pub(crate) fn new(items: u64, seed: u64) -> Self {
        Self { dice: Dice::new(seed), names: Names::default(), items: 0, wanted: items }
    }
}

impl Iterator for Walk {
    type Item = (Work, Vec<File>);

    /// Draws in the order of [`super::generate`], so that both make the same library of a seed.
    fn next(&mut self) -> Option<Self::Item> {
        if self.items >= self.wanted {
            return None;
        }
        let section = *self.dice.weigh(&[0, 1, 2, 3, 4], |plan| PLANS[*plan].weight);
        let before = self.dice.clone();
        let mut there = Vec::new();
        let files = make(section, &mut self.names, &mut self.dice);
        let times = times(&before, &files);
        let grown = i128::from(self.items) * i128::from(GROWING_US) / i128::from(self.wanted);
        let added_at = (FIRST_DAY_US + grown as i64) / 1_000_000;
        for mut file in files {
            if self.dice.per_mille(MISSING_PER_MILLE) {
                continue;
            }
            file.items.truncate((self.wanted - self.items) as usize);
            if file.items.is_empty() {
                break;
            }
            self.items += file.items.len() as u64;
            there.push(told(section, file));
        }
        Some((Work { section, added_at, dice: before, times }, there))
    }
}

fn make(section: usize, names: &mut Names, dice: &mut Dice) -> Vec<NewFile> {
    let plan = &PLANS[section];
    if plan.library_type == "show" { works::show(names, plan.of, dice) } else { works::film(names, plan.of, dice) }
}

/// The number behind the title of a work, 1 where there is none.
fn times(before: &Dice, files: &[NewFile]) -> u32 {
    let plain = Names::default().title(&mut before.clone());
    let title = files.first().and_then(|file| file.items.first()).map(|item| held(&item.title, None).title);
    let number =
        title.as_deref().and_then(|title| title.strip_prefix(&plain)).and_then(|rest| rest.trim().parse().ok());
    number.unwrap_or(1)
}

fn told(section: usize, file: NewFile) -> File {
    File {
        path: format!("{}/{}", PLANS[section].root, file.path),
        info: file.info,
        holds: file.items.iter().map(|item| held(&item.title, item.year)).collect(),
    }
}

/// Takes the title of an episode apart: `Show S01E02 - Name`.
fn held(title: &str, year: Option<i32>) -> Held {
    let parts = title.rsplit_once(" - ").and_then(|(head, name)| {
        let (show, code) = head.rsplit_once(' ')?;
        let (season, number) = code.strip_prefix('S')?.split_once('E')?;
        Some((show, (season.parse().ok()?, number.parse().ok()?, name.to_owned())))
    });
    match parts {
        Some((show, episode)) => Held { title: show.to_owned(), year, episode: Some(episode) },
        None => Held { title: title.to_owned(), year, episode: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is served is what is written down, and stays so when it is made again.
    #[test]
    fn a_work_made_again_is_the_same() {
        let mut items = 0;
        for (work, files) in Walk::new(3000, 7) {
            items += files.iter().map(|file| file.holds.len()).sum::<usize>();
            for (file, again) in files.iter().zip(work.files()) {
                assert_eq!((&file.path, &file.info), (&again.path, &again.info));
            }
        }
        assert_eq!(items, 3000);
    }
}
