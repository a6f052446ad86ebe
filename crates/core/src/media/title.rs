//! What a file's name says about what is in it, as Plex reads names: `Heat (1995)/Heat (1995) - 1080p.mkv`,
//! `Show - S01E02-E03 - Title.mkv`, `{edition-Director's Cut}`, `cd1`.
//!
//! A name is a guess and good enough for a label. Nothing is ever decided by it alone.

use crate::path::RelPath;

/// What a name says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    /// Title of the film or of the show; never empty.
    pub title: String,
    /// Year of the film or of the show's first season.
    pub year: Option<u16>,
    /// Season, for an episode; 0 for specials.
    pub season: Option<u16>,
    /// Episodes in the file, in order; one file can hold several.
    pub episodes: Vec<u16>,
    /// Title of the episode.
    pub episode_title: Option<String>,
    /// Edition, such as `Director's Cut`.
    pub edition: Option<String>,
    /// Number of the part, where one film is split over files (`cd1`, `pt2`).
    pub part: Option<u16>,
}

/// Years that a bare number in a name can mean. Later ones are titles (Blade Runner 2049) long before they are years.
const BARE_YEARS: std::ops::RangeInclusive<u16> = 1900..=2040;

/// Words for the parts of a split film, as Plex has them.
const PART_WORDS: [&str; 6] = ["cd", "disc", "disk", "dvd", "part", "pt"];

impl Title {
    /// Reads a path. Only the name and the two folders above it are looked at.
    #[must_use]
    pub fn of(path: &RelPath) -> Self {
        let stem = String::from_utf8_lossy(path.stem()).into_owned();
        let folders = folders(path);
        let (mut bare, edition) = without_braces(&stem);
        let part = take_part(&mut bare);
        let mut title = match find_episode(&bare) {
            Some(found) => episode(&bare, found, &folders),
            None => film(&bare, &folders),
        };
        title.part = part;
        title.edition = edition.or_else(|| folders.first().and_then(|folder| without_braces(folder).1));
        for fallback in [printable(&stem).as_str(), "(no name)"] {
            if title.title.is_empty() {
                fallback.clone_into(&mut title.title);
            }
        }
        title
    }

    /// As a row in a list: `Heat (1995)`, `Show S01E02-E03 - Title`.
    #[must_use]
    pub fn label(&self) -> String {
        let Some(season) = self.season else {
            let year = self.year.map(|year| format!(" ({year})")).unwrap_or_default();
            return format!("{}{year}", self.title);
        };
        let mut label = format!("{} S{season:02}", self.title);
        if let Some(first) = self.episodes.first() {
            label.push_str(&format!("E{first:02}"));
        }
        if let Some(last) = self.episodes.last().filter(|_| self.episodes.len() > 1) {
            label.push_str(&format!("-E{last:02}"));
        }
        if let Some(name) = &self.episode_title {
            label.push_str(&format!(" - {name}"));
        }
        label
    }
}

/// Names of the folders above, the nearest first; at most two.
fn folders(path: &RelPath) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = path.parent();
    while let Some(folder) = at.filter(|_| names.len() < 2) {
        names.push(String::from_utf8_lossy(folder.file_name()).into_owned());
        at = folder.parent();
    }
    names
}

fn film(stem: &str, folders: &[String]) -> Title {
    let (title, year) = title_and_year(stem);
    // A folder that names its film with a year knows better than a release group's file name.
    if year.is_none()
        && let Some(folder) = folders.first()
        && let (title, Some(year)) = title_and_year(&without_braces(folder).0)
    {
        return Title { title, year: Some(year), ..Title::default() };
    }
    Title { title, year, ..Title::default() }
}

fn episode(stem: &str, found: Episode, folders: &[String]) -> Title {
    let (mut show, mut year) = title_and_year(&stem[..found.start]);
    if show.is_empty() {
        let named = folders.iter().find(|folder| !is_season(folder));
        (show, year) = named.map(|folder| title_and_year(&without_braces(folder).0)).unwrap_or_default();
    }
    let name = Some(clean(&stem[found.end..])).filter(|name| !name.is_empty());
    Title {
        title: show,
        year,
        season: Some(found.season),
        episodes: found.episodes,
        episode_title: name,
        ..Title::default()
    }
}

fn is_season(folder: &str) -> bool {
    let folder = folder.to_ascii_lowercase();
    folder == "specials" || folder.strip_prefix("season").is_some_and(|rest| rest.trim().parse::<u16>().is_ok())
}

/// Splits `Title (1995) whatever` and `Title.1995.1080p.whatever`.
fn title_and_year(text: &str) -> (String, Option<u16>) {
    let four_digits = |at: usize| text.get(at..at + 4).and_then(|digits| number(digits.as_bytes()));
    for (open, _) in text.match_indices(['(', '[']).filter(|(open, _)| *open > 0) {
        let closes = matches!(text.as_bytes().get(open + 5), Some(b')' | b']'));
        if let Some(year) = four_digits(open + 1).filter(|_| closes) {
            return (clean(&text[..open]), Some(year));
        }
    }
    // A bare year counts only between a title and something else; alone it may be the title (1917, 2012).
    let is_edge = |byte: Option<&u8>| byte.is_some_and(|b| matches!(b, b'.' | b' ' | b'_'));
    let bare = (1..text.len()).rev().find_map(|at| {
        let bytes = text.as_bytes();
        let year = four_digits(at).filter(|year| BARE_YEARS.contains(year))?;
        (is_edge(bytes.get(at - 1)) && is_edge(bytes.get(at + 4))).then_some((at, year))
    });
    match bare {
        Some((at, year)) if !clean(&text[..at]).is_empty() => (clean(&text[..at]), Some(year)),
        _ => (without_version(&clean(text)), None),
    }
}

/// Takes ` - 1080p` off the end: a version's label, not the title's.
fn without_version(title: &str) -> String {
    match title.rsplit_once(" - ") {
        Some((head, tail)) if super::ResolutionTier::parse(tail.trim()).is_some() => head.trim_end().to_owned(),
        _ => title.to_owned(),
    }
}

/// Cuts out `{...}`; an edition among them is the second value.
fn without_braces(text: &str) -> (String, Option<String>) {
    let (mut rest, mut kept, mut edition) = (text, String::new(), None);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inside, behind)) = after.split_once('}') else { break };
        kept.push_str(before);
        if let Some((_, name)) = inside.split_once('-').filter(|(key, _)| key.eq_ignore_ascii_case("edition")) {
            edition = Some(printable(name)).filter(|name| !name.is_empty());
        }
        rest = behind;
    }
    kept.push_str(rest);
    (kept, edition)
}

/// Takes ` - cd1` off the end.
fn take_part(stem: &mut String) -> Option<u16> {
    let trimmed = stem.trim_end();
    let digits = trimmed.bytes().rev().take_while(u8::is_ascii_digit).count();
    let head = &trimmed[..trimmed.len() - digits];
    let part = number(&trimmed.as_bytes()[head.len()..])?;
    let word = head.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let (before, word) = head.split_at(head.len() - word);
    let is_part = PART_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    if !is_part || !before.ends_with(['-', '.', '_', ' ']) {
        return None;
    }
    // "The Hangover Part 2" is a title. Only a separator before the word makes it a piece of a file.
    let before = before.trim_end();
    if !before.ends_with(['-', '.', '_']) {
        return None;
    }
    *stem = before.trim_end_matches(['-', '.', '_', ' ']).to_owned();
    Some(part)
}

/// Where an episode's numbers stand in a name.
struct Episode {
    start: usize,
    end: usize,
    season: u16,
    episodes: Vec<u16>,
}

/// Finds `S01E02`, `s1e2`, `S01E02-E04`, `S01E02E03` or `1x02`.
fn find_episode(text: &str) -> Option<Episode> {
    let bytes = text.as_bytes();
    let starts_word = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    (0..bytes.len()).filter(|at| starts_word(*at)).find_map(|start| season_episode(bytes, start))
}

fn season_episode(bytes: &[u8], start: usize) -> Option<Episode> {
    let marked = bytes[start].eq_ignore_ascii_case(&b's');
    let (season, mut at) = digits(bytes, start + usize::from(marked), if marked { 4 } else { 2 })?;
    if marked && matches!(bytes.get(at), Some(b' ' | b'.' | b'_')) {
        at += 1;
    }
    let mark = if marked { b'e' } else { b'x' };
    if !bytes.get(at)?.eq_ignore_ascii_case(&mark) {
        return None;
    }
    let (first, mut end) = digits(bytes, at + 1, 4)?;
    let mut episodes = vec![first];
    while let Some((next, is_range, behind)) = next_episode(bytes, end, mark) {
        /// No file holds more; a wider "range" is something else.
        const LONGEST_RANGE: u16 = 50;
        let last = episodes.last().copied().unwrap_or(first);
        match next.checked_sub(last) {
            Some(step) if is_range && (1..=LONGEST_RANGE).contains(&step) => episodes.extend(last + 1..=next),
            _ => episodes.push(next),
        }
        end = behind;
    }
    let ends_word = bytes.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    ends_word.then_some(Episode { start, end, season, episodes })
}

/// A further episode behind the first: `-E03`, `-03` (a range) or `E03` (one more).
fn next_episode(bytes: &[u8], end: usize, mark: u8) -> Option<(u16, bool, usize)> {
    let dash = usize::from(bytes.get(end) == Some(&b'-'));
    let marked = bytes.get(end + dash).is_some_and(|byte| byte.eq_ignore_ascii_case(&mark));
    if dash == 0 && !marked {
        return None;
    }
    let (next, behind) = digits(bytes, end + dash + usize::from(marked), 3)?;
    // `S01E01-720p` is no episode 720.
    let another = bytes.get(behind).is_some_and(|byte| byte.eq_ignore_ascii_case(&mark));
    let ends = bytes.get(behind).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (ends || another).then_some((next, dash == 1, behind))
}

/// One to `most` digits at a place: their value and where they end. More digits than that are another kind of number.
fn digits(bytes: &[u8], at: usize, most: usize) -> Option<(u16, usize)> {
    let rest = bytes.get(at..)?;
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count > most {
        return None;
    }
    Some((number(&rest[..count])?, at + count))
}

/// Digits and nothing else (no sign, as `parse` alone would allow).
fn number(digits: &[u8]) -> Option<u16> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A title without tags, separators and control characters.
fn clean(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((_, behind)) = after.split_once(']') else { break };
        kept.push_str(before);
        rest = behind;
    }
    kept.push_str(rest);
    let spaced = if kept.trim().contains(' ') { kept } else { kept.replace(['.', '_'], " ") };
    printable(spaced.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '.' | '_')))
}

/// Without control characters (they would run wild in a terminal) and with single spaces.
fn printable(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(path: &str) -> Title {
        Title::of(&RelPath::new(path).unwrap())
    }

    #[test]
    fn films() {
        for (path, label) in [
            ("Heat (1995)/Heat (1995) - 1080p.mkv", "Heat (1995)"),
            ("Heat (1995)/heat-xvid.avi", "Heat (1995)"),
            ("Heat (1995) {imdb-tt0113277}/Heat.mkv", "Heat (1995)"),
            ("Heat.mkv", "Heat"),
            ("Heat - 2160p.mkv", "Heat"),
            ("2001 A Space Odyssey (1968).mkv", "2001 A Space Odyssey (1968)"),
            ("The.Matrix.1999.1080p.BluRay.x264-GROUP.mkv", "The Matrix (1999)"),
            ("1917.2019.1080p.mkv", "1917 (2019)"),
            ("1917.mkv", "1917"),
            ("Blade.Runner.2049.2017.2160p.mkv", "Blade Runner 2049 (2017)"),
            ("Blade Runner 2049.mkv", "Blade Runner 2049"),
            ("Mr. Nobody [1080p] (2009).mkv", "Mr. Nobody (2009)"),
            ("[Group] Your Name [BD].mkv", "Your Name"),
            ("(500) Days of Summer (2009).mkv", "(500) Days of Summer (2009)"),
            ("Se7en. Director's cut.mkv", "Se7en. Director's cut"),
            ("千と千尋の神隠し (2001).mkv", "千と千尋の神隠し (2001)"),
            ("line\nbreak (1999).mkv", "line break (1999)"),
            ("(1999).mkv", "(1999)"),
            ("[x].mkv", "[x]"),
            ("{.mkv", "{"),
        ] {
            assert_eq!(parse(path).label(), label, "{path:?}");
        }
    }

    #[test]
    fn episodes() {
        for (path, label) in [
            ("Show - S01E02 - Pilot.mkv", "Show S01E02 - Pilot"),
            ("The Wire (2002)/Season 01/The Wire (2002) - s01e02 - The Detail.mkv", "The Wire S01E02 - The Detail"),
            ("The Wire (2002)/Season 1/S01E02.mkv", "The Wire S01E02"),
            ("Show/Specials/S00E03 - Extra.mkv", "Show S00E03 - Extra"),
            ("Show - S01E01-E03.mkv", "Show S01E01-E03"),
            ("Show - S01E01-02 - Both.mkv", "Show S01E01-E02 - Both"),
            ("Show.S01E01E02.720p.mkv", "Show S01E01-E02 - 720p"),
            ("Show - S01E01-720p.mkv", "Show S01E01 - 720p"),
            ("Show 1x07 Name.mkv", "Show S01E07 - Name"),
            ("Show S2019E101.mkv", "Show S2019E101"),
        ] {
            assert_eq!(parse(path).label(), label, "{path:?}");
        }
        assert_eq!(parse("Show - S01E01-E03.mkv").episodes, [1, 2, 3]);
        assert_eq!(parse("Show - S01E01E03.mkv").episodes, [1, 3]);
        assert_eq!(parse("Film 1920x1080 (2010).mkv").season, None);
        assert_eq!(parse("Class1E2 (2010).mkv").season, None);
    }

    #[test]
    fn editions_and_parts() {
        let blade = parse("Blade Runner (1982)/Blade Runner (1982) {edition-Director's Cut}.mkv");
        assert_eq!((blade.label().as_str(), blade.edition.as_deref()), ("Blade Runner (1982)", Some("Director's Cut")));
        assert_eq!(parse("Alien (1979) {edition-Special}/Alien.mkv").edition.as_deref(), Some("Special"));
        for (path, title, part) in [
            ("Ben Hur (1959) - cd1.avi", "Ben Hur", Some(1)),
            ("Ben Hur (1959) - pt2.avi", "Ben Hur", Some(2)),
            ("Ben.Hur.CD2.avi", "Ben Hur", Some(2)),
            ("The Hangover Part 2.mkv", "The Hangover Part 2", None),
            ("Top Gun 2.mkv", "Top Gun 2", None),
        ] {
            let got = parse(path);
            assert_eq!((got.title.as_str(), got.part), (title, part), "{path}");
        }
    }

    #[test]
    fn names_that_are_not_utf8_show_as_lossy_text() {
        let path = RelPath::new(b"caf\xe9 (1999).mkv".to_vec()).unwrap();
        assert_eq!(Title::of(&path).label(), "caf\u{fffd} (1999)");
    }

    proptest! {
        #[test]
        fn any_name_gives_a_printable_title(name in "[ -~\\n\\tä{}()\\[\\]sSeExX0-9. -]{1,40}") {
            let Ok(path) = RelPath::new(name.replace('/', "_")) else { return Ok(()) };
            let title = Title::of(&path);
            prop_assert!(!title.title.trim().is_empty(), "{title:?}");
            prop_assert!(!title.label().chars().any(char::is_control), "{title:?}");
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
            if let Ok(path) = RelPath::new(bytes) {
                let _ = Title::of(&path);
            }
        }
    }
}
