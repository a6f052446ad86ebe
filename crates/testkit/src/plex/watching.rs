//! What is watched now, what was watched, and what is only marked so.

use super::element::{Document, Element};
use super::items::{self, Wanted};
use super::library::{Library, OWNER, now};
use super::listing::{container, slice};
use super::model::{Item, Kind, Play, Session};
use super::reply::Reply;
use super::request::Request;

impl Library {
    /// Names another account of the server; the owner is [`OWNER`].
    pub fn add_account(&mut self, id: u32, name: &str) {
        self.accounts.insert(id, name.to_owned());
    }

    /// An account has watched an item to its end: it counts, and the history has it.
    pub fn watched(&mut self, item: u32, account: u32, at: i64) {
        let id = self.history.last().map_or(1, |play| play.id + 1);
        self.history.push(Play { id, item, account, at });
        let views = self.views(item, account).0 + 1;
        self.set_views(item, account, views, Some(at));
    }

    /// Sets how often an account has seen an item, without a word in the history.
    pub fn set_views(&mut self, key: u32, account: u32, views: u32, at: Option<i64>) {
        if account != OWNER {
            match (views, at) {
                (0, _) | (_, None) => drop(self.others_views.remove(&(account, key))),
                (views, Some(at)) => drop(self.others_views.insert((account, key), (views, at))),
            }
        } else if let Some(item) = self.items.get_mut(&key) {
            (item.views, item.viewed_at) = (views, at);
            self.changed();
        }
    }

    /// Somebody begins to watch an item. Gives the session, for [`Self::stop`].
    pub fn play(&mut self, item: u32, account: u32) -> u32 {
        let id = self.sessions.last().map_or(1, |session| session.id + 1);
        self.sessions.push(Session { id, item, account, state: "playing" });
        id
    }

    /// Somebody pauses, and still has the file open.
    pub fn pause(&mut self, session: u32) {
        self.sessions.iter_mut().filter(|known| known.id == session).for_each(|known| known.state = "paused");
    }

    /// Somebody stops watching.
    pub fn stop(&mut self, session: u32) {
        self.sessions.retain(|known| known.id != session);
    }

    fn account_name(&self, account: u32) -> String {
        if account == OWNER {
            return "owner".to_owned();
        }
        self.accounts.get(&account).cloned().unwrap_or_else(|| format!("account {account}"))
    }
}

/// `/:/scrobble` and `/:/unscrobble`: an item, or all episodes below it. The history gets nothing.
pub(super) fn mark(library: &mut Library, request: &Request, account: u32, is_seen: bool) -> Reply {
    if request.field("identifier").is_none_or(str::is_empty) {
        return Reply::bad("identifier is missing");
    }
    let Some(key) = request.number("key") else { return Reply::bad("key is missing") };
    if !library.items.contains_key(&key) {
        return Reply::not_found();
    }
    for leaf in library.leaves(key) {
        let views = library.views(leaf, account).0;
        if is_seen {
            library.set_views(leaf, account, views + 1, Some(now()));
        } else {
            library.set_views(leaf, account, 0, None);
        }
    }
    Reply::empty()
}

/// `/status/sessions`: only its owner sees what all watch.
pub(super) fn sessions(library: &Library, account: u32) -> Reply {
    if account != OWNER {
        return Reply::error(403, "Forbidden");
    }
    let wanted = Wanted { full: true, guids: true, account };
    let playing = library.sessions.iter().filter_map(|session| {
        let mut element = items::elements(library, &[session.item], wanted).pop()?;
        let (id, name) = (session.account, library.account_name(session.account));
        element.attributes.push(("sessionKey", session.id.to_string().into()));
        element.attributes.push(("viewOffset", 60_000.into()));
        let user = Element::new("User").with("id", id.to_string()).with("thumb", "").with("title", name);
        let player = Element::new("Player")
            .with("address", "192.0.2.7")
            .with("device", "TV")
            .with("machineIdentifier", format!("player-{}", session.id))
            .with("platform", "webOS")
            .with("product", "Plex for LG")
            .with("state", session.state)
            .with("title", "Living room")
            .with("local", true)
            .with("relayed", false)
            .with("secure", false)
            .with("userID", id);
        let stream = Element::new("Session")
            .with("id", format!("session-{}", session.id))
            .with("bandwidth", 20_000)
            .with("location", "lan");
        Some(element.one(user).one(player).one(stream))
    });
    let playing: Vec<Element> = playing.collect();
    Reply::of(Document::Container(Element::new("MediaContainer").with("size", playing.len()).each(playing)))
}

/// `/status/sessions/history/all`: all of the owner's, and only their own for others.
pub(super) fn history(library: &Library, request: &Request, account: u32) -> Reply {
    let mut plays: Vec<&Play> = library.history.iter().collect();
    if account != OWNER {
        plays.retain(|play| play.account == account);
    }
    for (name, value) in &request.fields {
        let number: Option<i64> = value.parse().ok();
        match (name.as_str(), number) {
            ("accountID", Some(wanted)) => plays.retain(|play| i64::from(play.account) == wanted),
            ("librarySectionID", Some(wanted)) => {
                plays.retain(|play| library.items.get(&play.item).is_some_and(|i| i64::from(i.section) == wanted));
            }
            ("metadataItemID", Some(wanted)) => {
                let below = u32::try_from(wanted).map(|key| library.leaves(key)).unwrap_or_default();
                plays.retain(|play| below.contains(&play.item));
            }
            ("viewedAt>", Some(wanted)) => plays.retain(|play| play.at >= wanted),
            ("viewedAt>>", Some(wanted)) => plays.retain(|play| play.at > wanted),
            ("viewedAt<", Some(wanted)) => plays.retain(|play| play.at <= wanted),
            ("viewedAt<<", Some(wanted)) => plays.retain(|play| play.at < wanted),
            _ => {}
        }
    }
    plays.sort_by_key(|play| (play.at, play.id));
    if request.field("sort").is_some_and(|sort| sort.starts_with("viewedAt") && sort.ends_with(":desc")) {
        plays.reverse();
    }
    let numbers: Vec<u32> = (0..plays.len() as u32).collect();
    let slice = slice(&numbers, request, None);
    let elements = slice.keys.iter().filter_map(|number| plays.get(*number as usize));
    let elements: Vec<Element> = elements.map(|play| played(library, play)).collect();
    container(&slice, elements.len(), |container| container.each(elements))
}

/// A play; what is known of the item only while it is there.
fn played(library: &Library, play: &Play) -> Element {
    let element =
        Element::listed("Video", "Metadata").with("historyKey", format!("/status/sessions/history/{}", play.id));
    let of = |key: Option<u32>| key.and_then(|key| Some((key, library.items.get(&key)?)));
    let known: Option<(u32, &Item)> = of(Some(play.item));
    let season = known.and_then(|(_, item)| of(item.parent));
    let show = season.and_then(|(_, season)| of(season.parent));
    let item = known.map(|(_, item)| item);
    element
        .maybe("key", known.map(|(key, _)| format!("/library/metadata/{key}")))
        .maybe("ratingKey", known.map(|(key, _)| key.to_string()))
        .maybe("librarySectionID", item.map(|item| item.section.to_string()))
        .maybe("parentKey", season.map(|(key, _)| format!("/library/metadata/{key}")))
        .maybe("grandparentKey", show.map(|(key, _)| format!("/library/metadata/{key}")))
        .maybe("title", item.map(|item| item.title.to_string()))
        .maybe("grandparentTitle", show.map(|(_, show)| show.title.to_string()))
        .with("type", item.map_or(Kind::Movie, |item| item.kind).name())
        .maybe("index", item.filter(|item| item.kind == Kind::Episode).map(|item| item.index))
        .maybe("parentIndex", season.map(|(_, season)| season.index))
        .maybe("originallyAvailableAt", item.and_then(|item| item.year).map(|year| format!("{year}-06-01")))
        .with("viewedAt", play.at)
        .with("accountID", play.account)
        .with("deviceID", 1)
}

/// `/accounts`.
pub(super) fn accounts(library: &Library) -> Reply {
    let all = std::iter::once((OWNER, library.account_name(OWNER)))
        .chain(library.accounts.iter().map(|(id, name)| (*id, name.clone())));
    let all: Vec<Element> = all
        .map(|(id, name)| {
            Element::new("Account")
                .with("id", id)
                .with("key", format!("/accounts/{id}"))
                .with("name", name)
                .with("defaultAudioLanguage", "en")
                .with("autoSelectAudio", true)
                .with("subtitleMode", 0)
                .with("thumb", "")
        })
        .collect();
    let container = Element::new("MediaContainer").with("size", all.len());
    Reply::of(Document::Container(container.with("identifier", "com.plexapp.system.accounts").each(all)))
}
