//! A request, taken apart.

use hyper::HeaderMap;

use super::fault::Trouble;
use super::write::Form;

/// What a client asks for.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub method: String,
    /// Decoded, without the query.
    pub path: String,
    /// The query and a form's body.
    pub fields: Vec<(String, String)>,
    pub headers: HeaderMap,
    /// What is to go wrong with the page that it asks for.
    pub troubles: Vec<Trouble>,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub start: usize,
    pub size: usize,
}

impl Request {
    pub(super) fn new(method: &str, path: &str, query: &str, headers: HeaderMap, body: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let form = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if form.starts_with("application/x-www-form-urlencoded") {
            fields.extend(form_urlencoded::parse(body).into_owned());
        }
        Self { method: method.to_owned(), path: decoded(path), fields, headers, troubles: Vec::new() }
    }

    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.field(name).is_some_and(|value| !matches!(value, "" | "0" | "false"))
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.field(name)?.parse().ok()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// An `X-Plex-...` word: a header, which may as well stand in the query.
    pub(super) fn plex(&self, name: &str) -> Option<&str> {
        self.header(name).or_else(|| self.field(name)).filter(|value| !value.is_empty())
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.plex("X-Plex-Token")
    }

    /// XML unless JSON is asked for.
    pub(super) fn form(&self) -> Form {
        match self.header("accept") {
            Some(accept) if accept.contains("application/json") => Form::Json,
            _ => Form::Xml,
        }
    }

    /// The page that is wanted; without one, the answer is the whole list.
    pub(super) fn page(&self) -> Option<Page> {
        let size = self.plex("X-Plex-Container-Size")?.parse().ok()?;
        let start = self.plex("X-Plex-Container-Start").and_then(|start| start.parse().ok()).unwrap_or(0);
        Some(Page { start, size })
    }

    /// A list of words that a field names, separated by commas.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.field(name).unwrap_or_default().split(',').filter(|word| !word.is_empty()).collect()
    }
}

fn decoded(path: &str) -> String {
    // A plus sign is a plus sign in a path.
    let escaped = path.replace('+', "%2B");
    form_urlencoded::parse(escaped.replace('&', "%26").replace('=', "%3D").as_bytes())
        .map(|(key, _)| key.into_owned())
        .next()
        .unwrap_or_default()
}
