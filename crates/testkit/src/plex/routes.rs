//! Which request is which.

use super::account::Account;
use super::element::{Document, Element};
use super::fault::Trouble;
use super::items::Wanted;
use super::library::{Library, OWNER, now};
use super::listing::{self, container, of_section, slice};
use super::reply::{Body, Reply};
use super::request::Request;
use super::server::World;
use super::{about, collections, image, search, watching};

/// What the account answers.
pub(super) fn account(account: &mut Account, request: &Request) -> Reply {
    let answer = |account: &Account, reply: &dyn Fn(&Account) -> Reply| match account.opens(request) {
        Ok(()) => reply(account),
        Err(refusal) => refusal,
    };
    match (request.method.as_str(), request.segments().as_slice()) {
        ("POST", ["api", "v2", "pins"]) => account.make_pin(request),
        ("GET", ["api", "v2", "pins", id]) => account.look_at_pin(id, request),
        ("GET", ["api", "v2", "user"]) => answer(account, &Account::user),
        ("GET", ["api", "v2", "resources"]) => answer(account, &|account| account.resources(request)),
        ("GET", ["api", "users"]) => answer(account, &Account::friends),
        ("GET", ["api", "servers", machine, "shared_servers"]) => answer(account, &|account| account.shares(machine)),
        ("GET", ["api", "v2", "ping"]) => answer(account, &|_| Reply::of(Document::Bare(Element::new("pong")))),
        _ => Reply::account_error(404, 1002, "Not Found"),
    }
}

/// What a server answers.
pub(super) fn server(world: &World, request: &Request) -> Reply {
    let segments = request.segments();
    if let ("GET", ["identity"]) = (request.method.as_str(), segments.as_slice()) {
        return about::identity(world);
    }
    let Some(account) = world.account_of(request.token()) else { return Reply::unauthorized() };
    let mut library = world.library();
    library.catch_up();
    let read = matches!(request.method.as_str(), "GET" | "HEAD");
    // What only its owner may do.
    if !read && account != OWNER && !request.path.starts_with("/:/") {
        return Reply::error(403, "Forbidden");
    }
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", []) => about::root(world, &library),
        ("GET", [":", "prefs"]) => about::prefs(world),
        ("GET" | "PUT", [":", "scrobble"]) => watching::mark(&mut library, request, account, true),
        ("GET" | "PUT", [":", "unscrobble"]) => watching::mark(&mut library, request, account, false),
        ("GET", ["accounts"]) => watching::accounts(&library),
        ("GET", ["activities"]) => about::activities(&library),
        ("GET", ["status", "sessions"]) => watching::sessions(&library, account),
        ("GET", ["status", "sessions", "history", "all"]) => watching::history(&library, request, account),
        ("GET", ["library"]) => about::plain("Plex Library"),
        ("GET", ["library", "sections"] | ["library", "sections", "all"]) => about::sections(&library),
        (_, ["library", "sections", key, rest @ ..]) => match key.parse() {
            Ok(key) => section(world, &mut library, key, rest, request, account),
            Err(_) => Reply::not_found(),
        },
        (_, ["library", "metadata", keys, rest @ ..]) => metadata(&mut library, keys, rest, request, account),
        ("POST", ["library", "collections"]) => collections::create(&mut library, request, &world.machine),
        (_, ["library", "collections", key, rest @ ..]) => match key.parse() {
            Ok(key) => collection(world, &mut library, key, rest, request, account),
            Err(_) => Reply::not_found(),
        },
        ("GET", ["search"]) => search::search(&library, request, account),
        ("GET", ["hubs", "search"]) => search::hubs(&library, request, account),
        ("GET", ["photo", ":", "transcode"]) => transcoded(&library, request),
        _ => Reply::not_found(),
    }
}

fn section(world: &World, library: &mut Library, key: u32, rest: &[&str], request: &Request, account: u32) -> Reply {
    let Some(section) = library.sections.get(&key).cloned() else { return Reply::not_found() };
    match (request.method.as_str(), rest) {
        ("GET", ["all"]) if request.number("type") == Some(18) => collections::of(library, key, &section, request),
        ("GET", ["collections"]) => collections::of(library, key, &section, request),
        ("GET", ["all"]) => {
            let (reply, keys) = listing::section(library, &mut world.lists(), key, &section, request, account);
            if let (Some(first), true) = (keys.first(), request.troubles.contains(&Trouble::Vanish)) {
                library.remove(*first);
            }
            reply
        }
        ("PUT", ["all"]) => {
            let keys: Vec<u32> = request.list("id").iter().filter_map(|key| key.parse().ok()).collect();
            edit(library, &keys, request)
        }
        ("GET" | "POST", ["refresh"]) if account != OWNER => Reply::error(403, "Forbidden"),
        ("GET" | "POST", ["refresh"]) => {
            library.start_scan(key, request.field("path").filter(|path| !path.is_empty()));
            Reply::empty()
        }
        ("GET", []) => about::plain("Library"),
        ("PUT", ["emptyTrash"] | ["analyze"]) | ("DELETE", ["refresh"]) => Reply::empty(),
        _ => Reply::not_found(),
    }
}

fn metadata(library: &mut Library, keys: &str, rest: &[&str], request: &Request, account: u32) -> Reply {
    let keys: Vec<u32> = keys.split(',').filter_map(|key| key.parse().ok()).collect();
    if let [key] = keys.as_slice()
        && rest.is_empty()
        && request.method == "GET"
        && library.collections.contains_key(key)
    {
        return collections::one(library, *key);
    }
    let there: Vec<u32> = keys.into_iter().filter(|key| library.items.contains_key(key)).collect();
    let Some(first) = there.first().copied() else { return Reply::not_found() };
    let listed = |library: &Library, keys: &[u32], full: bool| {
        let slice = slice(keys, request, None);
        let wanted = Wanted { full, guids: full || request.has("includeGuids"), account };
        let (count, written) = listing::page(library, &slice, request, wanted);
        let section = library.items.get(&first).map(|item| item.section);
        let section = section.and_then(|key| Some((key, library.sections.get(&key)?)));
        container(&slice, count, |element| {
            let element = match section {
                Some((key, section)) => of_section(element, key, section),
                None => element,
            };
            element.written("Metadata", written)
        })
    };
    match (request.method.as_str(), rest) {
        ("GET", []) => listed(library, &there, true),
        ("GET", ["children"]) => listed(library, &library.children.get(&first).cloned().unwrap_or_default(), false),
        ("GET", ["allLeaves"]) => listed(library, &library.leaves(first), false),
        ("GET", ["thumb" | "art", _]) => poster(first, 600, 900),
        ("PUT", []) => edit(library, &there, request),
        ("PUT", ["analyze"]) => {
            there.into_iter().for_each(|key| library.analyze(key));
            Reply::empty()
        }
        ("PUT", ["refresh"]) => Reply::empty(),
        ("DELETE", []) => {
            there.into_iter().for_each(|key| library.remove(key));
            Reply::empty()
        }
        _ => Reply::not_found(),
    }
}

/// `addedAt.value=...`: what a client puts right.
fn edit(library: &mut Library, keys: &[u32], request: &Request) -> Reply {
    let added_at = request.field("addedAt.value").and_then(|value| value.parse().ok());
    for key in keys {
        let Some(item) = library.items.get_mut(key) else { return Reply::not_found() };
        if let Some(at) = added_at {
            item.added_at = at;
        }
        if let Some(title) = request.field("title.value") {
            item.title = title.into();
        }
        item.updated_at = now();
    }
    library.changed();
    Reply::empty()
}

fn collection(world: &World, library: &mut Library, key: u32, rest: &[&str], request: &Request, account: u32) -> Reply {
    match (request.method.as_str(), rest) {
        ("GET", []) => collections::one(library, key),
        ("DELETE", []) => collections::delete(library, key),
        ("GET", ["children" | "items"]) => collections::items(library, key, request, account),
        ("PUT", ["items"]) => collections::add(library, key, request, &world.machine),
        ("GET", ["composite", _]) => poster(key, 400, 600),
        ("DELETE" | "PUT", ["items" | "children", item]) => match item.parse() {
            Ok(item) => collections::take_out(library, key, item),
            Err(_) => Reply::not_found(),
        },
        _ => Reply::not_found(),
    }
}

fn poster(key: u32, width: u16, height: u16) -> Reply {
    let body = Body::Bytes("image/jpeg", image::jpeg(width, height, key as u8));
    let reply = Reply { status: 200, body, headers: Vec::new() };
    reply
        .with_header("Cache-Control", "max-age=31536000".to_owned())
        .with_header("ETag", format!("\"{key}-{width}x{height}\""))
}

/// `/photo/:/transcode`: a poster in another size. As with the real one, a path of this server is as good as a URL.
fn transcoded(library: &Library, request: &Request) -> Reply {
    let size = |name: &str| request.number(name).filter(|size| (1..=4096).contains(size));
    let (Some(width), Some(height)) = (size("width"), size("height")) else { return Reply::bad("a size is needed") };
    let url = request.field("url").unwrap_or_default();
    let path = url.find("/library/").map_or("", |at| &url[at..]);
    let key = path.split('/').nth(3).and_then(|key| key.parse::<u32>().ok());
    let is_there = |key: &u32| library.items.contains_key(key) || library.collections.contains_key(key);
    match key.filter(is_there) {
        Some(key) => poster(key, width as u16, height as u16),
        None => Reply::not_found(),
    }
}
