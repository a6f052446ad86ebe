//! When jobs may be begun, and by which worker.

mod candidate;
mod choice;
mod days;
mod explain;
mod hours;
mod mode;
mod rate;
mod score;

pub use candidate::{Candidate, Pace, PaceBasis, Work};
pub use choice::{Chosen, Unplaced, choose};
pub use days::Days;
pub use hours::{ActiveHours, Gate};
pub use mode::{Route, SourcePlace, TransferMode, Way, chain};
pub use rate::Passage;
pub use score::Score;
