use mediaflow_core::event::Event;
use mediaflow_testkit::sshd::Sshd;

use super::super::fixture::{Yard, wait_for};
use super::*;

const QUICK: Pace =
    Pace { usual: Duration::from_secs(30), when_lost: Duration::from_secs(10), when_refused: Duration::from_secs(600) };

/// Its rounds are given by the test, and so is their time; only the answers come when they come.
struct Rounds {
    yard: Yard,
    health: Health,
    now: Instant,
    back: Vec<i64>,
}

impl Rounds {
    fn new() -> Self {
        let yard = Yard::new();
        let health = Health::new(yard.fleet.clone(), yard.dir.path().to_owned(), QUICK, Arc::new(|| ()));
        Self { yard, health, now: Instant::now(), back: Vec::new() }
    }

    fn round(&mut self) {
        self.back.extend(self.health.round(self.now).unwrap().0);
    }

    /// The next time that everybody who is due is asked.
    fn turn(&mut self) {
        self.now += QUICK.usual;
        self.round();
    }

    /// Asks, and waits until this worker's answer is there and noted, whatever it is.
    fn ask(&mut self, id: i64) {
        self.turn();
        self.settle(id);
    }

    fn settle(&mut self, id: i64) {
        wait_for("an answer", || {
            self.round();
            (self.health.watches[&id].asked == Asked::No).then_some(())
        });
    }

    fn worker(&mut self, name: &str) -> Option<(i64, Sshd)> {
        let sshd = self.yard.sshd(&format!("sshd-{name}"))?;
        let id = self.yard.worker(name, &sshd);
        Some((id, sshd))
    }

    fn status(&self, id: i64) -> WorkerStatus {
        self.yard.row(id).status
    }

    /// What was recorded of a worker's comings and goings.
    fn comings(&self, id: i64) -> Vec<&'static str> {
        let word = |event: &Event| match event {
            Event::WorkerOnline { worker_id, .. } if *worker_id == id => Some("online"),
            Event::WorkerOffline { worker_id, .. } if *worker_id == id => Some("offline"),
            _ => None,
        };
        self.yard.events().iter().filter_map(word).collect()
    }
}

#[test]
fn a_new_worker_is_found_and_says_what_it_is_and_how_it_feels() {
    let mut rounds = Rounds::new();
    let Some((id, _sshd)) = rounds.worker("desk") else { return };
    rounds.ask(id);
    let row = rounds.yard.row(id);
    assert_eq!(
        (row.status, row.last_seen_at.is_some(), rounds.back.as_slice()),
        (WorkerStatus::Online, true, &[id][..])
    );
    assert!(row.capabilities.cpu_cores.is_some() && row.capabilities.os.is_some(), "{:?}", row.capabilities);
    assert!(row.host_key.is_some(), "known by its key from now on");
    let news = rounds.yard.news();
    let metrics = news.iter().find_map(|one| match one {
        FleetNews::Metrics { worker_id, status, metrics } if *worker_id == id => Some((*status, metrics.clone())),
        _ => None,
    });
    let (status, metrics) = metrics.unwrap();
    assert_eq!(status, WorkerStatus::Online);
    assert!(metrics.cpu_percent.is_some() && metrics.ram_total_bytes.is_some(), "{metrics:?}");
}

#[test]
fn a_worker_is_lost_after_three_missed_signs_of_life_and_found_again() {
    let mut rounds = Rounds::new();
    let Some((id, sshd)) = rounds.worker("desk") else { return };
    rounds.ask(id);
    sshd.set_down(true);
    rounds.ask(id);
    rounds.ask(id);
    let row = rounds.yard.row(id);
    assert_eq!((row.status, row.problem.as_deref()), (WorkerStatus::Online, Some("unreachable")), "it may be busy");
    rounds.ask(id);
    assert_eq!(rounds.status(id), WorkerStatus::Offline);
    assert!(rounds.yard.row(id).status_reason.unwrap().contains("127.0.0.1"));
    assert_eq!(rounds.health.watches[&id].next, rounds.now + QUICK.when_lost, "asked more often");
    assert_eq!(rounds.yard.row(id).consecutive_failures, 1);
    sshd.set_down(false);
    rounds.back.clear();
    wait_for("its return", || {
        rounds.ask(id);
        (rounds.status(id) == WorkerStatus::Online).then_some(())
    });
    assert_eq!(rounds.back, [id]);
    assert_eq!(rounds.yard.row(id).problem, None);
    assert_eq!(rounds.comings(id), ["online", "offline", "online"]);
}

#[test]
fn one_that_somebody_failed_to_reach_is_asked_out_of_turn() {
    let mut rounds = Rounds::new();
    let Some((id, sshd)) = rounds.worker("desk") else { return };
    rounds.ask(id);
    sshd.set_down(true);
    rounds.round();
    assert_eq!(rounds.yard.row(id).problem, None, "its turn has not come");
    sshd.cut();
    wait_for("its trouble", || {
        rounds.yard.fleet.doubt(id);
        rounds.round();
        rounds.settle(id);
        rounds.yard.row(id).problem
    });
}

#[test]
fn one_that_was_asked_a_moment_ago_is_not_late_and_what_it_said_before_somebody_reached_it_is_old() {
    let mut rounds = Rounds::new();
    let Some((id, sshd)) = rounds.worker("desk") else { return };
    rounds.ask(id);
    sshd.set_held(true);
    rounds.turn();
    rounds.yard.fleet.doubt(id);
    rounds.round();
    assert!(rounds.health.watches[&id].asked == Asked::Yes && rounds.yard.row(id).problem.is_none());
    rounds.yard.fleet.answered(id);
    rounds.round();
    let question = rounds.health.watches[&id].question;
    let error = SshError::Silent { host: "desk".to_owned(), doing: "reporting its load", seconds: 15 }.into();
    rounds.health.answers.lock().unwrap().push(Answer { worker_id: id, question: question - 1, result: Err(error) });
    rounds.round();
    assert_eq!(rounds.yard.row(id).problem, None, "that was before");
    sshd.set_held(false);
    rounds.settle(id);
    assert_eq!(rounds.status(id), WorkerStatus::Online);
}

#[test]
fn one_that_accepts_and_never_answers_is_lost_and_delays_no_other() {
    let mut rounds = Rounds::new();
    let Some((hung, sshd)) = rounds.worker("hung") else { return };
    let Some((well, _other)) = rounds.worker("well") else { return };
    rounds.ask(hung);
    rounds.settle(well);
    sshd.set_held(true);
    // Nobody waits for it: its turns pass.
    for _ in 0..3 {
        rounds.ask(well);
        assert_eq!(rounds.status(hung), WorkerStatus::Online, "asked, and two turns passed");
    }
    rounds.ask(well);
    assert_eq!((rounds.status(hung), rounds.status(well)), (WorkerStatus::Offline, WorkerStatus::Online));
    assert!(rounds.health.watches[&hung].asked == Asked::Overdue, "asked once");
    sshd.set_held(false);
    rounds.settle(hung);
    assert_eq!((rounds.status(hung), rounds.back.last()), (WorkerStatus::Online, Some(&hung)), "it only hung");
    assert_eq!(rounds.comings(well), ["online"]);
}

#[test]
fn one_that_is_being_set_up_or_is_disabled_is_not_asked() {
    let mut rounds = Rounds::new();
    let Some((id, sshd)) = rounds.worker("desk") else { return };
    rounds.ask(id);
    sshd.set_down(true);
    rounds.yard.store().write(|tx| tx.worker_stands(id, WorkerStatus::Provisioning, None)).unwrap();
    (0..5).for_each(|_| rounds.turn());
    assert!(!rounds.health.watches.contains_key(&id));
    assert_eq!(rounds.status(id), WorkerStatus::Provisioning);
    rounds.yard.store().write(|tx| tx.worker_stands(id, WorkerStatus::Online, None)).unwrap();
    rounds.yard.store().write(|tx| tx.worker_enable(id, false)).unwrap();
    (0..5).for_each(|_| rounds.turn());
    assert!(!rounds.health.watches.contains_key(&id));
}

#[test]
fn a_worker_that_never_answered_says_why_and_stays_pending() {
    let mut rounds = Rounds::new();
    let Some((id, sshd)) = rounds.worker("desk") else { return };
    sshd.set_down(true);
    rounds.ask(id);
    let row = rounds.yard.row(id);
    assert_eq!((row.status, row.consecutive_failures), (WorkerStatus::Pending, 0));
    assert!(row.status_reason.is_some());
    assert!(rounds.back.is_empty() && rounds.comings(id).is_empty());
}

#[test]
fn this_machine_is_asked_too() {
    let mut rounds = Rounds::new();
    let id = rounds.yard.store().read(|r| r.local_worker()).unwrap().id;
    rounds.ask(id);
    assert!(rounds.yard.row(id).capabilities.cpu_cores.is_some());
    assert!(rounds.yard.fleet.metrics(id).is_some_and(|metrics| metrics.disk_free_bytes.is_some()));
}

#[test]
fn one_that_does_not_let_us_in_is_left_alone_until_somebody_changes_something() {
    let mut rounds = Rounds::new();
    let Some((id, sshd)) = rounds.worker("desk") else { return };
    rounds.round();
    rounds.settle(id);
    assert_eq!(rounds.status(id), WorkerStatus::Online);
    sshd.change_host_key().unwrap();
    sshd.cut();
    // The first question may still go into the connection that was cut.
    wait_for("a refusal", || {
        rounds.ask(id);
        rounds.health.watches[&id].refused.is_some().then_some(())
    });
    assert_eq!(rounds.status(id), WorkerStatus::Offline, "what is refused once is refused again");
    assert!(rounds.yard.row(id).status_reason.unwrap().contains("shows the host key"));
    rounds.turn();
    assert!(rounds.health.watches[&id].asked == Asked::No, "it is not asked every half minute");
    rounds.yard.store().write(|tx| tx.worker_host_key_forget(id)).unwrap();
    rounds.yard.fleet.forget(id);
    rounds.round();
    rounds.settle(id);
    assert_eq!(rounds.status(id), WorkerStatus::Online);
}
