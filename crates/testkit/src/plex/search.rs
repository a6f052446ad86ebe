//! Searches over all sections.

use super::element::{Document, Element};
use super::items::{self, Wanted};
use super::library::Library;
use super::reply::Reply;
use super::request::Request;

/// Keys of all items whose title has the words, the most of which are wanted.
fn found(library: &Library, request: &Request, most: usize) -> Vec<u32> {
    let words = request.field("query").unwrap_or_default().to_lowercase();
    if words.is_empty() {
        return Vec::new();
    }
    let section = request.number("sectionId");
    let fits = library.items.iter().filter(|(_, item)| section.is_none_or(|section| item.section == section));
    fits.filter(|(_, item)| item.title.to_lowercase().contains(&words)).map(|(key, _)| *key).take(most).collect()
}

pub(super) fn search(library: &Library, request: &Request, account: u32) -> Reply {
    let most = request.number("limit").unwrap_or(100) as usize;
    let wanted = Wanted { full: false, guids: request.has("includeGuids"), account };
    let elements = items::elements(library, &found(library, request, most), wanted);
    Reply::of(Document::Container(Element::new("MediaContainer").with("size", elements.len()).each(elements)))
}

/// What is found, by kind.
pub(super) fn hubs(library: &Library, request: &Request, account: u32) -> Reply {
    let keys = found(library, request, usize::MAX);
    let most = request.number("limit").unwrap_or(3) as usize;
    let wanted = Wanted { full: false, guids: false, account };
    let hubs = ["movie", "show", "season", "episode"].into_iter().filter_map(|kind| {
        let of = |key: &&u32| library.items.get(*key).is_some_and(|item| item.kind.name() == kind);
        let keys: Vec<u32> = keys.iter().filter(of).copied().collect();
        let shown = &keys[..most.min(keys.len())];
        let hub = Element::new("Hub")
            .with("title", format!("{kind}s"))
            .with("type", kind)
            .with("hubIdentifier", kind)
            .with("context", "hub.search")
            .with("size", shown.len())
            .with("more", keys.len() > shown.len())
            .with("style", "shelf");
        (!keys.is_empty()).then(|| hub.each(items::elements(library, shown, wanted)))
    });
    let hubs: Vec<Element> = hubs.collect();
    Reply::of(Document::Container(Element::new("MediaContainer").with("size", hubs.len()).each(hubs)))
}
