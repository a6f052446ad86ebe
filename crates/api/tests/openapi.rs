//! The OpenAPI document is committed, so that a change of the API shows in review; the web app's client is made from it.

use std::path::Path;
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

fn door() -> (tempfile::TempDir, Door) {
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

#[test]
fn the_committed_document_is_that_of_the_code() {
    let (_home, door) = door();
    let (document, _) = mediaflow_api::document(&door);
    let made = format!("{}\n", serde_json::to_string_pretty(&document).expect("JSON"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("MEDIAFLOW_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &made).expect("writing the document");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "crates/api/openapi.json is not what the code says; look at the change, then run this test again with \
         MEDIAFLOW_UPDATE_SNAPSHOTS=1"
    );
}

#[test]
fn every_operation_has_an_id_a_group_a_summary_a_success_and_an_error() {
    let (_home, door) = door();
    let (_, faults) = mediaflow_api::document(&door);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
