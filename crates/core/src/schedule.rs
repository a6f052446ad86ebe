//! When jobs may be begun.

mod days;
mod hours;

pub use days::Days;
pub use hours::{ActiveHours, Gate};
