//! Listening, and stopping in good order.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::state::Api;

/// How long open requests may take once the server stops.
const LINGER: Duration = Duration::from_secs(3);

/// Serves until `stop` comes: then nobody new is let in, `/ws` says goodbye, and requests under way are let finish for a
/// moment.
///
/// # Errors
/// The listener's own.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    api: Api,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let hub = api.hub.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        hub.close();
        // Whoever waits for this is gone only when the server is.
        let _ = stopping.send(());
    });
    tokio::select! {
        served = serving.into_future() => served,
        () = async {
            if stopped.await.is_ok() {
                tokio::time::sleep(LINGER).await;
            } else {
                std::future::pending::<()>().await;
            }
        } => Ok(()),
    }
}
