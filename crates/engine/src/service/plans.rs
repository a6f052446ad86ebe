//! What would be done, and what is done: plans, commands and estimates, for showing.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mediaflow_core::analyze::{LearnedRatios, OutputEstimate, estimate_output};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::media::preset::Preset;
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::{Intent, plan};
use mediaflow_core::text;
use mediaflow_ffmpeg::binding::{Binding, Places, Program, Run, bind};
use mediaflow_store::StoreError;

use super::Service;
use super::error::CommandError;
use super::manual::regular_file;
use crate::analyze::learned_ratios;
use crate::run::measure::{MeasureError, Measurer};
use crate::scan::on_disk;

/// What would be done to an item.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRun {
    /// The plan.
    pub intent: Intent,
    /// The same in words, a line a stream.
    pub lines: Vec<String>,
    /// What would be run, a line a program.
    pub command: Vec<String>,
    /// Who would encode the pictures on this machine, where any are encoded.
    pub encoded_by: Option<EncodedBy>,
    /// Size of the source in bytes.
    pub source_bytes: u64,
    /// How large the output would be.
    pub estimate: Option<OutputEstimate>,
    /// How long the encode would take in seconds, by what such encodes took here lately.
    pub duration_s: Option<u64>,
}

/// The plan of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobPlan {
    /// What was frozen when it was queued; `None` for a job that was refused before it had a plan.
    pub intent: Option<Intent>,
    /// The same in words, a line a stream.
    pub lines: Vec<String>,
    /// What was run last, or will be, a line a program.
    pub command: Vec<String>,
    /// Size of the source in bytes.
    pub source_bytes: u64,
    /// Size that the output was expected to have when it was queued, in bytes.
    pub estimated_bytes: Option<u64>,
}

/// How long a look at one file may take; a disk may have to spin up.
const PROBE_LIMIT: Duration = Duration::from_secs(60);

impl Service {
    /// What lies in a file, by its path. Nothing is written down.
    pub fn probe(&self, path: &Path) -> Result<MediaInfo, CommandError> {
        regular_file(path)?;
        let tools = self.inner.tools.get()?;
        let cancel = self.inner.stop.with_time_limit(PROBE_LIMIT);
        match (Measurer { tools: &tools, cancel: &cancel }).probe(path) {
            Ok((info, _)) if !info.streams.is_empty() => Ok(info),
            Ok(_) => Err(unreadable(path, "it has no streams")),
            Err(MeasureError::Probe { reason, .. }) => Err(unreadable(path, &reason)),
            Err(error) => Err(CommandError::Failed(error.to_string())),
        }
    }

    /// What would be done to an item of the library. Nothing is written down.
    pub fn dry_run(&self, part_id: i64, preset: &Preset) -> Result<DryRun, CommandError> {
        let (path, info, learned) = self.inner.store.read(|r| {
            let file = r.file(r.file_of_part(part_id)?)?;
            let path = on_disk(&r.storage(file.storage_id)?, &file.path);
            let probe = r.probe(file.id)?.ok_or(StoreError::NotFound { what: "probed item", id: part_id })?;
            Ok((path, probe.info, learned_ratios(r)?))
        })?;
        self.check_able(&preset.settings)?;
        let intent = plan(&info, &preset.settings).map_err(|refusal| CommandError::Refused(refusal.to_string()))?;
        self.foretell(&path, &info, intent, &learned)
    }

    /// What a plan comes to.
    pub(super) fn foretell(
        &self,
        path: &Path,
        info: &MediaInfo,
        mut intent: Intent,
        learned: &LearnedRatios,
    ) -> Result<DryRun, CommandError> {
        let binding = bind(&intent, &Mark::new("dry-run", &intent.policy), &self.abilities());
        // Not part of the plan, which knows no worker; but whoever asks wants to know.
        intent.notes.extend(binding.encoded_by.as_ref().map(EncodedBy::remarks).unwrap_or_default());
        Ok(DryRun {
            lines: lines(&intent),
            command: commands(&binding, &intent, path),
            source_bytes: info.size_bytes,
            estimate: estimate_output(info, &intent, learned),
            duration_s: self.expected_duration_s(info, binding.encoded_by.as_ref())?,
            encoded_by: binding.encoded_by,
            intent,
        })
    }

    /// Frames over the speed of this encoder lately.
    fn expected_duration_s(&self, info: &MediaInfo, by: Option<&EncodedBy>) -> Result<Option<u64>, StoreError> {
        let (Some((_, video)), Some(by)) = (info.videos().next(), by) else { return Ok(None) };
        let fps = self.inner.store.read(|r| r.average_fps(&by.encoder, &video.tier().to_string()))?;
        let frame_rate = video.average_frame_rate.or(video.frame_rate).map(mediaflow_core::media::Ratio::value);
        let (Some(fps), Some(frame_rate), Some(duration_us)) = (fps, frame_rate, info.duration_us) else {
            return Ok(None);
        };
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an estimate
        let seconds = (duration_us as f64 / 1e6 * frame_rate / fps.max(0.001)).ceil() as u64;
        Ok(Some(seconds))
    }

    /// The plan of a job, and what it runs.
    pub fn job_plan(&self, id: i64) -> Result<JobPlan, CommandError> {
        let (view, intent) = self.inner.store.read(|r| Ok((r.job_view(id)?, r.job_intent(id)?)))?;
        let path = view.root.join(OsStr::from_bytes(view.job.path.as_bytes()));
        let ran = view.encode.and_then(|attempt| attempt.argv);
        Ok(JobPlan {
            lines: intent.as_ref().map(lines).unwrap_or_default(),
            command: match (ran, &intent) {
                (Some(argv), _) => vec![command_line(Program::Ffmpeg, argv.iter().map(String::as_str))],
                (None, Some(intent)) => {
                    let mark = Mark::new(&view.job.public_id, &intent.policy);
                    commands(&bind(intent, &mark, &self.abilities()), intent, &path)
                }
                (None, None) => Vec::new(),
            },
            source_bytes: view.job.source_bytes,
            estimated_bytes: view.job.estimated_bytes,
            intent,
        })
    }
}

fn unreadable(path: &Path, reason: &str) -> CommandError {
    CommandError::Invalid { field: "file_path", message: format!("{} cannot be read: {reason}", path.display()) }
}

/// What happens to every stream, a line each.
fn lines(intent: &Intent) -> Vec<String> {
    let kept = intent.streams.iter().map(mediaflow_core::plan::StreamPlan::describe);
    let dropped = intent
        .dropped
        .iter()
        .map(|dropped| format!("#{} {} left out: {}", dropped.source_index, dropped.codec, dropped.reason));
    let notes = intent.notes.iter().map(|note| format!("note: {note}"));
    kept.chain(dropped).chain(notes).collect()
}

/// The command lines of a plan; where the output and working files lie is not decided yet.
fn commands(binding: &Binding, intent: &Intent, source: &Path) -> Vec<String> {
    let output = PathBuf::from(format!("OUTPUT.{}", intent.container.extension()));
    let places = Places { input: source.as_os_str(), output: output.as_os_str(), work: Path::new("WORK") };
    let typed = |run: &Run| {
        let words: Vec<String> = run.resolve(places).iter().map(|word| word.to_string_lossy().into_owned()).collect();
        command_line(run.program, words.iter().map(String::as_str))
    };
    binding.runs.iter().map(typed).collect()
}

/// As it would be typed.
fn command_line<'a>(program: Program, args: impl Iterator<Item = &'a str>) -> String {
    std::iter::once(program.name().to_owned()).chain(args.map(text::quoted)).collect::<Vec<_>>().join(" ")
}
