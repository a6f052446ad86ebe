//! Changes of who may come in, for the command line and the routes alike. All of them block.

use mediaflow_core::text;
use mediaflow_store::{ApiKey, Store};

use super::audit::{Action, Actor};
use super::error::DoorError;
use super::secret::{Password, Token, kept_hash};

/// What a name may have at most.
pub const MOST_NAME_CHARS: usize = 100;

/// Every key begins so, by which a person, or a scanner of leaked secrets, knows one.
const KEY_BEGINS: &str = "mf_";

/// Characters of a key that are shown in lists: the beginning and 32 of its 256 bits.
const SHOWN_CHARS: usize = KEY_BEGINS.len() + 8;

/// A key that was just made.
pub struct IssuedKey {
    /// What is kept of it.
    pub key: ApiKey,
    /// The key itself. It is not kept and cannot be shown again.
    pub secret: String,
}

/// Sets the password and ends all sessions; gives how many. A server that runs notices at once.
pub fn set_password(store: &Store, password: &Password, by: &Actor) -> Result<usize, DoorError> {
    let hash = password.hash()?;
    let ended = store.write(|tx| {
        let ended = tx.password_set(&hash)?;
        by.did(tx, Action::PasswordSet, &format!("{} ended", text::count(ended, "session")))?;
        Ok(ended)
    })?;
    Ok(ended)
}

/// Takes the password away. Whether there was one.
pub fn remove_password(store: &Store, by: &Actor) -> Result<bool, DoorError> {
    let removed = store.write(|tx| {
        let removed = tx.password_remove()?;
        if removed {
            by.did(tx, Action::PasswordRemoved, "")?;
        }
        Ok(removed)
    })?;
    Ok(removed)
}

/// Makes a key for a program.
///
/// # Errors
/// A name that is empty, too long or taken.
pub fn issue_key(store: &Store, name: &str, by: &Actor) -> Result<IssuedKey, DoorError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MOST_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(DoorError::KeyName);
    }
    let secret = format!("{KEY_BEGINS}{}", Token::random()?.text());
    let prefix: String = secret.chars().take(SHOWN_CHARS).collect();
    let key = store.write(|tx| {
        let key = tx.api_key_put(name, &prefix, &kept_hash(&secret))?;
        by.did(tx, Action::KeyMade, &format!("key {}, {name:?}", key.id))?;
        Ok(key)
    })?;
    Ok(IssuedKey { key, secret })
}

/// Takes a key back, and gives what it was.
pub fn revoke_key(store: &Store, id: i64, by: &Actor) -> Result<ApiKey, DoorError> {
    let key = store.write(|tx| {
        let key = tx.api_key_revoke(id)?;
        by.did(tx, Action::KeyRevoked, &format!("key {id}, {:?}", key.name))?;
        Ok(key)
    })?;
    Ok(key)
}
