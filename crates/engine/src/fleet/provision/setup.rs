//! The way of one worker from its first step to its last.

use std::path::Path;
use std::time::Duration;

use mediaflow_core::text::bytes;
use mediaflow_core::worker::Capabilities;
use mediaflow_store::{Worker, WorkerTools};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::ssh::{Folder, RemoteMachine};
use mediaflow_transport::vitals::{Facts, GpuFacts, Root};

use super::OurBuild;
use super::candidate::Candidate;
use super::drivers::{self, Driver};
use super::error::SetupError;
use super::log::{Log, Step};
use crate::fleet::{Fleet, capabilities};

/// For one command of a package manager: a slow mirror, and a machine that updates itself first.
const INSTALL_LIMIT: Duration = Duration::from_secs(1800);

/// Below this a worker can hold no film with its result.
const NEEDED_BYTES: u64 = 2_000_000_000;

/// What a worker is once it is set up.
pub(super) struct Done {
    pub(super) capabilities: Capabilities,
    pub(super) tools: WorkerTools,
}

/// One worker on its way.
pub(super) struct Setup<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) worker: Worker,
    pub(super) ours: Option<OurBuild>,
    pub(super) install_gpu: bool,
    pub(super) log: Log<'a>,
}

impl Setup<'_> {
    pub(super) fn go(&mut self) -> Result<Done, SetupError> {
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

    pub(super) fn cancel(&self) -> &Cancel {
        self.fleet.stop()
    }

    pub(super) fn work_dir(&self) -> &Path {
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
    pub(super) fn install(
        &mut self,
        machine: &RemoteMachine,
        facts: &Facts,
        packages: &[&str],
    ) -> Result<(), SetupError> {
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
        for node in &facts.closed_devices {
            self.log.say(&format!(
                "this account may not use {node}: add it to the group that the file belongs to (render or video), then set it up \
                 again"
            ));
        }
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
    match facts.root {
        Root::Itself => "the account is root",
        Root::Sudo => "sudo without a password",
        Root::Doas => "doas without a password",
        Root::No => "no root: nothing will be installed outside of its own folder",
    }
}
