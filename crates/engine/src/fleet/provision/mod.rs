//! Setting a worker up: from a machine with an SSH server to one that encodes, every step told as it happens.
//!
//! It changes as little as it can: what is there and good stays; what MediaFlow brings lies in the worker's own folder and
//! needs no root. Every step looks first whether it is done, so that it can be repeated after any failure.

mod drivers;
mod error;
mod ffmpeg;
#[cfg(test)]
mod fresh_debian;
mod log;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use std::time::Duration;

use mediaflow_core::event::Event;
use mediaflow_core::text::bytes;
use mediaflow_core::worker::{Capabilities, WorkerStatus};
use mediaflow_store::{StoreError, Worker, WorkerTools};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::{Folder, RemoteMachine};
use mediaflow_transport::vitals::{Facts, GpuFacts};

use super::{Fleet, capabilities};
use crate::service::CommandError;
use drivers::Driver;
use error::SetupError;
use ffmpeg::Candidate;
use log::{Log, Step};

/// For one command of a package manager: a slow mirror, and a machine that updates itself first.
const INSTALL_LIMIT: Duration = Duration::from_secs(1800);

/// Below this a worker can hold no film with its result.
const NEEDED_BYTES: u64 = 2_000_000_000;

/// The pair that this machine encodes with, which may be sent.
#[derive(Debug, Clone)]
pub(crate) struct OurBuild {
    /// ffmpeg.
    pub ffmpeg: PathBuf,
    /// ffprobe of the same build.
    pub ffprobe: PathBuf,
}

/// Begins to set a worker up, and returns at once.
///
/// # Errors
/// A conflict while it is being set up already; this machine needs no setting up.
pub(crate) fn start(
    fleet: &Fleet,
    ours: Option<OurBuild>,
    worker_id: i64,
    install_gpu: bool,
) -> Result<(), CommandError> {
    if fleet.stop().is_cancelled() {
        return Err(CommandError::Stopping);
    }
    let began = fleet.store().write(|tx| {
        let worker = tx.worker(worker_id)?;
        if worker.is_local || worker.status == WorkerStatus::Provisioning {
            return Ok(Err(worker));
        }
        tx.worker_stands(worker_id, WorkerStatus::Provisioning, None)?;
        Ok(Ok(worker))
    })?;
    let worker = match began {
        Ok(worker) => worker,
        Err(worker) if worker.is_local => {
            return Err(CommandError::BuiltIn("Cannot provision the local server".to_owned()));
        }
        Err(_) => return Err(CommandError::Conflict("Server is already being provisioned".to_owned())),
    };
    let running = {
        let fleet = fleet.clone();
        move || run(&fleet, ours, worker, install_gpu)
    };
    if fleet.threads().spawn(&format!("provision-{worker_id}"), running) {
        return Ok(());
    }
    let reason = "this machine has no thread left to set it up; try again";
    fleet.store().write(|tx| tx.worker_stands(worker_id, WorkerStatus::SetupFailed, Some(reason)))?;
    Err(CommandError::Failed(reason.to_owned()))
}

/// Ends what an earlier process was setting up when it ended.
pub(crate) fn abandon(fleet: &Fleet) -> Result<(), StoreError> {
    fleet.store().write(|tx| {
        for worker in tx.workers()?.into_iter().filter(|worker| worker.status == WorkerStatus::Provisioning) {
            let error = "MediaFlow was stopped while it was set up; set it up again".to_owned();
            tx.worker_stands(worker.id, WorkerStatus::SetupFailed, Some(&error))?;
            tx.event(&Event::ProvisionFailed { worker_id: worker.id, error })?;
        }
        Ok(())
    })
}

fn run(fleet: &Fleet, ours: Option<OurBuild>, worker: Worker, install_gpu: bool) {
    let worker_id = worker.id;
    let mut setup = Setup { fleet, worker, ours, install_gpu, log: Log::new(fleet, worker_id) };
    let result = setup.go();
    let log = setup.log.finish(result.as_ref().err());
    // It is made ready anew, with the programs that were chosen.
    fleet.ready_ones().remove(&worker_id);
    let noted = fleet.store().write(|tx| {
        tx.worker_provision_log_put(worker_id, &log)?;
        match &result {
            Ok(done) => {
                tx.worker_capabilities_put(worker_id, &done.capabilities)?;
                tx.worker_tools_put(worker_id, Some(&done.tools))?;
                tx.worker_seen(worker_id)?;
                tx.worker_stands(worker_id, WorkerStatus::Online, None)?;
                let capabilities = done.capabilities.clone();
                tx.event(&Event::ProvisionCompleted { worker_id, capabilities }).map(drop)
            }
            Err(error) => {
                let error = error.to_string();
                tx.worker_stands(worker_id, WorkerStatus::SetupFailed, Some(&error))?;
                tx.event(&Event::ProvisionFailed { worker_id, error }).map(drop)
            }
        }
    });
    match noted {
        // It was removed meanwhile.
        Ok(()) | Err(StoreError::NotFound { .. }) => {}
        Err(error) => tracing::error!("how worker {worker_id} was set up is not noted: {error}"),
    }
}

/// What a worker is once it is set up.
struct Done {
    capabilities: Capabilities,
    tools: WorkerTools,
}

/// One worker on its way.
struct Setup<'a> {
    fleet: &'a Fleet,
    worker: Worker,
    ours: Option<OurBuild>,
    install_gpu: bool,
    log: Log<'a>,
}

impl Setup<'_> {
    fn go(&mut self) -> Result<Done, SetupError> {
        self.log.step(Step::DetectDistro, "connecting");
        let machine = self.fleet.machine(self.worker.id)?;
        let facts = machine.facts(self.cancel())?;
        self.log.say(&format!("{}, kernel {}", facts.os.name, facts.kernel));
        if let Some(container) = &facts.container {
            self.log.say(&format!("it is a container ({container})"));
        }
        self.log.step(Step::CheckSudo, root_words(&facts));
        self.log.step(Step::InstallPrereqs, "looking for what MediaFlow needs there");
        self.bring_basics(&machine, &facts)?;
        self.log.step(Step::DetectArch, &facts.arch);
        let chosen = self.bring_ffmpeg(&machine, &facts)?;
        self.log.step(Step::VerifyFfmpeg, &format!("ffmpeg {} at {}", chosen.version(), chosen.path()));
        self.log.say(&chosen.works_text());
        let chosen = self.bring_drivers(&machine, &facts, chosen)?;
        let chosen = self.suit_driver(&machine, &facts, chosen)?;
        self.log.step(Step::CreateWorkdir, &self.worker.form.work_dir.clone());
        let free_bytes = Machine::free_bytes(&machine, self.work_dir())?;
        self.log.say(&format!("{} free", bytes(free_bytes)));
        if free_bytes < NEEDED_BYTES {
            return Err(SetupError::NoSpace { folder: self.work_dir().to_owned(), free_bytes });
        }
        // As it is now, with what was installed.
        self.log.step(Step::ProbeCapabilities, "noting what it is");
        let is = Capabilities {
            hardware: chosen.trials.gpus(),
            ffmpeg_version: Some(chosen.version().to_owned()),
            ..capabilities(&machine.facts(self.cancel())?)
        };
        self.log.step(Step::Completed, &format!("{} is ready to encode", self.worker.form.name));
        Ok(Done { capabilities: is, tools: chosen.tools() })
    }

    fn cancel(&self) -> &Cancel {
        self.fleet.stop()
    }

    fn work_dir(&self) -> &Path {
        Path::new(&self.worker.form.work_dir)
    }

    /// What scripts and transfers need, and a folder of ours.
    fn bring_basics(&mut self, machine: &RemoteMachine, facts: &Facts) -> Result<(), SetupError> {
        let mut missing = facts.missing();
        if !missing.is_empty() {
            self.log.say(&format!("it lacks {}", missing.join("; ")));
            // Every distribution has all of them in these two.
            self.install(machine, facts, &["coreutils", "util-linux"])?;
            missing = machine.facts(self.cancel())?.missing();
        }
        if !missing.is_empty() {
            return Err(SetupError::Lacks { what: missing.join("; ") });
        }
        match machine.prepare_folder(self.work_dir(), self.cancel())? {
            Folder::Good => self.log.say(&format!("{} can be used", self.worker.form.work_dir)),
            Folder::NoPrograms => self.log.say(&format!(
                "no programs are started from {} (noexec): what is sent there would not run",
                self.worker.form.work_dir
            )),
        }
        Ok(())
    }

    /// Installs packages by what the machine has for it, with all that it says.
    fn install(&mut self, machine: &RemoteMachine, facts: &Facts, packages: &[&str]) -> Result<(), SetupError> {
        let commands = facts.install_commands(packages)?;
        for command in commands {
            let command_line = command.join(" ");
            self.log.say(&format!("$ {command_line}"));
            let cancel = self.cancel().with_time_limit(INSTALL_LIMIT);
            let mut last = String::new();
            let ended = machine.run_telling(&command, &cancel, &mut |line| {
                if !line.trim().is_empty() {
                    line.trim().clone_into(&mut last);
                    self.log.say_output(line);
                }
            })?;
            if !ended.success() {
                return Err(SetupError::Install { command: command_line, code: ended.exit_code, last });
            }
        }
        Ok(())
    }

    /// Says which graphics there are, and brings their drivers where the user agreed.
    fn bring_drivers(
        &mut self,
        machine: &RemoteMachine,
        facts: &Facts,
        chosen: Candidate,
    ) -> Result<Candidate, SetupError> {
        let names: Vec<String> = facts.gpus.iter().map(GpuFacts::name).collect();
        let words = if names.is_empty() { "it has no graphics device".to_owned() } else { names.join(", ") };
        self.log.step(Step::GpuDetection, &words);
        let mut is_changed = false;
        for driver in drivers::wanted(facts, &chosen.trials.gpus()) {
            match driver {
                Driver::ByHand { what, advice } => self.log.say(&format!("{what}: {advice}")),
                Driver::Packages { what, .. } if !self.install_gpu => {
                    self.log.say(&format!("{what}: not installed, since that was not asked for"));
                }
                Driver::Packages { what, packages } => {
                    self.log.say(&format!("{what}: installing {}", packages.join(", ")));
                    match self.install(machine, facts, packages) {
                        Ok(()) => is_changed = true,
                        Err(error) if error.is_unreachable() => return Err(error),
                        // It encodes on its processor all the same.
                        Err(error) => self.log.say(&format!("{what}: {error}")),
                    }
                }
            }
        }
        self.log.step(Step::NvencTest, "trying its hardware encoders for a second each");
        let chosen = if is_changed { chosen.again(self.cancel())? } else { chosen };
        for line in chosen.hardware_texts(facts) {
            self.log.say(&line);
        }
        if is_changed && drivers::wants_restart(&machine.facts(self.cancel())?) {
            self.log.say("its new driver is used after a restart: restart it, and set it up again");
        }
        Ok(chosen)
    }
}

/// How programs are run as root there, for people.
const fn root_words(facts: &Facts) -> &'static str {
    use mediaflow_transport::vitals::Root;
    match facts.root {
        Root::Itself => "the account is root",
        Root::Sudo => "sudo without a password",
        Root::Doas => "doas without a password",
        Root::No => "no root: nothing will be installed outside of its own folder",
    }
}
