//! The HTTP that a stand-in speaks: on a thread of its own, on a free port of this machine, until it is dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::sync::oneshot;

use super::fault::Fault;
use super::front::{Asked, Front, serve};
use super::reply::Reply;
use super::request::Request;

/// A port with a stand-in behind it.
pub struct Door {
    address: SocketAddr,
    front: Arc<Front>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that panicked with it has failed anyway.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A URL of this machine that nothing listens at.
///
/// # Errors
/// No port can be had.
pub fn dead_url() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(format!("http://{}", listener.local_addr()?))
}

impl Door {
    pub(super) fn open(port: u16, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let front = Arc::new(Front::new(answer));
        let (stop, stopped) = oneshot::channel();
        let served = front.clone();
        let thread = thread::Builder::new().name("plex".to_owned()).spawn(move || {
            runtime.block_on(listen(&listener, &served, stopped));
            // Connections that wait for an answer that never comes are not waited for.
            runtime.shutdown_timeout(Duration::from_millis(100));
        })?;
        Ok(Self { address, front, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it is: `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Something is to go wrong.
    pub fn fault(&self, fault: Fault) {
        lock(&self.front.faults).add(fault);
    }

    /// Nothing goes wrong any more.
    pub fn mend(&self) {
        lock(&self.front.faults).clear();
    }

    /// Requests that came, those among them that something went wrong with.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.front.requests.load(Ordering::Relaxed)
    }

    /// Requests whose path begins so, since [`Self::forget`].
    #[must_use]
    pub fn requests_to(&self, path: &str) -> usize {
        lock(&self.front.asked).iter().filter(|asked| asked.path.starts_with(path)).count()
    }

    /// The requests since [`Self::forget`], in order; of very many, the first ones.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.front.asked).clone()
    }

    /// Bytes of all bodies that were sent.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.front.bytes.load(Ordering::Relaxed)
    }

    /// The most requests that were answered at the same time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.front.most_underway.load(Ordering::Relaxed)
    }

    /// Begins to count anew.
    pub fn forget(&self) {
        lock(&self.front.asked).clear();
        self.front.requests.store(0, Ordering::Relaxed);
        self.front.bytes.store(0, Ordering::Relaxed);
        self.front.most_underway.store(0, Ordering::Relaxed);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listen(listener: &tokio::net::TcpListener, front: &Arc<Front>, mut stopped: oneshot::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let _ = stream.set_nodelay(true);
        let front = front.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let front = front.clone();
                async move { serve(&front, request).await }
            });
            // An error is a connection that was cut, by us or by the client.
            let _ =
                Builder::new(TokioExecutor::new()).http1_only().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
