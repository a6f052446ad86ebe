//! Carrying out the quality measurement: the chosen windows of one video stream, neighbours in one run.

use std::path::Path;

use mediaflow_core::plan::{Action, Intent};
use mediaflow_ffmpeg::measure::{
    ERROR_LOG, FrameScore, Measured, Pairing, QUALITY_LOG, Quality, TONE_LOG, Window, all_windows, compares_tone,
    parse_errors, parse_scores, quality_args, sample_windows,
};
use mediaflow_transport::process::Invocation;

use super::measure::{MeasureError, Measurer};

/// One side of the comparison.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The file.
    pub path: &'a Path,
    /// What was measured on it.
    pub measured: &'a Measured,
}

/// Scores every encoded video stream, in the intent's order. `work` is a directory of this measurement's own; `on_share`
/// is told how much is done.
pub fn score(
    measurer: Measurer<'_>,
    intent: &Intent,
    source: Side<'_>,
    output: Side<'_>,
    work: &Path,
    on_share: &mut dyn FnMut(f64),
) -> Result<Vec<Result<Quality, String>>, MeasureError> {
    let mut scores = Vec::new();
    for (position, plan) in intent.streams.iter().enumerate() {
        let Action::EncodeVideo(encode) = &plan.action else { continue };
        let pairing = Pairing {
            output: (output.path.as_os_str(), u32::try_from(position).unwrap_or(u32::MAX)),
            source: (source.path.as_os_str(), plan.source_index),
            source_container: intent.source_container,
            encode,
            threads: measurer.tools.threads,
        };
        let whole = intent.quality.whole;
        scores.push(score_stream(measurer, position, whole, pairing, source, output, work, on_share)?);
    }
    Ok(scores)
}

/// Scores one window, whatever its frames are numbered in the output.
pub fn score_window(
    measurer: Measurer<'_>,
    pairing: Pairing<'_>,
    window: &Window,
    work: &Path,
) -> Result<Result<Vec<FrameScore>, String>, MeasureError> {
    let run = std::slice::from_ref(window);
    let wanted = window.end - window.first;
    let sought = score_run(measurer, pairing, run, work, true)?;
    if sought.as_ref().map(Vec::len) == Ok(wanted) {
        return Ok(sought);
    }
    score_run(measurer, pairing, run, work, false)
}

#[allow(clippy::too_many_arguments)]
fn score_stream(
    measurer: Measurer<'_>,
    position: usize,
    whole: bool,
    pairing: Pairing<'_>,
    source: Side<'_>,
    output: Side<'_>,
    work: &Path,
    on_share: &mut dyn FnMut(f64),
) -> Result<Result<Quality, String>, MeasureError> {
    let in_order = |side: Side<'_>| {
        let mut frames = side.measured.frames.get(&position).cloned().unwrap_or_default();
        frames.sort_by_key(|frame| frame.pts_us);
        frames
    };
    let (was, is) = (in_order(source), in_order(output));
    if was.len() != is.len() {
        return Ok(Err(format!("{} frames cannot be paired with {}", was.len(), is.len())));
    }
    let packets = |side: Side<'_>| side.measured.packets.get(&position).cloned().unwrap_or_default();
    let windows =
        if whole { all_windows(&was, &is) } else { sample_windows(&was, &is, &packets(source), &packets(output)) };
    let mut scored: Vec<(Window, Vec<FrameScore>)> = Vec::new();
    let runs = neighbours(&windows);
    for (done, run) in runs.iter().enumerate() {
        #[allow(clippy::cast_precision_loss)]
        on_share(done as f64 / runs.len() as f64);
        let wanted = run.last().map_or(0, |w| w.end) - run.first().map_or(0, |w| w.first);
        let mut frames = score_run(measurer, pairing, run, work, true)?;
        if frames.as_ref().map(Vec::len) != Ok(wanted) {
            // Seeking lost frames on one side: read from the start instead.
            frames = score_run(measurer, pairing, run, work, false)?;
        }
        match frames {
            Ok(frames) if frames.len() == wanted => {
                let mut rest = frames.as_slice();
                for window in *run {
                    let (own, others) = rest.split_at(window.end - window.first);
                    scored.push((window.clone(), own.to_vec()));
                    rest = others;
                }
            }
            Ok(frames) => return Ok(Err(format!("{wanted} frames were to be compared, {} were", frames.len()))),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    let origin = was.first().map_or(0, |frame| frame.pts_us);
    Ok(Quality::pool(measurer.tools.metric, &pairing.encode.pixel_format, &scored, origin)
        .ok_or_else(|| "there is no frame to compare".to_owned()))
}

/// So many windows, two minutes, are scored in one run at most: what is looked at wholly shows how far it is.
const MOST_IN_A_RUN: usize = 60;

/// Windows that follow each other directly, together.
fn neighbours(windows: &[Window]) -> Vec<&[Window]> {
    windows.chunk_by(|a, b| a.end == b.first).flat_map(|run| run.chunks(MOST_IN_A_RUN)).collect()
}

/// Scores of one run, or why there are none.
fn score_run(
    measurer: Measurer<'_>,
    pairing: Pairing<'_>,
    run: &[Window],
    work: &Path,
    seek: bool,
) -> Result<Result<Vec<FrameScore>, String>, MeasureError> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(Ok(Vec::new())) };
    let metric = measurer.tools.metric;
    let invocation =
        Invocation::new(&measurer.tools.ffmpeg, quality_args(pairing, metric, first, last, seek)).in_dir(work);
    let finished = measurer.machine().run_lines(&invocation, measurer.cancel, &mut |_| {})?;
    if !finished.success() {
        let said = finished.stderr_lines.last().cloned().unwrap_or_default();
        return Ok(Err(format!("{} could not be measured: {said}", metric.name())));
    }
    let scores = parse_scores(metric, &take(measurer, work, QUALITY_LOG)?);
    let errors = parse_errors(&take(measurer, work, ERROR_LOG)?);
    let tone = if compares_tone(pairing.encode) {
        parse_errors(&take(measurer, work, TONE_LOG)?).map(|tone| tone.into_iter().map(Some).collect())
    } else {
        errors.as_ref().map(|errors| vec![None; errors.len()])
    };
    Ok(match (scores, errors, tone) {
        (Some(scores), Some(errors), Some(tone)) if scores.len() == errors.len() && scores.len() == tone.len() => {
            let frames = scores.into_iter().zip(errors).zip(tone);
            Ok(frames.map(|((score, error), tone)| FrameScore { score, error, tone }).collect())
        }
        _ => {
            measurer.check_room(work)?;
            Err(format!("the {} log cannot be read", metric.name()))
        }
    })
}

/// Reads a log and removes it: the next run must not find this one's figures. Some metrics write none where they were given
/// no frame.
pub(super) fn take(measurer: Measurer<'_>, work: &Path, name: &str) -> Result<String, MeasureError> {
    Ok(measurer.machine().take_text(&work.join(name))?)
}
