//! From a request to a response, with what goes wrong in between and what is counted.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming};

use super::door::lock;
use super::fault::{Faults, Trouble};
use super::reply::{Body, Reply};
use super::request::Request;
use super::write::{Form, write};

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, ...
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The query's fields.
    pub fields: Vec<(String, String)>,
    /// `X-Plex-Container-Start` and `-Size` of the headers.
    pub page: (Option<u64>, Option<u64>),
    /// Whether it had a token, of whatever kind.
    pub with_token: bool,
    /// Whether JSON was asked for.
    pub json: bool,
}

/// Requests to remember.
const REMEMBERED: usize = 20_000;

/// What a door leads to.
type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

/// What stands between the connections and the answers.
pub(super) struct Front {
    answer: Box<Answer>,
    pub faults: Mutex<Faults>,
    pub asked: Mutex<Vec<Asked>>,
    pub requests: AtomicU64,
    pub bytes: AtomicU64,
    underway: AtomicUsize,
    pub most_underway: AtomicUsize,
}

type Response = hyper::Response<BoxBody<Bytes, io::Error>>;

pub(super) async fn serve(front: &Front, request: hyper::Request<Incoming>) -> io::Result<Response> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let query = head.uri.query().unwrap_or_default();
    let mut request = Request::new(head.method.as_str(), head.uri.path(), query, head.headers, &body);
    front.note(&request);
    let _underway = Underway::new(front);
    request.troubles = lock(&front.faults).take(&request.path);
    for trouble in &request.troubles {
        match trouble {
            Trouble::Delay(time) => tokio::time::sleep(*time).await,
            Trouble::Silence => std::future::pending().await,
            Trouble::Cut => return Err(io::ErrorKind::ConnectionReset.into()),
            _ => {}
        }
    }
    let refusal = request.troubles.iter().find_map(|trouble| match trouble {
        Trouble::Status(401) => Some(Reply::unauthorized()),
        Trouble::Status(status) => Some(Reply::error(*status, "Trouble")),
        Trouble::TooMany { retry_after_s } => {
            let reply = Reply::error(429, "Too Many Requests");
            Some(match retry_after_s {
                Some(seconds) => reply.with_header("Retry-After", seconds.to_string()),
                None => reply,
            })
        }
        Trouble::Gibberish => Some(Reply::error(200, "Welcome to the router")),
        _ => None,
    });
    let reply = refusal.unwrap_or_else(|| (front.answer)(&request));
    let is_cut = request.troubles.contains(&Trouble::CutHalf);
    front.response(reply, &request, is_cut)
}

impl Front {
    pub(super) fn new(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            faults: Mutex::default(),
            asked: Mutex::default(),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            underway: AtomicUsize::new(0),
            most_underway: AtomicUsize::new(0),
        }
    }

    fn note(&self, request: &Request) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let number = |name: &str| request.header(name).and_then(|value| value.parse().ok());
        let mut asked = lock(&self.asked);
        if asked.len() < REMEMBERED {
            asked.push(Asked {
                method: request.method.clone(),
                path: request.path.clone(),
                fields: request.fields.clone(),
                page: (number("X-Plex-Container-Start"), number("X-Plex-Container-Size")),
                with_token: request.token().is_some(),
                json: request.form() == Form::Json,
            });
        }
    }

    fn response(&self, reply: Reply, request: &Request, is_cut: bool) -> io::Result<Response> {
        let form = request.form();
        let (content_type, body) = match reply.body {
            Body::Empty => (None, Vec::new()),
            Body::Document(document) => (Some(form.content_type()), write(&document, form)),
            Body::Bytes(content_type, bytes) => (Some(content_type), bytes),
        };
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        let mut builder = hyper::Response::builder().status(reply.status).header("X-Plex-Protocol", "1.0");
        if let Some(content_type) = content_type {
            builder = builder.header("Content-Type", content_type);
        }
        for (name, value) in reply.headers.iter().filter(|(name, _)| *name != "X-Plex-Protocol") {
            builder = builder.header(*name, value);
        }
        let body = if is_cut {
            builder = builder.header("Content-Length", body.len());
            let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
            Half(Some(half)).boxed()
        } else {
            Full::from(body).map_err(|never: Infallible| match never {}).boxed()
        };
        builder.body(body).map_err(io::Error::other)
    }
}

/// The first half of a body, and then an error, which ends the connection.
struct Half(Option<Bytes>);

impl HttpBody for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(half) => Ok(Frame::data(half)),
            None => Err(io::ErrorKind::ConnectionReset.into()),
        }))
    }
}

/// Counts a request while it is answered.
struct Underway<'f>(&'f Front);

impl<'f> Underway<'f> {
    fn new(front: &'f Front) -> Self {
        let now = front.underway.fetch_add(1, Ordering::Relaxed) + 1;
        front.most_underway.fetch_max(now, Ordering::Relaxed);
        Self(front)
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.0.underway.fetch_sub(1, Ordering::Relaxed);
    }
}
