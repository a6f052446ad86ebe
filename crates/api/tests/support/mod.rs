//! A door over an empty database: all that the document needs.

use std::sync::Arc;

use mediaflow_api::door::{Door, DoorConfig};
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_store::Store;

struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

/// The folder goes with the first value.
pub fn door() -> (tempfile::TempDir, Door) {
    let home = tempfile::tempdir().expect("a folder");
    let store = Store::open(&home.path().join("mediaflow.db"), Arc::new(Epoch)).expect("a store");
    let config = DoorConfig {
        host: [127, 0, 0, 1].into(),
        port: 9876,
        cors_origins: Vec::new(),
        password_from_env: None,
        allowed_folders: None,
        home: None,
    };
    let door = Door::open(store, Arc::new(Epoch), config).expect("a door");
    (home, door)
}
