
pub mod cancel;
pub mod process;
pub mod storage;
pub mod executor;
pub mod walk;
pub mod tools;
