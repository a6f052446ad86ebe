//! Looking for drawn subtitles: the track is taken out of the source, and some of its events are compared.

use std::ffi::OsStr;
use std::path::Path;

use mediaflow_core::plan::{Action, BurnIn, Drawing, Intent};
use mediaflow_ffmpeg::binding::{self, Places};
use mediaflow_ffmpeg::burn_in::file_name;
use mediaflow_ffmpeg::measure::{
    self, DRAWN_LOGS, Drawn, Entry, Measured, Pairing, Window, drawn_args, drawn_windows, parse_drawn,
};
use mediaflow_ffmpeg::progress;
use mediaflow_transport::process::Invocation;

use super::measure::{MeasureError, Measurer};
use super::quality::{Side, take};

/// Looks for every track that was to be drawn, and notes on `output` what was seen. Leaves the files that they are drawn
/// from in `work`: whatever compares the pictures there needs them too. `on_share` is told how much of the film has been
/// read for them.
pub fn look(
    measurer: Measurer<'_>,
    intent: &Intent,
    source: Side<'_>,
    output: (&Path, &mut Measured),
    work: &Path,
    on_share: &mut dyn FnMut(f64),
) -> Result<(), MeasureError> {
    let (output_path, measured) = output;
    for (position, plan) in intent.streams.iter().enumerate() {
        let Action::EncodeVideo(encode) = &plan.action else { continue };
        let Some(burn_in) = &encode.burn_in else { continue };
        let frames = source.measured.frames.get(&position).map_or(1, |frames| frames.len().max(1));
        let mut on_frame = |frame: u64| {
            #[allow(clippy::cast_precision_loss)]
            on_share((frame as f64 / frames as f64).min(1.0));
        };
        let drawn = match take_out(measurer, burn_in, source.path, work, &mut on_frame)? {
            Err(reason) => Err(reason),
            Ok(()) => {
                let pairing = Pairing {
                    output: (output_path.as_os_str(), u32::try_from(position).unwrap_or(u32::MAX)),
                    source: (source.path.as_os_str(), plan.source_index),
                    source_container: intent.source_container,
                    encode,
                    threads: measurer.tools.threads,
                };
                let mut events = events(measurer, &work.join(file_name(burn_in)))?;
                if let Drawing::Image { .. } = burn_in.drawing {
                    // Each stays until the next one; what their file says is the length of a picture.
                    events.iter_mut().for_each(|event| event.duration_us = 0);
                }
                let (was, is) = (in_order(source.measured, position), in_order(measured, position));
                look_at(measurer, pairing, &events, (&was, &is), work)?
            }
        };
        measured.drawn.insert(position, drawn);
    }
    Ok(())
}

/// Makes the file that a track is drawn from, or says why it cannot be.
fn take_out(
    measurer: Measurer<'_>,
    burn_in: &BurnIn,
    source: &Path,
    work: &Path,
    on_frame: &mut dyn FnMut(u64),
) -> Result<Result<(), String>, MeasureError> {
    let places = Places { input: source.as_os_str(), output: OsStr::new("-"), work };
    for run in binding::burn_in(burn_in) {
        let invocation = Invocation::new(&measurer.tools.ffmpeg, run.resolve(places)).in_dir(work);
        let mut block = String::new();
        let finished = measurer.machine().run_lines(&invocation, measurer.cancel, &mut |line| {
            block += &String::from_utf8_lossy(line);
            block.push('\n');
            if let Some(progress) = progress::last(&block) {
                on_frame(progress.frame);
                block.clear();
            }
        })?;
        if !finished.success() {
            let said = finished.stderr_lines.last().cloned().unwrap_or_default();
            return Ok(Err(format!("the track could not be taken out of the source: {said}")));
        }
    }
    Ok(Ok(()))
}

fn events(measurer: Measurer<'_>, file: &Path) -> Result<Vec<Entry>, MeasureError> {
    let (mut listing, _) = measurer.list(measure::packet_args(file.as_os_str(), &[0]), true, &mut |_| {})?;
    let mut events = listing.streams.remove(&0).unwrap_or_default();
    events.sort_by_key(|event| event.pts_us);
    Ok(events)
}

fn in_order(measured: &Measured, position: usize) -> Vec<Entry> {
    let mut frames = measured.frames.get(&position).cloned().unwrap_or_default();
    frames.sort_by_key(|frame| frame.pts_us);
    frames
}

fn look_at(
    measurer: Measurer<'_>,
    pairing: Pairing<'_>,
    events: &[Entry],
    (was, is): (&[Entry], &[Entry]),
    work: &Path,
) -> Result<Result<Drawn, String>, MeasureError> {
    let origin_us = was.first().map_or(0, |frame| frame.pts_us);
    let mut drawn = Drawn { events: events.len(), stretches: Vec::new() };
    for window in drawn_windows(events, was, is) {
        let look = |seek| -> Result<Result<_, String>, MeasureError> {
            let invocation = Invocation::new(&measurer.tools.ffmpeg, drawn_args(pairing, &window, seek)).in_dir(work);
            let finished = measurer.machine().run_lines(&invocation, measurer.cancel, &mut |_| {})?;
            if !finished.success() {
                let said = finished.stderr_lines.last().cloned().unwrap_or_default();
                return Ok(Err(format!("it could not be looked for: {said}")));
            }
            let [with, without, shown] = DRAWN_LOGS.map(|name| take(measurer, work, name));
            Ok(Ok(stretch(&window, [&with?, &without?, &shown?], pairing, origin_us)))
        };
        // Seeking may lose frames: read from the start then.
        let seen = match look(true)? {
            Ok(Some(seen)) => Ok(Some(seen)),
            Ok(None) => look(false)?,
            Err(reason) => Err(reason),
        };
        match seen {
            Ok(Some(stretch)) => drawn.stretches.push(stretch),
            Ok(None) => return Ok(Err("the frames in which it shows could not be compared".to_owned())),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    Ok(Ok(drawn))
}

fn stretch(window: &Window, logs: [&str; 3], pairing: Pairing<'_>, origin_us: i64) -> Option<measure::Stretch> {
    parse_drawn(logs, window, &pairing.encode.pixel_format, origin_us)
}
