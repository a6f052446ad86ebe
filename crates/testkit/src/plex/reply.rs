//! What is answered.

use super::element::{Document, Element};

/// The body of an answer.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Empty,
    Document(Document),
    Bytes(&'static str, Vec<u8>),
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub body: Body,
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(super) const fn of(document: Document) -> Self {
        Self { status: 200, body: Body::Document(document), headers: Vec::new() }
    }

    pub(super) const fn empty() -> Self {
        Self { status: 200, body: Body::Empty, headers: Vec::new() }
    }

    /// A media server's error: a page for people, whatever was asked for.
    pub(super) fn error(status: u16, title: &str) -> Self {
        let html = format!("<html><head><title>{title}</title></head><body><h1>{status} {title}</h1></body></html>");
        Self { status, body: Body::Bytes("text/html", html.into_bytes()), headers: Vec::new() }
    }

    pub(super) fn unauthorized() -> Self {
        Self::error(401, "Unauthorized").with_header("X-Plex-Protocol", "1.0".to_owned())
    }

    pub(super) fn not_found() -> Self {
        Self::error(404, "Not Found")
    }

    /// 400, with the reason where people who run a test find it.
    pub(super) fn bad(reason: &str) -> Self {
        Self::error(400, "Bad Request").with_header("X-Stand-In-Reason", reason.replace(|c: char| !c.is_ascii(), "?"))
    }

    /// The account's error: a list with one, in the form that is asked for.
    pub(super) fn account_error(status: u16, code: u32, message: &'static str) -> Self {
        let error = Element::listed("error", "errors")
            .with("code", code)
            .with("message", message)
            .with("status", u32::from(status));
        let errors = Element::new("errors").each([error]);
        Self { status, ..Self::of(Document::Bare(errors)) }
    }

    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}
