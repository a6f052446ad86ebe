//! Collections: made, filled and emptied by clients and by tests.

use super::element::{Document, Element};
use super::items::Wanted;
use super::library::{Library, hash, now};
use super::listing::{self, Slice, container, of_section, slice};
use super::model::{Collection, Kind, Section};
use super::reply::Reply;
use super::request::Request;

/// Items that are answered at once when no page is asked for.
const UNPAGED: usize = 100;

impl Library {
    /// Makes a collection of items of a section and gives its rating key. Items of other kinds than the first are left out.
    pub fn add_collection(&mut self, section: u32, title: &str, items: &[u32]) -> u32 {
        let kind = items.iter().find_map(|key| self.items.get(key)).map_or(Kind::Movie, |item| item.kind);
        let (key, now) = (self.next_key(), now());
        let title = title.to_owned();
        let made = Collection { key, section, title, kind, items: Vec::new(), added_at: now, updated_at: now };
        self.collections.insert(key, made);
        self.fill_collection(key, items);
        key
    }

    /// Adds items, each once.
    fn fill_collection(&mut self, key: u32, items: &[u32]) {
        let Some(collection) = self.collections.get_mut(&key) else { return };
        for item in items {
            let fits = self.items.get(item).is_some_and(|known| known.kind == collection.kind);
            if fits && known_once(&collection.items, *item) {
                collection.items.push(*item);
            }
        }
        collection.updated_at = now();
        self.changed();
    }

    /// The items of a collection, by its title.
    #[must_use]
    pub fn collection(&self, title: &str) -> Option<Vec<u32>> {
        self.collections.values().find(|collection| collection.title == title).map(|found| found.items.clone())
    }

    /// The titles of the collections that have an item.
    #[must_use]
    pub fn collections_of(&self, item: u32) -> Vec<String> {
        let of = self.collections.values().filter(|collection| collection.items.contains(&item));
        of.map(|collection| collection.title.clone()).collect()
    }
}

fn known_once(items: &[u32], item: u32) -> bool {
    !items.contains(&item)
}

/// The items that a source URI names: `server://{machine}/{provider}/library/metadata/1,2,3`. Several URIs may be joined
/// by commas. `None` for what names another server or nothing.
pub(super) fn items_of(uri: &str, machine: &str) -> Option<Vec<u32>> {
    let mut items = Vec::new();
    for uri in uri.replace(",server://", "\nserver://").split('\n') {
        let rest = uri.strip_prefix("server://")?.strip_prefix(machine)?.strip_prefix('/')?;
        let keys = rest.strip_prefix("com.plexapp.plugins.library/library/metadata/")?;
        for key in keys.split(',') {
            items.push(key.parse().ok()?);
        }
    }
    Some(items)
}

fn element(library: &Library, collection: &Collection, full: bool) -> Element {
    let years: Vec<i32> = collection.items.iter().filter_map(|key| library.items.get(key)?.year).collect();
    let section = library.sections.get(&collection.section).filter(|_| full);
    Element::listed("Directory", "Metadata")
        .with("ratingKey", collection.key.to_string())
        .with("key", format!("/library/collections/{}/children", collection.key))
        .with("guid", format!("collection://4f195cc1-8a08-4ee0-bc22-{:012x}", hash(&collection.title) >> 16))
        .with("type", "collection")
        .with("title", collection.title.clone())
        .maybe("librarySectionTitle", section.map(|section| section.title.clone()))
        .maybe("librarySectionID", section.map(|_| collection.section))
        .maybe("librarySectionKey", section.map(|_| format!("/library/sections/{}", collection.section)))
        .with("subtype", collection.kind.name())
        .with("summary", "")
        .with("index", collection.key)
        .with("ratingCount", 1)
        .with("thumb", format!("/library/collections/{}/composite/{}", collection.key, collection.updated_at))
        .with("addedAt", collection.added_at)
        .with("updatedAt", collection.updated_at)
        // These three are text also in JSON.
        .with("childCount", collection.items.len().to_string())
        .maybe("maxYear", years.iter().max().map(ToString::to_string))
        .maybe("minYear", years.iter().min().map(ToString::to_string))
}

/// The collections of a section: `all?type=18`, or `collections`.
pub(super) fn of(library: &Library, key: u32, section: &Section, request: &Request) -> Reply {
    let wanted = request.field("title").map(str::to_lowercase);
    let mut found: Vec<&Collection> = library
        .collections
        .values()
        .filter(|collection| collection.section == key)
        .filter(|collection| wanted.as_ref().is_none_or(|title| collection.title.to_lowercase().contains(title)))
        .collect();
    found.sort_by_key(|collection| collection.title.to_lowercase());
    let keys: Vec<u32> = found.iter().map(|collection| collection.key).collect();
    let slice = slice(&keys, request, None);
    let elements = slice.keys.iter().filter_map(|key| library.collections.get(key));
    let elements: Vec<Element> = elements.map(|collection| element(library, collection, false)).collect();
    container(&slice, elements.len(), |container| {
        let container = of_section(container, key, section).with("viewGroup", "collection");
        let wants = request.has("includeMeta");
        let container = if wants { container.one(super::meta::of(key, section.kind)) } else { container };
        container.each(elements)
    })
}

/// A collection by itself.
pub(super) fn one(library: &Library, key: u32) -> Reply {
    match library.collections.get(&key) {
        Some(collection) => single(element(library, collection, true)),
        None => Reply::not_found(),
    }
}

/// The only one that a container holds.
fn single(element: Element) -> Reply {
    let container = Element::new("MediaContainer").with("size", 1).with("identifier", "com.plexapp.plugins.library");
    Reply::of(Document::Container(container.each([element])))
}

/// What a collection holds.
pub(super) fn items(library: &Library, key: u32, request: &Request, account: u32) -> Reply {
    let Some(collection) = library.collections.get(&key) else { return Reply::not_found() };
    let slice: Slice = slice(&collection.items, request, (collection.items.len() > UNPAGED).then_some(UNPAGED));
    let wanted = Wanted { full: false, guids: request.has("includeGuids"), account };
    let (count, written) = listing::page(library, &slice, request, wanted);
    container(&slice, count, |element| element.with("title2", collection.title.clone()).written("Metadata", written))
}

/// `POST /library/collections`.
pub(super) fn create(library: &mut Library, request: &Request, machine: &str) -> Reply {
    let (Some(section), Some(title)) = (request.number("sectionId"), request.field("title")) else {
        return Reply::bad("a section and a title are needed");
    };
    if !library.sections.contains_key(&section) {
        return Reply::bad("no such section");
    }
    if request.has("smart") {
        return Reply::bad("this stand-in makes no smart collections");
    }
    let items = match request.field("uri").filter(|uri| !uri.is_empty()) {
        None => Vec::new(),
        Some(uri) => match items_of(uri, machine) {
            Some(items) => items,
            None => return Reply::bad("not a URI of items of this server"),
        },
    };
    let in_section = |key: &u32| library.items.get(key).is_some_and(|item| item.section == section);
    let items: Vec<u32> = items.into_iter().filter(in_section).collect();
    let key = library.add_collection(section, title, &items);
    one(library, key)
}

/// `PUT /library/collections/{key}/items`.
pub(super) fn add(library: &mut Library, key: u32, request: &Request, machine: &str) -> Reply {
    let Some(section) = library.collections.get(&key).map(|collection| collection.section) else {
        return Reply::not_found();
    };
    let Some(items) = request.field("uri").and_then(|uri| items_of(uri, machine)) else {
        return Reply::bad("not a URI of items of this server");
    };
    let in_section = |key: &u32| library.items.get(key).is_some_and(|item| item.section == section);
    let items: Vec<u32> = items.into_iter().filter(in_section).collect();
    library.fill_collection(key, &items);
    one(library, key)
}

/// `DELETE /library/collections/{key}/items/{item}`; one that loses its last item goes.
pub(super) fn take_out(library: &mut Library, key: u32, item: u32) -> Reply {
    let Some(collection) = library.collections.get_mut(&key) else { return Reply::not_found() };
    if !collection.items.contains(&item) {
        return Reply::bad("it is not in the collection");
    }
    collection.items.retain(|known| *known != item);
    collection.updated_at = now();
    if collection.items.is_empty() {
        library.collections.remove(&key);
    }
    library.changed();
    Reply::empty()
}

/// `DELETE /library/collections/{key}`.
pub(super) fn delete(library: &mut Library, key: u32) -> Reply {
    if library.collections.remove(&key).is_none() {
        return Reply::not_found();
    }
    library.changed();
    Reply::empty()
}
