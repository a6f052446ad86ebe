//! Titles as libraries have them: most in English, some in other languages and scripts.

use std::collections::HashMap;

use super::dice::Dice;

const QUALITIES: [&str; 40] = [
    "Silent",
    "Broken",
    "Last",
    "Crimson",
    "Hidden",
    "Golden",
    "Forgotten",
    "Burning",
    "Endless",
    "Quiet",
    "Savage",
    "Paper",
    "Iron",
    "Distant",
    "Hollow",
    "Second",
    "Bitter",
    "Velvet",
    "Northern",
    "Electric",
    "Lonely",
    "Wild",
    "Perfect",
    "Stolen",
    "Frozen",
    "Glass",
    "Midnight",
    "Sacred",
    "Strange",
    "Lucky",
    "Falling",
    "Secret",
    "Blue",
    "Dangerous",
    "Gentle",
    "Rising",
    "Lost",
    "Common",
    "Private",
    "Royal",
];

const THINGS: [&str; 60] = [
    "River",
    "Summer",
    "Machine",
    "Garden",
    "Empire",
    "Harbor",
    "Letter",
    "Mountain",
    "Witness",
    "Stranger",
    "Orchard",
    "Kingdom",
    "Winter",
    "Highway",
    "Shadow",
    "Island",
    "Promise",
    "Signal",
    "Thief",
    "Daughter",
    "Station",
    "Horizon",
    "Crown",
    "Mirror",
    "Storm",
    "Passage",
    "Border",
    "Symphony",
    "Hunter",
    "Cathedral",
    "Voyage",
    "Tiger",
    "Detective",
    "Dream",
    "Road",
    "Engine",
    "Fortress",
    "Wolf",
    "Circus",
    "Lighthouse",
    "Bridge",
    "Colony",
    "Memory",
    "Ocean",
    "Sparrow",
    "Planet",
    "Widow",
    "Soldier",
    "Library",
    "Train",
    "Fever",
    "Compass",
    "Desert",
    "Choir",
    "Angel",
    "Hotel",
    "Season",
    "Carnival",
    "Window",
    "Republic",
];

/// Titles that are not plain ASCII: accents, other scripts, characters that shells and URLs trip over.
const ELSEWHERE: [&str; 28] = [
    "Amélie à la plage",
    "L'Été dernier",
    "Les Années lumière",
    "Être et rêver",
    "Das große Schweigen",
    "Über den Dächern",
    "Straße der Träume",
    "El niño y el mar",
    "Corazón de león",
    "São Paulo à noite",
    "Wesoły pociąg",
    "Žena a město",
    "Ночной поезд",
    "Братья по крови",
    "Зимняя сказка",
    "Το τελευταίο τραίνο",
    "千の風",
    "夏の終わりに",
    "東京の空の下",
    "봄날의 기억",
    "겨울 바다",
    "长夜将尽",
    "حكاية المدينة",
    "Smörgåsbordet",
    "Ægir & Sønn",
    "What's 100% True?",
    "#Offline [Director's Cut]",
    "Æon Flux: Ωmega",
];

/// Titles, each given once.
#[derive(Default)]
pub(super) struct Names {
    given: HashMap<String, u32>,
}

impl Names {
    /// A title that was not given before: the second of a name is its sequel.
    pub(super) fn title(&mut self, dice: &mut Dice) -> String {
        let title = if dice.per_mille(70) { (*dice.pick(&ELSEWHERE)).to_owned() } else { english(dice) };
        let times = self.given.entry(title.clone()).or_default();
        *times += 1;
        if *times == 1 { title } else { format!("{title} {times}") }
    }
}

/// What an episode may be called; not unique.
pub(super) fn episode(dice: &mut Dice) -> String {
    match dice.between(0, 3) {
        0 => "Pilot".to_owned(),
        1 => format!("The {}", dice.pick(&THINGS)),
        _ => format!("{} {}", dice.pick(&QUALITIES), dice.pick(&THINGS)),
    }
}

fn english(dice: &mut Dice) -> String {
    let (quality, thing, other) = (*dice.pick(&QUALITIES), *dice.pick(&THINGS), *dice.pick(&THINGS));
    match dice.between(0, 5) {
        0 => format!("The {quality} {thing}"),
        1 => format!("{quality} {thing}"),
        2 => format!("The {thing} of the {other}"),
        3 => format!("{thing} and {other}"),
        4 => format!("{thing}, {quality} {other}"),
        _ => format!("{quality} {thing} in the {other}"),
    }
}
