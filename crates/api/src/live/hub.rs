//! One channel for all who listen. A client that reads too slowly misses messages, is told so by being dropped, and
//! catches up over `GET /api/events`; nobody waits for it.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use mediaflow_core::time::Timestamp;
use mediaflow_engine::catalog::LiveCatalog;
use mediaflow_engine::service::{Live, Service};
use tokio::sync::{broadcast, watch};

use super::envelope::of_live;

/// Messages that a client may lag behind: at twenty a second, that is 25 seconds.
const BACKLOG: usize = 512;

/// An event, written once for all clients.
#[derive(Debug)]
pub struct Message {
    /// The event's name, by which clients subscribe.
    pub name: String,
    /// The whole envelope.
    pub text: Utf8Bytes,
}

/// Passes on everything that happens. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    messages: broadcast::Sender<Arc<Message>>,
    closing: watch::Sender<bool>,
}

impl Hub {
    /// A hub that is told by the service. An event is passed on only once the catalog has what it tells of: whoever asks
    /// for the library because of it must not get the old one.
    #[must_use]
    pub fn new(service: &Service, catalog: LiveCatalog) -> Self {
        let hub = Self { messages: broadcast::Sender::new(BACKLOG), closing: watch::Sender::new(false) };
        let told = hub.clone();
        service.subscribe(Arc::new(move |live: &Live| {
            if matches!(live, Live::Recorded(_)) && catalog.catch_up().is_err() {
                tracing::debug!("an event is told without the catalog");
            }
            told.tell(live);
        }));
        hub
    }

    /// Passes on what happened, on the thread where it did; never waits.
    pub fn tell(&self, live: &Live) {
        if self.messages.receiver_count() == 0 {
            return;
        }
        let envelope = of_live(live, Timestamp(jiff::Timestamp::now().as_microsecond()));
        match serde_json::to_string(&envelope) {
            Ok(text) => {
                let message = Message { name: envelope.event, text: text.into() };
                // Nobody listens any more: nothing is lost by that.
                let _ = self.messages.send(Arc::new(message));
            }
            Err(error) => tracing::error!("an event could not be written: {error}"),
        }
    }

    /// Everything from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Arc<Message>> {
        self.messages.subscribe()
    }

    /// Turns true when the server stops.
    #[must_use]
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Lets all who listen go.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}
