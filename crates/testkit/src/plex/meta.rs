//! What a section can be filtered and sorted by, as clients ask before they search.

use super::element::Element;
use super::model::SectionKind;

const FIELDS: [(&str, &str, &str); 6] = [
    ("title", "string", "Title"),
    ("year", "integer", "Year"),
    ("addedAt", "date", "Date Added"),
    ("viewCount", "integer", "Plays"),
    ("lastViewedAt", "date", "Last Played"),
    ("unwatched", "boolean", "Unplayed"),
];

const SORTS: [(&str, &str, &str); 6] = [
    ("titleSort", "asc", "Title"),
    ("year", "desc", "Year"),
    ("addedAt", "desc", "Date Added"),
    ("duration", "asc", "Duration"),
    ("viewCount", "desc", "Plays"),
    ("lastViewedAt", "desc", "Date Viewed"),
];

const OPERATORS: [(&str, &[(&str, &str)]); 4] = [
    (
        "string",
        &[("=", "contains"), ("!=", "does not contain"), ("==", "is"), ("!==", "is not"), ("<=", "begins with")],
    ),
    ("integer", &[("=", "is"), ("!=", "is not"), (">>=", "is greater than"), ("<<=", "is less than")]),
    ("date", &[("<<=", "is before"), (">>=", "is after")]),
    ("boolean", &[("=0", "is false"), ("=1", "is true")]),
];

pub(super) fn of(section: u32, kind: SectionKind) -> Element {
    let types: &[(u32, &str, &str)] = match kind {
        SectionKind::Movie => &[(1, "movie", "Movies")],
        SectionKind::Show => &[(2, "show", "TV Shows"), (3, "season", "Seasons"), (4, "episode", "Episodes")],
        SectionKind::Artist => &[],
    };
    let types = types.iter().enumerate().map(|(nth, (number, kind, title))| {
        let prefix = if *kind == "movie" { String::new() } else { format!("{kind}.") };
        let fields = FIELDS.map(|(key, kind, title)| {
            Element::new("Field").with("key", format!("{prefix}{key}")).with("title", title).with("type", kind)
        });
        let sorts = SORTS.map(|(key, direction, title)| {
            Element::new("Sort")
                .with("defaultDirection", direction)
                .with("descKey", format!("{key}:desc"))
                .with("key", key)
                .with("title", title)
        });
        Element::new("Type")
            .with("key", format!("/library/sections/{section}/all?type={number}"))
            .with("type", *kind)
            .with("title", *title)
            .with("active", nth == 0)
            .each(sorts)
            .each(fields)
    });
    let operators = OPERATORS.map(|(kind, operators)| {
        let operators =
            operators.iter().map(|(key, title)| Element::new("Operator").with("key", *key).with("title", *title));
        Element::new("FieldType").with("type", kind).each(operators)
    });
    Element::new("Meta").each(types).each(operators)
}
