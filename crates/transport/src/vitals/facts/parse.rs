//! From a report to facts.

use std::path::PathBuf;

use super::super::report::Report;
use super::{Facts, GpuFacts, GpuMaker, Os, PackageManager, Root};

impl Facts {
    /// Of what `facts.sh` prints.
    pub(crate) fn parse(report: &str) -> Self {
        let report = Report(report);
        let program = |line: &str| {
            let (name, path) = line.split_once(' ')?;
            Some((name.to_owned(), PathBuf::from(path)))
        };
        let programs: std::collections::BTreeMap<_, _> = report.all("program").filter_map(program).collect();
        let root = match (report.first("uid"), report.first("root_by")) {
            (Some("0"), _) => Root::Itself,
            (_, Some("sudo")) => Root::Sudo,
            (_, Some("doas")) => Root::Doas,
            _ => Root::No,
        };
        Self {
            os: os(report),
            kernel: report.first("kernel").unwrap_or_default().to_owned(),
            arch: arch(report.first("arch").unwrap_or_default()).to_owned(),
            cpu_model: report.first("cpu").map(one_blank_each),
            cpu_cores: report.number("cores").and_then(|cores| u32::try_from(cores).ok()).filter(|cores| *cores > 0),
            ram_bytes: report.number("ram_bytes").or_else(|| Some(report.number("ram_kib")? * 1024)),
            gpus: gpus(report),
            closed_devices: report.all("closed").map(str::to_owned).collect(),
            container: report.first("container").filter(|kind| *kind != "none").map(str::to_owned),
            root,
            packages: PackageManager::ALL.into_iter().find(|manager| programs.contains_key(manager.program())),
            programs,
        }
    }
}

fn os(report: Report<'_>) -> Os {
    if report.first("system") == Some("Darwin") {
        let version = report.first("version").map(str::to_owned);
        let name = version.as_ref().map_or_else(|| "macOS".to_owned(), |version| format!("macOS {version}"));
        return Os { id: "macos".to_owned(), like: Vec::new(), version, name };
    }
    let field = |name: &str| {
        let value = report.all("os").find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(unquoted(value)).filter(|value| !value.is_empty())
    };
    let system = || report.first("system").unwrap_or_default().to_owned();
    let id = field("ID").unwrap_or_else(|| system().to_lowercase());
    Os {
        like: field("ID_LIKE").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        version: field("VERSION_ID"),
        name: field("PRETTY_NAME").or_else(|| field("NAME")).unwrap_or_else(system),
        id,
    }
}

/// A value of os-release, which a shell could read.
fn unquoted(value: &str) -> String {
    let inner = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let Some(inner) = inner else { return value.to_owned() };
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next()),
            _ => text.push(letter),
        }
    }
    text
}

/// What macOS and 32-bit programs name differently.
fn arch(said: &str) -> &str {
    match said {
        "arm64" => "aarch64",
        "amd64" => "x86_64",
        other => other,
    }
}

/// Processors pad their names with blanks.
fn one_blank_each(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn gpus(report: Report<'_>) -> Vec<GpuFacts> {
    if report.first("system") == Some("Darwin") {
        return report.all("chipset").map(chipset).collect();
    }
    let mut gpus: Vec<(String, GpuFacts)> = report.all("display").filter_map(|line| display(report, line)).collect();
    for line in report.all("nvidia") {
        let mut fields = line.splitn(3, ',').map(str::trim);
        let (Some(slot), Some(model), Some(version)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let slot = short_slot(slot);
        let model = model.strip_prefix("NVIDIA ").unwrap_or(model).to_owned();
        let gpu = GpuFacts {
            maker: GpuMaker::Nvidia,
            model,
            driver: Some("nvidia".to_owned()),
            driver_version: Some(version.to_owned()),
        };
        match gpus.iter_mut().find(|(known, _)| *known == slot) {
            Some((_, known)) => *known = gpu,
            // Where containers and virtual machines hide the bus.
            None => gpus.push((slot, gpu)),
        }
    }
    gpus.into_iter().map(|(_, gpu)| gpu).collect()
}

/// `display 0000:01:00.0 0x10de nvidia`: slot, vendor and the driver that took it, if any.
fn display(report: Report<'_>, line: &str) -> Option<(String, GpuFacts)> {
    let mut words = line.split_whitespace();
    let slot = short_slot(words.next()?);
    let vendor = words.next()?.strip_prefix("0x").and_then(|digits| u16::from_str_radix(digits, 16).ok())?;
    let maker = GpuMaker::of_pci(vendor);
    let driver = words.next().map(str::to_owned);
    let driver_version = (driver.as_deref() == Some("nvidia")).then(|| report.first("nvidia_module")).flatten();
    let model = report.all("pci").find(|line| line.split(' ').next().is_some_and(|named| short_slot(named) == slot));
    let model = model.and_then(pci_model).unwrap_or_default();
    Some((slot, GpuFacts { maker, model, driver, driver_version: driver_version.map(str::to_owned) }))
}

/// `0000:01:00.0`, `00000000:01:00.0` and `01:00.0` are the same slot on all machines that we know.
fn short_slot(slot: &str) -> String {
    let mut parts = slot.rsplitn(3, ':');
    let (device, bus) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{bus}:{device}").to_lowercase()
}

/// The third quoted word of `lspci -mm`; what stands in brackets at its end is the name by which it is sold.
fn pci_model(line: &str) -> Option<String> {
    let device = line.split('"').nth(5)?;
    let sold_as = device.strip_suffix(']').and_then(|device| device.rsplit_once('[')).map(|(_, name)| name);
    let model = sold_as.unwrap_or(device).trim();
    // BusyBox knows the number only.
    let is_number = model.len() == 4 && model.chars().all(|digit| digit.is_ascii_hexdigit());
    (!is_number && !model.is_empty()).then(|| model.to_owned())
}

fn chipset(name: &str) -> GpuFacts {
    let makers = [GpuMaker::Nvidia, GpuMaker::Intel, GpuMaker::Amd, GpuMaker::Apple];
    let maker = makers.into_iter().find(|maker| name.starts_with(maker.name())).unwrap_or(GpuMaker::Other);
    GpuFacts { maker, model: name.to_owned(), driver: None, driver_version: None }
}
