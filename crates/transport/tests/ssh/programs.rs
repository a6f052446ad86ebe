//! Programs that end with their call.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::thread;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine as _;
use mediaflow_transport::process::{Invocation, ProcessError};

use super::house::{House, pids_in, runs, wait_for};

fn sh(text: &str) -> Invocation {
    Invocation::new("sh", ["-c", text])
}

#[test]
fn a_program_gets_its_arguments_byte_for_byte_and_says_what_it_says() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let hostile = OsString::from_vec((1..=255).collect());
    let words = [OsString::from("%s|"), "$(touch owned)".into(), "-n".into(), "a\nb".into(), hostile];
    let said = machine.run(&Invocation::new("printf", words.clone()), &Cancel::new()).unwrap();
    let sent: Vec<u8> = words[1..].iter().flat_map(|word| [word.clone().into_vec(), b"|".to_vec()].concat()).collect();
    assert_eq!(said.stdout, sent);

    let folder = house.dir.path().join(OsString::from_vec(b"odd '\xff\n name".to_vec()));
    std::fs::create_dir(&folder).unwrap();
    let said = machine.run(&sh("pwd >&2; touch here; exit 7").in_dir(&folder), &Cancel::new()).unwrap();
    assert_eq!(said.finished.exit_code, 7);
    assert!(said.finished.stderr_lines[0].ends_with("odd '\u{fffd}"), "{:?}", said.finished.stderr_lines);
    assert!(folder.join("here").exists());
    assert!(!house.dir.path().join("owned").exists());
}

#[test]
fn why_a_program_does_not_start_is_told_as_on_this_machine() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let run = |invocation: &Invocation| machine.run(invocation, &Cancel::new());
    assert!(matches!(run(&Invocation::new("no-such-ffmpeg", ["-h"])), Err(ProcessError::NotFound { .. })));
    let plain = house.dir.path().join("plain");
    std::fs::write(&plain, "no program").unwrap();
    assert!(matches!(run(&Invocation::new(&plain, ["-h"])), Err(ProcessError::Permission { .. })));
    let nowhere = house.dir.path().join("nowhere");
    assert!(matches!(run(&sh("true").in_dir(nowhere)), Err(ProcessError::NoFolder { .. })));
    assert!(matches!(run(&sh("kill -9 $$")), Err(ProcessError::Killed { signal: 9, .. })));
    assert_eq!(run(&sh("exit 255")).unwrap().finished.exit_code, 255);
}

#[test]
fn what_the_account_prints_when_it_starts_is_not_taken_for_an_answer() {
    let Some(house) = House::new() else { return };
    house.sshd.configure("ForceCommand printf noise; printf noise >&2; eval \"$SSH_ORIGINAL_COMMAND\"").unwrap();
    let machine = house.machine();
    let said = machine.run(&sh("printf 'no line end'; printf 'nor here' >&2"), &Cancel::new()).unwrap();
    assert_eq!(said.stdout_text(), "no line end");
    assert_eq!(said.finished.stderr_lines, ["nor here"]);
}

#[test]
fn a_cancelled_program_ends_with_all_that_it_started() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let pids = house.dir.path().join("pids");
    let text = format!("echo $$ >> {0}; sh -c 'echo $$ >> {0}; exec sleep 1000' & wait", pids.display());
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let running = scope.spawn(|| machine.run(&sh(&text), &cancel));
        let started = pids_in(&pids, 2);
        cancel.cancel();
        assert!(matches!(running.join().unwrap(), Err(ProcessError::Cancelled { .. })));
        wait_for("their end", || started.iter().all(|pid| !runs(*pid)).then_some(()));
    });
}

#[test]
fn a_program_whose_connection_is_cut_ends_and_the_next_call_connects_again() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let pids = house.dir.path().join("pids");
    let text = format!("echo $$ >> {0}; exec sleep 1000", pids.display());
    thread::scope(|scope| {
        let running = scope.spawn(|| machine.run(&sh(&text), &Cancel::new()));
        let started = pids_in(&pids, 1);
        house.sshd.cut();
        let error = running.join().unwrap().unwrap_err();
        assert!(matches!(error, ProcessError::Remote { .. }), "{error}");
        wait_for("its end", || (!runs(started[0])).then_some(()));
    });
    assert!(machine.run(&sh("true"), &Cancel::new()).unwrap().success());
}

/// What programs wait behind: open from its end on, also when the test fails.
struct Gate(PathBuf);

impl Drop for Gate {
    fn drop(&mut self) {
        std::fs::write(&self.0, "").unwrap();
    }
}

#[test]
fn more_programs_run_at_once_than_one_connection_carries() {
    let Some(house) = House::new() else { return };
    let machine = house.machine();
    let here = house.dir.path().join("here");
    let gate = Gate(house.dir.path().join("gate"));
    let text = format!("echo $$ >> {}; until [ -e {} ]; do sleep 0.02; done", here.display(), gate.0.display());
    thread::scope(|scope| {
        let gate = gate;
        let all: Vec<_> = (0..20).map(|_| scope.spawn(|| machine.run(&sh(&text), &Cancel::new()))).collect();
        pids_in(&here, 20);
        drop(gate);
        for one in all {
            assert!(one.join().unwrap().unwrap().success());
        }
    });
}

#[test]
fn much_output_arrives_whole() {
    let Some(house) = House::new() else { return };
    let said = house.machine().run(&sh("seq 1 500000"), &Cancel::new()).unwrap();
    let lines: Vec<&[u8]> = said.stdout.split(|byte| *byte == b'\n').collect();
    assert_eq!((lines.len(), lines[499_999]), (500_001, &b"500000"[..]));
}
