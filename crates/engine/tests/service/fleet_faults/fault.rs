//! What may happen to a job's machines, to the network between them and us, and to us.

use std::path::Path;
use std::time::{Duration, Instant};

use mediaflow_core::job::JobStatus;
use mediaflow_testkit::sshd::Sshd;

use super::super::fleet::Disk;
use super::super::house::{House, Running};
use super::super::processes;
use super::Random;

/// What happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// All connections end.
    Cut,
    /// They end, and none is made for a while.
    Down,
    /// Nothing goes through for a while, and nobody is told.
    Held,
    /// A byte is another one on its way.
    Spoiled,
    /// What we asked is lost, at some step, and the connections with it.
    LostQuestion,
    /// What it answered is lost: it has done what it was asked for.
    LostAnswer,
    /// `sshd` is killed with all that hangs below it; what was detached goes on.
    ServerKilled,
    /// The machine loses its power, and is there again after a while.
    PowerLost,
    /// The machine's encode, or whatever it measures, is killed.
    Killed,
    /// It stands still for a while.
    Frozen,
    /// Its disk is full for a while.
    Full,
    /// The service stops, and starts again.
    Restart,
    /// The same while the machine is away for a while.
    RestartWhileDown,
    /// The machine is away for longer than it may.
    Lost,
    /// It comes back with another key, which the user says is right.
    OtherKey,
}

use Fault::{
    Cut, Down, Frozen, Full, Held, Killed, Lost, LostAnswer, LostQuestion, OtherKey, PowerLost, Restart,
    RestartWhileDown, ServerKilled, Spoiled,
};

/// Those of a machine that encodes; the ones that take long are there once.
const OF_WORKERS: [Fault; 20] = [
    Cut,
    Cut,
    Down,
    Down,
    Held,
    Spoiled,
    Spoiled,
    Spoiled,
    ServerKilled,
    ServerKilled,
    PowerLost,
    PowerLost,
    Killed,
    Frozen,
    Full,
    Full,
    Restart,
    RestartWhileDown,
    Lost,
    OtherKey,
];

/// Those of a machine that has the film.
const OF_NAS: [Fault; 16] = [
    Cut,
    Down,
    Held,
    Spoiled,
    Spoiled,
    LostQuestion,
    LostQuestion,
    LostQuestion,
    LostAnswer,
    LostAnswer,
    LostAnswer,
    ServerKilled,
    ServerKilled,
    Restart,
    RestartWhileDown,
    Lost,
];

/// A machine that something happens to.
pub struct Struck<'a> {
    pub id: i64,
    pub sshd: &'a Sshd,
    /// Where it encodes, if it does.
    pub work: Option<&'a Path>,
    pub disk: Option<&'a Disk>,
}

impl Struck<'_> {
    pub fn choose(&self, random: &mut Random) -> Fault {
        let all: &[Fault] = if self.work.is_some() { &OF_WORKERS } else { &OF_NAS };
        let at = usize::try_from(random.below(all.len() as u64)).unwrap();
        match all[at] {
            // No disk of its own can be made here.
            Full if self.disk.is_none() => Cut,
            fault => fault,
        }
    }

    /// Lets it happen now.
    pub fn strike(&self, fault: Fault, house: &House, running: Running, job: i64, random: &mut Random) -> Running {
        let mut pause = |most_ms| std::thread::sleep(Duration::from_millis(random.below(most_ms)));
        let in_work = || self.work.map(processes::below).unwrap_or_default();
        match fault {
            Cut => self.sshd.cut(),
            Down => {
                self.sshd.set_down(true);
                pause(5_000);
                self.sshd.set_down(false);
            }
            Held => {
                self.sshd.set_held(true);
                pause(18_000);
                self.sshd.set_held(false);
            }
            Spoiled => self.sshd.spoil_after(1 + random.below(600_000)),
            LostQuestion | LostAnswer => {
                let after = random.below(80);
                if fault == LostQuestion {
                    self.sshd.lose_question(after)
                } else {
                    self.sshd.lose_answer(after)
                }
                wait_until_lost(self.sshd, &running, job);
            }
            ServerKilled => self.sshd.kill(),
            PowerLost => {
                self.sshd.set_down(true);
                self.sshd.kill();
                in_work().iter().for_each(processes::Process::kill);
                pause(3_000);
                self.sshd.set_down(false);
            }
            Killed => in_work().iter().for_each(processes::Process::kill),
            Frozen => {
                let all = in_work();
                all.iter().for_each(processes::Process::stop);
                pause(8_000);
                all.iter().for_each(processes::Process::go_on);
            }
            Full => {
                let disk = self.disk.unwrap();
                disk.fill();
                pause(5_000);
                disk.empty();
            }
            Restart => {
                running.stop();
                return house.start();
            }
            RestartWhileDown => {
                self.sshd.set_down(true);
                running.stop();
                let running = house.start();
                pause(5_000);
                self.sshd.set_down(false);
                return running;
            }
            Lost => {
                self.sshd.set_down(true);
                std::thread::sleep(Duration::from_secs(30));
                self.sshd.set_down(false);
            }
            OtherKey => {
                self.sshd.change_host_key().unwrap();
                self.sshd.cut();
                pause(5_000);
                running.service.server_forget_host_key(self.id).unwrap();
            }
        }
        running
    }
}

/// So many pieces may never come: then nothing is lost after all.
fn wait_until_lost(sshd: &Sshd, running: &Running, job: i64) {
    let until = Instant::now() + Duration::from_secs(5);
    while sshd.will_lose() && Instant::now() < until && running.job(job).ending.is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    sshd.lose_nothing();
}

/// Waits until a job is being replaced, or is over.
pub fn wait_until_replacing(running: &Running, job: i64) {
    loop {
        let now = running.job(job);
        if now.status >= JobStatus::Replacing || now.ending.is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
