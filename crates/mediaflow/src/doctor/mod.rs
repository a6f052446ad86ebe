//! `mediaflow doctor`: what works on this machine, what is missing, and what to do about it.

mod report;

use std::io::{self, Write};
use std::path::Path;

use mediaflow_engine::toolchain::{ToolError, ToolOptions, Toolchain, install_managed, offers_managed};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::storage::{LocalStorage, Storage};

use report::{DataDirReport, Report, ToolReport};

/// What the command line asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DoctorOptions {
    /// Bring the managed build when the found one lacks something.
    pub install_ffmpeg: bool,
    /// One JSON object instead of text.
    pub json: bool,
    /// Only what is wrong or was done; encoders that were tried since the machine started are not tried again.
    pub quiet: bool,
}

/// Examines this machine and writes the report to `out`; lines about what takes time go to `progress`.
///
/// Returns whether MediaFlow can work here. Fails only when `out` cannot be written.
pub fn run(
    tools: &ToolOptions,
    options: DoctorOptions,
    cancel: &Cancel,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(&str),
) -> io::Result<bool> {
    let mut report = Report::new(examine_data_dir(&tools.data_dir));
    let mut found = Toolchain::discover(tools, cancel);
    if options.install_ffmpeg {
        install(tools, options, &mut found, cancel, &mut report, progress);
    }
    match found {
        Ok(tools) => examine_tools(&tools, options, cancel, &mut report, progress),
        Err(error) => report.problem(&with_sources(&error)),
    }
    if options.json {
        report.write_json(out)?;
    } else {
        report.write_text(out, options.quiet)?;
    }
    Ok(report.can_work())
}

/// Brings the managed build if the found one lacks something, and looks again.
fn install(
    tools: &ToolOptions,
    options: DoctorOptions,
    found: &mut Result<Toolchain, ToolError>,
    cancel: &Cancel,
    report: &mut Report,
    progress: &mut dyn FnMut(&str),
) {
    if tools.ffmpeg.is_some() || tools.ffprobe.is_some() {
        report.advice("FFMPEG_PATH or FFPROBE_PATH is set and always wins: unset both to have ffmpeg installed");
        return;
    }
    if let Ok(tools) = &*found
        && tools.build.missing().is_empty()
    {
        if !options.quiet {
            report.note(&format!("nothing to install: ffmpeg {} lacks nothing", tools.version()));
        }
        return;
    }
    match install_managed(&tools.data_dir, cancel, progress) {
        Ok(installed) => {
            let what = if installed.already_there { "already there" } else { "installed" };
            report.note(&format!("{what}: ffmpeg {} in {}", installed.version, installed.dir.display()));
        }
        Err(error) => report.problem(&with_sources(&error)),
    }
    *found = Toolchain::discover(tools, cancel);
}

fn examine_tools(
    tools: &Toolchain,
    options: DoctorOptions,
    cancel: &Cancel,
    report: &mut Report,
    progress: &mut dyn FnMut(&str),
) {
    let trials = if options.quiet {
        tools.trials(cancel)
    } else {
        progress("trying each encoder and decoder for one second");
        tools.try_all(cancel)
    };
    match trials {
        Ok(trials) => report.tools = Some(ToolReport::new(tools, trials)),
        Err(error) => report.problem(&with_sources(&error)),
    }
    for missing in tools.build.missing() {
        report.problem(&format!("ffmpeg {} has {missing}", tools.version()));
    }
    if !tools.build.missing().is_empty() && offers_managed() && !options.install_ffmpeg {
        report.advice("run `mediaflow doctor --install-ffmpeg` for a full build of ffmpeg, kept in the data directory");
    }
}

/// Makes the data directory, and finds out by trial what it can do.
fn examine_data_dir(dir: &Path) -> DataDirReport {
    let mut report = DataDirReport { path: dir.display().to_string(), ..DataDirReport::default() };
    if let Err(error) = std::fs::create_dir_all(dir) {
        report.problem = Some(format!("the data directory {} cannot be made: {error}", dir.display()));
        return report;
    }
    let storage = LocalStorage::new(dir);
    report.free_bytes = storage.free_bytes(None).ok();
    match storage.probe(None, None, &format!("doctor-{}", std::process::id())) {
        Ok(capabilities) => report.capabilities = Some(capabilities),
        Err(error) => {
            report.problem = Some(format!("the data directory {} cannot be written: {error}", dir.display()));
        }
    }
    report
}

/// An error with its causes, in one line.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examined(tools: &ToolOptions, options: DoctorOptions) -> (bool, String) {
        let mut out = Vec::new();
        let works = run(tools, options, &Cancel::new(), &mut out, &mut |_| {}).unwrap();
        (works, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_machine_with_ffmpeg_can_work_and_the_report_says_what() {
        let data = tempfile::tempdir().unwrap();
        let tools = ToolOptions { data_dir: data.path().join("new"), ..ToolOptions::default() };
        let (works, text) = examined(&tools, DoctorOptions::default());
        assert!(works, "{text}");
        for said in ["ffmpeg", "found on PATH", "libx264", "free"] {
            assert!(text.contains(said), "{said} is missing in:\n{text}");
        }
        let (_, json) = examined(&tools, DoctorOptions { json: true, ..DoctorOptions::default() });
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["can_work"], true);
        assert_eq!(json["data_dir"]["problem"], serde_json::Value::Null);
        let x264 = json["ffmpeg"]["encoders"].as_array().unwrap().iter().find(|e| e["name"] == "libx264").unwrap();
        assert_eq!(x264["works"], true);
    }

    #[test]
    fn a_wrong_ffmpeg_is_named_with_what_to_do() {
        let data = tempfile::tempdir().unwrap();
        let missing = data.path().join("no/ffmpeg");
        let tools = ToolOptions {
            ffmpeg: Some(missing.clone()),
            ffprobe: Some(missing.clone()),
            data_dir: data.path().to_owned(),
        };
        let (works, text) = examined(&tools, DoctorOptions { quiet: true, ..DoctorOptions::default() });
        assert!(!works);
        assert!(text.contains(&missing.display().to_string()) && text.contains("Install it"), "{text}");
    }

    #[test]
    fn a_data_directory_that_cannot_be_made_is_a_problem() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("file"), "").unwrap();
        let tools = ToolOptions { data_dir: data.path().join("file/below"), ..ToolOptions::default() };
        let (works, text) = examined(&tools, DoctorOptions { quiet: true, ..DoctorOptions::default() });
        assert!(!works);
        assert!(text.contains("cannot be made"), "{text}");
    }
}
