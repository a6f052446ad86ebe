//! Sessions of browsers.

use mediaflow_core::identity::Hash;
use mediaflow_core::time::Timestamp;
use rusqlite::Row;

use crate::error::StoreError;
use crate::row::{first, get, hash, insert, run, time};
use crate::store::{Reader, Tx};

/// A session that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession<'a> {
    /// Hash of the token in the browser's cookie.
    pub token: &'a Hash,
    /// Tells under which password it begins.
    pub password_mark: &'a Hash,
    /// Where the browser is, as text.
    pub address: Option<&'a str>,
    /// When it ends unless it is used before.
    pub idle_until_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// Tells under which password it began.
    pub password_mark: Hash,
    /// When it was last known to be used.
    pub used_at: Timestamp,
    /// When it ends unless it is used before.
    pub idle_until_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
}

impl Session {
    /// Whether it still counts at that instant.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.idle_until_at && now < self.ends_at
    }
}

fn read(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: get(row, "id")?,
        password_mark: hash(row, "password_mark")?,
        used_at: time(row, "used_at")?,
        idle_until_at: time(row, "idle_until_at")?,
        ends_at: time(row, "ends_at")?,
    })
}

impl Reader<'_> {
    /// The session with a token of this hash, whether it still counts or not.
    pub fn session(&self, token: &Hash) -> Result<Option<Session>, StoreError> {
        first(self.conn, "SELECT * FROM sessions WHERE token_hash = ?1", [token.to_string()], read)
    }
}

impl Tx<'_> {
    /// Begins a session and gives its id.
    pub fn session_begin(&self, session: &NewSession<'_>) -> Result<i64, StoreError> {
        insert(
            self.conn,
            "INSERT INTO sessions (token_hash, password_mark, address, created_at, used_at, idle_until_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
            (
                session.token.to_string(),
                session.password_mark.to_string(),
                session.address,
                self.now().0,
                session.idle_until_at.0,
                session.ends_at.0,
            ),
        )
    }

    /// Notes that a session is used, which moves its idle end.
    pub fn session_used(&self, id: i64, idle_until_at: Timestamp) -> Result<(), StoreError> {
        run(
            self.conn,
            "UPDATE sessions SET used_at = ?2, idle_until_at = ?3 WHERE id = ?1",
            (id, self.now().0, idle_until_at.0),
        )?;
        Ok(())
    }

    /// Ends a session. Whether there was one.
    pub fn session_end(&self, id: i64) -> Result<bool, StoreError> {
        Ok(run(self.conn, "DELETE FROM sessions WHERE id = ?1", [id])? > 0)
    }

    /// Ends every session and gives how many.
    pub fn sessions_end_all(&self) -> Result<usize, StoreError> {
        run(self.conn, "DELETE FROM sessions", [])
    }

    /// Forgets sessions that are over, that began under another password, and the oldest ones beyond `most`.
    pub fn sessions_prune(&self, password_mark: Option<&Hash>, most: u32) -> Result<usize, StoreError> {
        let mark = password_mark.map(Hash::to_string);
        run(
            self.conn,
            "DELETE FROM sessions WHERE password_mark IS NOT ?1 OR idle_until_at <= ?2 OR ends_at <= ?2
             OR id <= (SELECT id FROM sessions ORDER BY id DESC LIMIT 1 OFFSET ?3)",
            (mark, self.now().0, most),
        )
    }
}
