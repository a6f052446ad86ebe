//! A Debian as its installer leaves it, in namespaces of its own: nothing on it but an SSH server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use mediaflow_testkit::sshd::Sshd;
use mediaflow_testkit::tools::Tools;

use super::super::fixture::Yard;
use super::tests::{log, set_up};
use super::*;

/// A fresh root, kept for the next time; `None`, said aloud, where it cannot be made.
fn fresh_root() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    let root = cache.join("mediaflow-test/debian-12");
    fs::create_dir_all(root.parent().unwrap()).unwrap();
    // One of several tests makes it for all.
    let lock = fs::File::create(root.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if root.is_dir() {
        return Some(root);
    }
    let draft = root.with_extension("new");
    let _ = fs::remove_dir_all(&draft);
    fs::create_dir_all(&draft).unwrap();
    let made = Command::new("debootstrap").args(["--variant=minbase", "bookworm"]).arg(&draft).output();
    match made {
        Ok(made) if made.status.success() => fs::rename(&draft, &root).unwrap(),
        Ok(made) => {
            println!("skipped: debootstrap: {}", String::from_utf8_lossy(&made.stdout));
            return None;
        }
        Err(error) => {
            println!("skipped: debootstrap: {error}");
            return None;
        }
    }
    Some(root)
}

/// A machine made of the fresh root: what is changed on it lies beside.
struct Fresh {
    root: PathBuf,
}

impl Fresh {
    /// Has every command of `sshd` run on it. `None`, said aloud, where only root could.
    fn new(yard: &Yard, sshd: &Sshd, name: &str, has_network: bool) -> Option<Self> {
        let lower = fresh_root()?;
        let dir = yard.dir.path().join(name);
        let [root, upper, work] = ["root", "upper", "work"].map(|part| dir.join(part));
        [&root, &upper, &work].iter().for_each(|part| fs::create_dir_all(part).unwrap());
        let layers = format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
        let mounted = Command::new("mount").args(["-t", "overlay", "overlay", "-o", &layers]).arg(&root).output();
        if !mounted.is_ok_and(|done| done.status.success()) {
            println!("skipped: only root can make a machine of a folder");
            return None;
        }
        let fresh = Self { root };
        // Packages come from where this machine has its own from.
        for part in ["etc/apt/sources.list", "etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/resolv.conf"] {
            let from = Path::new("/").join(part);
            let into = fresh.root.join(part);
            let _ = fs::remove_file(&into).or_else(|_| fs::remove_dir_all(&into));
            if from.exists() {
                assert!(Command::new("cp").arg("-aL").arg(from).arg(into).status().unwrap().success());
            }
        }
        let script = dir.join("enter");
        let text = format!(
            "#!/bin/sh\nr='{}'\nmount -t proc proc \"$r/proc\" && mount --rbind /sys \"$r/sys\" && \
             mount --rbind /dev \"$r/dev\" || exit 1\nexec chroot \"$r\" sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
            fresh.root.display()
        );
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let net = if has_network { "" } else { "--net" };
        let command = format!("exec unshare --mount --pid --fork --uts {net} {}", script.display());
        sshd.configure(&format!("ForceCommand {command}")).unwrap();
        Some(fresh)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.root).status();
    }
}

#[test]
#[ignore = "brings a whole Debian and its ffmpeg; ./test.sh --full runs it"]
fn a_fresh_debian_gets_ffmpeg_from_its_own_repository() {
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    let Some(fresh) = Fresh::new(&yard, &sshd, "fresh", true) else { return };
    let id = yard.worker("fresh", &sshd);
    let row = set_up(&yard, None, id);
    let first = log(&yard, id);
    assert_eq!(row.status, WorkerStatus::Online, "{first}");
    assert_eq!(row.tools.unwrap().ffmpeg, "/usr/bin/ffmpeg");
    assert_eq!(row.capabilities.os.as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
    assert!(first.contains("apt-get -q") && first.contains("Setting up ffmpeg"), "{first}");
    assert!(fresh.root.join("usr/bin/ffmpeg").exists());

    let row = set_up(&yard, None, id);
    let again = log(&yard, id);
    assert_eq!(row.status, WorkerStatus::Online, "{again}");
    assert!(again.contains("nothing needs to be installed") && !again.contains("apt-get"), "{again}");
}

#[test]
#[ignore = "brings a whole Debian, and sends it a whole ffmpeg; ./test.sh --full runs it"]
fn a_fresh_debian_without_internet_gets_the_build_that_this_machine_has() {
    let Tools { ffmpeg, ffprobe } = Tools::find();
    if !ffmpeg.is_absolute() {
        println!("skipped: MEDIAFLOW_TEST_FFMPEG names no build that could be sent");
        return;
    }
    let yard = Yard::new();
    let Some(sshd) = yard.sshd("sshd") else { return };
    let Some(fresh) = Fresh::new(&yard, &sshd, "fresh", false) else { return };
    let id = yard.worker("fresh", &sshd);
    let ours = OurBuild { ffmpeg, ffprobe, has_vmaf: true };
    let row = set_up(&yard, Some(ours.clone()), id);
    let said = log(&yard, id);
    assert_eq!(row.status, WorkerStatus::Online, "{said}");
    assert!(said.contains("sent, and hashed there") && !said.contains("apt-get"), "{said}");
    let sent = row.tools.unwrap().ffmpeg;
    let there = fresh.root.join(sent.trim_start_matches('/'));
    assert_eq!(fs::metadata(there).unwrap().len(), fs::metadata(&ours.ffmpeg).unwrap().len());

    let carried = sshd.carried();
    let row = set_up(&yard, Some(ours), id);
    assert_eq!(row.status, WorkerStatus::Online);
    assert!(sshd.carried() - carried < 5_000_000, "it is there and good, and is not sent again");
}
