//! Films and seasons: which files they have, how these are named, what they are in the catalog.

use mediaflow_core::media::MediaInfo;

use super::dice::Dice;
use super::media::probe;
use super::names::{Names, episode};
use super::template::{TEMPLATES, Template};

/// A file to be written down, with the items that it holds.
pub(super) struct NewFile {
    /// Its path in its library.
    pub path: String,
    pub version: String,
    pub items: Vec<NewItem>,
    pub info: MediaInfo,
}

/// A film or an episode.
pub(super) struct NewItem {
    pub key: String,
    pub kind: &'static str,
    pub title: String,
    pub year: Option<i32>,
}

/// A film; some have two versions.
pub(super) fn film(names: &mut Names, of: fn(&Template) -> bool, dice: &mut Dice) -> Vec<NewFile> {
    let (title, year) = (names.title(dice), year(dice));
    let seconds = dice.between(80, 160) * 60 + dice.between(0, 59);
    let first = template(dice, of, |template| template.films);
    let mut kinds = vec![first];
    if dice.per_mille(40) {
        let second = template(dice, of, |template| template.films);
        kinds.extend(Some(second).filter(|second| second.label != first.label));
    }
    let name = format!("{title} ({year})");
    let version_of = |template: &Template| NewFile {
        path: format!("{name}/{name} - {}.{}", template.label, template.container.extension()),
        version: template.label.to_owned(),
        items: vec![NewItem { key: name.to_lowercase(), kind: "movie", title: title.clone(), year: Some(year) }],
        info: probe(template, seconds, dice.between(8, 14), dice),
    };
    kinds.into_iter().map(version_of).collect()
}

/// All of a show: a few seasons, each of one kind of file. Now and then two episodes share a file.
pub(super) fn show(names: &mut Names, of: fn(&Template) -> bool, dice: &mut Dice) -> Vec<NewFile> {
    let (title, year) = (names.title(dice), year(dice));
    let minutes = *dice.pick(&[22, 24, 42, 50, 58]);
    let mut files = Vec::new();
    for season in 1..=dice.between(1, 8) {
        let template = template(dice, of, |template| template.episodes);
        let last = dice.between(6, 24);
        let mut next = 1;
        while next <= last {
            let together = if next < last && dice.per_mille(15) { 2 } else { 1 };
            let numbers = next..next + together;
            next += together;
            let first = format!("S{season:02}E{:02}", numbers.start);
            let range = if together == 2 { format!("{first}-E{:02}", numbers.start + 1) } else { first };
            let name = episode(dice);
            let stem = format!("{title} - {range} - {name} {}", template.label);
            let seconds = (minutes * 60 + dice.between(0, 179)) * together;
            files.push(NewFile {
                path: format!("{title} ({year})/Season {season:02}/{stem}.{}", template.container.extension()),
                version: stem,
                items: numbers
                    .map(|number| NewItem {
                        key: format!("{title} s{season:02}e{number:02}").to_lowercase(),
                        kind: "episode",
                        title: format!("{title} S{season:02}E{number:02} - {name}"),
                        // The names of episodes do not tell it.
                        year: None,
                    })
                    .collect(),
                info: probe(template, seconds, 0, dice),
            });
        }
    }
    files
}

fn template<'t>(dice: &mut Dice, of: fn(&Template) -> bool, weight: fn(&Template) -> u64) -> &'t Template {
    dice.weigh(&TEMPLATES, |template| if of(template) { weight(template) } else { 0 })
}

/// Half of a library is of the last fifteen years.
fn year(dice: &mut Dice) -> i32 {
    let oldest = *dice.pick(&[1931, 1975, 2010, 2010]);
    dice.between(oldest, 2025) as i32
}
