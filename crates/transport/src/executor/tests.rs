//! Real processes. The test program itself plays the supervisor and the MediaFlow that dies: it is called again with
//! the name of the role as a test filter.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::files::{STATE, State};
use super::identity::{ProcessId, look};
use super::*;

/// Set for the process that plays the MediaFlow that is killed; holds the attempt's folder.
const DOOMED_DIR: &str = "MEDIAFLOW_TEST_DOOMED_DIR";

/// Not a test but the supervisor: [`LocalExecutor`] calls this program as `PROGRAM supervise DIR`, which the test
/// harness reads as filters, of which only the first names a test.
#[test]
fn supervise() {
    let args: Vec<OsString> = std::env::args_os().collect();
    if let [_, role, dir] = args.as_slice()
        && role == "supervise"
    {
        let code = super::supervise(Path::new(dir));
        std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
    }
}

/// Not a test but the MediaFlow that is killed: submits an encode and then waits to die.
#[test]
fn doomed_submitter() {
    let Some(dir) = std::env::var_os(DOOMED_DIR) else { return };
    executor().submit(Path::new(&dir), &encode_from_fifo()).unwrap();
    println!("submitted");
    loop {
        std::thread::park();
    }
}

fn executor() -> LocalExecutor {
    LocalExecutor::new(std::env::current_exe().unwrap())
}

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

/// Encodes for as long as the test keeps `frames` open.
fn encode_from_fifo() -> Spec {
    let args = "-v error -f rawvideo -pix_fmt gray -s 64x64 -i frames -c:v mpeg4 -y out.mkv";
    Spec { steps: vec![step("ffmpeg", &args.split(' ').collect::<Vec<_>>())] }
}

fn mkfifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn state(dir: &Path) -> State {
    files::read(dir, STATE).unwrap().unwrap()
}

fn kill9(pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

fn runs(pid: i32) -> bool {
    look(pid).is_some_and(|now| !now.has_ended)
}

/// The test runner's own time limit ends a wait in vain.
fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::thread::yield_now();
    }
}

fn wait_for_exit(dir: &Path) -> Exit {
    wait_for(|| match executor().observe(dir).unwrap() {
        Observation::Exited(exit) => Some(exit),
        Observation::Running { .. } => None,
        other => panic!("expected it to run until its end, but it is {other:?}"),
    })
}

/// The process ids that a script wrote, one a line, once there are `count`.
fn pids_in(path: PathBuf, count: usize) -> Vec<i32> {
    wait_for(|| {
        let text =
            fs::read_to_string(&path).ok().filter(|text| text.lines().count() == count && text.ends_with('\n'))?;
        text.lines().map(|line| line.parse().ok()).collect()
    })
}

#[test]
fn steps_run_in_order_and_stop_at_the_first_failure() {
    let dir = tempfile::tempdir().unwrap();
    let spec = Spec {
        steps: vec![
            step("sh", &["-c", "echo one > log; echo words >&2"]),
            step("sh", &["-c", "echo two >> log; echo too bad >&2; exit 7"]),
            step("sh", &["-c", "echo three >> log"]),
        ],
    };
    executor().submit(dir.path(), &spec).unwrap();
    let exit = wait_for_exit(dir.path());
    assert_eq!((exit.step, exit.end, exit.last_words.as_str()), (1, End::Code(7), "too bad\n"));
    assert_eq!(fs::read_to_string(dir.path().join("log")).unwrap(), "one\ntwo\n");
    assert_eq!(fs::read_to_string(dir.path().join("err.txt")).unwrap(), "words\ntoo bad\n");
}

#[test]
fn an_encode_survives_the_death_of_who_started_it() {
    let dir = tempfile::tempdir().unwrap();
    mkfifo(&dir.path().join("frames"));
    let mut doomed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "executor::tests::doomed_submitter", "--nocapture"])
        .env(DOOMED_DIR, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(doomed.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("submitted")), "the first MediaFlow did not submit");
    // Opening succeeds once ffmpeg has the other end.
    let mut frames = OpenOptions::new().write(true).open(dir.path().join("frames")).unwrap();
    frames.write_all(&vec![90; 64 * 64 * 10]).unwrap();
    doomed.kill().unwrap();
    doomed.wait().unwrap();

    let seen = executor().observe(dir.path()).unwrap();
    assert!(matches!(seen, Observation::Running { step: 0, .. }), "{seen:?}");
    frames.write_all(&vec![190; 64 * 64 * 40]).unwrap();
    drop(frames);
    let exit = wait_for_exit(dir.path());
    assert_eq!(exit.end, End::Code(0), "{}", fs::read_to_string(dir.path().join("err.txt")).unwrap());
    let probe = Command::new("ffprobe")
        .args(["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"])
        .arg(dir.path().join("out.mkv"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&probe.stdout).trim(), "50");
}

#[test]
fn cancel_ends_grandchildren_too() {
    let dir = tempfile::tempdir().unwrap();
    // All ignore SIGTERM, and `timeout` moves into a process group of its own.
    let text = "trap '' TERM; echo $$ >> pids; sh -c 'echo $$ >> pids; exec sleep 1000' & \
                timeout 1000 sh -c 'echo $$ >> pids; exec sleep 1000' & wait; wait";
    executor().submit(dir.path(), &script(text)).unwrap();
    let pids = pids_in(dir.path().join("pids"), 3);
    assert!(pids.iter().all(|pid| runs(*pid)));
    let supervisor = state(dir.path()).supervisor;
    executor().cancel(dir.path()).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Cancelled);
    assert_eq!(pids.iter().filter(|pid| runs(**pid)).count(), 0);
    assert!(!supervisor.is_alive());
}

#[test]
fn a_cancelled_program_may_end_in_good_order() {
    let dir = tempfile::tempdir().unwrap();
    let text = "trap 'echo tidied > note; exit 0' TERM; echo $$ > pids; while :; do sleep 0.01; done";
    executor().submit(dir.path(), &script(text)).unwrap();
    pids_in(dir.path().join("pids"), 1);
    executor().cancel(dir.path()).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Cancelled);
    assert_eq!(fs::read_to_string(dir.path().join("note")).unwrap(), "tidied\n");
}

#[test]
fn cancel_leaves_an_ended_attempt_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    executor().submit(dir.path(), &script("exit 3")).unwrap();
    let exit = wait_for_exit(dir.path());
    executor().cancel(dir.path()).unwrap();
    assert_eq!(executor().observe(dir.path()).unwrap(), Observation::Exited(exit));
}

/// Bit of `CAP_SYS_NICE`, which real-time priority needs.
const SYS_NICE: u64 = 1 << 23;

#[test]
fn the_superusers_encoder_leaves_others_their_turn() {
    let dir = tempfile::tempdir().unwrap();
    executor().submit(dir.path(), &script("sed -n 's/^CapEff:[^0-9a-f]*//p' /proc/self/status")).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Code(0));
    let abilities = fs::read_to_string(dir.path().join("out.txt")).unwrap();
    assert_eq!(u64::from_str_radix(abilities.trim(), 16).unwrap() & SYS_NICE, 0, "{abilities}");
}

#[test]
fn a_stopped_supervisor_is_cancelled_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    executor().submit(dir.path(), &script("echo $$ > pids; exec sleep 1000")).unwrap();
    let pids = pids_in(dir.path().join("pids"), 1);
    let supervisor = state(dir.path()).supervisor;
    kill_process(Pid::from_raw(supervisor.pid).unwrap(), Signal::STOP).unwrap();
    executor().cancel(dir.path()).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Cancelled);
    assert!(!runs(pids[0]));
}

/// Whether the system holds a process; one that is gone is not held.
#[cfg(target_os = "linux")]
fn is_held(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
}

#[cfg(target_os = "linux")]
#[test]
fn a_step_whose_files_the_one_before_left_empty_is_not_started() {
    for (first, lacks) in [("true", true), ("touch stats", true), ("echo 1 > stats", false)] {
        let dir = tempfile::tempdir().unwrap();
        let mut second = step("sh", &["-c", "touch ran"]);
        second.needs = vec!["stats".to_owned()];
        executor().submit(dir.path(), &Spec { steps: vec![step("sh", &["-c", first]), second] }).unwrap();
        let exit = wait_for_exit(dir.path());
        let wanted = if lacks { End::Lacks("stats".to_owned()) } else { End::Code(0) };
        assert_eq!((exit.step, exit.end), (1, wanted), "after {first}");
        assert_eq!(dir.path().join("ran").exists(), !lacks, "after {first}");
    }
}

#[test]
fn a_paused_attempt_stands_still_until_it_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    mkfifo(&dir.path().join("go"));
    let text = "echo $$ >> pids; sh -c 'echo $$ >> pids; read line < go; echo $line > note' ; exit 4";
    executor().submit(dir.path(), &script(text)).unwrap();
    let pids = pids_in(dir.path().join("pids"), 2);
    executor().pause(dir.path()).unwrap();
    wait_for(|| pids.iter().all(|pid| is_held(*pid)).then_some(()));
    executor().pause(dir.path()).unwrap();
    assert!(matches!(executor().observe(dir.path()).unwrap(), Observation::Running { .. }), "it is not lost");

    // Read and write, so that the open does not wait for the reader, which is held.
    let mut go = OpenOptions::new().read(true).write(true).open(dir.path().join("go")).unwrap();
    go.write_all(b"on\n").unwrap();
    assert!(is_held(pids[1]) && !dir.path().join("note").exists(), "it went on while it was paused");
    executor().resume(dir.path()).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Code(4), "it went on where it was");
    assert_eq!(fs::read_to_string(dir.path().join("note")).unwrap(), "on\n");
    executor().resume(dir.path()).unwrap();
    executor().pause(dir.path()).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_paused_attempt_is_cancelled_in_good_order() {
    let dir = tempfile::tempdir().unwrap();
    // It starts nothing any more when it is held: a shell that is stopped in the middle of that does not count as held.
    let text = "trap 'echo tidied > note; exit 0' TERM; sleep 1000 & echo $$ > pids; wait";
    executor().submit(dir.path(), &script(text)).unwrap();
    let pids = pids_in(dir.path().join("pids"), 1);
    executor().pause(dir.path()).unwrap();
    wait_for(|| is_held(pids[0]).then_some(()));
    executor().cancel(dir.path()).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Cancelled);
    assert!(!runs(pids[0]));
    assert_eq!(fs::read_to_string(dir.path().join("note")).unwrap(), "tidied\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_step_that_begins_while_paused_is_held_too() {
    let steps = || vec![step("sh", &["-c", "touch paused"]), step("sh", &["-c", "exec sleep 1000"])];
    loop {
        let dir = tempfile::tempdir().unwrap();
        executor().submit(dir.path(), &Spec { steps: steps() }).unwrap();
        // Between two steps the state may still name the first one's program, which is gone.
        let held = wait_for(|| {
            let now = state(dir.path());
            now.child.is_some_and(|child| is_held(child.pid)).then_some(now.step)
        });
        executor().cancel(dir.path()).unwrap();
        assert_eq!(wait_for_exit(dir.path()).end, End::Cancelled);
        // The first step may be quick enough to be held by its own pause: then it is begun anew.
        if held == 1 {
            break;
        }
    }
}

#[test]
fn a_killed_supervisor_is_lost_and_nothing_of_it_stays() {
    let dir = tempfile::tempdir().unwrap();
    let text = "echo $$ >> pids; timeout 1000 sh -c 'echo $$ >> pids; exec sleep 1000' & wait";
    executor().submit(dir.path(), &script(text)).unwrap();
    let pids = pids_in(dir.path().join("pids"), 2);
    kill9(state(dir.path()).supervisor.pid);
    let reason = wait_for(|| match executor().observe(dir.path()).unwrap() {
        Observation::Lost { reason } => Some(reason),
        _ => None,
    });
    assert!(reason.contains("was killed"), "{reason}");
    assert_eq!(pids.iter().filter(|pid| runs(**pid)).count(), 0);
    assert!(matches!(executor().observe(dir.path()).unwrap(), Observation::Lost { .. }), "it must stay lost");
}

#[test]
fn a_program_killed_by_a_signal_is_told_from_a_cancel() {
    let dir = tempfile::tempdir().unwrap();
    executor().submit(dir.path(), &script("kill -9 $$")).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Signal(9));
}

#[test]
fn a_missing_program_is_a_written_end() {
    let dir = tempfile::tempdir().unwrap();
    executor().submit(dir.path(), &Spec { steps: vec![step("/nowhere/ffmpeg", &[])] }).unwrap();
    let End::NotStarted(reason) = wait_for_exit(dir.path()).end else { panic!("it cannot have started") };
    assert!(reason.contains("/nowhere/ffmpeg"), "{reason}");
}

#[test]
fn a_reused_process_id_is_not_taken_for_the_supervisor() {
    let dir = tempfile::tempdir().unwrap();
    // A bystander that leads a session, as a supervisor would, with a member in it.
    let mut bystander = Command::new("setsid").args(["sh", "-c", "sleep 1000; :"]).spawn().unwrap();
    let pid = i32::try_from(bystander.id()).unwrap();
    wait_for(|| look(pid).filter(|now| now.session == pid));
    let stranger = ProcessId::of(pid).unwrap();
    let recorded = State {
        supervisor: ProcessId { pid, started: "1".to_owned() },
        boot_id: boot_id().unwrap(),
        step: 0,
        child: Some(ProcessId { pid, started: "2".to_owned() }),
    };
    files::write(dir.path(), STATE, &recorded).unwrap();
    let seen = executor().observe(dir.path()).unwrap();
    assert!(matches!(&seen, Observation::Lost { reason } if reason.contains("another program")), "{seen:?}");
    executor().cancel(dir.path()).unwrap();
    assert!(stranger.is_alive(), "a stranger was killed");

    // The same id and start time, but of another boot.
    let other_boot = tempfile::tempdir().unwrap();
    let recorded =
        State { supervisor: stranger.clone(), boot_id: "before".to_owned(), step: 0, child: Some(stranger.clone()) };
    files::write(other_boot.path(), STATE, &recorded).unwrap();
    let seen = executor().observe(other_boot.path()).unwrap();
    assert!(matches!(&seen, Observation::Lost { reason } if reason.contains("restarted")), "{seen:?}");
    executor().cancel(other_boot.path()).unwrap();
    assert!(stranger.is_alive(), "a stranger was killed");

    kill_process_group(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    bystander.wait().unwrap();
}

#[test]
fn hostile_arguments_arrive_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let hostile: Vec<OsString> = [
        &b"it's \"quoted\""[..],
        b"two\nlines",
        b"$(touch gone)`id`;*",
        b"--",
        b"",
        b"not utf-8 \xff\xfe",
        b"{\"a\":1}",
    ]
    .into_iter()
    .map(|bytes| OsString::from_vec(bytes.to_vec()))
    .collect();
    let mut printing = step("sh", &["-c", "printf '%s\\0' \"$@\"", "sh"]);
    printing.args.extend(hostile.iter().cloned());
    executor().submit(dir.path(), &Spec { steps: vec![printing] }).unwrap();
    assert_eq!(wait_for_exit(dir.path()).end, End::Code(0));
    let printed = fs::read(dir.path().join("out.txt")).unwrap();
    let seen: Vec<OsString> = printed.split(|byte| *byte == 0).map(|arg| OsString::from_vec(arg.to_vec())).collect();
    assert_eq!(seen[..hostile.len()], hostile);
}

#[test]
fn a_submitter_that_died_early_leaves_nothing_that_could_still_start() {
    let dir = tempfile::tempdir().unwrap();
    files::write(dir.path(), files::SPEC, &script("echo started > note")).unwrap();
    assert_eq!(executor().observe(dir.path()).unwrap(), Observation::NotStarted);
    executor().cancel(dir.path()).unwrap();
    // The supervisor that was just on its way.
    let late = Command::new(std::env::current_exe().unwrap()).arg("supervise").arg(dir.path()).output().unwrap();
    assert!(!late.status.success());
    assert!(!dir.path().join("note").exists());
    assert_eq!(wait_for_exit(dir.path()).end, End::Cancelled);
}

#[test]
fn a_folder_is_used_once() {
    let dir = tempfile::tempdir().unwrap();
    executor().submit(dir.path(), &script("true")).unwrap();
    let error = executor().submit(dir.path(), &script("true")).unwrap_err();
    assert!(matches!(error, ExecutorError::AlreadySubmitted { .. }), "{error}");
    wait_for_exit(dir.path());
}

#[test]
fn a_supervisor_that_cannot_work_says_why() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(format!("{STATE}.new"))).unwrap();
    let error = executor().submit(dir.path(), &script("true")).unwrap_err();
    assert!(error.to_string().contains("cannot write") && error.to_string().contains(STATE), "{error}");
}
