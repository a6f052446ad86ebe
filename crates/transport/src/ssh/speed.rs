//! How fast the line to another machine is: round trips, and bytes that nothing can squeeze, there and back.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use russh::ChannelMsg;

use super::connection::Connection;
use super::conversation::{Said, converse};
use super::error::SshError;
use super::machine::RemoteMachine;
use super::script::Script;
use crate::cancel::Cancel;
use crate::process::{STDERR_TAIL_BYTES, Tail};

/// An odd number, so that one of them is the median.
const ROUND_TRIPS: usize = 7;

/// For all round trips together.
const ROUND_TRIPS_LIMIT: Duration = Duration::from_secs(15);

/// What is made and sent at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// What the other machine says once it has everything.
const HAVE: &[u8] = b"have\n";

/// Beyond the two directions: for programs to start, and for what is under way to arrive.
const SPARE: Duration = Duration::from_secs(30);

/// How the speed of a line is measured.
#[derive(Clone, Copy)]
pub struct SpeedTest<'a> {
    /// The other machine.
    pub machine: &'a RemoteMachine,
    /// The folder there that the bytes lie in meanwhile, as those of a job do.
    pub dir: &'a Path,
    /// Connections at a time, as many as a transfer takes.
    pub streams: usize,
    /// Bytes to send and to fetch.
    pub bytes: u64,
    /// The most that each direction takes: on a slow line fewer bytes go.
    pub limit: Duration,
    /// Stops it.
    pub cancel: &'a Cancel,
}

/// How fast a line was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed {
    /// Towards the other machine, in bits per second, with the time that it took to write them.
    pub upload_bps: u64,
    /// From there.
    pub download_bps: u64,
    /// Bytes that went there.
    pub bytes: u64,
}

/// What the streams have in common.
#[derive(Default)]
struct Shared {
    left_bytes: AtomicU64,
    began: OnceLock<Instant>,
    marks: Mutex<Marks>,
}

#[derive(Default)]
struct Marks {
    sent_bytes: u64,
    fetched_bytes: u64,
    /// When the first stream had its bytes there, and when the last one had.
    first_there: Option<Instant>,
    last_there: Option<Instant>,
    last_here: Option<Instant>,
}

impl RemoteMachine {
    /// The median of several round trips to a program there.
    pub fn latency(&self, cancel: &Cancel) -> Result<Duration, SshError> {
        let connection = self.connect()?;
        let all =
            async { tokio::time::timeout(ROUND_TRIPS_LIMIT, round_trips(self.name(), &connection, cancel)).await };
        let mut times = self.block_on(all).map_err(|_| SshError::Silent {
            host: self.name().to_owned(),
            doing: "answering round trips",
            seconds: ROUND_TRIPS_LIMIT.as_secs(),
        })??;
        times.sort_unstable();
        Ok(times.get(times.len() / 2).copied().unwrap_or_default())
    }
}

/// A program there repeats what it hears. The first round trip also starts it and does not count.
async fn round_trips(name: &str, connection: &Connection, cancel: &Cancel) -> Result<Vec<Duration>, SshError> {
    let lost = |reason: &str| SshError::Lost { host: name.to_owned(), reason: reason.to_owned() };
    let session = connection.start(name, &Script::new("exec cat\n")).await?;
    let (mut said, input) = session.channel.split();
    let mut times = Vec::new();
    for number in 0..=ROUND_TRIPS {
        let word = format!("round trip {number}\n");
        let began = Instant::now();
        input.data_bytes(word.clone()).await.map_err(|error| lost(&error.to_string()))?;
        let mut heard = Vec::new();
        while !heard.ends_with(word.as_bytes()) {
            match said.wait().await {
                Some(ChannelMsg::Data { data }) => heard.extend_from_slice(&data),
                Some(_) if !cancel.is_cancelled() => {}
                Some(_) => return Err(SshError::Cancelled),
                None => return Err(lost("it ended in the middle of a round trip")),
            }
        }
        if number > 0 {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

impl SpeedTest<'_> {
    /// Measures both directions, one after the other. Nothing stays there, also when the line is cut.
    ///
    /// `on_there` is called once everything has arrived and the way back begins.
    pub fn run(&self, on_there: &(dyn Fn() + Sync)) -> Result<Speed, SshError> {
        let connections = (0..self.streams.max(1)).map(|_| self.machine.connect()).collect::<Result<Vec<_>, _>>()?;
        let shared = Shared { left_bytes: AtomicU64::new(self.bytes), ..Shared::default() };
        let cancel = self.cancel.with_time_limit(self.limit * 2 + SPARE);
        std::thread::scope(|scope| {
            let run = |(number, connection): (usize, &Connection)| {
                self.stream(number, connection, &shared, &cancel, on_there)
            };
            let all: Vec<_> = connections.iter().enumerate().map(|each| scope.spawn(move || run(each))).collect();
            let results: Vec<_> = all
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect();
            results.into_iter().collect::<Result<(), _>>()
        })?;
        let marks = shared.marks.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (began, first, last) = (shared.began.get().copied(), marks.first_there, marks.last_there);
        Ok(Speed {
            upload_bps: rate(marks.sent_bytes, began, last),
            download_bps: rate(marks.fetched_bytes, first, marks.last_here),
            bytes: marks.sent_bytes,
        })
    }

    /// One stream: a file goes there and comes back, and is removed by the script whatever happens.
    fn stream(
        &self,
        number: usize,
        connection: &Connection,
        shared: &Shared,
        cancel: &Cancel,
        on_there: &(dyn Fn() + Sync),
    ) -> Result<(), SshError> {
        let name = self.machine.name();
        let script = Script::new("umask 077\n")
            .set("w", self.dir)
            .raw(&format!("f=$w/.speed-$$-{number}\n"))
            .raw("trap 'exit 1' HUP INT TERM PIPE\ntrap 'rm -f -- \"$f\"' EXIT\n")
            .raw("mkdir -p -- \"$w\" && cat >\"$f\" || exit 1\necho have\ncat -- \"$f\"\n");
        let mut noise = blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof();
        let mut sent_bytes = 0;
        let mut next = || {
            let began = *shared.began.get_or_init(Instant::now);
            let chunk = take(&shared.left_bytes, CHUNK_BYTES)?;
            if began.elapsed() >= self.limit {
                return None;
            }
            let mut bytes = vec![0; chunk];
            noise.fill(&mut bytes);
            sent_bytes += chunk as u64;
            Some(bytes)
        };
        let (mut heard, mut there, mut words) = (0_u64, None, Tail::new(STDERR_TAIL_BYTES));
        let code = {
            let mut on_said = |said: Said<'_>| {
                match said {
                    Said::Err(chunk) => words.push(chunk),
                    Said::Out(chunk) => {
                        heard += chunk.len() as u64;
                        if there.is_none() && heard >= HAVE.len() as u64 {
                            there = Some(shared.note_there(on_there));
                        }
                    }
                }
                // Enough was heard of a slow line.
                there.is_none_or(|there: Instant| there.elapsed() < self.limit)
            };
            let stopped = || cancel.is_cancelled();
            self.machine.block_on(converse(name, connection, &script, &stopped, Some(&mut next), &mut on_said))
        };
        match code {
            Ok(0) => {}
            Ok(code) => {
                let (lines, _) = words.finish();
                let reason = lines.last().cloned().unwrap_or_else(|| format!("it ended with code {code}"));
                let doing = format!("write into {}", self.dir.display());
                return Err(SshError::Failed { host: name.to_owned(), doing, reason });
            }
            Err(SshError::Cancelled) if there.is_some_and(|there| there.elapsed() >= self.limit) => {}
            Err(SshError::Cancelled) if !self.cancel.is_cancelled() => {
                let seconds = (self.limit * 2 + SPARE).as_secs();
                return Err(SshError::Silent { host: name.to_owned(), doing: "measuring its line", seconds });
            }
            Err(error) => return Err(error),
        }
        let mut marks = shared.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.sent_bytes += sent_bytes;
        marks.fetched_bytes += heard.saturating_sub(HAVE.len() as u64);
        marks.last_here = marks.last_here.max(Some(Instant::now()));
        Ok(())
    }
}

impl Shared {
    /// One more stream has its bytes there.
    fn note_there(&self, on_there: &(dyn Fn() + Sync)) -> Instant {
        let now = Instant::now();
        let is_first = {
            let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
            marks.last_there = marks.last_there.max(Some(now));
            let is_first = marks.first_there.is_none();
            marks.first_there.get_or_insert(now);
            is_first
        };
        if is_first {
            on_there();
        }
        now
    }
}

/// Takes up to `most` of what is left; `None` when nothing is.
fn take(left: &AtomicU64, most: usize) -> Option<usize> {
    let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        (left > 0).then(|| left.saturating_sub(most as u64))
    });
    before.ok().map(|left| usize::try_from(left).unwrap_or(most).min(most))
}

/// Bits per second; zero where nothing was measured.
fn rate(bytes: u64, from: Option<Instant>, until: Option<Instant>) -> u64 {
    let micros = match (from, until) {
        (Some(from), Some(until)) => until.saturating_duration_since(from).as_micros().max(1),
        _ => return 0,
    };
    u64::try_from(u128::from(bytes) * 8_000_000 / micros).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_bits_over_time() {
        let now = Instant::now();
        assert_eq!(rate(1_000_000, Some(now), Some(now + Duration::from_secs(2))), 4_000_000);
        assert_eq!(rate(1_000_000, None, Some(now)), 0);
    }

    #[test]
    fn what_is_left_is_taken_once() {
        let left = AtomicU64::new(700);
        let taken: Vec<_> = std::iter::from_fn(|| take(&left, 300)).collect();
        assert_eq!(taken, [300, 300, 100]);
    }
}
