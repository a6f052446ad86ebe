//! A program there that is talked with for as long as this is kept.

use std::sync::Arc;

use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::OwnedSemaphorePermit;

use super::connection::Connection;
use super::conversation::{MARKS, Start};
use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::process::{STDERR_TAIL_BYTES, Tail};

/// Dropping it closes the program's input and stops listening.
pub(crate) struct Dialogue {
    machine: RemoteMachine,
    doing: &'static str,
    said: ChannelReadHalf,
    input: ChannelWriteHalf<Msg>,
    start: Start,
    words_start: Start,
    heard: Vec<u8>,
    words: Option<Tail>,
    /// Its place on it ends with this.
    connection: Arc<Connection>,
    _place: OwnedSemaphorePermit,
}

impl Dialogue {
    /// Starts a script. `doing` is told with what it says when it ends by itself.
    pub(crate) fn open(machine: &RemoteMachine, doing: &'static str, script: &Script) -> Result<Self, SshError> {
        let script = Script::new(MARKS).then(script);
        let (connection, session) = machine.block_on(async {
            let connection = machine.connection().await?;
            let session = connection.start(machine.name(), &script).await?;
            Ok::<_, SshError>((connection, session))
        })?;
        let (said, input) = session.channel.split();
        Ok(Self {
            machine: machine.clone(),
            doing,
            said,
            input,
            start: Start::default(),
            words_start: Start::default(),
            heard: Vec::new(),
            words: Some(Tail::new(STDERR_TAIL_BYTES)),
            connection,
            _place: session.place,
        })
    }

    /// Whether the connection stands, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.connection.is_open()
    }

    /// Sends bytes to its standard input.
    pub(crate) fn send(&self, bytes: Vec<u8>) -> Result<(), SshError> {
        self.machine.block_on(self.input.data_bytes(bytes)).map_err(|error| self.lost(&error.to_string()))
    }

    /// The next so many bytes of its standard output.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<u8>, SshError> {
        while self.heard.len() < count {
            self.hear()?;
        }
        let rest = self.heard.split_off(count);
        Ok(std::mem::replace(&mut self.heard, rest))
    }

    /// The next line of it, without its end.
    pub(crate) fn take_line(&mut self) -> Result<Vec<u8>, SshError> {
        loop {
            if let Some(at) = self.heard.iter().position(|byte| *byte == b'\n') {
                let mut line = self.take(at + 1)?;
                line.pop();
                return Ok(line);
            }
            self.hear()?;
        }
    }

    fn hear(&mut self) -> Result<(), SshError> {
        loop {
            match self.machine.block_on(self.said.wait()) {
                Some(ChannelMsg::Data { data }) => {
                    if let Some(rest) = self.start.rest(&data).filter(|rest| !rest.is_empty()) {
                        self.heard.extend_from_slice(&rest);
                        return Ok(());
                    }
                }
                Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                    if let (Some(rest), Some(words)) = (self.words_start.rest(&data), &mut self.words) {
                        words.push(&rest);
                    }
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    let (lines, _) = self.words.take().map(Tail::finish).unwrap_or_default();
                    let reason = lines.last().cloned().unwrap_or_else(|| format!("it ended with code {exit_status}"));
                    let (host, doing) = (self.machine.name().to_owned(), self.doing.to_owned());
                    return Err(SshError::Failed { host, doing, reason });
                }
                Some(_) => {}
                None => return Err(self.lost("it ended in the middle of a program")),
            }
        }
    }

    fn lost(&self, reason: &str) -> SshError {
        SshError::Lost { host: self.machine.name().to_owned(), reason: reason.to_owned() }
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        // On a connection that is gone it has ended.
        let _ = self.machine.block_on(self.input.close());
    }
}
