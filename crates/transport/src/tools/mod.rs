//! Programs as files: found on this machine, recognised when they change, and put in place by hash.

mod find;
mod install;
mod stamp;

pub use find::{beside, on_path};
pub use install::{Expected, InstallLock, ToolFileError, place, remove_dir, write};
pub use stamp::{boot_id, graphics_stamp, stamp};
