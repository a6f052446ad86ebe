//! Carrying out measurements: runs of ffmpeg over one file, read into [`Measured`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mediaflow_core::media::MediaInfo;
use mediaflow_core::media::color::PictureMetadata;
use mediaflow_core::plan::{Action, Intent};
use mediaflow_core::text;
use mediaflow_ffmpeg::measure::{
    self, EnvelopeReader, Listing, ListingParser, Measured, Metric, Side, SourceState, decode_errors,
};
use mediaflow_ffmpeg::{probe, proof};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::{Machine, WorkingFileError};
use mediaflow_transport::process::{Finished, Invocation, ProcessError};

use crate::dynamic;
use crate::toolchain::{Devices, Toolchain};

/// The programs that encode and measure, and what they can.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Where they run. What they read and write lies there, too.
    pub machine: Arc<dyn Machine>,
    /// ffmpeg.
    pub ffmpeg: PathBuf,
    /// ffprobe of the same build.
    pub ffprobe: PathBuf,
    /// How the build names itself.
    pub version: String,
    /// The quality metric that the build has.
    pub metric: Metric,
    /// Threads for the metric.
    pub threads: usize,
    /// What hardware encodes with them.
    pub devices: Devices,
}

impl Tools {
    /// Those of a build; `threads` are what its machine runs at the same time.
    #[must_use]
    pub fn of(toolchain: &Toolchain, threads: usize) -> Self {
        Self {
            machine: Arc::clone(&toolchain.machine),
            ffmpeg: toolchain.ffmpeg.clone(),
            ffprobe: toolchain.ffprobe.clone(),
            version: toolchain.version().to_owned(),
            metric: if toolchain.has_vmaf() { Metric::Vmaf } else { Metric::Ssim },
            threads,
            devices: Devices::of(toolchain),
        }
    }
}

/// The logs of a measurement, and the copies that it makes, are smaller.
const ROOM_BYTES: u64 = 16 * 1024 * 1024;

/// Why a measurement could not be made. What a measurement *shows* is never an error.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// A program could not be run, or was stopped.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The probe's answer was no probe.
    #[error("{}: {reason}", path.display())]
    Probe {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        reason: String,
    },
    /// A working file could not be read or removed.
    #[error(transparent)]
    File(#[from] WorkingFileError),
    /// Its working files had no room: whatever it shows is of no worth.
    #[error("{} has only {} free, too little to measure anything there; free some space and run again", folder.display(), text::bytes(*free_bytes))]
    NoRoom {
        /// Where they lie.
        folder: PathBuf,
        /// How much there is.
        free_bytes: u64,
    },
}

impl MeasureError {
    /// Whether it only says that the caller asked to stop.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Process(ProcessError::Cancelled { .. }))
    }

    /// Whether the machine could not be asked at all.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Process(error) => error.is_unreachable(),
            Self::File(error) => error.is_unreachable(),
            Self::Probe { .. } | Self::NoRoom { .. } => false,
        }
    }
}

/// Runs measurements.
#[derive(Clone, Copy)]
pub struct Measurer<'a> {
    /// The programs.
    pub tools: &'a Tools,
    /// Stops the one that runs.
    pub cancel: &'a Cancel,
}

/// How far a decode has come: microseconds of the file's time.
pub type OnTime<'a> = &'a mut dyn FnMut(i64);

impl Measurer<'_> {
    pub(super) fn machine(&self) -> &dyn Machine {
        self.tools.machine.as_ref()
    }

    /// Makes sure that working files in `folder` have room. To be asked before anything is concluded from what could not be
    /// measured: programs say nothing of a log that they could not write.
    pub fn check_room(&self, folder: &Path) -> Result<(), MeasureError> {
        match self.machine().free_bytes(folder)? {
            free_bytes if free_bytes < ROOM_BYTES => {
                Err(MeasureError::NoRoom { folder: folder.to_owned(), free_bytes })
            }
            _ => Ok(()),
        }
    }

    /// Probes a file; gives what was found and ffprobe's own text.
    pub fn probe(&self, path: &Path) -> Result<(MediaInfo, Vec<u8>), MeasureError> {
        let output = self
            .machine()
            .run(&Invocation::new(&self.tools.ffprobe, probe::probe_args(path.as_os_str())), self.cancel)?;
        match probe::parse(&output.stdout) {
            Ok(info) => Ok((info, output.stdout)),
            Err(error) => Err(MeasureError::Probe {
                path: path.to_owned(),
                reason: output.finished.stderr_lines.last().cloned().unwrap_or_else(|| error.to_string()),
            }),
        }
    }

    /// Measures one side of a job wholly: every frame, every packet.
    pub fn measure(
        &self,
        intent: &Intent,
        path: &Path,
        info: MediaInfo,
        side: Side,
        on_time: OnTime<'_>,
    ) -> Result<Measured, MeasureError> {
        let mut measured = Measured::default();
        let there = |position: &usize| {
            let index = side.index(*position, &intent.streams[*position]);
            info.streams.iter().any(|stream| stream.index == index)
        };
        let indexes = |positions: &[usize]| -> Vec<u32> {
            positions.iter().map(|position| side.index(*position, &intent.streams[*position])).collect()
        };

        let mut decoded = measure::positions(intent, measure::is_decoded);
        decoded.retain(there);
        if !decoded.is_empty() {
            let args = measure::decode_args(path.as_os_str(), &indexes(&decoded), None);
            let (listing, finished) = self.list(args, false, on_time)?;
            measured.errors = errors_of(&finished, opus_tracks(&info, &indexes(&decoded)));
            measured.frames = by_position(&decoded, listing);
        }
        let mut packed = measure::positions(intent, measure::has_packets);
        packed.retain(there);
        if !packed.is_empty() {
            let args = measure::packet_args(path.as_os_str(), &indexes(&packed));
            let (listing, _) = self.list(args, true, &mut |_| {})?;
            measured.packets = by_position(&packed, listing);
        }
        for (position, plan) in intent.streams.iter().enumerate().filter(|(position, _)| there(position)) {
            let index = side.index(position, plan);
            if measure::compares_content(intent, plan) {
                let output = self.run(measure::content_args(path.as_os_str(), index))?;
                if let Some(hash) = output.1.trim().rsplit('=').next().filter(|hash| hash.len() == 64) {
                    measured.content.insert(position, hash.to_owned());
                }
            }
            match &plan.action {
                Action::ConvertSubtitle { .. } => {
                    let (finished, text) = self.run(measure::text_args(path.as_os_str(), index))?;
                    if finished.success() {
                        measured.text.insert(position, measure::parse_events(&text));
                    }
                }
                Action::EncodeAudio(encode) => {
                    let mut reader = EnvelopeReader::new(measure::envelope_channels(encode));
                    let args = measure::envelope_args(path.as_os_str(), index, side, encode);
                    let invocation = Invocation::new(&self.tools.ffmpeg, args);
                    self.machine().run_chunks(&invocation, self.cancel, &mut |chunk| reader.chunk(chunk))?;
                    measured.envelopes.insert(position, reader.finish());
                }
                _ => {}
            }
        }
        measured.info = Some(info);
        Ok(measured)
    }

    /// Lists the dynamic HDR metadata of every picture whose own is kept. `work` is a directory for working files.
    pub fn dynamic(
        &self,
        intent: &Intent,
        path: &Path,
        side: Side,
        work: &Path,
    ) -> Result<BTreeMap<usize, Result<Vec<PictureMetadata>, String>>, MeasureError> {
        let mut listed = BTreeMap::new();
        for (position, stream) in intent.streams.iter().enumerate() {
            let Action::EncodeVideo(encode) = &stream.action else { continue };
            let Some(plan) = &encode.dynamic else { continue };
            let (codec, plan) = match side {
                Side::Source => (plan.from, Some(plan)),
                Side::Output => (plan.to, None),
            };
            let copy = work.join("metadata.mkv");
            let index = side.index(position, stream);
            let (finished, _) = self.run(measure::metadata_args(path.as_os_str(), index, codec, copy.as_os_str()))?;
            let found = if finished.success() {
                dynamic::listed(&copy, plan)
            } else {
                let words = finished.stderr_lines.last().map_or("ffmpeg gave up", String::as_str);
                Err(format!("its metadata cannot be read: {words}"))
            };
            listed.insert(position, found);
            self.machine().remove(&copy)?;
        }
        Ok(listed)
    }

    /// Measures the brightest light of pictures that are tone-mapped and do not tell it.
    pub fn peaks(&self, intent: &Intent, path: &Path) -> Result<BTreeMap<usize, u32>, MeasureError> {
        let mut peaks = BTreeMap::new();
        for (position, stream) in intent.streams.iter().enumerate() {
            let Action::EncodeVideo(encode) = &stream.action else { continue };
            let Some(map) = encode.tone_map.as_ref().filter(|map| map.peak_is_usual) else { continue };
            let (_, text) = self.run(measure::peak_args(path.as_os_str(), stream.source_index, &map.from))?;
            if let Some(nits) = measure::parse_peak(&text, &map.from) {
                peaks.insert(position, nits);
            }
        }
        Ok(peaks)
    }

    /// Judges a measured source, looking a second time where a container may begin anywhere. `work` is a directory for
    /// working files.
    pub fn source_state(
        &self,
        intent: &Intent,
        path: &Path,
        measured: &Measured,
        work: &Path,
    ) -> Result<SourceState, MeasureError> {
        let transport = measured.info.as_ref().is_some_and(|info| measure::is_transport(info.container));
        let only_its_start = transport
            && !measured.errors.is_empty()
            && self.errs_only_before_a_key_frame(intent, path, measured, work)?;
        Ok(proof::source_state(intent, measured, only_its_start))
    }

    /// Whether all errors lie in the first seconds, and are gone once the pictures before the first key frame are.
    fn errs_only_before_a_key_frame(
        &self,
        intent: &Intent,
        path: &Path,
        measured: &Measured,
        work: &Path,
    ) -> Result<bool, MeasureError> {
        /// Encoders put a key frame at least every ten seconds (x264's and x265's default is 250 frames).
        const BEGINNING_S: u32 = 10;
        let indexes: Vec<u32> = measured.frames.keys().map(|position| intent.streams[*position].source_index).collect();
        let opus = measured.info.as_ref().map_or(0, |info| opus_tracks(info, &indexes));
        let of_beginning = |path: &Path, indexes: &[u32]| -> Result<Vec<String>, MeasureError> {
            let args = measure::decode_args(path.as_os_str(), indexes, Some(BEGINNING_S));
            Ok(errors_of(&self.list(args, false, &mut |_| {})?.1, opus))
        };
        if of_beginning(path, &indexes)?.len() < measured.errors.len() {
            return Ok(false);
        }
        let beginning = work.join("beginning.ts");
        let copied =
            self.run(measure::beginning_args(path.as_os_str(), &indexes, BEGINNING_S, beginning.as_os_str()))?;
        let in_order: Vec<u32> = (0..).take(indexes.len()).collect();
        Ok(copied.0.success() && of_beginning(&beginning, &in_order)?.is_empty())
    }

    /// Runs ffmpeg and reads what its listing muxers print.
    pub(super) fn list(
        &self,
        args: Vec<OsString>,
        hashes: bool,
        on_time: OnTime<'_>,
    ) -> Result<(Listing, Finished), MeasureError> {
        let mut parser = ListingParser::new(hashes);
        let mut lines = 0_u32;
        let finished =
            self.machine().run_lines(&Invocation::new(&self.tools.ffmpeg, args), self.cancel, &mut |line| {
                parser.line(line);
                lines = lines.wrapping_add(1);
                if lines.is_multiple_of(512) {
                    on_time(parser.reached_us());
                }
            })?;
        Ok((parser.finish(), finished))
    }

    fn run(&self, args: Vec<OsString>) -> Result<(Finished, String), MeasureError> {
        let output = self.machine().run(&Invocation::new(&self.tools.ffmpeg, args), self.cancel)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((output.finished, text))
    }
}

/// How many of these streams are Opus.
fn opus_tracks(info: &MediaInfo, indexes: &[u32]) -> usize {
    info.streams.iter().filter(|stream| stream.codec == "opus" && indexes.contains(&stream.index)).count()
}

/// What a decode complained about; an exit code that says "failed" counts as one more complaint.
fn errors_of(finished: &Finished, opus_tracks: usize) -> Vec<String> {
    let mut errors = decode_errors(&finished.stderr_lines, opus_tracks);
    if !finished.success() {
        errors.push(format!("the decoder gave up with exit code {}", finished.exit_code));
    }
    errors
}

fn by_position(positions: &[usize], mut listing: Listing) -> BTreeMap<usize, Vec<measure::Entry>> {
    positions
        .iter()
        .enumerate()
        .map(|(order, position)| (*position, listing.streams.remove(&order).unwrap_or_default()))
        .collect()
}
