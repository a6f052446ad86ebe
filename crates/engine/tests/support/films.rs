//! Two small films and everything a request needs.

use std::ops::ControlFlow;
use std::path::Path;

use mediaflow_core::identity::{ContentId, FileIdentity, Hash};
use mediaflow_core::path::RelPath;
use mediaflow_core::proof::{Check, Proof, Proven, WORTH_IT};
use mediaflow_core::replace::{Epoch, ReplacementId};
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_engine::replace::{Request, Settings};

pub const SOURCE: &[u8] = b"the original film, every byte of it";
pub const OUTPUT: &[u8] = b"the smaller film";
pub const EPOCH: Epoch = Epoch(0x00c0_ffee);
/// When everything happens, until a test says otherwise.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

pub fn id(counter: u64) -> ReplacementId {
    ReplacementId::new(EPOCH, counter)
}

pub fn settings() -> Settings {
    Settings::new(EPOCH, 1)
}

pub fn proof_of(output: &[u8], source: ContentId) -> Proven {
    let proof = Proof {
        output_hash: Hash::of_bytes(output),
        output_bytes: output.len() as u64,
        source,
        intent: Hash::of_bytes(b"intent"),
        tools: "test".to_owned(),
        checks: vec![Check::new(WORTH_IT, true, "smaller")],
    };
    proof.proven().expect("all checks passed")
}

fn go_on(_staged_bytes: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub fn request<'a>(
    counter: u64,
    original: &RelPath,
    target: &RelPath,
    source: FileIdentity,
    output: &'a Path,
) -> Request<'a> {
    Request {
        id: id(counter),
        job_id: Some(7),
        fencing_token: 1,
        original: original.clone(),
        target: target.clone(),
        source,
        output,
        progress: &go_on,
    }
}
