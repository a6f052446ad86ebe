//! One job: measure the source, encode, prove, replace.

pub mod measure;
pub mod prove;
mod quality;
