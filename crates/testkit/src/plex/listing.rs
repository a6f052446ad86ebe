//! Lists of items: paged, and with the faults that pages may have.

use std::sync::Arc;

use super::element::{Document, Element};
use super::fault::Trouble;
use super::items::{self, Wanted};
use super::library::Library;
use super::model::{Kind, Section, SectionKind};
use super::query::Query;
use super::reply::Reply;
use super::request::{Page, Request};
use super::write;

/// Lists that were made, so that the next page of one costs no search. By what was asked, and which state it was of.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<(String, u64, Arc<Vec<u32>>)>);

/// Lists to be kept.
const KEPT: usize = 12;

impl Lists {
    pub(super) fn get(&mut self, asked: &str, revision: u64, make: impl FnOnce() -> Vec<u32>) -> Arc<Vec<u32>> {
        if let Some((.., list)) = self.0.iter().find(|(known, of, _)| known == asked && *of == revision) {
            return list.clone();
        }
        let list = Arc::new(make());
        self.0.retain(|(known, of, _)| known != asked && *of == revision);
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push((asked.to_owned(), revision, list.clone()));
        list
    }
}

/// A part of a list, and how it is told.
pub(super) struct Slice {
    pub keys: Vec<u32>,
    /// What the answer says: only of lists for which a page was asked.
    pub told: Option<(usize, i64)>,
}

/// Cuts the wanted page out of a list; without one, the list is whole, or the first `most` of it.
pub(super) fn slice(all: &[u32], request: &Request, most: Option<usize>) -> Slice {
    let page = request.page().or(most.map(|most| Page { start: 0, size: most }));
    let Some(Page { start, size }) = page else { return Slice { keys: all.to_vec(), told: None } };
    let (mut from, mut size, mut total) = (start, size, all.len() as i64);
    for trouble in &request.troubles {
        match trouble {
            Trouble::WrongTotal(by) => total += by,
            Trouble::ShortPage(most) => size = size.min(*most),
            Trouble::PageTwice => from = from.saturating_sub(size),
            _ => {}
        }
    }
    let keys = all.iter().skip(from).take(size).copied().collect();
    Slice { keys, told: Some((start, total)) }
}

/// The container of a list, with the sizes and the headers that go with a page.
pub(super) fn container(slice: &Slice, count: usize, element: impl FnOnce(Element) -> Element) -> Reply {
    let container = Element::new("MediaContainer").with("size", count);
    let container = match slice.told {
        Some((start, total)) => container.with("totalSize", total).with("offset", start),
        None => container,
    };
    let reply = Reply::of(Document::Container(element(container.with("allowSync", true))));
    match slice.told {
        Some((start, total)) => reply
            .with_header("X-Plex-Container-Start", start.to_string())
            .with_header("X-Plex-Container-Total-Size", total.to_string()),
        None => reply,
    }
}

/// A page of items, written one by one: all of them together would take some megabytes, which the system gives and
/// takes back for each request. Gives their number with them.
pub(super) fn page(library: &Library, slice: &Slice, request: &Request, wanted: Wanted) -> (usize, Vec<u8>) {
    let (without, fields, form) = (request.list("excludeElements"), request.list("excludeFields"), request.form());
    let (mut count, mut out) = (0, Vec::with_capacity(slice.keys.len() * 1024));
    for mut element in items::each(library, &slice.keys, wanted) {
        if !(without.is_empty() && fields.is_empty()) {
            element.without(&without, &fields);
        }
        write::add(&mut out, &element, form);
        count += 1;
    }
    (count, out)
}

/// `/library/sections/{key}/all`.
pub(super) fn section(
    library: &Library,
    lists: &mut Lists,
    key: u32,
    section: &Section,
    request: &Request,
    account: u32,
) -> (Reply, Vec<u32>) {
    let own = match section.kind {
        SectionKind::Movie => Kind::Movie,
        SectionKind::Show => Kind::Show,
        SectionKind::Artist => return (container(&slice(&[], request, None), 0, |element| element), Vec::new()),
    };
    let kind = match request.number("type") {
        None => own,
        Some(number) => match Kind::of_number(number) {
            Some(kind) => kind,
            None => return (Reply::bad("no such type"), Vec::new()),
        },
    };
    let query = match Query::read(request, kind) {
        Ok(query) => query,
        Err(reason) => return (Reply::bad(&reason), Vec::new()),
    };
    let mut asked = format!("{key} {kind:?}");
    for (name, value) in request.fields.iter().filter(|(name, _)| !name.starts_with("X-Plex-")) {
        asked.push_str(&format!("&{name}={value}"));
    }
    let list = lists.get(&asked, library.revision, || query.run(library, Some(key)));
    let slice = slice(&list, request, None);
    let wanted = Wanted { full: false, guids: request.has("includeGuids"), account };
    let (count, written) = page(library, &slice, request, wanted);
    let reply = container(&slice, count, |element| {
        let element = of_section(element, key, section).with("viewGroup", kind.name());
        let element =
            if request.has("includeMeta") { element.one(super::meta::of(key, section.kind)) } else { element };
        element.written("Metadata", written)
    });
    (reply, slice.keys)
}

/// What containers of a section's items say of it.
pub(super) fn of_section(element: Element, key: u32, section: &Section) -> Element {
    element
        .with("identifier", "com.plexapp.plugins.library")
        .with("librarySectionID", key)
        .with("librarySectionTitle", section.title.clone())
        .with("librarySectionUUID", uuid(key))
        .with("mediaTagPrefix", "/system/bundle/media/flags/")
        .with("mediaTagVersion", 1_652_169_221)
        .with("title1", section.title.clone())
}

pub(super) fn uuid(key: u32) -> String {
    format!("cebcb7e3-5031-436b-906a-{key:012x}")
}
