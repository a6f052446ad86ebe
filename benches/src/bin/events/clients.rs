//! The clients: they read what comes and note how old it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long the last events may take to arrive, once all are told.
const PATIENCE: Duration = Duration::from_secs(10);

/// Threads for all clients.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn connect(port: u16, socket: TcpSocket) -> WebSocketStream<TcpStream> {
    let stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    client_async(format!("ws://127.0.0.1:{port}/ws"), stream).await.unwrap().0
}

/// What all clients heard.
pub struct Heard {
    /// Sorted, of all clients together.
    pub latencies_us: Vec<i64>,
}

impl Heard {
    /// The latency that this share of all events does not exceed, in microseconds.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn at(&self, share: f64) -> f64 {
        let last = self.latencies_us.len().saturating_sub(1);
        self.latencies_us.get((share * last as f64) as usize).map_or(f64::NAN, |us| *us as f64)
    }
}

/// Clients that are connected and read.
pub struct Listening {
    tasks: JoinSet<Vec<i64>>,
    heard: Arc<AtomicUsize>,
    clients: usize,
}

/// Connects clients that read.
pub async fn listen(port: u16, clients: usize) -> Listening {
    let (mut tasks, heard) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..clients {
        let stream = connect(port, TcpSocket::new_v4().unwrap()).await;
        tasks.spawn(read(stream, Arc::clone(&heard)));
    }
    Listening { tasks, heard, clients }
}

impl Listening {
    /// Waits until everything that was told has arrived, or nothing more comes, and gives what did.
    pub async fn end(mut self, told: usize) -> Heard {
        let all = told * self.clients;
        let _ = tokio::time::timeout(PATIENCE, async {
            while self.heard.load(Ordering::Relaxed) < all {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        STOP.notify_waiters();
        let mut latencies_us = Vec::with_capacity(all);
        while let Some(of_client) = self.tasks.join_next().await {
            latencies_us.extend(of_client.unwrap());
        }
        latencies_us.sort_unstable();
        Heard { latencies_us }
    }
}

static STOP: tokio::sync::Notify = tokio::sync::Notify::const_new();

async fn read(mut stream: WebSocketStream<TcpStream>, heard: Arc<AtomicUsize>) -> Vec<i64> {
    let mut latencies_us = Vec::new();
    let stopped = STOP.notified();
    tokio::pin!(stopped);
    stopped.as_mut().enable();
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let now = jiff::Timestamp::now().as_microsecond();
                    latencies_us.extend(told_at(&text).map(|then| now - then));
                    heard.fetch_add(1, Ordering::Relaxed);
                }
                Some(Ok(_)) => {}
                _ => return latencies_us,
            },
            () = &mut stopped => return latencies_us,
        }
    }
}

/// The envelope's stamp in microseconds; picked out by hand, since reading a thousand times the same JSON is not measured.
fn told_at(envelope: &str) -> Option<i64> {
    let (_, rest) = envelope.split_once("\"timestamp\":\"")?;
    let (stamp, _) = rest.split_once('"')?;
    stamp.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

/// A client that connects and never reads.
pub struct Idle {
    _stream: WebSocketStream<TcpStream>,
}

impl Idle {
    pub async fn connect(port: u16) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // A small window, so that what it does not read piles up at the server soon.
        socket.set_recv_buffer_size(4096).unwrap();
        Self { _stream: connect(port, socket).await }
    }
}
