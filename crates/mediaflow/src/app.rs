//! The parts of the program put together: store, tools, runner.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use mediaflow_core::media::preset;
use mediaflow_core::replace::Epoch;
use mediaflow_core::time::{Clock, Timestamp};
use mediaflow_engine::fleet::Worker;
use mediaflow_engine::originals::{Originals, Returning};
use mediaflow_engine::run::Runner;
use mediaflow_engine::run::measure::Tools;
use mediaflow_engine::scan::{Scanner, default_threads};
use mediaflow_engine::storages::Storages;
use mediaflow_engine::toolchain::{ToolError, ToolOptions, Toolchain};
use mediaflow_store::Store;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::executor::LocalExecutor;

use crate::config::Config;
use crate::show::{self, Error};

/// The machine's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
}

/// The store, opened, with this installation's id.
pub struct App {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub epoch: Epoch,
    /// Cancelled by the first Ctrl-C.
    pub cancel: Cancel,
}

impl App {
    /// Opens the store; for commands that only look.
    pub fn open(config: &Config) -> Result<Self, Error> {
        Self::open_saying(config, STOPPING)
    }

    /// Opens the store. `stopping` is what the first Ctrl-C is answered with.
    pub fn open_saying(config: &Config, stopping: &'static str) -> Result<Self, Error> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open_with(&config.database, Arc::clone(&clock), config.secret_key.clone())?;
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(|error| Error::Other(format!("no randomness: {error}")))?;
        let candidate = Epoch(u64::from_le_bytes(random));
        let epoch = store.write(|tx| {
            for builtin in preset::builtins() {
                tx.preset_put(&builtin)?;
            }
            Ok(tx.installation_ensure(candidate)?.epoch)
        })?;
        Ok(Self { store, clock, epoch, cancel: cancel_on_signals(stopping)? })
    }

    /// Finds ffmpeg.
    pub fn toolchain(&self, config: &Config) -> Result<Toolchain, Error> {
        Ok(discover(config, &self.cancel)?)
    }

    /// A scanner over those tools.
    pub fn scanner(&self, toolchain: &Toolchain) -> Scanner {
        Scanner {
            store: self.store.clone(),
            storages: Storages::here(),
            ffprobe: toolchain.ffprobe.clone(),
            tool: toolchain.version().to_owned(),
            threads: default_threads(),
        }
    }

    /// What keeps the originals.
    pub fn originals(&self) -> Originals {
        let clock = Arc::clone(&self.clock);
        Originals {
            store: self.store.clone(),
            clock,
            epoch: self.epoch,
            storages: Storages::here(),
            returning: Returning::default(),
        }
    }

    /// Who carries encodes out: this very program, as their supervisor.
    pub fn executor(&self) -> Result<LocalExecutor, Error> {
        let own = std::env::current_exe().map_err(|error| Error::Other(format!("where this program lies: {error}")))?;
        Ok(LocalExecutor::new(own))
    }

    /// What runs jobs.
    pub fn runner(&self, config: &Config, toolchain: &Toolchain) -> Result<Runner, Error> {
        if !toolchain.has_vmaf() {
            show::note(
                "This ffmpeg has no VMAF: quality is measured by SSIM, which tells less. \
                 `mediaflow doctor --install-ffmpeg` brings one that has.",
            );
        }
        let here = Worker::here(Tools::of(toolchain, cores()), Arc::new(self.executor()?), config.work_dir());
        let runner = Runner::new(self.store.clone(), here, Arc::clone(&self.clock), self.epoch);
        Ok(Runner { cancel: self.cancel.clone(), ..runner })
    }
}

/// What encodes and measures, found anew.
pub fn measuring_tools(config: &Config, cancel: &Cancel) -> Result<Tools, ToolError> {
    Ok(Tools::of(&discover(config, cancel)?, cores()))
}

fn discover(config: &Config, cancel: &Cancel) -> Result<Toolchain, ToolError> {
    let options = ToolOptions {
        ffmpeg: config.ffmpeg.clone(),
        ffprobe: config.ffprobe.clone(),
        data_dir: config.data_dir.clone(),
    };
    Toolchain::discover(&options, cancel)
}

/// Cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Held by the one process that may change originals of this data directory.
pub struct WorkLock(#[allow(dead_code)] File);

impl WorkLock {
    /// Takes the lock, or says who has it. The system releases it when the process ends, however it ends.
    pub fn take(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("work.lock");
        let failed = |error: std::io::Error| Error::Other(format!("locking {}: {error}", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.read_to_string(&mut pid);
                return Err(Error::Other(format!(
                    "another MediaFlow (process {}) is working in {}; wait for it, or stop it",
                    pid.trim(),
                    data_dir.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()))
            .map_err(failed)?;
        Ok(Self(file))
    }
}

/// What the first Ctrl-C is answered with, where nothing else fits.
pub const STOPPING: &str = "Stopping: running jobs go back to the queue. Once more to leave at once.";

/// The first Ctrl-C (or TERM) stops softly; the second one ends the process at once, and encodes that run are found again
/// at the next start.
pub fn cancel_on_signals(stopping: &'static str) -> Result<Cancel, Error> {
    let cancel = Cancel::new();
    let failed = |error: std::io::Error| Error::Other(format!("listening for signals: {error}"));
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM])
        .map_err(failed)?;
    let token = cancel.clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if token.is_cancelled() {
                std::process::exit(i32::from(show::INTERRUPTED));
            }
            show::note(stopping);
            token.cancel();
        }
    });
    Ok(cancel)
}
