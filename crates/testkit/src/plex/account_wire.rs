//! What the account tells: who one is, which servers there are, and with whom they are shared.

use super::account::{Account, Connection};
use super::element::{Document, Element, Value};
use super::library::now;
use super::reply::Reply;
use super::request::Request;
use super::time::utc;

impl Account {
    pub(super) fn user(&self) -> Reply {
        let subscription = Element::new("subscription")
            .with("active", true)
            .with("subscribedAt", "2021-01-01 12:12:24 UTC")
            .with("status", "Active")
            .with("paymentService", "braintree")
            .with("plan", "lifetime")
            .words("features", "feature", &["webhooks", "hwtranscode", "home"]);
        let profile = Element::new("profile")
            .with("autoSelectAudio", true)
            .with("defaultAudioLanguage", Value::Nothing)
            .with("defaultSubtitleLanguage", Value::Nothing)
            .with("autoSelectSubtitle", 1)
            .with("defaultSubtitleAccessibility", 0)
            .with("defaultSubtitleForced", 0);
        let user = Element::new("user")
            .with("id", 12_345)
            .with("uuid", "212acf24b07315e5")
            .with("username", self.name.clone())
            .with("title", self.name.clone())
            .with("email", format!("{}@example.com", self.name))
            .with("friendlyName", "")
            .with("locale", Value::Nothing)
            .with("confirmed", true)
            .with("emailOnlyAuth", false)
            .with("hasPassword", true)
            .with("protected", false)
            .with("thumb", "https://plex.tv/users/212acf24b07315e5/avatar?c=123456")
            .with("authToken", self.token.clone())
            .with("scrobbleTypes", "")
            .with("country", "DE")
            .with("restricted", false)
            .with("anonymous", Value::Nothing)
            .with("home", false)
            .with("guest", false)
            .with("homeSize", 1)
            .with("homeAdmin", false)
            .with("maxHomeSize", 15)
            .with("twoFactorEnabled", false)
            .with("joinedAt", 1_339_124_759)
            .one(subscription)
            .one(profile)
            .words("entitlements", "entitlement", &["all"])
            .words("roles", "role", &["plexpass"]);
        Reply::of(Document::Bare(user))
    }

    /// `/api/v2/resources`: https and relay connections only where they are asked for.
    pub(super) fn resources(&self, request: &Request) -> Reply {
        let (https, relay) = (request.has("includeHttps"), request.has("includeRelay"));
        let wanted =
            |connection: &&Connection| (https || !connection.uri.starts_with("https:")) && (relay || !connection.relay);
        let resources = self.resources.iter().map(|resource| {
            let connections: Vec<Element> = resource.connections.iter().filter(wanted).map(connection).collect();
            let shared = resource.shared_by.as_ref();
            let or_nothing = |value: Option<Value>| value.unwrap_or(Value::Nothing);
            Element::new("resource")
                .with("name", resource.name.clone())
                .with("product", if resource.provides == "server" { "Plex Media Server" } else { "Plex Web" })
                .with("productVersion", "1.43.3.10896-0d0e9f0a1")
                .with("platform", "Linux")
                .with("platformVersion", "6.1.0-13-amd64")
                .with("device", "PC")
                .with("clientIdentifier", resource.machine.clone())
                .with("createdAt", "2021-01-01T12:12:24Z")
                .with("lastSeenAt", utc(now()))
                .with("provides", resource.provides.clone())
                .with("ownerId", or_nothing(shared.map(|(id, _)| (*id).into())))
                .with("sourceTitle", or_nothing(shared.map(|(_, name)| name.clone().into())))
                .with("publicAddress", "192.0.2.10")
                .with("accessToken", or_nothing(resource.access_token.clone().map(Into::into)))
                .with("owned", shared.is_none())
                .with("home", false)
                .with("synced", false)
                .with("relay", resource.connections.iter().any(|connection| connection.relay))
                .with("presence", resource.presence)
                .with("httpsRequired", false)
                .with("publicAddressMatches", true)
                .with("dnsRebindingProtection", false)
                .with("natLoopbackSupported", false)
                .around("connections", connections)
        });
        Reply::of(Document::List("resources", resources.collect()))
    }

    /// `/api/users/`: friends, in the old form.
    pub(super) fn friends(&self) -> Reply {
        let friends = self.friends.iter().map(|friend| {
            let servers = friend.tokens.iter().map(|(machine, _)| {
                let name =
                    self.resources.iter().find(|known| known.machine == *machine).map(|known| known.name.clone());
                Element::new("Server")
                    .with("id", friend.id)
                    .with("serverId", friend.id)
                    .with("machineIdentifier", machine.clone())
                    .with("name", name.unwrap_or_default())
                    .with("numLibraries", 1)
                    .with("allLibraries", true)
                    .with("owned", true)
                    .with("pending", false)
            });
            Element::new("User")
                .with("id", friend.id)
                .with("title", friend.name.clone())
                .with("username", friend.name.clone())
                .with("email", format!("{}@example.com", friend.name))
                .with("thumb", "")
                .with("home", false)
                .with("restricted", false)
                .each(servers)
        });
        let friends: Vec<Element> = friends.collect();
        let container = Element::new("MediaContainer").with("friendlyName", "myPlex").with("size", friends.len());
        Reply::of(Document::Container(container.with("totalSize", friends.len()).each(friends)))
    }

    /// `/api/servers/{machine}/shared_servers`: the tokens of friends for a server.
    pub(super) fn shares(&self, machine: &str) -> Reply {
        let shares = self.friends.iter().filter_map(|friend| {
            let (_, token) = friend.tokens.iter().find(|(known, _)| known == machine)?;
            let share = Element::new("SharedServer").with("id", friend.id).with("username", friend.name.clone());
            Some(share.with("userID", friend.id).with("accessToken", token.clone()))
        });
        let shares: Vec<Element> = shares.collect();
        let container = Element::new("MediaContainer").with("machineIdentifier", machine.to_owned());
        Reply::of(Document::Container(container.with("size", shares.len()).each(shares)))
    }
}

fn connection(connection: &Connection) -> Element {
    let (protocol, rest) = connection.uri.split_once("://").unwrap_or(("http", &connection.uri));
    let (address, port) = rest.trim_end_matches('/').rsplit_once(':').unwrap_or((rest, ""));
    let default = if protocol == "https" { 443 } else { 80 };
    Element::new("connection")
        .with("protocol", protocol.to_owned())
        .with("address", address.to_owned())
        .with("port", port.parse::<u32>().unwrap_or(default))
        .with("uri", connection.uri.clone())
        .with("local", connection.local)
        .with("relay", connection.relay)
        .with("IPv6", address.starts_with('['))
}
