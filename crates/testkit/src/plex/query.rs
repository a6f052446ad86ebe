//! Media queries: which items of a section are wanted, and in which order.

use super::items::{genres, title_sort};
use super::library::{Library, now};
use super::model::{Item, Kind};
use super::request::Request;

/// How a value is compared; the operator stands before the `=` of the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Is,
    IsNot,
    AtLeast,
    Above,
    AtMost,
    Below,
    Exactly,
    NotExactly,
}

/// One condition: one of the values must fit.
#[derive(Debug, Clone)]
struct Condition {
    field: Field,
    comparison: Comparison,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Id,
    Title,
    Year,
    Added,
    Updated,
    Views,
    Viewed,
    Unwatched,
    Duration,
    Genre,
    Collection,
    Show,
    Index,
}

/// What is wanted of a section.
#[derive(Debug)]
pub(super) struct Query {
    pub kind: Kind,
    conditions: Vec<Condition>,
    sort: Vec<(Field, bool)>,
    limit: Option<usize>,
}

fn field(name: &str) -> Option<Field> {
    if name == "show.id" {
        return Some(Field::Show);
    }
    // `movie.title` and `title` are the same where films are wanted.
    Some(match name.rsplit('.').next().unwrap_or(name) {
        "id" | "ratingKey" => Field::Id,
        "title" | "titleSort" => Field::Title,
        "year" | "originallyAvailableAt" => Field::Year,
        "addedAt" => Field::Added,
        "updatedAt" => Field::Updated,
        "viewCount" => Field::Views,
        "lastViewedAt" => Field::Viewed,
        "unwatched" => Field::Unwatched,
        "duration" => Field::Duration,
        "genre" => Field::Genre,
        "collection" => Field::Collection,
        "index" => Field::Index,
        _ => return None,
    })
}

/// Fields of a query string that choose nothing.
fn is_option(name: &str) -> bool {
    let starts = ["include", "exclude", "X-Plex-", "check", "async"];
    starts.iter().any(|start| name.starts_with(start))
        || matches!(name, "type" | "sort" | "limit" | "skipRefresh" | "libtype" | "push" | "pop" | "or" | "and")
}

impl Query {
    /// Reads a request; `Err` has what is wrong with it.
    pub(super) fn read(request: &Request, kind: Kind) -> Result<Self, String> {
        let mut conditions = Vec::new();
        for (name, value) in &request.fields {
            if is_option(name) {
                continue;
            }
            let plain = name.trim_end_matches(['<', '>', '!', '=']);
            let comparison = match &name[plain.len()..] {
                "" => Comparison::Is,
                "!" => Comparison::IsNot,
                ">" => Comparison::AtLeast,
                ">>" => Comparison::Above,
                "<" => Comparison::AtMost,
                "<<" => Comparison::Below,
                "=" => Comparison::Exactly,
                "!=" => Comparison::NotExactly,
                other => return Err(format!("no operator: {other}=")),
            };
            let field = field(plain).ok_or_else(|| format!("no field to filter by: {plain}"))?;
            conditions.push(Condition { field, comparison, values: value.split(',').map(str::to_owned).collect() });
        }
        let sort = request.list("sort").into_iter().map(|part| {
            let (name, direction) = part.split_once(':').unwrap_or((part, ""));
            let name = if name == "random" { "id" } else { name };
            Ok((field(name).ok_or_else(|| format!("no field to sort by: {name}"))?, direction == "desc"))
        });
        let sort = sort.collect::<Result<Vec<_>, String>>()?;
        Ok(Self { kind, conditions, sort, limit: request.number("limit").map(|limit| limit as usize) })
    }

    /// The keys of what fits, in order: by title where nothing else is said, and by key where all else is the same.
    pub(super) fn run(&self, library: &Library, section: Option<u32>) -> Vec<u32> {
        let fits = |key: u32, item: &Item| {
            item.kind == self.kind
                && section.is_none_or(|section| item.section == section)
                && self.conditions.iter().all(|condition| condition.holds(library, key, item))
        };
        let mut found: Vec<(u32, &Item)> =
            library.items.iter().map(|(key, item)| (*key, item)).filter(|(key, item)| fits(*key, item)).collect();
        let titles: &[(Field, bool)] = if self.kind == Kind::Movie || self.kind == Kind::Show {
            &[(Field::Title, false)]
        } else {
            &[(Field::Show, false), (Field::Id, false)]
        };
        let sort = if self.sort.is_empty() { titles } else { &self.sort };
        found.sort_by(|a, b| {
            let by = |(field, descends): &(Field, bool)| {
                let order = compare(library, *field, *a, *b);
                if *descends { order.reverse() } else { order }
            };
            sort.iter().map(by).find(|order| order.is_ne()).unwrap_or_else(|| a.0.cmp(&b.0))
        });
        found.truncate(self.limit.unwrap_or(usize::MAX));
        found.into_iter().map(|(key, _)| key).collect()
    }
}

fn compare(library: &Library, field: Field, a: (u32, &Item), b: (u32, &Item)) -> std::cmp::Ordering {
    let (one, other) = (a.1, b.1);
    match field {
        Field::Title => {
            let plain = |item: &'_ Item| title_sort(&item.title).to_lowercase();
            plain(one).cmp(&plain(other))
        }
        _ => number(library, field, a.0, one).cmp(&number(library, field, b.0, other)),
    }
}

/// A field as a number.
fn number(library: &Library, field: Field, key: u32, item: &Item) -> i64 {
    match field {
        Field::Id | Field::Title | Field::Genre | Field::Collection => i64::from(key),
        Field::Year => item.year.unwrap_or(0).into(),
        Field::Added => item.added_at,
        Field::Updated => item.updated_at,
        Field::Views => item.views.into(),
        Field::Viewed => item.viewed_at.unwrap_or(0),
        Field::Unwatched => i64::from(item.views == 0),
        Field::Duration => item.duration_ms.cast_signed(),
        Field::Index => item.index.into(),
        Field::Show => {
            let parent = item.parent.and_then(|parent| library.items.get(&parent));
            i64::from(parent.and_then(|parent| parent.parent).or(item.parent).unwrap_or(key))
        }
    }
}

impl Condition {
    fn holds(&self, library: &Library, key: u32, item: &Item) -> bool {
        let is_not = matches!(self.comparison, Comparison::IsNot | Comparison::NotExactly);
        self.values.iter().any(|value| self.fits(library, key, item, value)) != is_not
    }

    /// Whether a value fits, with `!` left aside.
    fn fits(&self, library: &Library, key: u32, item: &Item, value: &str) -> bool {
        if self.field == Field::Title {
            let (title, wanted) = (item.title.to_lowercase(), value.to_lowercase());
            return match self.comparison {
                Comparison::Exactly | Comparison::NotExactly => title == wanted,
                Comparison::AtMost => title.starts_with(&wanted),
                Comparison::AtLeast => title.ends_with(&wanted),
                _ => title.contains(&wanted),
            };
        }
        let Some(wanted) = value_of(value) else { return false };
        match self.field {
            Field::Genre => genres(item).iter().any(|genre| i64::from(genre + 1) == wanted),
            Field::Collection => {
                let collection = u32::try_from(wanted).ok().and_then(|key| library.collections.get(&key));
                collection.is_some_and(|collection| collection.items.contains(&key))
            }
            field => {
                let has = number(library, field, key, item);
                match self.comparison {
                    Comparison::AtLeast => has >= wanted,
                    Comparison::Above => has > wanted,
                    Comparison::AtMost => has <= wanted,
                    Comparison::Below => has < wanted,
                    _ => has == wanted,
                }
            }
        }
    }
}

/// A number, or a time before now: `-30d`.
fn value_of(value: &str) -> Option<i64> {
    if let Ok(number) = value.parse() {
        return Some(number);
    }
    let units =
        [("mon", 2_592_000), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800), ("y", 31_536_000)];
    let (count, seconds) = units.iter().find_map(|(unit, seconds)| Some((value.strip_suffix(unit)?, *seconds)))?;
    Some(now() + count.parse::<i64>().ok()? * seconds)
}
