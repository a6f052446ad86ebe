//! The event log. An event is written in the transaction that made it true, and numbered in the order of commits.

use mediaflow_core::event::Event;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{all, first, get, insert, json, time, to_json};
use crate::store::{Reader, Tx};

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedEvent {
    /// Sequence number; rises, never reused.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

fn read(row: &Row<'_>) -> Result<LoggedEvent, StoreError> {
    Ok(LoggedEvent { seq: get(row, "seq")?, at: time(row, "at")?, event: json(row, "body")? })
}

impl Reader<'_> {
    /// At most `limit` events that came after the one numbered `seq`, oldest first.
    pub fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        all(self.conn, "SELECT seq, at, body FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2", (seq, limit), read)
    }

    /// The `limit` newest events, newest first.
    pub fn events_newest(&self, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        all(self.conn, "SELECT seq, at, body FROM events ORDER BY seq DESC LIMIT ?1", [limit], read)
    }

    /// The number of the last event; zero before the first.
    pub fn last_event(&self) -> Result<i64, StoreError> {
        let seq = first(self.conn, "SELECT max(seq) AS seq FROM events", [], |row| get::<Option<i64>>(row, "seq"))?;
        Ok(seq.flatten().unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Appends an event and gives its number.
    pub fn event(&self, event: &Event) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO events (at, name, body) VALUES (?1, json_extract(?2, '$.event'), ?2)",
            (self.now().0, to_json("event", event)?),
        )
    }
}
