//! What a machine is: its system, processor, graphics, and what can be used on it.

mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a machine is. What it does not tell is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The operating system.
    pub os: Os,
    /// The kernel's release, such as `6.1.0-18-amd64`.
    pub kernel: String,
    /// `x86_64`, `aarch64`, ...: the name that Linux has for it.
    pub arch: String,
    /// The processor as it names itself.
    pub cpu_model: Option<String>,
    /// Threads that run at the same time, as far as this account may use them.
    pub cpu_cores: Option<u32>,
    /// Memory.
    pub ram_bytes: Option<u64>,
    /// Graphics devices, those that can encode and others.
    pub gpus: Vec<GpuFacts>,
    /// Device files of graphics that this account may not use, such as `/dev/dri/renderD128`.
    pub closed_devices: Vec<String>,
    /// The kind of container that it runs in, such as `docker` or `lxc`.
    pub container: Option<String>,
    /// How programs are run there as root.
    pub root: Root,
    /// What installs programs there.
    pub packages: Option<PackageManager>,
    /// Programs that were looked for and found, by name.
    pub programs: BTreeMap<String, PathBuf>,
}

/// An operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Os {
    /// `debian`, `ubuntu`, `rocky`, `alpine`, `arch`, `macos`, ... (`ID` of os-release).
    pub id: String,
    /// What it descends from, nearest first (`ID_LIKE`).
    pub like: Vec<String>,
    /// Such as `12`; a rolling distribution has none.
    pub version: Option<String>,
    /// For people, such as `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
}

/// A graphics device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuFacts {
    /// Who made it.
    pub maker: GpuMaker,
    /// Such as `GeForce RTX 4070`; empty where only the maker is known.
    pub model: String,
    /// The kernel's driver, such as `nvidia`, `i915` or `amdgpu`; `None` when none took it.
    pub driver: Option<String>,
    /// The driver's own version, which NVIDIA has.
    pub driver_version: Option<String>,
}

/// Makers of graphics devices whose encoders are used, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuMaker {
    /// NVENC.
    Nvidia,
    /// `QuickSync`.
    Intel,
    /// AMF and VAAPI.
    Amd,
    /// `VideoToolbox`.
    Apple,
    /// A server's console or a virtual screen, which encodes nothing.
    Other,
}

impl GpuMaker {
    /// The maker of a PCI vendor id.
    #[must_use]
    pub const fn of_pci(vendor: u16) -> Self {
        match vendor {
            0x10de => Self::Nvidia,
            0x8086 => Self::Intel,
            0x1002 => Self::Amd,
            0x106b => Self::Apple,
            _ => Self::Other,
        }
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nvidia => "NVIDIA",
            Self::Intel => "Intel",
            Self::Amd => "AMD",
            Self::Apple => "Apple",
            Self::Other => "unknown",
        }
    }
}

/// How programs are run as root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Root {
    /// The account is root.
    Itself,
    /// `sudo` asks for no password.
    Sudo,
    /// `doas` asks for no password (Alpine).
    Doas,
    /// Not at all.
    #[default]
    No,
}

impl Root {
    /// The words before a program that is to run as root; `None` where it cannot.
    #[must_use]
    pub const fn prefix(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Itself => Some(&[]),
            Self::Sudo => Some(&["sudo", "-n"]),
            Self::Doas => Some(&["doas", "-n"]),
            Self::No => None,
        }
    }
}

/// What installs programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageManager {
    /// Debian, Ubuntu and their kin.
    Apt,
    /// Fedora, and the RHEL family since 8.
    Dnf,
    /// The RHEL family until 7, and Amazon Linux 2.
    Yum,
    /// Alpine.
    Apk,
    /// Arch.
    Pacman,
    /// macOS; it refuses to run as root.
    Brew,
}

impl PackageManager {
    /// Those that are looked for: where two are there, the first one is meant.
    pub(crate) const ALL: [Self; 6] = [Self::Apt, Self::Dnf, Self::Yum, Self::Apk, Self::Pacman, Self::Brew];

    /// The name of its program.
    #[must_use]
    pub const fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Yum => "yum",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Brew => "brew",
        }
    }
}

impl Facts {
    /// What it lacks to be a worker, for people; empty when it can be one.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        const NEEDED: [&[&str]; 3] = [&["dd"], &["sha256sum", "shasum", "openssl"], &["setsid", "nohup"]];
        let lacks = NEEDED.iter().filter(|any| !any.iter().any(|name| self.programs.contains_key(*name)));
        lacks.map(|any| any.join(" or ")).collect()
    }

    /// Whether it is, or descends from, a system of that name.
    #[must_use]
    pub fn is_kin_of(&self, id: &str) -> bool {
        self.os.id == id || self.os.like.iter().any(|like| like == id)
    }

    /// The device by which a worker is known: the first that can encode, else the first.
    #[must_use]
    pub fn main_gpu(&self) -> Option<&GpuFacts> {
        self.gpus.iter().find(|gpu| gpu.maker != GpuMaker::Other).or(self.gpus.first())
    }
}

impl GpuFacts {
    /// Maker and model in one, without repeating itself.
    #[must_use]
    pub fn name(&self) -> String {
        let (maker, model) = (self.maker.name(), self.model.as_str());
        match self.maker {
            _ if model.is_empty() => format!("{maker} graphics"),
            GpuMaker::Other => model.to_owned(),
            _ if model.starts_with(maker) => model.to_owned(),
            _ => format!("{maker} {model}"),
        }
    }
}
