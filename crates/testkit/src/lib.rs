//! For tests only: what every real sample file must come to, and good outputs spoiled in every way that a proof must
//! notice.

pub mod clips;
pub mod corpus;
pub mod damage;
pub mod tools;
