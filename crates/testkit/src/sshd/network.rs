//! The network between a test and its server: bytes go through us, and whatever may happen to bytes can happen.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use super::processes;

/// What happens to the bytes.
#[derive(Default)]
pub(super) struct Network {
    pub(super) is_down: AtomicBool,
    pub(super) is_closing: AtomicBool,
    is_held: Mutex<bool>,
    let_go: Condvar,
    /// Counts up to the byte that is spoiled; none when zero.
    spoil_in: AtomicU64,
    pub(super) carried: AtomicU64,
    pub(super) up: Direction,
    pub(super) down: Direction,
    open: Mutex<Vec<TcpStream>>,
    /// Processes of `sshd` that were not waited for: their numbers are nobody else's.
    servers: Mutex<Vec<u32>>,
}

/// One way through the network, in pieces as they come.
#[derive(Default)]
pub(super) struct Direction {
    pub(super) pieces: AtomicU64,
    /// The piece that is lost, and all connections with it; none when zero.
    pub(super) lost: AtomicU64,
}

impl Direction {
    pub(super) fn lose(&self, after: u64) {
        self.lost.store(self.pieces.load(Ordering::Relaxed) + after + 1, Ordering::Relaxed);
    }

    /// Counts a piece; says whether it is lost.
    fn next_is_lost(&self) -> bool {
        let piece = self.pieces.fetch_add(1, Ordering::Relaxed) + 1;
        self.lost.compare_exchange(piece, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// Runs a server for one connection.
pub(super) fn serve(mut server: Command, stream: TcpStream, network: &Arc<Network>) -> io::Result<()> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut server =
        server.stdin(OwnedFd::from(theirs.try_clone()?)).stdout(OwnedFd::from(theirs)).stderr(Stdio::null()).spawn()?;
    let pid = server.id();
    network.servers.lock().unwrap_or_else(PoisonError::into_inner).push(pid);
    network.open.lock().unwrap_or_else(PoisonError::into_inner).push(stream.try_clone()?);
    let (stream_in, ours_in) = (stream.try_clone()?, ours.try_clone()?);
    let up = Arc::clone(network);
    thread::spawn(move || {
        up.carry(&stream_in, &ours_in, &up.up);
        // An end of either direction ends the connection.
        let _ = ours_in.shutdown(Shutdown::Both);
    });
    let down = Arc::clone(network);
    thread::spawn(move || {
        down.carry(&ours, &stream, &down.down);
        let _ = stream.shutdown(Shutdown::Both);
        down.servers.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| *other != pid);
        let _ = server.wait();
    });
    Ok(())
}

impl Network {
    pub(super) fn set_held(&self, is_held: bool) {
        *self.is_held.lock().unwrap_or_else(PoisonError::into_inner) = is_held;
        self.let_go.notify_all();
    }

    pub(super) fn spoil_after(&self, bytes: u64) {
        self.spoil_in.store(self.carried.load(Ordering::Relaxed) + bytes.max(1), Ordering::Relaxed);
    }

    /// Kills the servers, and whatever hangs below them.
    pub(super) fn kill_servers(&self) {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        processes::kill_with_descendants(&servers);
    }

    pub(super) fn cut(&self) {
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // It may be closed by now.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn carry<R, W>(&self, mut from: &R, mut to: &W, direction: &Direction)
    where
        for<'a> &'a R: Read,
        for<'a> &'a W: Write,
    {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count) = from.read(&mut buffer) {
            let Some(chunk) = buffer.get_mut(..count).filter(|chunk| !chunk.is_empty()) else { return };
            let held = self.is_held.lock().unwrap_or_else(PoisonError::into_inner);
            drop(self.let_go.wait_while(held, |held| *held).unwrap_or_else(PoisonError::into_inner));
            if direction.next_is_lost() {
                self.cut();
                return;
            }
            let before = self.carried.fetch_add(count as u64, Ordering::Relaxed);
            let spoil = self.spoil_in.load(Ordering::Relaxed);
            if spoil > before && spoil <= before + count as u64 {
                self.spoil_in.store(0, Ordering::Relaxed);
                let at = usize::try_from(spoil - before - 1).unwrap_or_default();
                if let Some(byte) = chunk.get_mut(at) {
                    *byte ^= 1;
                }
            }
            if to.write_all(chunk).is_err() {
                return;
            }
        }
    }
}
