use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use mediaflow_testkit::sshd::Sshd;
use mediaflow_transport::tools::on_path;

use super::super::FleetNews;
use super::super::fixture::{Yard, wait_for};
use super::*;

/// Everything by which an ffmpeg could be had there.
const WAYS: [&str; 8] = ["ffmpeg", "ffprobe", "apt-get", "dnf", "yum", "apk", "pacman", "brew"];

pub(super) fn set_up(yard: &Yard, ours: Option<OurBuild>, id: i64) -> Worker {
    start(&yard.fleet, ours, id, false).unwrap();
    wait_for("the end of setting it up", || Some(yard.row(id)).filter(|row| row.status != WorkerStatus::Provisioning))
}

/// Makes a server a machine on which `names` do not exist; `false`, said aloud, where only root could.
fn hide(yard: &Yard, sshd: &Sshd, names: &[&str]) -> bool {
    let can = Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|done| done.status.success());
    if !can {
        println!("skipped: only root can hide programs");
        return false;
    }
    let paths: Vec<_> = names.iter().flat_map(|name| on_path(name)).map(|path| path.canonicalize().unwrap()).collect();
    let mut text = "#!/bin/sh\n".to_owned();
    for path in paths {
        text += &format!("mount --bind /dev/null '{}' || exit 1\n", path.display());
    }
    text += "exec sh -c \"$SSH_ORIGINAL_COMMAND\"\n";
    let script = yard.dir.path().join("without");
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    sshd.configure(&format!("ForceCommand exec unshare --mount {}", script.display())).unwrap();
    true
}

/// The ffmpeg of this machine, made as large as one that carries all its libraries.
fn sendable_build(yard: &Yard) -> OurBuild {
    let copy = |name: &str| {
        let path = yard.dir.path().join(format!("our-{name}"));
        fs::copy(on_path(name).first().unwrap(), &path).unwrap();
        // What lies behind the end of a program is not read.
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(file.metadata().unwrap().len().max(21_000_000)).unwrap();
        path
    };
    OurBuild { ffmpeg: copy("ffmpeg"), ffprobe: copy("ffprobe"), has_vmaf: false }
}

/// A build with VMAF, where what is on `PATH` has none.
fn full_build() -> Option<(PathBuf, PathBuf)> {
    let filters = Command::new("ffmpeg").args(["-hide_banner", "-filters"]).output().unwrap().stdout;
    let pair = (std::env::var_os("MEDIAFLOW_TEST_FFMPEG")?, std::env::var_os("MEDIAFLOW_TEST_FFPROBE")?);
    let has_none = !String::from_utf8_lossy(&filters).contains("libvmaf");
    has_none.then(|| (pair.0.into(), pair.1.into()))
}

/// What was told of it, each step once.
fn steps(yard: &Yard) -> Vec<(&'static str, u8)> {
    let step = |one: FleetNews| match one {
        FleetNews::Provision { step, percent, .. } => Some((step, percent)),
        _ => None,
    };
    let mut steps: Vec<_> = yard.news().into_iter().filter_map(step).collect();
    steps.dedup();
    steps
}

pub(super) fn log(yard: &Yard, id: i64) -> String {
    yard.store().read(|r| r.worker_provision_log(id)).unwrap().unwrap_or_default()
}

#[test]
fn a_machine_with_a_good_ffmpeg_keeps_it_and_is_online() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    let id = yard.worker("desk", &sshd);
    start(&yard.fleet, None, id, false).unwrap();
    let twice = start(&yard.fleet, None, id, false).unwrap_err();
    assert!(matches!(twice, CommandError::Conflict(_)), "{twice}");
    wait_for("its end", || (yard.row(id).status != WorkerStatus::Provisioning).then_some(()));

    let row = yard.row(id);
    assert_eq!((row.status, row.status_reason.as_deref()), (WorkerStatus::Online, None), "{}", log(&yard, id));
    let tools = row.tools.unwrap();
    assert!(tools.ffmpeg.ends_with("/ffmpeg") && tools.ffprobe.ends_with("/ffprobe"), "{tools:?}");
    let is = row.capabilities;
    assert!(is.ffmpeg_version.is_some() && is.os.is_some() && is.cpu_cores.is_some(), "{is:?}");
    let completed = |event: &Event| matches!(event, Event::ProvisionCompleted { worker_id, .. } if *worker_id == id);
    assert_eq!(yard.events().iter().filter(|event| completed(event)).count(), 1);
    let expected = [
        ("detect_distro", 5),
        ("check_sudo", 10),
        ("install_prereqs", 20),
        ("detect_arch", 25),
        ("download_ffmpeg", 35),
        ("install_ffmpeg", 45),
        ("verify_ffmpeg", 60),
        ("gpu_detection", 70),
        ("nvenc_test", 75),
        ("create_workdir", 85),
        ("probe_capabilities", 95),
        ("completed", 100),
    ];
    assert_eq!(steps(&yard), expected);
    let log = log(&yard, id);
    assert!(log.contains("[verify_ffmpeg] works there: ") && log.contains("libx265"), "{log}");
    assert_eq!(fs::read_dir(yard.work_dir("desk")).unwrap().count(), 1, "an empty folder for tools");
}

#[test]
fn a_build_is_sent_to_a_machine_that_has_none() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    if !hide(&yard, &sshd, &WAYS) {
        return;
    }
    let id = yard.worker("bare", &sshd);
    let ours = sendable_build(&yard);
    let row = set_up(&yard, Some(ours.clone()), id);
    assert_eq!(row.status, WorkerStatus::Online, "{}", log(&yard, id));
    let sent = yard.work_dir("bare").join("tools/ffmpeg");
    assert_eq!(row.tools.unwrap().ffmpeg, sent.display().to_string());
    assert_eq!(fs::read(&sent).unwrap(), fs::read(&ours.ffmpeg).unwrap());
}

#[test]
fn a_build_that_measures_by_vmaf_is_sent_where_none_does() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    let Some((ffmpeg, ffprobe)) = full_build() else {
        println!("skipped: the machine has VMAF itself, or MEDIAFLOW_TEST_FFMPEG names no build that has");
        return;
    };
    let id = yard.worker("older", &sshd);
    let row = set_up(&yard, Some(OurBuild { ffmpeg, ffprobe, has_vmaf: true }), id);
    assert_eq!(row.status, WorkerStatus::Online, "{}", log(&yard, id));
    let sent = yard.work_dir("older").join("tools/ffmpeg");
    assert_eq!(row.tools.unwrap().ffmpeg, sent.display().to_string(), "{}", log(&yard, id));
}

#[test]
fn a_machine_without_any_way_to_an_ffmpeg_says_what_was_tried_and_what_to_do() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    if !hide(&yard, &sshd, &WAYS) {
        return;
    }
    let id = yard.worker("bare", &sshd);
    let row = set_up(&yard, None, id);
    assert_eq!(row.status, WorkerStatus::SetupFailed);
    let reason = row.status_reason.unwrap();
    for words in ["this machine has no ffmpeg itself", "it has none of apt-get", "Install a full build of ffmpeg there"]
    {
        assert!(reason.contains(words), "{reason}");
    }
    let failed = |event: &Event| matches!(event, Event::ProvisionFailed { error, .. } if *error == reason);
    assert!(yard.events().iter().any(failed), "{:?}", yard.events());
    assert!(log(&yard, id).ends_with(&format!("failed: {reason}\n")), "{}", log(&yard, id));
}

#[test]
fn a_machine_that_is_lost_in_the_middle_is_not_half_set_up() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    let id = yard.worker("desk", &sshd);
    start(&yard.fleet, None, id, false).unwrap();
    wait_for("the trials", || steps(&yard).contains(&("download_ffmpeg", 35)).then_some(()));
    sshd.set_down(true);
    let row = wait_for("its end", || Some(yard.row(id)).filter(|row| row.status != WorkerStatus::Provisioning));
    assert_eq!((row.status, row.tools), (WorkerStatus::SetupFailed, None));
    assert!(row.status_reason.as_ref().unwrap().contains("127.0.0.1"), "{:?}", row.status_reason);
}

#[test]
fn this_machine_is_not_set_up_and_what_was_broken_off_is_told() {
    let yard = Yard::new();
    let local = yard.store().read(|r| r.local_worker()).unwrap().id;
    let error = start(&yard.fleet, None, local, false).unwrap_err();
    assert_eq!(error.to_string(), "Cannot provision the local server");
    assert!(matches!(start(&yard.fleet, None, 999, false), Err(CommandError::NotFound { .. })));
    let Some(sshd) = yard.sshd("sshd") else { return };
    let id = yard.worker("desk", &sshd);
    yard.store().write(|tx| tx.worker_stands(id, WorkerStatus::Provisioning, None)).unwrap();
    abandon(&yard.fleet).unwrap();
    assert_eq!(yard.row(id).status, WorkerStatus::SetupFailed);
    assert!(yard.row(id).status_reason.unwrap().contains("set it up again"));
}
