//! How programs are installed, by what a machine has for it: argument vectors, without asking anything.

use super::{Facts, PackageManager, Root};

/// Waits for the lock that a freshly started Debian or Ubuntu holds while it updates itself.
const APT: [&str; 5] = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o"];
const APT_LOCK: &str = "DPkg::Lock::Timeout=300";

/// Why nothing can be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPackages {
    /// It needs root.
    #[error("installing programs needs root: log in as root, or allow this account sudo without a password")]
    NoRoot,
    /// None of the package managers that we know.
    #[error("it has none of apt-get, dnf, yum, apk, pacman and brew")]
    NoManager,
}

impl Facts {
    /// Programs to be run one after the other, so that these packages are there. What was broken off by an earlier try
    /// is mended first; what is there already stays.
    pub fn install_commands(&self, packages: &[&str]) -> Result<Vec<Vec<String>>, NoPackages> {
        let manager = self.packages.ok_or(NoPackages::NoManager)?;
        // Homebrew belongs to an ordinary account, and refuses root.
        let root = if manager == PackageManager::Brew { Root::Itself } else { self.root };
        let prefix = root.prefix().ok_or(NoPackages::NoRoot)?;
        let program = self.programs.get(manager.program()).map(|path| path.display().to_string());
        let program = program.unwrap_or_else(|| manager.program().to_owned());
        let command = |words: &[&str], packages: &[&str]| -> Vec<String> {
            prefix.iter().chain(words).chain(packages).map(|word| (*word).to_owned()).collect()
        };
        let apt = |words: &[&str], packages: &[&str]| command(&[&APT[..], &[APT_LOCK], words].concat(), packages);
        Ok(match manager {
            PackageManager::Apt => vec![
                command(&["dpkg", "--configure", "-a"], &[]),
                apt(&["update"], &[]),
                apt(&["install", "-y", "--no-install-recommends"], packages),
            ],
            PackageManager::Dnf | PackageManager::Yum => vec![command(&[&program, "install", "-y"], packages)],
            PackageManager::Apk => vec![command(&[&program, "add", "--no-progress", "--update-cache"], packages)],
            // Arch has no older packages than its newest list names, so the list is brought up to date with them.
            PackageManager::Pacman => vec![command(&[&program, "-Sy", "--needed", "--noconfirm"], packages)],
            PackageManager::Brew => vec![command(&["env", "NONINTERACTIVE=1", &program, "install"], packages)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(packages: PackageManager, root: Root) -> Facts {
        Facts { packages: Some(packages), root, ..Facts::default() }
    }

    #[test]
    fn each_package_manager_is_asked_in_its_own_words_and_asks_nothing() {
        use PackageManager::{Apk, Apt, Brew, Dnf, Pacman, Yum};
        for (manager, root, commands) in [
            (
                Apt,
                Root::Sudo,
                &[
                    "sudo -n dpkg --configure -a",
                    "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update",
                    "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y \
                     --no-install-recommends ffmpeg",
                ][..],
            ),
            (Dnf, Root::Itself, &["dnf install -y ffmpeg"]),
            (Yum, Root::Sudo, &["sudo -n yum install -y ffmpeg"]),
            (Apk, Root::Doas, &["doas -n apk add --no-progress --update-cache ffmpeg"]),
            (Pacman, Root::Itself, &["pacman -Sy --needed --noconfirm ffmpeg"]),
            (Brew, Root::No, &["env NONINTERACTIVE=1 brew install ffmpeg"]),
        ] {
            let said = facts(manager, root).install_commands(&["ffmpeg"]).unwrap();
            let said: Vec<String> = said.iter().map(|words| words.join(" ")).collect();
            assert_eq!(said, commands, "{manager:?}");
        }
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let no_root = facts(PackageManager::Apt, Root::No).install_commands(&["ffmpeg"]).unwrap_err();
        assert!(no_root.to_string().contains("sudo without a password"), "{no_root}");
        assert_eq!(Facts::default().install_commands(&["ffmpeg"]), Err(NoPackages::NoManager));
    }
}
