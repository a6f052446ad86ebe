//! Films, shows, seasons and episodes as elements.

use super::element::Element;
use super::generated::Making;
use super::library::{Library, OWNER, hash};
use super::model::{Item, Kind};
use super::streams;

/// How much of an item is told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// All that `/library/metadata` tells, streams among it.
    pub full: bool,
    /// `Guid` elements (`includeGuids=1`).
    pub guids: bool,
    /// Whose play counts.
    pub account: u32,
}

const GENRES: [&str; 14] = [
    "Action",
    "Adventure",
    "Animation",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "Horror",
    "Mystery",
    "Romance",
    "Science Fiction",
    "Thriller",
];

const FIRST: [&str; 16] = [
    "Ada", "Bruno", "Carla", "David", "Elif", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Katja", "Luis", "Mina",
    "Noah", "Olga", "Pavel",
];

const LAST: [&str; 20] = [
    "Abel", "Berg", "Castro", "Dubois", "Eriksen", "Fischer", "Gomez", "Hayashi", "Ivanova", "Jansen", "Keller",
    "Lopes", "Marino", "Novak", "O'Neill", "Petrov", "Quist", "Rossi", "Sato", "Tanaka",
];

/// The genres of an item by their numbers: one to three, always the same.
pub(super) fn genres(item: &Item) -> Vec<u32> {
    let chance = hash(&item.title) ^ u64::from(item.section);
    let mut genres: Vec<u32> =
        (0..=chance % 3).map(|nth| (chance >> (8 * nth + 4)) as u32 % GENRES.len() as u32).collect();
    genres.sort_unstable();
    genres.dedup();
    genres
}

fn person(chance: u64) -> (u32, String) {
    let number = (chance % (FIRST.len() * LAST.len()) as u64) as usize;
    (number as u32, format!("{} {}", FIRST[number % FIRST.len()], LAST[number / FIRST.len()]))
}

/// Tags have their number only where all is told.
fn tag(name: &'static str, filter: &'static str, id: u32, text: String, full: bool) -> Element {
    let element = Element::new(name);
    let element = if full { element.with("id", id).with("filter", format!("{filter}={id}")) } else { element };
    element.with("tag", text)
}

/// The items of some keys, in their order; those that are not there are left out.
pub(super) fn each(library: &Library, keys: &[u32], wanted: Wanted) -> impl Iterator<Item = Element> {
    let mut making = Making::default();
    keys.iter().filter_map(move |key| Some(element(library, *key, library.items.get(key)?, wanted, &mut making)))
}

/// As [`each`], of a few.
pub(super) fn elements(library: &Library, keys: &[u32], wanted: Wanted) -> Vec<Element> {
    each(library, keys, wanted).collect()
}

fn element(library: &Library, key: u32, item: &Item, wanted: Wanted, making: &mut Making) -> Element {
    let tag = if item.kind.has_files() { "Video" } else { "Directory" };
    let children = if item.kind.has_files() { "" } else { "/children" };
    let guid = |kind: Kind, item: &Item| {
        let low = hash(&item.title);
        format!("plex://{}/{:08x}{low:016x}", kind.name(), (low >> 32) as u32 ^ item.section ^ (item.index << 8))
    };
    let element = Element::listed(tag, "Metadata")
        .with("ratingKey", key.to_string())
        .with("key", format!("/library/metadata/{key}{children}"))
        .with("guid", guid(item.kind, item));
    let element = ancestors(library, item, element);
    let section = wanted.full.then(|| library.sections.get(&item.section)).flatten();
    let element = element
        .with("type", item.kind.name())
        .with("title", item.title.to_string())
        .maybe("titleSort", Some(title_sort(&item.title)).filter(|sort| *sort != &*item.title).map(str::to_owned))
        .maybe("librarySectionTitle", section.map(|section| section.title.clone()))
        .maybe("librarySectionID", section.map(|_| item.section))
        .maybe("librarySectionKey", section.map(|_| format!("/library/sections/{}", item.section)))
        .with("summary", if wanted.full { "It is not told what happens." } else { "" })
        .maybe("index", (item.kind != Kind::Movie).then_some(item.index))
        .maybe("rating", matches!(item.kind, Kind::Movie).then(|| (hash(&item.title) % 90) as f64 / 10.0 + 1.0));
    let element = watched(library, key, item, wanted.account, element)
        .maybe("year", item.year)
        .with("thumb", format!("/library/metadata/{key}/thumb/{}", item.updated_at))
        .with("art", format!("/library/metadata/{key}/art/{}", item.updated_at))
        .maybe("duration", (item.duration_ms > 0).then_some(item.duration_ms))
        .maybe("originallyAvailableAt", item.year.map(|year| format!("{year}-06-01")))
        .with("addedAt", item.added_at)
        .with("updatedAt", item.updated_at);
    let (versions, edition) = making.files(&item.source);
    let element = element.each(streams::media(key, &versions, wanted.full.then_some(edition)));
    tags(library, key, item, wanted, element)
}

/// What an episode and a season say of what they belong to.
fn ancestors(library: &Library, item: &Item, element: Element) -> Element {
    let of = |key: Option<u32>| key.and_then(|key| Some((key, library.items.get(&key)?)));
    let Some((parent_key, parent)) = of(item.parent) else { return element };
    let thumb = |key: u32, item: &Item| format!("/library/metadata/{key}/thumb/{}", item.updated_at);
    let element = element
        .with("parentRatingKey", parent_key.to_string())
        .with("parentKey", format!("/library/metadata/{parent_key}"))
        .with("parentTitle", parent.title.to_string())
        .with("parentIndex", parent.index)
        .with("parentThumb", thumb(parent_key, parent));
    let Some((show_key, show)) = of(parent.parent) else { return element };
    element
        .with("grandparentRatingKey", show_key.to_string())
        .with("grandparentKey", format!("/library/metadata/{show_key}"))
        .with("grandparentTitle", show.title.to_string())
        .with("grandparentThumb", thumb(show_key, show))
}

/// Play counts are there only above zero; shows and seasons tell how many of their episodes have one.
fn watched(library: &Library, key: u32, item: &Item, account: u32, element: Element) -> Element {
    if item.kind.has_files() {
        let (views, viewed_at) = library.views(key, account);
        return element.maybe("viewCount", (views > 0).then_some(views)).maybe("lastViewedAt", viewed_at);
    }
    let leaves = library.leaves(key);
    let viewed = leaves.iter().filter(|leaf| library.views(**leaf, account).0 > 0).count();
    let children = library.children.get(&key).map_or(0, Vec::len);
    let element = element.with("leafCount", leaves.len()).with("viewedLeafCount", viewed);
    element.maybe("childCount", (item.kind == Kind::Show).then_some(children))
}

fn tags(library: &Library, key: u32, item: &Item, wanted: Wanted, element: Element) -> Element {
    let is_work = matches!(item.kind, Kind::Movie | Kind::Show);
    let has_director = matches!(item.kind, Kind::Movie | Kind::Episode);
    let chance = hash(&item.title);
    let of = if is_work { genres(item) } else { Vec::new() };
    let genres = of.into_iter().map(|id| tag("Genre", "genre", id + 1, GENRES[id as usize].to_owned(), wanted.full));
    let element = element.each(genres);
    let people = has_director.then(|| person(chance)).into_iter();
    let element = element.each(people.map(|(id, name)| tag("Director", "director", id + 1000, name, wanted.full)));
    let cast = (1..=if is_work { 3 } else { 0 }).map(|nth: u32| person(chance.rotate_left(nth * 11)));
    let element = element.each(cast.map(|(id, name)| tag("Role", "actor", id + 2000, name, wanted.full)));
    let within = library.collections.values().filter(|collection| collection.items.contains(&key));
    let element = element.each(
        within.map(|collection| tag("Collection", "collection", collection.key, collection.title.clone(), wanted.full)),
    );
    if !(wanted.guids || wanted.full) || item.kind == Kind::Season {
        return element;
    }
    let number = u64::from(key) + chance % 1_000_000;
    element.each(
        [format!("imdb://tt{number:07}"), format!("tmdb://{number}"), format!("tvdb://{}", number + 1)]
            .map(|id| Element::new("Guid").with("id", id)),
    )
}

/// The title without its article.
pub(super) fn title_sort(title: &str) -> &str {
    ["The ", "A ", "An "].iter().find_map(|article| title.strip_prefix(article)).unwrap_or(title)
}

impl Library {
    /// How often an account has seen an item, and when last.
    #[must_use]
    pub fn views(&self, key: u32, account: u32) -> (u32, Option<i64>) {
        if account == OWNER {
            return self.items.get(&key).map_or((0, None), |item| (item.views, item.viewed_at));
        }
        self.others_views.get(&(account, key)).map_or((0, None), |(views, at)| (*views, Some(*at)))
    }
}
