//! One file a command: what it is asked, what it does, how it shows the result.

pub mod analyze;
pub mod doctor;
pub mod jobs;
pub mod keys;
pub mod passwd;
pub mod proof;
pub mod quarantine;
pub mod run;
pub mod scan;
pub mod serve;
pub mod transcode;
pub mod undo;
