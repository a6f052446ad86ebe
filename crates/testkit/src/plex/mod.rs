//! A stand-in for Plex: the account that plex.tv is, and media servers.
//!
//! It speaks as the real thing does where our client can tell the difference: JSON or XML by `Accept`, pages by headers,
//! absent instead of false, numbers as text where Plex sends them so. Its shapes are those of the recorded answers and
//! of the API's description that `NOTICE.md` names; `tests/plexapi.rs` holds it against an independent client.
//!
//! ```no_run
//! use mediaflow_testkit::plex::{Fault, Library, Plex, Server, Trouble};
//! # fn main() -> std::io::Result<()> {
//! let server = Server::start("Home", Library::generated(100_000, 1))?;
//! let plex = Plex::start()?;
//! plex.own(&server);
//! server.door().fault(Fault::new(Trouble::TooMany { retry_after_s: Some(1) }).on("/library/sections").times(3));
//! // A client signs in at plex.url(), and finds the server at server.url().
//! # Ok(())
//! # }
//! ```

mod about;
mod account;
mod account_wire;
mod collections;
mod door;
mod element;
mod fault;
mod front;
mod generated;
mod image;
mod items;
mod library;
mod listing;
mod meta;
mod model;
mod query;
mod reply;
mod request;
mod routes;
mod samples;
mod scan;
mod search;
mod server;
mod streams;
mod time;
mod watching;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use account::{Account, Connection, Friend, PinState, Resource};
pub use door::{Door, dead_url};
pub use fault::{Fault, Trouble};
pub use front::Asked;
pub use library::{Episode, Library, OWNER};
pub use model::{Part, SectionKind, Sidecar, Version};
pub use samples::{probe, sound, subtitle};
pub use scan::Scanning;
pub use server::{Plex, Server};
