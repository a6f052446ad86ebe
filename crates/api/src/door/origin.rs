//! From where a request comes: under which name the browser reached us, and whose page sent it.
//!
//! A page of another site can make a browser send us requests, and by DNS rebinding even under a name of its own. On
//! loopback without a password nothing else stands between it and the library, so names are checked there; everywhere
//! pages of other origins are turned away. Programs that are no browsers send no `Origin` and meet no rule but the first.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};

/// `host[:port]`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    host: String,
    port: Option<u16>,
}

impl Site {
    /// Reads `host[:port]`; `None` for what is no such thing.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            // The colons of an IPv6 address stand in brackets.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (text, None),
        };
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        let is_ipv6 = |text: &str| text.parse::<std::net::Ipv6Addr>().is_ok();
        let fits = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => is_ipv6(inner),
            None => is_name(host),
        };
        fits.then(|| Self { host: host.to_ascii_lowercase(), port })
    }

    /// Whether only this machine answers to the name.
    fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// As text, safe to stand in a header.
    pub fn text(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }
}

/// The origin of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    is_https: bool,
    site: Site,
}

impl Origin {
    /// Reads `scheme://host[:port]`; `None` for what is no such thing, such as `null`.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        let mut site = Site::parse(rest.strip_suffix('/').unwrap_or(rest))?;
        let port = site.port.unwrap_or(if is_https { 443 } else { 80 });
        site.port = Some(port);
        Some(Self { is_https, site })
    }

    /// Whether a page of this origin that sends to its own server sends to `host`.
    fn is_at(&self, host: &Site) -> bool {
        let port = host.port.unwrap_or(if self.is_https { 443 } else { 80 });
        self.site.host == host.host && self.site.port == Some(port)
    }
}

/// Whose page sent a request that is let in: ours, one of an origin in `CORS_ORIGINS`, or none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// The origin, where it is another one than ours.
    pub named: Option<HeaderValue>,
    /// Whether the page came over https. No proxy has to be believed for it: the browser says so.
    pub is_https: bool,
}

/// Why a request is turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Under this name we are not known.
    Host(String),
    /// It came through a proxy, and there is no password.
    Proxy,
    /// Another site's page sent it.
    Origin(String),
}

impl Refusal {
    /// What to tell the client.
    pub fn detail(&self) -> String {
        match self {
            Self::Host(host) => format!(
                "this server is not known as {host:?}: without a password it answers only to localhost and 127.0.0.1. \
                 Set a password with `mediaflow passwd`, or name http://{host} in CORS_ORIGINS"
            ),
            Self::Proxy => {
                "this request came through a proxy, which would open the server to everybody behind it: set a \
                 password with `mediaflow passwd` first"
                    .to_owned()
            }
            Self::Origin(origin) => format!(
                "pages of {origin:?} may not use this server. If it is yours, name it in CORS_ORIGINS; behind a proxy, \
                 let the proxy pass the Host header on"
            ),
        }
    }

    /// What was foreign, for the audit log.
    pub fn what(&self) -> &str {
        match self {
            Self::Host(what) | Self::Origin(what) => what,
            Self::Proxy => "forwarded by a proxy",
        }
    }
}

/// Set by proxies and by nobody else.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// The name under which the client reached us, and all names that the request gives, which must be one.
pub fn host(headers: &HeaderMap, uri: &Uri) -> Result<Site, Refusal> {
    let named = headers.get_all(header::HOST).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    // HTTP/2 has the name in the URI.
    let mut names = named.chain(uri.authority().map(|name| name.as_str().into()));
    let first = names.next().ok_or_else(|| Refusal::Host(String::new()))?;
    let site = Site::parse(&first).ok_or_else(|| Refusal::Host(first.to_string()))?;
    match names.find(|other| Site::parse(other).as_ref() != Some(&site)) {
        Some(other) => Err(Refusal::Host(other.into_owned())),
        None => Ok(site),
    }
}

/// Checks the name where there is no password. With one, a rebound name gets a browser nowhere: the session's cookie
/// belongs to our own name.
pub fn check_host(headers: &HeaderMap, host: &Site, named: &[Origin]) -> Result<(), Refusal> {
    if FORWARDED.iter().any(|name| headers.contains_key(*name)) {
        return Err(Refusal::Proxy);
    }
    if host.is_loopback() || named.iter().any(|origin| origin.site.host == host.host) {
        Ok(())
    } else {
        Err(Refusal::Host(host.text()))
    }
}

/// Checks whose page sent it.
pub fn check_sender(
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    host: &Site,
    named: &[Origin],
) -> Result<Sender, Refusal> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(value) = origins.next() else {
        // Browsers send an origin with everything that changes something; this is a second look.
        let is_cross_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        return if is_cross_site && (!method.is_safe() || path == "/ws") {
            Err(Refusal::Origin("another site".to_owned()))
        } else {
            Ok(Sender::default())
        };
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let foreign = || Refusal::Origin(text.chars().take(200).collect());
    let origin = Origin::parse(&text).filter(|_| origins.next().is_none()).ok_or_else(foreign)?;
    if origin.is_at(host) {
        Ok(Sender { named: None, is_https: origin.is_https })
    } else if named.contains(&origin) {
        Ok(Sender { named: Some(value.clone()), is_https: origin.is_https })
    } else {
        Err(foreign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn hosts_are_read_or_refused() {
        let text = |text: &str| Site::parse(text).map(|site| site.text());
        for good in ["localhost", "localhost:9876", "127.0.0.1:9876", "[::1]:80", "[::1]", "nas.local", "my_nas:1"] {
            assert_eq!(text(good).as_deref(), Some(good));
        }
        assert_eq!(text("NAS.Local").as_deref(), Some("nas.local"));
        for bad in ["", ":80", "a b", "a:b", "a:99999", "::1", "[::1", "[x]", "user@host", "a/b", "a;b", "a'", "*"] {
            assert_eq!(text(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn without_a_password_only_names_of_this_machine_count() {
        let named = [Origin::parse("https://media.example.org").unwrap()];
        let check = |text: &str| check_host(&HeaderMap::new(), &Site::parse(text).unwrap(), &named).is_ok();
        for own in ["localhost", "LOCALHOST:1", "127.0.0.1:9876", "127.1.2.3", "[::1]:9876", "media.example.org:9876"] {
            assert!(check(own), "{own}");
        }
        for foreign in
            ["evil.example", "localhost.evil.example", "192.168.1.2:9876", "127.0.0.1.evil.example", "0.0.0.0"]
        {
            assert!(!check(foreign), "{foreign}");
        }
        let forwarded = headers(&[("x-forwarded-for", "203.0.113.9")]);
        assert_eq!(check_host(&forwarded, &Site::parse("localhost").unwrap(), &named), Err(Refusal::Proxy));
    }

    #[test]
    fn a_request_with_two_names_is_refused() {
        let uri = Uri::from_static("http://evil.example/api");
        assert!(host(&headers(&[("host", "localhost")]), &uri).is_err());
        assert!(host(&headers(&[("host", "localhost"), ("host", "evil.example")]), &Uri::from_static("/")).is_err());
        assert!(host(&HeaderMap::new(), &Uri::from_static("/")).is_err());
        assert_eq!(host(&HeaderMap::new(), &Uri::from_static("http://localhost:1/")).unwrap().text(), "localhost:1");
    }

    #[test]
    fn senders_are_told_apart() {
        let named = [Origin::parse("http://localhost:5173").unwrap()];
        let check = |host: &str, method: Method, path: &str, pairs: &[(&'static str, &str)]| {
            check_sender(&headers(pairs), &method, path, &Site::parse(host).unwrap(), &named)
        };
        let own = |is_https| Ok(Sender { named: None, is_https });
        let (host, path) = ("localhost:9876", "/api/x");
        assert_eq!(check(host, Method::POST, path, &[]), own(false), "a program");
        assert_eq!(check(host, Method::POST, path, &[("origin", "http://localhost:9876")]), own(false));
        assert_eq!(check("nas", Method::POST, path, &[("origin", "https://nas")]), own(true));
        assert_eq!(check("nas:443", Method::POST, path, &[("origin", "https://nas")]), own(true));
        let dev = check(host, Method::POST, path, &[("origin", "http://localhost:5173")]);
        let named_origin = Some(HeaderValue::from_static("http://localhost:5173"));
        assert_eq!(dev, Ok(Sender { named: named_origin, is_https: false }));
        for origin in ["http://localhost:3000", "http://127.0.0.1:9876", "null", "", "http://", "x"] {
            assert!(check(host, Method::GET, path, &[("origin", origin)]).is_err(), "{origin:?}");
        }
        let both = [("origin", "http://localhost:9876"), ("origin", "http://evil.example")];
        assert!(check(host, Method::POST, path, &both).is_err());

        let cross = [("sec-fetch-site", "cross-site")];
        assert!(check(host, Method::POST, path, &cross).is_err());
        assert!(check(host, Method::GET, "/ws", &cross).is_err());
        assert_eq!(check(host, Method::GET, "/", &cross), own(false), "a link that was followed");
    }
}
