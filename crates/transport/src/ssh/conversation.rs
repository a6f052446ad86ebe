//! One script from its start to its end: what it is fed, what it says, and whether somebody still listens.

use std::borrow::Cow;
use std::time::Duration;

use russh::ChannelMsg;
use tokio::time::Instant;

use super::ahead::Ahead;
use super::connection::Connection;
use super::error::SshError;
use super::script::Script;

/// How often a conversation looks whether it was cancelled: the most that a cancel is late.
const TICK: Duration = Duration::from_millis(50);

/// What the account's own start-up files print comes before this, and is dropped.
const MARK: &[u8] = b"--mediaflow--\n";
pub(super) const MARKS: &str = "echo --mediaflow--; echo --mediaflow-- >&2\n";

/// The most of a line that is passed on where no script began.
const MOST_SAID: usize = 200;

/// What a script said.
pub(super) enum Said<'a> {
    /// On its standard output.
    Out(&'a [u8]),
    /// On its standard error.
    Err(&'a [u8]),
}

/// Runs a script and hands over what it says; gives its exit code. `on_said` returns false to stop it.
///
/// `feed` is what the script gets on its standard input, which then ends. Without it the input stays open as long as
/// somebody listens; that is how a script notices that nobody does.
pub(super) async fn converse(
    name: &str,
    connection: &Connection,
    script: &Script,
    is_stopped: &dyn Fn() -> bool,
    feed: Option<&mut dyn FnMut() -> Option<Vec<u8>>>,
    on_said: &mut dyn FnMut(Said<'_>) -> bool,
) -> Result<i32, SshError> {
    let lost = |reason: &str| SshError::Lost { host: name.to_owned(), reason: reason.to_owned() };
    let session = connection.start(name, &Script::new(MARKS).then(script)).await?;
    let (mut said, input) = session.channel.split();
    let ahead = Ahead::new(connection.round_trip());
    let feeding = async {
        let Some(feed) = feed else { return std::future::pending().await };
        while let Some(chunk) = feed() {
            ahead.send(chunk.len() as u64).await;
            // A script that ended meanwhile says why by itself.
            if input.data_bytes(chunk).await.is_err() {
                break;
            }
        }
        // The same.
        let _ = input.eof().await;
    };
    let listening = async {
        let (mut out, mut err) = (Start::default(), Start::default());
        let mut code = None;
        let mut tick = std::pin::pin!(tokio::time::sleep(TICK));
        loop {
            let message = tokio::select! {
                message = said.wait() => message,
                () = &mut tick => {
                    if is_stopped() {
                        return Err(SshError::Cancelled);
                    }
                    tick.as_mut().reset(Instant::now() + TICK);
                    continue;
                }
            };
            let goes_on = match message {
                Some(ChannelMsg::Data { data }) => {
                    out.rest(&data).is_none_or(|rest| rest.is_empty() || on_said(Said::Out(&rest)))
                }
                Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                    err.rest(&data).is_none_or(|rest| rest.is_empty() || on_said(Said::Err(&rest)))
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    code = i32::try_from(exit_status).ok();
                    true
                }
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    return Err(lost(&format!("the shell there was ended by {signal_name:?}")));
                }
                Some(ChannelMsg::WindowAdjusted { new_size }) => {
                    ahead.hear(new_size.into());
                    true
                }
                Some(ChannelMsg::Failure) => return Err(lost("it starts no programs for this account")),
                Some(_) => true,
                None => break,
            };
            if !goes_on || is_stopped() {
                return Err(SshError::Cancelled);
            }
        }
        let code = code.ok_or_else(|| lost("it ended in the middle of a program"))?;
        if out.is_over {
            return Ok(code);
        }
        // Not even the mark was printed: the account's shell is none that runs programs.
        let said = [out.last_line(), err.last_line()].into_iter().flatten().next();
        let reason =
            said.map_or_else(|| format!("its shell ended with code {code}"), |said| format!("its shell said {said:?}"));
        Err(SshError::Failed { host: name.to_owned(), doing: "start programs for this account".to_owned(), reason })
    };
    let mut listening = std::pin::pin!(listening);
    let ended = tokio::select! {
        ended = &mut listening => ended,
        // All was sent; what it came to is still to be heard.
        () = feeding => listening.await,
    };
    // By this, what still runs notices that nobody listens any more. On a connection that is gone it has noticed.
    let _ = input.close().await;
    ended
}

/// Drops what comes before the mark.
#[derive(Default)]
pub(super) struct Start {
    is_over: bool,
    before: Vec<u8>,
}

impl Start {
    /// The last line that came, where the mark did not.
    fn last_line(&self) -> Option<String> {
        let said = String::from_utf8_lossy(&self.before);
        let line = said.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.chars().take(MOST_SAID).collect())
    }

    /// What of `chunk` lies behind the mark; `None` before it came.
    pub(super) fn rest<'a>(&mut self, chunk: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        if self.is_over {
            return Some(chunk.into());
        }
        self.before.extend_from_slice(chunk);
        let at = self.before.windows(MARK.len()).position(|window| window == MARK)?;
        self.is_over = true;
        let rest = self.before.split_off(at + MARK.len());
        self.before = Vec::new();
        Some(rest.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_found_however_it_arrives() {
        let text = b"Welcome!\n--mediaflow--\nanswer --mediaflow--\n";
        for size in 1..text.len() {
            let mut start = Start::default();
            let heard: Vec<u8> =
                text.chunks(size).filter_map(|chunk| start.rest(chunk)).flat_map(Cow::into_owned).collect();
            assert_eq!(heard, b"answer --mediaflow--\n", "in pieces of {size}");
        }
    }
}
