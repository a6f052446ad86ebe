//! The OpenAPI document is committed, so that a change of the API shows in review; the web app's client is made from it.

#![allow(clippy::expect_used)]

mod support;

use std::path::Path;

use support::door;

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
