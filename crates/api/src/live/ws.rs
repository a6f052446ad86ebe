//! `/ws`: the contract's WebSocket.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::SinkExt;
use mediaflow_core::time::Timestamp;
use serde_json::json;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::subscription::{Asked, Subscription};
use crate::door::Caller;
use crate::state::Api;
use crate::wire::Time;
use crate::wire::events::Envelope;

/// A client says nothing but subscriptions; more than this at once is no client of ours.
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// What is set aside for each client, instead of 128 KiB each way: what they say is short, and so are most events.
const READ_BUFFER: usize = 2 * 1024;
const WRITE_BUFFER: usize = 8 * 1024;
/// How long a full socket may take before its client counts as gone.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// Takes a client in.
pub async fn connect(State(api): State<Api>, caller: Caller, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(WRITE_BUFFER);
    upgrade.max_message_size(LARGEST_MESSAGE).on_upgrade(move |socket| async move {
        let goodbye = attend(&api, &caller, socket).await;
        tracing::debug!("a client of /ws left: {goodbye}");
    })
}

/// Tells a client what it wants to hear until one of both goes. Gives why.
async fn attend(api: &Api, caller: &Caller, mut socket: WebSocket) -> &'static str {
    let mut wanted = Subscription::default();
    let mut messages = api.hub.listen();
    let mut closing = api.hub.closing();
    let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ended = caller.ended();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            received = messages.recv() => {
                let mut next = match received {
                    Ok(message) => Some(message),
                    Err(RecvError::Lagged(_)) => return close(socket, close_code::AGAIN, "too slow").await,
                    Err(RecvError::Closed) => return close(socket, close_code::AWAY, "the server stops").await,
                };
                // Whatever has gathered meanwhile goes out in one write.
                while let Some(message) = next {
                    if wanted.wants(&message.name) {
                        match timeout(SEND_LIMIT, socket.feed(Frame::Text(message.text.clone()))).await {
                            Ok(Ok(())) => {}
                            _ => return "it does not read",
                        }
                    }
                    next = match messages.try_recv() {
                        Ok(message) => Some(message),
                        Err(TryRecvError::Empty) => None,
                        Err(TryRecvError::Lagged(_)) => return close(socket, close_code::AGAIN, "too slow").await,
                        Err(TryRecvError::Closed) => return close(socket, close_code::AWAY, "the server stops").await,
                    };
                }
                if !matches!(timeout(SEND_LIMIT, socket.flush()).await, Ok(Ok(()))) {
                    return "it does not read";
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Frame::Text(text))) => {
                    if wanted.hear(&text) == Asked::Ping && !send(&mut socket, Frame::Text(pong())).await {
                        return "it does not read";
                    }
                }
                Some(Ok(Frame::Close(_))) | None => return "it said goodbye",
                Some(Ok(_)) => {}
                Some(Err(_)) => return "its connection broke",
            },
            _ = ping.tick() => {
                if !send(&mut socket, Frame::Ping(axum::body::Bytes::new())).await {
                    return "it does not read";
                }
            }
            () = &mut ended => return close(socket, close_code::POLICY, "the session is over").await,
            _ = closing.changed() => return close(socket, close_code::AWAY, "the server stops").await,
        }
    }
}

async fn send(socket: &mut WebSocket, frame: Frame) -> bool {
    matches!(timeout(SEND_LIMIT, socket.send(frame)).await, Ok(Ok(())))
}

/// Says why before it goes; a client that does not listen even to that is left.
async fn close(mut socket: WebSocket, code: u16, reason: &'static str) -> &'static str {
    let frame = Frame::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
    let _ = timeout(Duration::from_secs(1), socket.send(frame)).await;
    reason
}

fn pong() -> Utf8Bytes {
    let timestamp = Time(Timestamp(jiff::Timestamp::now().as_microsecond()));
    let envelope = Envelope { event: "pong".to_owned(), timestamp, seq: None, data: json!({}) };
    serde_json::to_string(&envelope).unwrap_or_default().into()
}
