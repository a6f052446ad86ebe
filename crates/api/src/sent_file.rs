//! A file of the disk as an answer: whole or in part, read as the client takes it, and never held in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject, StatusCode as Code};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use schemars::json_schema;

use crate::byte_range::Wanted;

/// What is read of a file at a time.
const PIECE_BYTES: u64 = 256 * 1024;

/// Told of each part once the client has taken it, up to its last piece.
pub type OnSent = Box<dyn FnOnce(Range<u64>) + Send>;

/// A file to be saved by the client.
pub struct SentFile {
    file: File,
    length: u64,
    wanted: Wanted,
    kind: &'static str,
    name: String,
    tag: String,
    on_sent: OnSent,
}

impl SentFile {
    /// The part of an open file that a request asks for. `tag` must change with what is in the file.
    pub fn new(file: File, length: u64, name: String, tag: String, asked: &HeaderMap, on_sent: OnSent) -> Self {
        let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let tag = format!("\"{tag}\"");
        // A part of another file than the client began with is of no use to it.
        let is_same = text(header::IF_RANGE).is_none_or(|known| known == tag);
        let wanted = Wanted::of(text(header::RANGE).filter(|_| is_same), length);
        let kind = kind_of(&name);
        Self { file, length, wanted, kind, name, tag, on_sent }
    }
}

/// The kinds of file that are made here.
fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("mkv") => "video/matroska",
        Some("mp4" | "m4v") => "video/mp4",
        _ => "application/octet-stream",
    }
}

/// A header that has a browser save a file under this name (RFC 6266), whatever is in the name.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%') { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

impl IntoResponse for SentFile {
    fn into_response(self) -> Response {
        let (status, range) = match &self.wanted {
            Wanted::Whole => (StatusCode::OK, 0..self.length),
            Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
            Wanted::Nothing => {
                let all = format!("bytes */{}", self.length);
                return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response();
            }
        };
        let headers = [
            (header::CONTENT_TYPE, self.kind.to_owned()),
            (header::CONTENT_LENGTH, (range.end - range.start).to_string()),
            (header::CONTENT_DISPOSITION, disposition(&self.name)),
            (header::ACCEPT_RANGES, "bytes".to_owned()),
            (header::ETAG, self.tag),
        ];
        let part = (status == StatusCode::PARTIAL_CONTENT)
            .then(|| [(header::CONTENT_RANGE, format!("bytes {}-{}/{}", range.start, range.end - 1, self.length))]);
        let pieces = Pieces { file: self.file, at: range.start, range, on_sent: Some(self.on_sent) };
        (status, headers, part, Body::from_stream(stream::unfold(pieces, Pieces::next))).into_response()
    }
}

/// The rest of a file that is being sent.
struct Pieces {
    file: File,
    at: u64,
    range: Range<u64>,
    on_sent: Option<OnSent>,
}

impl Pieces {
    /// Reads the next piece where it holds up nobody.
    async fn next(self) -> Option<(io::Result<Bytes>, Self)> {
        if self.at >= self.range.end {
            return None;
        }
        let read = tokio::task::spawn_blocking(move || self.read());
        match read.await {
            Ok(next) => Some(next),
            Err(panic) => {
                tracing::error!("sending a file: {panic}");
                None
            }
        }
    }

    fn read(mut self) -> (io::Result<Bytes>, Self) {
        let mut piece = Vec::new();
        let wanted = PIECE_BYTES.min(self.range.end - self.at);
        let read = self
            .file
            .seek(SeekFrom::Start(self.at))
            .and_then(|_| (&self.file).take(wanted).read_to_end(&mut piece))
            .and_then(|read| if read as u64 == wanted { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) });
        self.at = if read.is_ok() { self.at + wanted } else { self.range.end };
        // All but the last piece was taken by then.
        if read.is_ok()
            && self.at == self.range.end
            && let Some(on_sent) = self.on_sent.take()
        {
            on_sent(self.range.clone());
        }
        (read.map(|()| Bytes::from(piece)), self)
    }
}

impl OperationOutput for SentFile {
    type Inner = Vec<u8>;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<Code>, Documented)> {
        let answer = |description: &str| {
            let json_schema = json_schema!({ "type": "string", "format": "binary" });
            let schema = SchemaObject { json_schema, example: None, external_docs: None };
            let media = MediaType { schema: Some(schema), ..MediaType::default() };
            Documented {
                description: description.to_owned(),
                content: [("application/octet-stream".to_owned(), media)].into_iter().collect(),
                ..Documented::default()
            }
        };
        vec![
            (Some(Code::Code(200)), answer("The file")),
            (Some(Code::Code(206)), answer("The part that the header `Range` asks for")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_breaks_out_of_its_header() {
        assert_eq!(disposition("Film V2.mkv"), "attachment; filename=\"Film V2.mkv\"; filename*=UTF-8''Film%20V2.mkv");
        let hostile = disposition("a\";\r\nX: y%\\日.mkv");
        assert!(hostile.starts_with("attachment; filename=\"a_;__X: y__") && hostile.contains("%0D%0A"), "{hostile}");
        assert!(HeaderValue::from_str(&hostile).is_ok(), "{hostile}");
    }
}
