//! Connections: how many there may be, and how long one may say nothing.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

/// Connections at a time; more wait in the system's queue. Open sockets of `/ws` are not among them: their clients are known.
const MOST_CONNECTIONS: usize = 4096;

/// How long a client may take to send the head of a request, and a connection wait for its next one.
const LONGEST_HEAD: Duration = Duration::from_secs(30);

/// Pause after a connection could not be taken: nearly always there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves connections until `stop` comes, then takes no new ones and lets requests under way be finished for `linger`.
/// Sockets that were upgraded are their handlers' own business.
pub async fn serve(listener: TcpListener, router: Router, linger: Duration, stop: impl Future<Output = ()>) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(LONGEST_HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(LONGEST_HEAD).enable_connect_protocol();
    let builder = Arc::new(builder);
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        let Some((stream, address, place)) = accepted else { continue };
        let service = router.clone().map_request(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(address));
            request
        });
        let builder = Arc::clone(&builder);
        let watcher = open.watcher();
        tokio::spawn(async move {
            let service = TowerToHyperService::new(service);
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!("a connection from {address} broke: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    // Whoever is not done by then never will be.
    let _ = tokio::time::timeout(linger, open.shutdown()).await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Events are small and meant for now.
            let _ = stream.set_nodelay(true);
            Some((stream, address, place))
        }
        Err(error) => {
            tracing::warn!("a connection could not be taken: {error}");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}
