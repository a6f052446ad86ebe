//! Where a file belongs in the catalog, told by its name.

use mediaflow_core::media::title::Title;
use mediaflow_core::path::RelPath;
use mediaflow_store::{CatalogEntry, StoreError, Tx};

/// Puts a file under its film, or under each of its episodes. Files that name the same film or episode are versions of
/// it; files that differ only in `cd1`, `cd2` are parts of one version. Files that differ only in their extension are the
/// same version one after the other, and two versions where both are there.
pub(super) fn place(tx: &Tx<'_>, library_id: i64, file_id: i64, path: &RelPath) -> Result<(), StoreError> {
    let title = Title::of(path);
    let (shared, own) = (version_key(path, &title), path.to_string());
    let items: Vec<(String, String)> =
        each_item(&title).iter().map(|one| (item_key(path, one), item_title(one))).collect();
    let mut entries: Vec<CatalogEntry<'_>> = items
        .iter()
        .map(|(item_key, item_title)| CatalogEntry {
            item_key,
            item_type: if title.season.is_some() { "episode" } else { "movie" },
            title: item_title,
            year: title.year.map(i32::from),
            version_key: &shared,
            position: title.part.map_or(0, |part| u32::from(part.saturating_sub(1))),
        })
        .collect();
    for entry in &mut entries {
        if tx.entry_is_taken(library_id, entry, file_id)? {
            entry.version_key = &own;
        }
    }
    tx.catalog_put(library_id, file_id, &entries)?;
    Ok(())
}

/// One title for each episode in the file, or the film.
fn each_item(title: &Title) -> Vec<Title> {
    if title.episodes.is_empty() {
        return vec![title.clone()];
    }
    title.episodes.iter().map(|episode| Title { episodes: vec![*episode], ..title.clone() }).collect()
}

/// A film's year stands in its own column; an episode is told by all of its label.
fn item_title(title: &Title) -> String {
    if title.season.is_some() { title.label() } else { title.title.clone() }
}

/// Title and year name a film wherever it lies, and show, season and episode an episode; a title alone only together
/// with its folder.
fn item_key(path: &RelPath, title: &Title) -> String {
    let named = Title { episode_title: None, ..title.clone() }.label().to_lowercase();
    match path.parent() {
        Some(folder) if title.year.is_none() && title.season.is_none() => format!("{folder}/{named}"),
        _ => named,
    }
}

/// A version is a file, whatever its extension: a remux of it stays the same version. The parts of one share the name
/// up to the part's number.
fn version_key(path: &RelPath, title: &Title) -> String {
    let folder = path.parent().map(|folder| format!("{folder}/")).unwrap_or_default();
    let stem = String::from_utf8_lossy(path.stem()).into_owned();
    match title.part {
        Some(_) => format!("{folder}{}", stem.trim_end_matches(|c: char| c.is_ascii_digit())),
        None => format!("{folder}{stem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(path: &str) -> (Vec<String>, String) {
        let path = RelPath::new(path).unwrap();
        let title = Title::of(&path);
        let items = each_item(&title).iter().map(|one| item_key(&path, one)).collect();
        (items, version_key(&path, &title))
    }

    #[test]
    fn files_meet_where_they_are_the_same_film() {
        let (full, uhd) = (keys("Heat (1995)/Heat (1995) - 1080p.mkv"), keys("Heat (1995)/Heat (1995) - 2160p.mkv"));
        assert_eq!(full.0, ["heat (1995)"]);
        assert_eq!(full.0, uhd.0, "one film");
        assert_ne!(full.1, uhd.1, "in two versions");

        let (one, two) = (keys("Ben Hur (1959) - cd1.avi"), keys("Ben Hur (1959) - cd2.avi"));
        assert_eq!(one, two, "one film, one version, two parts");

        assert_ne!(keys("a/clip.mkv").0, keys("b/clip.mkv").0, "a bare name means nothing elsewhere");
        assert_eq!(keys("Heat.avi"), keys("Heat.mkv"), "a remux stays what it was");
    }

    #[test]
    fn a_file_with_two_episodes_belongs_to_both() {
        let (items, _) = keys("Show/Season 1/Show - S01E01-E02 - Both.mkv");
        assert_eq!(items, ["show s01e01", "show s01e02"]);
    }
}
