//! The password and the tokens: how they are made, hashed and compared.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use mediaflow_core::identity::Hash;
use unicode_normalization::UnicodeNormalization;

use super::error::DoorError;

/// Below this a password is guessed (NIST SP 800-63B, 3.1.1.2, for one that is not the only factor).
pub const LEAST_CHARS: usize = 8;

/// Nobody types more, and hashing has to end.
pub const MOST_CHARS: usize = 1024;

/// Memory of one hash in KiB, and passes over it: the first recommendation of OWASP's password storage cheat sheet. Of
/// those it calls equal this one is the largest, so that glibc gives the memory back afterwards: what is below 32 MiB it
/// keeps, for each thread that ever compared a password.
const MEMORY_KIB: u32 = 46 * 1024;
const PASSES: u32 = 1;

/// Argon2id in one lane. The parameters are kept in the hash itself, so that they may be raised later.
fn argon2() -> Result<Argon2<'static>, DoorError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| DoorError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A password as it was typed. Its text is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password of a length that may be set. The same letters count as the same, however a keyboard composes them.
    pub fn new(typed: &str) -> Result<Self, DoorError> {
        let text: String = typed.nfkc().collect();
        let found = text.chars().count();
        if (LEAST_CHARS..=MOST_CHARS).contains(&found) {
            Ok(Self(text))
        } else {
            Err(DoorError::PasswordLength { found })
        }
    }

    /// Its hash with a fresh salt, as a PHC string. Takes tens of milliseconds.
    pub fn hash(&self) -> Result<String, DoorError> {
        let hash = argon2()?.hash_password(self.0.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|error| DoorError::Hash(error.to_string()))
    }

    /// Whether this is what was hashed. Takes tens of milliseconds, and as long for a wrong one.
    pub fn matches(&self, phc: &str) -> Result<bool, DoorError> {
        let hash = PasswordHash::new(phc).map_err(|error| DoorError::Hash(error.to_string()))?;
        match argon2()?.verify_password(self.0.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(DoorError::Hash(error.to_string())),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

/// 256 random bits as hex: what a cookie or a key holds. Only its hash is kept, and a plain one is enough: there is
/// nothing to be guessed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn random() -> Result<Self, DoorError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(DoorError::NoRandomness)?;
        Ok(Self(blake3::Hash::from_bytes(bytes).to_hex().to_string()))
    }

    /// The text itself, to be handed out.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The hash under which a token or key is kept.
pub fn kept_hash(token: &str) -> Hash {
    Hash::of_bytes(token.as_bytes())
}

/// What forms and scripts of our own pages send along to show that they are ours: follows from the session's token, which
/// they cannot read.
#[derive(Clone)]
pub struct CsrfToken(blake3::Hash);

impl CsrfToken {
    /// That of a session.
    pub fn of(session_token: &str) -> Self {
        Self(blake3::Hash::from_bytes(blake3::derive_key("MediaFlow 2026-11 CSRF token", session_token.as_bytes())))
    }

    /// As text.
    pub fn text(&self) -> String {
        self.0.to_hex().to_string()
    }

    /// Whether `sent` is it, in a time that does not depend on how much of it is right.
    pub fn matches(&self, sent: &str) -> bool {
        // blake3 compares hashes in constant time.
        blake3::Hash::from_hex(sent).is_ok_and(|sent| sent == self.0)
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let password = Password::new("correct horse").unwrap();
        let (one, two) = (password.hash().unwrap(), password.hash().unwrap());
        assert_ne!(one, two, "each has its own salt");
        assert!(one.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{one}");
        assert!(password.matches(&one).unwrap() && password.matches(&two).unwrap());
        assert!(!Password::new("correct  horse").unwrap().matches(&one).unwrap());
        assert!(password.matches("no hash").is_err());
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        assert_eq!(Password::new("Müllerstraße").unwrap(), Password::new("Mu\u{308}llerstraße").unwrap());
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        for (text, fits) in
            [("1234567", false), ("ßßßßßßßß", true), (&"x".repeat(1024), true), (&"x".repeat(1025), false)]
        {
            assert_eq!(Password::new(text).is_ok(), fits, "{} characters", text.chars().count());
        }
    }

    #[test]
    fn nothing_secret_is_shown_for_debugging() {
        let shown = format!("{:?} {:?}", Password::new("correct horse").unwrap(), CsrfToken::of("token"));
        assert!(!shown.contains("correct") && !shown.contains(&CsrfToken::of("token").text()), "{shown}");
    }

    #[test]
    fn a_csrf_token_belongs_to_one_session() {
        let one = CsrfToken::of("one");
        assert!(one.matches(&one.text()));
        for wrong in [CsrfToken::of("two").text(), String::new(), "one".to_owned(), one.text()[1..].to_owned()] {
            assert!(!one.matches(&wrong), "{wrong:?}");
        }
    }
}
