//! When jobs may be begun, and by which worker.

mod choice;
mod days;
mod hours;
mod mode;
mod score;

pub use choice::{Chosen, Unplaced, choose};
pub use days::Days;
pub use hours::{ActiveHours, Gate};
pub use mode::{Route, SourcePlace, TransferMode, Way, chain};
pub use score::{Candidate, Pace, PaceBasis, Score, Work};
