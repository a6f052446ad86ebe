//! `debian-12.txt` is what a real machine said. The others were put together from what such systems print.

use super::*;

fn debian() -> Facts {
    Facts::parse(include_str!("recorded/debian-12.txt"))
}

fn ubuntu() -> Facts {
    Facts::parse(include_str!("recorded/ubuntu-24.04-nvidia.txt"))
}

fn rocky() -> Facts {
    Facts::parse(include_str!("recorded/rocky-9-no-driver.txt"))
}

fn alpine() -> Facts {
    Facts::parse(include_str!("recorded/alpine-3.20.txt"))
}

fn arch() -> Facts {
    Facts::parse(include_str!("recorded/arch-amd.txt"))
}

fn macos() -> Facts {
    Facts::parse(include_str!("recorded/macos-14.txt"))
}

fn raspberry() -> Facts {
    Facts::parse(include_str!("recorded/raspberry-pi.txt"))
}

fn wsl() -> Facts {
    Facts::parse(include_str!("recorded/wsl-nvidia.txt"))
}

#[test]
fn every_system_says_what_it_is_and_what_installs_programs() {
    use PackageManager::{Apk, Apt, Brew, Dnf, Pacman};
    use Root::{Doas, Itself, No, Sudo};
    let debian_12 = "Debian GNU/Linux 12 (bookworm)";
    for (facts, id, name, version, packages, root) in [
        (debian(), "debian", debian_12, Some("12"), Apt, Itself),
        (ubuntu(), "ubuntu", "Ubuntu 24.04.1 LTS", Some("24.04"), Apt, Sudo),
        (rocky(), "rocky", "Rocky Linux 9.5 (Blue Onyx)", Some("9.5"), Dnf, Itself),
        (alpine(), "alpine", "Alpine Linux v3.20", Some("3.20.3"), Apk, Doas),
        (arch(), "arch", "Arch Linux", None, Pacman, No),
        (macos(), "macos", "macOS 14.6.1", Some("14.6.1"), Brew, No),
        (raspberry(), "debian", debian_12, Some("12"), Apt, Sudo),
    ] {
        let said = (facts.os.id.as_str(), facts.os.name.as_str(), facts.os.version.as_deref());
        assert_eq!(said, (id, name, version));
        assert_eq!((facts.packages, facts.root), (Some(packages), root), "{name}");
        assert_eq!(facts.missing(), Vec::<String>::new(), "{name}");
    }
    assert!(ubuntu().is_kin_of("debian") && rocky().is_kin_of("rhel") && !arch().is_kin_of("debian"));
}

#[test]
fn processors_and_memory_are_read_everywhere() {
    for (facts, arch, cpu, cores, ram_bytes) in [
        (debian(), "x86_64", "AMD EPYC", 2, 24_684_096 * 1024),
        (ubuntu(), "x86_64", "13th Gen Intel(R) Core(TM) i5-13500", 20, 65_632_428 * 1024),
        (alpine(), "x86_64", "Intel(R) N100", 4, 16_136_400 * 1024),
        (macos(), "aarch64", "Apple M2", 8, 16 << 30),
        (raspberry(), "aarch64", "Cortex-A76", 4, 8_245_104 * 1024),
    ] {
        let said = (facts.arch.as_str(), facts.cpu_model.as_deref(), facts.cpu_cores, facts.ram_bytes);
        assert_eq!(said, (arch, Some(cpu), Some(cores), Some(ram_bytes)));
    }
}

#[test]
fn graphics_devices_have_the_names_by_which_they_are_sold() {
    let gpus = |facts: Facts| -> Vec<(String, Option<String>, Option<String>)> {
        let said = |gpu: GpuFacts| (gpu.name(), gpu.driver, gpu.driver_version);
        facts.gpus.into_iter().map(said).collect()
    };
    let one = |name: &str, driver: Option<&str>, version: Option<&str>| {
        (name.to_owned(), driver.map(str::to_owned), version.map(str::to_owned))
    };
    assert_eq!(gpus(debian()), []);
    let intel = one("Intel AlderLake-S GT1", Some("i915"), None);
    let nvidia = one("NVIDIA GeForce RTX 4070", Some("nvidia"), Some("550.120"));
    assert_eq!(gpus(ubuntu()), [intel, nvidia]);
    let console = one("GD 5446", Some("cirrus"), None);
    assert_eq!(gpus(rocky()), [console, one("NVIDIA A2 / A16", None, None)]);
    assert_eq!(rocky().main_gpu().unwrap().maker, GpuMaker::Nvidia);
    assert_eq!(gpus(alpine()), [one("Intel graphics", Some("i915"), None)]);
    assert_eq!((alpine().closed_devices, arch().closed_devices), (vec!["/dev/dri/renderD128".to_owned()], vec![]));
    assert_eq!(gpus(arch())[1], one("AMD Raphael", Some("amdgpu"), None));
    assert_eq!(gpus(macos()), [one("Apple M2", None, None)]);
    assert_eq!(wsl().main_gpu().unwrap().name(), "NVIDIA GeForce RTX 3080");
}

#[test]
fn what_a_worker_cannot_do_without_is_told() {
    let mut facts = alpine();
    assert_eq!((facts.container.as_deref(), wsl().container.as_deref()), (None, Some("wsl")));
    facts.programs.remove("sha256sum");
    facts.programs.remove("nohup");
    assert_eq!(facts.missing(), ["sha256sum or shasum or openssl"]);
    facts.programs.remove("setsid");
    assert_eq!(facts.missing().last().unwrap(), "setsid or nohup");
}

#[test]
fn a_machine_that_says_nothing_is_no_trouble() {
    let facts = Facts::parse("");
    assert_eq!((facts.os.id.as_str(), facts.cpu_cores, facts.root), ("", None, Root::No));
    assert_eq!(facts.missing().len(), 3);
}
