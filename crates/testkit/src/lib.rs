//! For tests only: what every real sample file must come to, good outputs spoiled in every way that a proof must notice,
//! and libraries of any size.

pub mod catalog;
pub mod clips;
pub mod corpus;
pub mod damage;
pub mod dynamic;
#[cfg(feature = "plex")]
pub mod plex;
pub mod sshd;
pub mod tools;
