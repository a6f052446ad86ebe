//! The doctor's findings, as text for people and as JSON for scripts.

use std::io::{self, Write};

use mediaflow_core::replace::Capabilities;
use mediaflow_core::text::bytes;
use mediaflow_engine::toolchain::{EncoderReport, Origin, Toolchain, Trials};
use serde::Serialize;

/// Below this a library's larger jobs will not start: one UHD film with its replacement.
const LITTLE_SPACE_BYTES: u64 = 20_000_000_000;

/// All that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    version: &'static str,
    platform: String,
    data_dir: DataDirReport,
    /// The chosen ffmpeg; `null` when there is none.
    #[serde(rename = "ffmpeg")]
    pub(super) tools: Option<ToolReport>,
    can_work: bool,
    problems: Vec<String>,
    advice: Vec<String>,
    notes: Vec<String>,
}

/// The folder with the database, the working files and the managed ffmpeg.
#[derive(Debug, Default, Serialize)]
pub(super) struct DataDirReport {
    pub(super) path: String,
    pub(super) free_bytes: Option<u64>,
    pub(super) capabilities: Option<Capabilities>,
    pub(super) problem: Option<String>,
}

/// The chosen pair of programs.
#[derive(Debug, Serialize)]
pub(super) struct ToolReport {
    ffmpeg: String,
    ffprobe: String,
    version: String,
    origin: Origin,
    vmaf: bool,
    #[serde(flatten)]
    trials: Trials,
}

impl ToolReport {
    pub(super) fn new(tools: &Toolchain, trials: Trials) -> Self {
        Self {
            ffmpeg: tools.ffmpeg.display().to_string(),
            ffprobe: tools.ffprobe.display().to_string(),
            version: tools.version().to_owned(),
            origin: tools.origin,
            vmaf: tools.has_vmaf(),
            trials,
        }
    }

    fn can_encode(&self) -> bool {
        self.trials
            .encoders
            .iter()
            .any(|encoder| encoder.works && encoder.name.starts_with("lib") && encoder.name != "libopus")
    }
}

impl Report {
    pub(super) fn new(data_dir: DataDirReport) -> Self {
        let mut report = Self {
            version: env!("CARGO_PKG_VERSION"),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            tools: None,
            can_work: false,
            problems: data_dir.problem.iter().cloned().collect(),
            advice: Vec::new(),
            notes: Vec::new(),
            data_dir,
        };
        if let Some(free) = report.data_dir.free_bytes.filter(|free| *free < LITTLE_SPACE_BYTES) {
            report.advice(&format!(
                "only {} are free in the data directory; large films will wait for space",
                bytes(free)
            ));
        }
        report
    }

    /// Something is wrong or missing.
    pub(super) fn problem(&mut self, text: &str) {
        self.problems.push(text.to_owned());
    }

    /// Something that the user could do.
    pub(super) fn advice(&mut self, text: &str) {
        self.advice.push(text.to_owned());
    }

    /// Something that was done.
    pub(super) fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }

    /// Whether there is a place for our data and an ffmpeg that encodes.
    pub(super) fn can_work(&self) -> bool {
        self.data_dir.problem.is_none() && self.tools.as_ref().is_some_and(ToolReport::can_encode)
    }

    pub(super) fn write_json(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.can_work = self.can_work();
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    pub(super) fn write_text(&self, out: &mut dyn Write, quiet: bool) -> io::Result<()> {
        if !quiet {
            writeln!(out, "MediaFlow {} on {}\n", self.version, self.platform)?;
            self.write_data_dir(out)?;
            if let Some(tools) = &self.tools {
                write_tools(tools, out)?;
            }
            writeln!(out)?;
        }
        for note in &self.notes {
            writeln!(out, "{note}")?;
        }
        for problem in &self.problems {
            writeln!(out, "problem: {problem}")?;
        }
        for advice in &self.advice {
            writeln!(out, "advice:  {advice}")?;
        }
        match (self.can_work(), quiet) {
            (true, true) => Ok(()),
            (true, false) => writeln!(out, "MediaFlow can work here."),
            (false, _) => writeln!(out, "MediaFlow cannot work here until the problems above are solved."),
        }
    }

    fn write_data_dir(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "data directory  {}", self.data_dir.path)?;
        if let Some(free) = self.data_dir.free_bytes {
            writeln!(out, "                {} free", bytes(free))?;
        }
        if let Some(capabilities) = &self.data_dir.capabilities {
            writeln!(out, "                {}", capabilities_text(capabilities))?;
        }
        Ok(())
    }
}

fn capabilities_text(capabilities: &Capabilities) -> String {
    let can = [
        (capabilities.exchange, "exchanges two files in one step"),
        (capabilities.link, "hard links"),
        (capabilities.rename_no_replace, "renames without replacing"),
        (capabilities.folds_case, "ignores case"),
        (capabilities.normalises, "normalises names"),
    ];
    let found: Vec<&str> = can.iter().filter(|(can, _)| *can).map(|(_, text)| *text).collect();
    if found.is_empty() { "plain files only".to_owned() } else { found.join(", ") }
}

fn write_tools(tools: &ToolReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "ffmpeg          {}, {}", tools.version, tools.origin)?;
    writeln!(out, "                {}", tools.ffmpeg)?;
    writeln!(out, "                {}", tools.ffprobe)?;
    writeln!(out, "picture check   {}", if tools.vmaf { "VMAF" } else { "SSIM (this build has no VMAF)" })?;
    for (index, encoder) in tools.trials.encoders.iter().enumerate() {
        let title = if index == 0 { "encoders" } else { "" };
        writeln!(out, "{title:<15} {:<18} {}", encoder.name, encoder_text(encoder))?;
    }
    for (index, decoder) in tools.trials.decoders.iter().enumerate() {
        let title = if index == 0 { "GPU decoders" } else { "" };
        let text = match &decoder.reason {
            Some(reason) => format!("no: {reason}"),
            None => decoder.codecs.join(", "),
        };
        writeln!(out, "{title:<15} {:<18} {text}", decoder.name)?;
    }
    Ok(())
}

fn encoder_text(encoder: &EncoderReport) -> String {
    let mut text = match (&encoder.reason, encoder.ten_bit, &encoder.ten_bit_reason) {
        (Some(reason), ..) => return format!("no: {reason}"),
        (None, true, _) => "works, also with 10 bits".to_owned(),
        (None, false, Some(reason)) => format!("works, not with 10 bits: {reason}"),
        (None, false, None) => "works".to_owned(),
    };
    if encoder.two_pass {
        text.push_str(", in two passes");
    }
    text
}
