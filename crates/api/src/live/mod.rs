//! What happens, told to whoever listens at `/ws`.

mod envelope;
mod fleet;
mod hub;
mod subscription;
pub mod ws;

pub use envelope::logged;
pub use hub::Hub;
