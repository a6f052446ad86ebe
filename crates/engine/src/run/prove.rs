//! Proving an output: measure it, compare it with its measured source, and write down every check.

use std::path::Path;

use mediaflow_core::identity::{ContentId, Hash};
use mediaflow_core::media::MediaInfo;
use mediaflow_core::plan::Intent;
use mediaflow_core::proof::{Check, Proof};
use mediaflow_ffmpeg::measure::{Measured, Quality, Side, SourceState};
use mediaflow_ffmpeg::proof::{Evidence, judge};
use mediaflow_transport::machine::WorkingFileError;
use mediaflow_transport::storage::content;

use super::measure::{MeasureError, Measurer, OnTime};
use super::{burn_in, quality};

/// A source that was decoded wholly.
#[derive(Debug, Clone)]
pub struct MeasuredSource {
    /// What was measured.
    pub measured: Measured,
    /// How sound it is.
    pub state: SourceState,
    /// Which bytes it had when it was measured.
    pub content: ContentId,
}

/// Decodes a source wholly and judges it. `work` is a directory for working files.
pub fn measure_source(
    measurer: Measurer<'_>,
    intent: &Intent,
    path: &Path,
    content: ContentId,
    work: &Path,
    on_time: OnTime<'_>,
) -> Result<MeasuredSource, MeasureError> {
    let (info, _) = measurer.probe(path)?;
    let mut measured = measurer.measure(intent, path, info, Side::Source, on_time)?;
    measured.dynamic = measurer.dynamic(intent, path, Side::Source, work)?;
    measured.peaks = measurer.peaks(intent, path)?;
    let state = measurer.source_state(intent, path, &measured, work)?;
    Ok(MeasuredSource { measured, state, content })
}

/// What an output is proven with.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// What was promised.
    pub intent: &'a Intent,
    /// The source file.
    pub source_path: &'a Path,
    /// What was measured on it.
    pub source: &'a MeasuredSource,
    /// The output file.
    pub output_path: &'a Path,
    /// A directory for this proof's own working files.
    pub work: &'a Path,
    /// Whether the output is to take its source's place, and must be worth that.
    pub replaces: bool,
}

/// How far a proof has come, from 0 to 1.
pub type OnShare<'a> = &'a mut dyn FnMut(f64);

/// Decoding takes about half of a proof's time, the quality metric the other half; in between the source is read where
/// something was drawn from it.
const DECODE_SHARE: f64 = 0.5;
const READ_SHARE: f64 = 0.05;

/// An output's proof, with the probe that it rests on.
#[derive(Debug, Clone)]
pub struct Examined {
    /// Every check.
    pub proof: Proof,
    /// Scores of each encoded video stream, in the intent's order; `Err` says why one could not be had.
    pub quality: Vec<Result<Quality, String>>,
    /// The output's probe and ffprobe's own text; `None` where it could not be probed at all.
    pub probe: Option<(MediaInfo, Vec<u8>)>,
}

/// What was seen of an output, before it is known by its hash.
#[derive(Debug, Clone)]
pub struct Judged {
    checks: Vec<Check>,
    quality: Vec<Result<Quality, String>>,
    probe: Option<(MediaInfo, Vec<u8>)>,
}

impl Judged {
    /// Whether every check passed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    /// Makes it the proof of the file that has this hash and so many bytes.
    #[must_use]
    pub fn into_examined(self, measurer: Measurer<'_>, subject: Subject<'_>, (hash, bytes): (Hash, u64)) -> Examined {
        let proof = Proof {
            output_hash: hash,
            output_bytes: bytes,
            source: subject.source.content,
            intent: subject.intent.hash(),
            tools: measurer.tools.version.clone(),
            checks: self.checks,
        };
        Examined { proof, quality: self.quality, probe: self.probe }
    }
}

/// Proves an output that lies on this machine. A bad output is a proof with failed checks, never an error.
pub fn prove(measurer: Measurer<'_>, subject: Subject<'_>, on_share: OnShare<'_>) -> Result<Examined, MeasureError> {
    let path = subject.output_path;
    let read = |source| WorkingFileError::Here { doing: "read", path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(read)?;
    let known_by = content::hash_all(&mut file).map_err(read)?;
    let judged = judge_output(measurer, subject, known_by.1, on_share)?;
    Ok(judged.into_examined(measurer, subject, known_by))
}

/// Measures an output of so many bytes where it lies, and compares it with its source.
pub fn judge_output(
    measurer: Measurer<'_>,
    subject: Subject<'_>,
    output_bytes: u64,
    on_share: OnShare<'_>,
) -> Result<Judged, MeasureError> {
    let Subject { intent, source_path, source, output_path, work, replaces } = subject;
    let finish = |checks, quality, probe| Judged { checks, quality, probe };
    let (info, text) = match measurer.probe(output_path) {
        Ok(probed) => probed,
        Err(MeasureError::Probe { reason, .. }) => {
            return Ok(finish(vec![Check::new("streams", false, reason)], Vec::new(), None));
        }
        Err(error) => return Err(error),
    };
    let length_us = source.measured.info.as_ref().and_then(|info| info.duration_us).unwrap_or(1).max(1);
    let mut measured = measurer.measure(intent, output_path, info.clone(), Side::Output, &mut |us| {
        #[allow(clippy::cast_precision_loss)]
        on_share((us as f64 / length_us as f64).clamp(0.0, 1.0) * DECODE_SHARE);
    })?;
    measured.dynamic = measurer.dynamic(intent, output_path, Side::Output, work)?;
    let source_side = quality::Side { path: source_path, measured: &source.measured };
    let mut done = DECODE_SHARE;
    burn_in::look(measurer, intent, source_side, (output_path, &mut measured), work, &mut |share| {
        done = DECODE_SHARE + share * READ_SHARE;
        on_share(done);
    })?;
    let quality = quality::score(
        measurer,
        intent,
        source_side,
        quality::Side { path: output_path, measured: &measured },
        work,
        &mut |share| on_share(done + share * (1.0 - done)),
    )?;
    let evidence = Evidence {
        intent,
        source: &source.measured,
        source_state: &source.state,
        output: &measured,
        quality: &quality,
        source_bytes: source.content.size_bytes,
        output_bytes,
        must_be_worth_it: replaces,
    };
    let checks = judge(&evidence);
    Ok(finish(checks, quality, Some((info, text))))
}
