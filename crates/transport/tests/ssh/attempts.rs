//! Programs that outlive their connection: the promises of the local executor, kept elsewhere.

use std::fs;
use std::path::Path;

use mediaflow_transport::executor::{End, Executor, ExecutorError, Exit, Observation, Spec, Step};
use mediaflow_transport::ssh::RemoteExecutor;

use super::house::{House, is_held, pids_in, runs, wait_for};

fn step(program: &str, args: &[&str]) -> Step {
    Step {
        program: program.into(),
        args: args.iter().map(Into::into).collect(),
        needs: Vec::new(),
        stdout_file: Some("out.txt".to_owned()),
        stderr_file: "err.txt".to_owned(),
    }
}

fn script(text: &str) -> Spec {
    Spec { steps: vec![step("sh", &["-c", text])] }
}

fn exit_of(executor: &RemoteExecutor, dir: &Path) -> Exit {
    wait_for("the attempt's end", || match executor.observe(dir).unwrap() {
        Observation::Exited(exit) => Some(exit),
        Observation::Lost { reason } => panic!("it was lost: {reason}"),
        _ => None,
    })
}

#[test]
fn steps_run_one_after_another_with_their_words_and_the_first_failure_is_the_last() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let dir = house.dir.path().join("it's an $(attempt)");
    let hostile = "two words; $(touch owned) 'quoted' \"\\\n";
    let steps = vec![
        Step { stdout_file: Some("first.txt".to_owned()), ..step("printf", &["%s", hostile]) },
        step("sh", &["-c", "echo said >&2; echo more; exit 3"]),
        step("touch", &["never"]),
    ];
    assert_eq!(executor.observe(&dir).unwrap(), Observation::NotStarted);
    executor.submit(&dir, &Spec { steps }).unwrap();
    let exit = exit_of(&executor, &dir);
    assert_eq!((exit.step, &exit.end, exit.last_words.as_str()), (1, &End::Code(3), "said\n"));
    assert_eq!(fs::read_to_string(dir.join("first.txt")).unwrap(), hostile);
    assert_eq!(fs::read_to_string(dir.join("out.txt")).unwrap(), "more\n");
    assert!(!dir.join("never").exists() && !dir.join("owned").exists());
    let again = executor.submit(&dir, &script("true")).unwrap_err();
    assert!(matches!(again, ExecutorError::AlreadySubmitted { .. }), "{again}");
}

/// Bit of `CAP_SYS_NICE`, which real-time priority needs.
const SYS_NICE: u64 = 1 << 23;

#[test]
fn the_superusers_encoder_leaves_others_their_turn() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let dir = house.dir.path().join("attempt");
    executor.submit(&dir, &script("sed -n 's/^CapEff:[^0-9a-f]*//p' /proc/self/status")).unwrap();
    assert_eq!(exit_of(&executor, &dir).end, End::Code(0));
    let abilities = fs::read_to_string(dir.join("out.txt")).unwrap();
    assert_eq!(u64::from_str_radix(abilities.trim(), 16).unwrap() & SYS_NICE, 0, "{abilities}");
}

#[test]
fn every_end_is_told_from_the_others() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let ended = |name: &str, spec: &Spec| {
        let dir = house.dir.path().join(name);
        executor.submit(&dir, spec).unwrap();
        exit_of(&executor, &dir).end
    };
    assert_eq!(ended("good", &script("true")), End::Code(0));
    assert_eq!(ended("ffmpeg's", &script("exit 255")), End::Code(255));
    assert_eq!(ended("killed", &script("kill -9 $$")), End::Signal(9));
    let missing = ended("missing", &Spec { steps: vec![step("/nowhere/ffmpeg", &[])] });
    assert!(matches!(&missing, End::NotStarted(reason) if reason.contains("/nowhere/ffmpeg")), "{missing:?}");
    for (first, end) in [("true", End::Lacks("stats".to_owned())), ("echo 1 > stats", End::Code(0))] {
        let second = Step { needs: vec!["stats".to_owned()], ..step("true", &[]) };
        let spec = Spec { steps: vec![step("sh", &["-c", first]), second] };
        assert_eq!(ended(&format!("after {}", first.len()), &spec), end);
    }
}

#[test]
fn an_attempt_outlives_its_connection_and_is_found_again() {
    let Some(house) = House::new() else { return };
    let dir = house.dir.path().join("attempt");
    let text = "echo $$ > pids; until [ -e gate ]; do sleep 0.02; done; echo done";
    RemoteExecutor::new(house.machine()).submit(&dir, &script(text)).unwrap();
    let pids = pids_in(&dir.join("pids"), 1);
    house.sshd.cut();
    // Another MediaFlow, as after a restart.
    let executor = RemoteExecutor::new(house.machine());
    assert!(matches!(executor.observe(&dir).unwrap(), Observation::Running { step: 0, .. }));
    assert!(runs(pids[0]));
    fs::write(dir.join("gate"), "").unwrap();
    assert_eq!(exit_of(&executor, &dir).end, End::Code(0));
    assert_eq!(fs::read_to_string(dir.join("out.txt")).unwrap(), "done\n");
}

#[test]
fn a_cancel_ends_all_of_it_also_while_it_is_held_and_before_it_began() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let text = "echo $$ >> pids; sh -c 'echo $$ >> pids; exec sleep 1000' & wait";
    for held in [false, true] {
        let dir = house.dir.path().join(format!("held {held}"));
        executor.submit(&dir, &script(text)).unwrap();
        let pids = pids_in(&dir.join("pids"), 2);
        if held {
            executor.pause(&dir).unwrap();
            wait_for("the hold", || pids.iter().all(|pid| is_held(*pid)).then_some(()));
        }
        executor.cancel(&dir).unwrap();
        wait_for("their end", || pids.iter().all(|pid| !runs(*pid)).then_some(()));
        assert_eq!(exit_of(&executor, &dir).end, End::Cancelled);
    }
    // Whoever submitted died half-way: what is left must not begin later.
    let dir = house.dir.path().join("not begun");
    fs::create_dir(&dir).unwrap();
    executor.cancel(&dir).unwrap();
    assert_eq!(exit_of(&executor, &dir).end, End::Cancelled);
    // An end stays as it is.
    let dir = house.dir.path().join("over");
    executor.submit(&dir, &script("exit 4")).unwrap();
    exit_of(&executor, &dir);
    executor.cancel(&dir).unwrap();
    assert_eq!(exit_of(&executor, &dir).end, End::Code(4));
}

#[test]
fn a_held_attempt_goes_on_where_it_was() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let dir = house.dir.path().join("attempt");
    // It waits without starting anything: a shell that is stopped while it starts something does not look stopped.
    executor.submit(&dir, &script("mkfifo gate && echo $$ > pids && read -r x < gate")).unwrap();
    let pids = pids_in(&dir.join("pids"), 1);
    executor.pause(&dir).unwrap();
    wait_for("the hold", || is_held(pids[0]).then_some(()));
    assert!(matches!(executor.observe(&dir).unwrap(), Observation::Running { .. }));
    executor.resume(&dir).unwrap();
    fs::write(dir.join("gate"), "go on\n").unwrap();
    assert_eq!(exit_of(&executor, &dir).end, End::Code(0));
}

#[test]
fn an_attempt_whose_supervisor_was_killed_is_lost_and_nothing_of_it_stays() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let dir = house.dir.path().join("attempt");
    executor.submit(&dir, &script("echo $$ > pids; exec sleep 1000")).unwrap();
    let pids = pids_in(&dir.join("pids"), 1);
    let state = fs::read_to_string(dir.join("state")).unwrap();
    let supervisor = state.split(' ').next().unwrap();
    assert!(std::process::Command::new("kill").args(["-9", supervisor]).status().unwrap().success());
    let reason = wait_for("the loss", || match executor.observe(&dir).unwrap() {
        Observation::Lost { reason } => Some(reason),
        _ => None,
    });
    assert!(reason.contains("was killed"), "{reason}");
    wait_for("its end", || (!runs(pids[0])).then_some(()));
    // Of another boot, its numbers mean nothing.
    let other = fs::read_to_string(dir.join("state")).unwrap().trim().rsplit_once(' ').unwrap().0.to_owned();
    fs::write(dir.join("state"), format!("{other} another-boot\n")).unwrap();
    let Observation::Lost { reason } = executor.observe(&dir).unwrap() else { panic!("it was of another boot") };
    assert!(reason.contains("restarted"), "{reason}");
}

#[test]
fn what_a_program_says_is_kept_to_its_beginning_and_its_end() {
    let Some(house) = House::new() else { return };
    let executor = RemoteExecutor::new(house.machine());
    let dir = house.dir.path().join("attempt");
    executor.submit(&dir, &script("echo first >&2; seq 1 1500000 >&2; echo last >&2; exit 1")).unwrap();
    let exit = exit_of(&executor, &dir);
    assert!(exit.last_words.ends_with("1500000\nlast\n"), "{:?}", exit.last_words);
    let log = fs::read_to_string(dir.join("err.txt")).unwrap();
    assert!(log.starts_with("first\n") && log.len() <= 4 * 1024 * 1024 + 16 * 1024, "{} bytes", log.len());
}
