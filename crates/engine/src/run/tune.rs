//! The CRF of a job: searched on samples where its plan asks for a quality, and lowered after an encode that fell short.

use std::path::Path;

use mediaflow_core::media::Container;
use mediaflow_core::media::hardware::EncodedBy;
use mediaflow_core::media::preset::{RateControl, ssim_for};
use mediaflow_core::plan::tuning::{Aim, Next, Search, Trial, Tuning, crf_range, lowered, usual_crf};
use mediaflow_core::plan::{Action, Intent, VideoEncode};
use mediaflow_core::text;
use mediaflow_ffmpeg::binding::{Places, trial};
use mediaflow_ffmpeg::log;
use mediaflow_ffmpeg::measure::{CHROMA_FLOOR_DB, LUMA_FLOOR_DB, Metric, Pairing, Quality, Window, trial_windows};
use mediaflow_store::{OutputMode, ReadPurpose};
use mediaflow_transport::process::Invocation;

use super::end::Stop;
use super::hardware::{self, Means};
use super::line::Line;
use super::prove::{Examined, MeasuredSource};
use super::upkeep::source_folder;
use super::verify::is_quality;
use super::{Progress, Stage, quality};

/// By how much a metric falls with each step of CRF, roughly, in films of 90 and more VMAF (`docs/quality.md`).
const fn per_step(metric: Metric) -> f64 {
    match metric {
        Metric::Vmaf => 1.0,
        Metric::Ssim => 0.0025,
    }
}

/// The same of a plane's signal-to-noise ratio, in decibels.
const DB_PER_STEP: f64 = 0.9;

/// A search takes about so many trials; for showing how far it is, and nothing else.
const USUAL_TRIALS: f64 = 4.0;

/// What trials are made from.
struct Samples<'a> {
    path: &'a Path,
    container: Container,
    /// The stream's place in the plan.
    position: usize,
    source_index: u32,
    encode: &'a VideoEncode,
    stretches: Vec<(Window, u64)>,
}

impl Line<'_> {
    /// The plan with the CRF that this job's encodes take; found on samples where it asks for a quality. `None` when the
    /// worker's hardware failed on one of those: there is another worker now.
    pub(super) fn tuned(
        &self,
        intent: &Intent,
        means: &Means,
        path: &Path,
        source: &MeasuredSource,
    ) -> Result<Option<Intent>, Stop> {
        let store = &self.runner.store;
        let known = store.read(|r| r.tuning(self.job.id))?;
        let tuning = match (known, intent.video_rate(), means.encoder(intent)) {
            // What a CRF means depends on who takes it.
            (known, Some((_, RateControl::TargetVmaf(vmaf))), Some(by)) if !was_found_by(known.as_ref(), &by) => {
                let read = store.write(|tx| tx.source_read_begin(self.job.id, ReadPurpose::Search))?;
                let found = self.search(intent, vmaf, &by, path, source);
                store.write(|tx| tx.source_read_end(read, None))?;
                let Some(found) = found? else { return Ok(None) };
                store.write(|tx| tx.tuning_put(self.job.id, &found))?;
                Some(found)
            }
            (known, ..) => known,
        };
        Ok(Some(tuning.map_or_else(|| intent.clone(), |tuning| intent.with_crf(tuning.crf))))
    }

    /// `None` when hardware failed.
    fn search(
        &self,
        intent: &Intent,
        vmaf: u8,
        by: &EncodedBy,
        path: &Path,
        source: &MeasuredSource,
    ) -> Result<Option<Tuning>, Stop> {
        let metric = self.worker.tools.metric;
        let target = match metric {
            Metric::Vmaf => f64::from(vmaf),
            Metric::Ssim => ssim_for(f64::from(vmaf)),
        };
        let Some(samples) = samples(intent, path, source) else {
            return Err(Stop::Refused("it has no picture to try a quality on".to_owned()));
        };
        let codec = samples.encode.codec;
        let aim = Aim { target, per_step: per_step(metric), range: crf_range(codec), start: usual_crf(codec, vmaf) };
        let work = self.worker.work.join(source_folder(self.job.id));
        self.make_folder_there(&work)?;
        let mut trials = Vec::new();
        let found = loop {
            match aim.next(&trials) {
                Next::Try(crf) => match self.try_crf(crf, &samples, by, &work, trials.len()) {
                    Ok(Some(trial)) => trials.push(trial),
                    Ok(None) => break Ok(None),
                    Err(stop) => break Err(stop),
                },
                Next::Found(trial) => break Ok(Some(trial)),
                Next::OutOfReach(trial) => {
                    let (name, best) = (metric.name(), metric.show(trial.score));
                    let reason = format!(
                        "its samples reach {name} {best} at best, at CRF {}; {} was asked for",
                        trial.crf,
                        metric.show(target)
                    );
                    break Err(Stop::Refused(reason));
                }
            }
        };
        self.worker.machine().remove(&work).map_err(|error| self.not_kept(&error))?;
        let Some(found) = found? else { return Ok(None) };
        let predicted_bytes = predicted_bytes(intent, source, &samples, found.bytes);
        let source_bytes = self.job.source_bytes;
        if self.job.mode == OutputMode::Replace && predicted_bytes >= source_bytes {
            let reason = format!(
                "{} {} takes CRF {}, with which its samples foretell {}; the source has {}",
                metric.name(),
                metric.show(target),
                found.crf,
                text::bytes(predicted_bytes),
                text::bytes(source_bytes)
            );
            return Err(Stop::NotWorthIt { reason, output_bytes: None });
        }
        let search = Search {
            metric: metric.name().to_owned(),
            target,
            gpu: by.gpu,
            trials,
            predicted_bytes,
            predicted_score: found.score,
        };
        Ok(Some(Tuning { crf: found.crf, lowered: 0, search: Some(search) }))
    }

    /// Encodes the samples at one CRF and scores them. `None` when hardware failed, which is written down then.
    fn try_crf(
        &self,
        crf: u8,
        samples: &Samples<'_>,
        by: &EncodedBy,
        work: &Path,
        tried: usize,
    ) -> Result<Option<Trial>, Stop> {
        let measurer = self.measurer();
        let tools = measurer.tools;
        // What is drawn into the pictures costs next to nothing, and would have to be taken out of the source first.
        let encode = VideoEncode { rate: RateControl::Crf(crf), burn_in: None, ..samples.encode.clone() };
        let output = work.join("trial.mkv");
        let places = Places { input: samples.path.as_os_str(), output: output.as_os_str(), work };
        let (mut bytes, mut scored) = (0, Vec::new());
        for (done, (window, _)) in samples.stretches.iter().enumerate() {
            #[allow(clippy::cast_precision_loss)]
            let trials = tried as f64 + done as f64 / samples.stretches.len() as f64;
            self.tell(&Progress::of(Stage::Search, (trials / USUAL_TRIALS).min(1.0)));
            let args = trial(samples.source_index, samples.container, &encode, by.gpu, window).resolve(places);
            let argv: Vec<String> = args.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            let ended = measurer.machine().run(&Invocation::new(&tools.ffmpeg, args).in_dir(work), measurer.cancel);
            if let Some(device) = hardware::trial_failure(&ended, by) {
                return self.trial_failed(&argv, by, device).map(|()| None);
            }
            let ended = ended.map_err(|error| self.not_measured(&error.into()))?;
            let failed = |what: &str| Stop::failed_encoder(format!("trying CRF {crf} on a sample: {what}"));
            if !ended.success() {
                return Err(failed(log::complaints(&ended.finished.stderr_lines.join("\n")).trim_end()));
            }
            bytes += measurer.machine().size_bytes(&output).map_err(|error| self.not_kept(&error))?.unwrap_or(0);
            let pairing = Pairing {
                output: (output.as_os_str(), 0),
                source: (samples.path.as_os_str(), samples.source_index),
                source_container: samples.container,
                encode: &encode,
                threads: tools.threads,
            };
            let frames = quality::score_window(measurer, pairing, window, work)
                .map_err(|error| self.not_measured(&error))?
                .map_err(|reason| failed(&reason))?;
            scored.push((window.clone(), frames));
        }
        Quality::pool(tools.metric, &encode.pixel_format, &scored, 0)
            .map(|quality| Some(Trial { crf, score: quality.mean, bytes }))
            .ok_or_else(|| Stop::failed_encoder(format!("trying CRF {crf} gave no picture")))
    }

    /// The beginning of a sentence about a result that was not the first.
    pub(super) fn with_lowered_crf(&self) -> Result<String, Stop> {
        let tuning = self.runner.store.read(|r| r.tuning(self.job.id))?.filter(|tuning| tuning.lowered > 0);
        Ok(tuning.map_or_else(String::new, |tuning| {
            format!("with CRF {}, lowered {} for its quality floor: ", tuning.crf, text::count(tuning.lowered, "time"))
        }))
    }

    /// After what hardware made was rejected: how often its CRF was lowered, and to what, is nothing to the CPU.
    pub(super) fn forget_tries(&self, intent: &Intent) -> Result<(), Stop> {
        let known = self.runner.store.read(|r| r.tuning(self.job.id))?;
        if let (Some(_), Some((_, RateControl::Crf(crf)))) = (known, intent.video_rate()) {
            self.runner.store.write(|tx| tx.tuning_put(self.job.id, &Tuning { crf, lowered: 0, search: None }))?;
        }
        Ok(())
    }

    /// After an encode that only fell short of its quality floor: the tuning of another one, where the plan allows it.
    pub(super) fn another_try(&self, intent: &Intent, examined: &Examined) -> Result<Option<Tuning>, Stop> {
        let known = self.runner.store.read(|r| r.tuning(self.job.id))?;
        let lowered_before = known.as_ref().map_or(0, |tuning| tuning.lowered);
        let crf = match (&known, intent.video_rate()) {
            (Some(tuning), _) => Some(tuning.crf),
            (None, Some((_, RateControl::Crf(crf)))) => Some(crf),
            _ => None,
        };
        let (Some(crf), Some((codec, _))) = (crf, intent.video_rate()) else { return Ok(None) };
        // A larger file would not be worth it either.
        let only_quality = examined.proof.failures().all(|check| is_quality(&check.check));
        if lowered_before >= intent.quality.retries || !only_quality {
            return Ok(None);
        }
        let short_by = examined.quality.iter().flatten().map(|quality| short_by(quality, intent)).fold(0.0, f64::max);
        // What could not be measured was not seen to fall short.
        if examined.quality.iter().any(Result::is_err) || short_by <= 0.0 {
            return Ok(None);
        }
        let Some(crf) = lowered(codec, crf, short_by) else { return Ok(None) };
        Ok(Some(Tuning { crf, lowered: lowered_before + 1, search: known.and_then(|tuning| tuning.search) }))
    }
}

fn was_found_by(known: Option<&Tuning>, by: &EncodedBy) -> bool {
    known.and_then(|tuning| tuning.search.as_ref()).is_some_and(|search| search.gpu == by.gpu)
}

/// By how many usual steps of CRF a result is short of its floor.
fn short_by(quality: &Quality, intent: &Intent) -> f64 {
    let floor = match quality.metric {
        Metric::Vmaf => intent.floor.vmaf,
        Metric::Ssim => intent.floor.ssim,
    };
    let missing = (floor - quality.worst).max(floor - quality.metric.frame_slack() - quality.worst_frame);
    let missing_db = (LUMA_FLOOR_DB - quality.luma_db).max(CHROMA_FLOOR_DB - quality.chroma_db);
    (missing / per_step(quality.metric)).max(missing_db / DB_PER_STEP).max(0.0)
}

/// Stretches of the first picture that is encoded.
fn samples<'a>(intent: &'a Intent, path: &'a Path, source: &MeasuredSource) -> Option<Samples<'a>> {
    intent.streams.iter().enumerate().find_map(|(position, plan)| {
        let Action::EncodeVideo(encode) = &plan.action else { return None };
        let mut frames = source.measured.frames.get(&position)?.clone();
        frames.sort_by_key(|frame| frame.pts_us);
        let stretches = trial_windows(&frames, source.measured.packets.get(&position)?);
        let is_any = !stretches.is_empty();
        is_any.then_some(Samples {
            path,
            container: intent.source_container,
            position,
            source_index: plan.source_index,
            encode,
            stretches,
        })
    })
}

/// What the output will come to: the pictures by what the samples came to, sound by its bitrate, and the rest as it is.
fn predicted_bytes(intent: &Intent, source: &MeasuredSource, samples: &Samples<'_>, trial_bytes: u64) -> u64 {
    let packets = |position: usize| -> u64 {
        source.measured.packets.get(&position).into_iter().flatten().map(|packet| packet.size_bytes).sum()
    };
    let length_us = source.measured.info.as_ref().and_then(|info| info.duration_us).unwrap_or(0).max(0);
    let others = intent.streams.iter().enumerate().filter(|(position, _)| *position != samples.position);
    let rest: u64 = others
        .map(|(position, plan)| match &plan.action {
            Action::EncodeAudio(encode) => u64::from(encode.bitrate_bps) * length_us.unsigned_abs() / 8_000_000,
            _ => packets(position),
        })
        .sum();
    let sampled: u64 = samples.stretches.iter().map(|(_, bytes)| bytes).sum();
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let pictures = (trial_bytes as f64 / sampled.max(1) as f64 * packets(samples.position) as f64) as u64; // positive
    rest.saturating_add(pictures)
}
