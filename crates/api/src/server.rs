//! Serving, and stopping in good order.

use std::future::Future;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::door;
use crate::state::Api;

/// How long open requests may take once the server stops.
const LINGER: Duration = Duration::from_secs(3);

/// Serves until `stop` comes: then nobody new is let in, `/ws` says goodbye, and requests under way are let finish for a
/// moment.
pub async fn serve(listener: TcpListener, router: Router, api: Api, stop: impl Future<Output = ()>) {
    door::serve(listener, router, LINGER, async {
        stop.await;
        api.hub.close();
    })
    .await;
}
