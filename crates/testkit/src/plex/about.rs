//! What a server says of itself and of its sections.

use super::element::{Document, Element, Value};
use super::library::{Library, now};
use super::listing::uuid;
use super::model::SectionKind;
use super::reply::Reply;
use super::server::World;

pub(super) fn plain(title: &'static str) -> Reply {
    Reply::of(Document::Container(Element::new("MediaContainer").with("size", 0).with("title1", title)))
}

pub(super) fn identity(world: &World) -> Reply {
    let container = Element::new("MediaContainer").with("size", 0).with("apiVersion", "1.2.0").with("claimed", true);
    Reply::of(Document::Container(
        container.with("machineIdentifier", world.machine.clone()).with("version", world.version.clone()),
    ))
}

pub(super) fn root(world: &World, library: &Library) -> Reply {
    let keys = ["accounts", "activities", "hubs", "identity", "library", "photo", "search", "status"];
    let container = Element::new("MediaContainer")
        .with("size", keys.len())
        .with("allowMediaDeletion", true)
        .with("allowSync", true)
        .with("backgroundProcessing", true)
        .with("certificate", true)
        .with("countryCode", "deu")
        .with("eventStream", true)
        .with("friendlyName", world.name.clone())
        .with("livetv", 7)
        .with("machineIdentifier", world.machine.clone())
        .with("multiuser", true)
        .with("myPlex", true)
        .with("myPlexMappingState", "mapped")
        .with("myPlexSigninState", "ok")
        .with("myPlexSubscription", true)
        .with("myPlexUsername", "owner@example.com")
        .with("platform", "Linux")
        .with("platformVersion", "6.1.0-13-amd64")
        .with("readOnlyLibraries", false)
        .with("transcoderActiveVideoSessions", library.sessions.len())
        .with("transcoderVideo", true)
        .with("updatedAt", now())
        .with("version", world.version.clone());
    let keys = keys.map(|key| Element::new("Directory").with("count", 1).with("key", key).with("title", key));
    Reply::of(Document::Container(container.each(keys)))
}

pub(super) fn prefs(world: &World) -> Reply {
    let setting = |id: &'static str, kind: &'static str, value: Value| {
        Element::new("Setting")
            .with("id", id)
            .with("label", id)
            .with("summary", "")
            .with("type", kind)
            .with("default", value.clone())
            .with("value", value)
            .with("hidden", false)
            .with("advanced", false)
            .with("group", "library")
    };
    let settings = [
        setting("FriendlyName", "text", world.name.clone().into()),
        setting("FSEventLibraryUpdatesEnabled", "bool", false.into()),
        setting("ScheduledLibraryUpdatesEnabled", "bool", false.into()),
        setting("autoEmptyTrash", "bool", true.into()),
    ];
    let container = Element::new("MediaContainer").with("size", settings.len());
    Reply::of(Document::Container(container.each(settings)))
}

pub(super) fn activities(library: &Library) -> Reply {
    let running = library.sections.iter().filter(|(key, _)| library.is_refreshing(**key)).map(|(key, section)| {
        Element::new("Activity")
            .with("uuid", uuid(*key))
            .with("type", "library.update.section")
            .with("cancellable", true)
            .with("userID", 1)
            .with("title", format!("Scanning {}", section.title))
            .with("progress", 10)
    });
    let running: Vec<Element> = running.collect();
    Reply::of(Document::Container(Element::new("MediaContainer").with("size", running.len()).each(running)))
}

pub(super) fn sections(library: &Library) -> Reply {
    let sections = library.sections.iter().map(|(key, section)| {
        let (kind, agent, scanner) = match section.kind {
            SectionKind::Movie => ("movie", "tv.plex.agents.movie", "Plex Movie"),
            SectionKind::Show => ("show", "tv.plex.agents.series", "Plex TV Series"),
            SectionKind::Artist => ("artist", "tv.plex.agents.music", "Plex Music"),
        };
        Element::new("Directory")
            .with("allowSync", true)
            .with("art", format!("/:/resources/{kind}-fanart.jpg"))
            .with("composite", format!("/library/sections/{key}/composite/{}", section.scanned_at))
            .with("filters", true)
            .with("refreshing", library.is_refreshing(*key))
            .with("thumb", format!("/:/resources/{kind}.png"))
            .with("key", key.to_string())
            .with("type", kind)
            .with("title", section.title.clone())
            .with("agent", agent)
            .with("scanner", scanner)
            .with("language", "en-US")
            .with("uuid", uuid(*key))
            .with("updatedAt", section.changed_at)
            .with("createdAt", 1_429_510_140)
            .with("scannedAt", section.scanned_at)
            .with("content", true)
            .with("directory", true)
            .with("contentChangedAt", section.changed_at)
            .with("hidden", 0)
            .each([Element::new("Location").with("id", *key).with("path", section.root.clone())])
    });
    let sections: Vec<Element> = sections.collect();
    let container = Element::new("MediaContainer").with("size", sections.len()).with("allowSync", true);
    Reply::of(Document::Container(container.with("title1", "Plex Library").each(sections)))
}
