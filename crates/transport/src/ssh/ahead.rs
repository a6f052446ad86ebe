//! How far what is sent may be ahead of the program that reads it.
//!
//! An SSH server keeps in a buffer what its program has not read yet, up to the window. OpenSSH's grows that buffer by 32 KiB
//! at a time and copies all of it each time, for every channel anew. On a short line nothing is gained by filling it: an
//! upload over four connections took a quarter less of the processor with 256 KiB under way than with the whole window.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::Notify;

/// What keeps a program busy that is next to us.
const NEXT_TO_US_BYTES: u64 = 256 * 1024;

/// What is added for the length of the line: more than a connection carries, so that it is never this that slows one down.
const BYTES_PER_MICROSECOND: u64 = 300;

/// A server that says nothing of what was read for so long tells it in larger steps than ours are.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is under way on one channel, by what its server says of its window.
pub(super) struct Ahead {
    most_bytes: Cell<u64>,
    /// The whole of it: what the server said most. OpenSSH's says it before it reads anything.
    window_bytes: Cell<u64>,
    sent_bytes: Cell<u64>,
    read_bytes: Cell<u64>,
    news: Notify,
}

impl Ahead {
    pub(super) fn new(round_trip: Duration) -> Self {
        let micros = u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX);
        let most_bytes = NEXT_TO_US_BYTES.saturating_add(micros.saturating_mul(BYTES_PER_MICROSECOND));
        Self {
            most_bytes: Cell::new(most_bytes),
            window_bytes: Cell::new(0),
            sent_bytes: Cell::new(0),
            read_bytes: Cell::new(0),
            news: Notify::new(),
        }
    }

    /// Waits until more may be sent, and counts it.
    pub(super) async fn send(&self, bytes: u64) {
        while self.sent_bytes.get().saturating_sub(self.read_bytes.get()) >= self.most_bytes.get() {
            if tokio::time::timeout(PATIENCE, self.news.notified()).await.is_err() {
                self.most_bytes.set(u64::MAX);
            }
        }
        self.sent_bytes.set(self.sent_bytes.get() + bytes);
    }

    /// The server takes so much more now. What still lies in a queue on this side counts as read, which is little.
    pub(super) fn hear(&self, window_bytes: u64) {
        self.window_bytes.set(self.window_bytes.get().max(window_bytes));
        self.read_bytes.set(self.sent_bytes.get().saturating_sub(self.window_bytes.get() - window_bytes));
        self.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    const WINDOW_BYTES: u64 = 2 * 1024 * 1024;
    const CHUNK_BYTES: u64 = 64 * 1024;

    /// Time goes on by itself once everything waits.
    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_time().build().unwrap()
    }

    /// What is sent until it waits for news.
    async fn fill(ahead: &Ahead) -> u64 {
        let before = ahead.sent_bytes.get();
        let filling = async {
            while ahead.sent_bytes.get() - before < WINDOW_BYTES {
                ahead.send(CHUNK_BYTES).await;
            }
        };
        let mut filling = std::pin::pin!(filling);
        tokio::select! {
            biased;
            () = &mut filling => {}
            () = std::future::ready(()) => {}
        }
        ahead.sent_bytes.get() - before
    }

    #[test]
    fn on_a_short_line_little_is_under_way_and_on_a_long_one_the_whole_window() {
        runtime().block_on(async {
            let ahead = Ahead::new(Duration::ZERO);
            ahead.hear(WINDOW_BYTES);
            assert_eq!(fill(&ahead).await, NEXT_TO_US_BYTES);
            // All but one chunk was read.
            ahead.hear(WINDOW_BYTES - CHUNK_BYTES);
            assert_eq!(fill(&ahead).await, NEXT_TO_US_BYTES - CHUNK_BYTES);
            let long = Ahead::new(Duration::from_millis(50));
            assert_eq!(fill(&long).await, WINDOW_BYTES);
        });
    }

    #[test]
    fn a_server_that_says_nothing_gets_its_window_full() {
        runtime().block_on(async {
            let ahead = Ahead::new(Duration::ZERO);
            for _ in 0..WINDOW_BYTES / CHUNK_BYTES {
                ahead.send(CHUNK_BYTES).await;
            }
            assert_eq!(ahead.sent_bytes.get(), WINDOW_BYTES);
        });
    }
}
