//! Serving, and stopping in good order.

use std::future::Future;
use std::time::Duration;

use axum::Router;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;

use crate::door;
use crate::state::Api;

/// How long open requests may take once the server stops.
const LINGER: Duration = Duration::from_secs(3);
/// Files that may be open at once: twice the connections that the door lets in.
const OPEN_FILES: u64 = 8192;

/// Serves until `stop` comes: then nobody new is let in, `/ws` says goodbye, and requests under way are let finish for a
/// moment.
pub async fn serve(listener: TcpListener, router: Router, api: Api, stop: impl Future<Output = ()>) {
    allow_many_connections();
    door::serve(listener, router, LINGER, async {
        stop.await;
        api.hub.close();
    })
    .await;
}

/// Every connection is an open file. Shells begin with 1024, and let a program have more if it asks.
fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(OPEN_FILES, |most| most.min(OPEN_FILES));
    if limit.current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })
    {
        tracing::warn!("no more than {:?} connections at once: {error}", limit.current);
    }
}
