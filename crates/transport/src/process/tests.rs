use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn here() -> &'static dyn Machine {
    &ThisMachine
}

fn sh(script: &str) -> Invocation {
    Invocation::new("sh", ["-c", script])
}

fn is_alive(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn output_and_exit_code_come_back() {
    let output = run(&sh("printf 'a\\nb'; echo one >&2; echo two >&2; exit 3"), &Cancel::new()).unwrap();
    assert_eq!(output.stdout, b"a\nb");
    assert_eq!(output.finished.exit_code, 3);
    assert_eq!(output.finished.stderr_lines, ["one", "two"]);
    assert!(!output.success());
}

#[test]
fn hostile_arguments_arrive_byte_for_byte() {
    let hostile: Vec<OsString> = [
        &b"it's \"quoted\""[..],
        b"two\nlines",
        b"$(touch gone) `id` ; rm -rf * | & > x",
        b"-leading --dashes",
        b"",
        b"not utf-8 \xff\xfe\x80",
        b"\\backslash %s *?[a]",
    ]
    .into_iter()
    .map(|bytes| OsString::from_vec(bytes.to_vec()))
    .collect();
    let mut args: Vec<OsString> = vec!["-c".into(), "printf '%s\\0' \"$@\"".into(), "sh".into()];
    args.extend(hostile.iter().cloned());
    let output = run(&Invocation::new("sh", args), &Cancel::new()).unwrap();
    let seen: Vec<OsString> =
        output.stdout.split(|byte| *byte == 0).map(|bytes| OsString::from_vec(bytes.to_vec())).collect();
    assert_eq!(seen[..hostile.len()], hostile);
    assert_eq!(seen.len(), hostile.len() + 1);
}

#[test]
fn a_full_pipe_of_errors_does_not_block_the_program() {
    let script = "i=0; while [ $i -lt 20000 ]; do echo \"error number $i is long enough to fill pipes\" >&2; i=$((i+1)); done; echo done";
    let mut lines = Vec::new();
    let finished = here().run_lines(&sh(script), &Cancel::new(), &mut |line| lines.push(line.to_vec())).unwrap();
    assert_eq!(lines, [b"done"]);
    assert_eq!(finished.stderr_line_count, 20_000);
    assert_eq!(finished.stderr_lines.last().unwrap(), "error number 19999 is long enough to fill pipes");
    assert!(finished.stderr_lines.iter().map(|line| line.len() + 1).sum::<usize>() <= STDERR_TAIL_BYTES + 1);
}

#[test]
fn chunks_add_up_to_the_stream() {
    let mut bytes = 0;
    let finished =
        here().run_chunks(&sh("head -c 3000000 /dev/zero"), &Cancel::new(), &mut |chunk| bytes += chunk.len()).unwrap();
    assert!(finished.success());
    assert_eq!(bytes, 3_000_000);
}

#[test]
fn a_missing_program_is_named() {
    let error = run(&Invocation::new("/nowhere/ffmpeg", ["-version"]), &Cancel::new()).unwrap_err();
    assert!(matches!(error, ProcessError::NotFound { .. }));
    assert!(error.to_string().contains("/nowhere/ffmpeg"), "{error}");
}

#[test]
fn a_missing_folder_is_not_taken_for_a_missing_program() {
    let error = run(&sh("true").in_dir("/nowhere"), &Cancel::new()).unwrap_err();
    assert!(matches!(error, ProcessError::NoFolder { .. }), "{error}");
}

#[test]
fn a_program_that_may_not_run_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plain");
    std::fs::write(&path, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = run(&Invocation::new(path, [""; 0]), &Cancel::new()).unwrap_err();
    assert!(matches!(error, ProcessError::Permission { .. }), "{error}");
}

#[test]
fn a_killed_program_names_its_signal_and_last_words() {
    let error = run(&sh("echo last words >&2; kill -9 $$"), &Cancel::new()).unwrap_err();
    let ProcessError::Killed { signal, stderr_lines, .. } = &error else { panic!("{error}") };
    assert_eq!((*signal, stderr_lines.as_slice()), (9, &["last words".to_owned()][..]));
}

#[test]
fn cancel_kills_the_whole_group() {
    let cancel = Cancel::new();
    let mut pids = Vec::new();
    let error = here()
        .run_lines(&sh("sleep 1000 & echo $!; sh -c 'echo $$; sleep 1000'; wait"), &cancel, &mut |line| {
            pids.push(String::from_utf8_lossy(line).into_owned());
            if pids.len() == 2 {
                cancel.cancel();
            }
        })
        .unwrap_err();
    assert!(matches!(error, ProcessError::Cancelled { .. }), "{error}");
    wait_until_gone(&pids);
}

#[test]
fn what_a_program_leaves_running_ends_with_it() {
    let output = run(&sh("sleep 1000 & echo $!"), &Cancel::new()).unwrap();
    assert!(output.success());
    wait_until_gone(&[output.stdout_text()]);
}

#[test]
fn a_hang_is_told_from_a_wish() {
    let limited = Cancel::new().with_time_limit(std::time::Duration::from_millis(50));
    let error = run(&sh("sleep 1000"), &limited).unwrap_err();
    assert!(matches!(error, ProcessError::OutOfTime { .. }), "{error}");
}

/// A killed process is gone a moment after the signal; the test's own time limit ends a wait in vain.
fn wait_until_gone(pids: &[String]) {
    while pids.iter().any(|pid| is_alive(pid)) {
        std::thread::yield_now();
    }
}
