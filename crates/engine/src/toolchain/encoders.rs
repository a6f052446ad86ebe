//! What works on this machine. A compiled-in encoder proves nothing: only a real encode does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mediaflow_core::media::hardware::Gpu;
use mediaflow_core::media::preset::{Settings, TargetVideo};
use mediaflow_core::plan::{Action, Intent};
use mediaflow_ffmpeg::abilities::Abilities;
use mediaflow_ffmpeg::binding::tryout;
use mediaflow_ffmpeg::encoder::{Accel, CODECS, VideoEncoder, sound_encoder};
use mediaflow_ffmpeg::failure::first_words;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::machine::Machine;
use mediaflow_transport::process::{Invocation, ProcessError};
use serde::{Deserialize, Serialize};

use super::{ToolError, Toolchain};

/// Encoders of sound that a plan may ask for.
const SOUND: [&str; 4] = ["aac", "libopus", "ac3", "eac3"];

/// One second takes well under a second; a driver that hangs takes for ever.
const TIME_LIMIT: Duration = Duration::from_secs(30);

const NOT_COMPILED_IN: &str = "this build of ffmpeg does not have it";

/// What real runs of one second showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trials {
    /// All encoders that a plan may ask for, software before hardware.
    pub encoders: Vec<EncoderReport>,
    /// What decodes on hardware.
    pub decoders: Vec<DecoderReport>,
}

/// What a real encode of one second showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderReport {
    /// ffmpeg's name for it.
    pub name: String,
    /// Whether the encode came to its end.
    pub works: bool,
    /// Whether it also works with 10 bits a sample; never for audio.
    pub ten_bit: bool,
    /// Whether a first pass left statistics for a second one; only the CPU's video encoders have two passes.
    pub two_pass: bool,
    /// Why it does not work, for people.
    pub reason: Option<String>,
    /// Why it does not work with 10 bits, where it works with 8.
    pub ten_bit_reason: Option<String>,
}

/// What a real decode of one second showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoderReport {
    /// ffmpeg's name for it: `cuda`, `vaapi` or `videotoolbox`.
    pub name: String,
    /// The codecs that it decoded, as a probe names them.
    pub codecs: Vec<String>,
    /// Why it decodes nothing, for people.
    pub reason: Option<String>,
}

impl Trials {
    /// What a plan can be bound to.
    #[must_use]
    pub fn abilities(&self) -> Abilities {
        let mut abilities = Abilities::default();
        for report in &self.encoders {
            let Some(encoder) = VideoEncoder::parse(&report.name) else { continue };
            if encoder.gpu.is_none() {
                if report.works && !report.two_pass {
                    abilities.note_one_pass_only(encoder.codec);
                }
                continue;
            }
            abilities.note_encoder(encoder, 8, report.reason.clone());
            let ten_bit_reason = report.reason.clone().or_else(|| report.ten_bit_reason.clone());
            abilities.note_encoder(encoder, 10, ten_bit_reason.filter(|_| !report.ten_bit));
        }
        for decoder in &self.decoders {
            let Some(accel) = Accel::parse(&decoder.name) else { continue };
            decoder.codecs.iter().for_each(|codec| abilities.note_decoder(accel, codec));
        }
        abilities
    }

    /// Why nothing here can do what is asked for; `None` when something can.
    #[must_use]
    pub fn obstacle(&self, settings: &Settings) -> Option<String> {
        let encoder = VideoEncoder::cpu(settings.video);
        let is_one_pass = settings.takes_two_passes() && !self.abilities().has_two_passes(settings.video);
        is_one_pass.then(|| {
            format!(
                "{} of this ffmpeg cannot encode in two passes: its first pass leaves no statistics; choose one pass, or a \
                 constant quality",
                encoder.name()
            )
        })
    }

    /// Which encoder of a plan does not work here at all; `None` where all do, on the CPU or on hardware.
    #[must_use]
    pub fn lacks(&self, intent: &Intent) -> Option<String> {
        let works = |name: &str, ten_bit: bool| {
            self.encoders.iter().any(|report| report.name == name && report.works && (report.ten_bit || !ten_bit))
        };
        intent.streams.iter().find_map(|stream| match &stream.action {
            Action::EncodeVideo(encode) => {
                let ten_bit = encode.pixel_format.contains("10");
                let on_gpu = Gpu::ALL.into_iter().any(|gpu| works(VideoEncoder::on(gpu, encode.codec).name(), ten_bit));
                let name = VideoEncoder::cpu(encode.codec).name();
                let bits = if ten_bit { " with 10 bits" } else { "" };
                (!on_gpu && !works(name, ten_bit)).then(|| format!("its {name} does not work{bits}"))
            }
            Action::EncodeAudio(encode) => {
                let name = sound_encoder(encode.codec);
                (!works(name, false)).then(|| format!("its {name} does not work"))
            }
            _ => None,
        })
    }

    /// The families of which an encoder works.
    #[must_use]
    pub fn gpus(&self) -> Vec<Gpu> {
        let works = |gpu: &Gpu| {
            let of_it =
                |report: &&EncoderReport| VideoEncoder::parse(&report.name).is_some_and(|e| e.gpu == Some(*gpu));
            self.encoders.iter().filter(of_it).any(|report| report.works)
        };
        Gpu::ALL.into_iter().filter(works).collect()
    }

    pub(super) fn put_encoder(&mut self, report: EncoderReport) {
        match self.encoders.iter_mut().find(|known| known.name == report.name) {
            Some(known) => *known = report,
            None => self.encoders.push(report),
        }
    }

    pub(super) fn put_decoder(&mut self, report: DecoderReport) {
        match self.decoders.iter_mut().find(|known| known.name == report.name) {
            Some(known) => *known = report,
            None => self.decoders.push(report),
        }
    }
}

impl Toolchain {
    /// What is known to work, tried now if it was not since this machine started or its graphics devices changed.
    pub fn trials(&self, cancel: &Cancel) -> Result<Trials, ToolError> {
        match self.known_trials() {
            Some(known) => Ok(known),
            None => self.try_all(cancel),
        }
    }

    /// What was tried before and still holds.
    #[must_use]
    pub fn known_trials(&self) -> Option<Trials> {
        self.cache.trials(&self.stamp, self.machine.as_ref())
    }

    /// Tries everything now, and remembers how it went.
    pub fn try_all(&self, cancel: &Cancel) -> Result<Trials, ToolError> {
        if let Err(error) = self.machine.sweep(&self.scratch, FOLDER) {
            tracing::debug!("left-over trials stay: {error}");
        }
        let video = CODECS.into_iter().map(VideoEncoder::cpu).chain(VideoEncoder::all_on_hardware());
        let names = video.map(VideoEncoder::name).chain(SOUND);
        let trials = Trials {
            encoders: names.map(|name| self.try_encoder(name, cancel)).collect::<Result<_, _>>()?,
            decoders: Accel::ALL.into_iter().map(|accel| self.try_decoder(accel, cancel)).collect::<Result<_, _>>()?,
        };
        self.remember(&trials);
        Ok(trials)
    }

    pub(super) fn remember(&self, trials: &Trials) {
        self.cache.remember(&self.stamp, &self.build, Some((trials, self.machine.as_ref())));
    }

    /// Tries one encoder now, by ffmpeg's name for it.
    pub fn try_encoder(&self, name: &str, cancel: &Cancel) -> Result<EncoderReport, ToolError> {
        let report = |reason: Option<String>| EncoderReport {
            name: name.to_owned(),
            works: reason.is_none(),
            ten_bit: false,
            two_pass: false,
            reason,
            ten_bit_reason: None,
        };
        if !self.build.encoders.contains(name) {
            return Ok(report(Some(NOT_COMPILED_IN.to_owned())));
        }
        let folder = Folder::new(self.machine.as_ref(), &self.scratch)?;
        let Some(encoder) = VideoEncoder::parse(name) else {
            return Ok(report(self.failure(tryout::sound_args(name), &folder, cancel)?));
        };
        let reason = self.failure(tryout::encode_args(encoder, 8), &folder, cancel)?;
        if reason.is_some() {
            return Ok(report(reason));
        }
        let ten_bit_reason = self.failure(tryout::encode_args(encoder, 10), &folder, cancel)?;
        let two_pass = encoder.gpu.is_none() && self.has_two_passes(encoder.codec, &folder, cancel)?;
        Ok(EncoderReport { ten_bit: ten_bit_reason.is_none(), two_pass, ten_bit_reason, ..report(None) })
    }

    /// Tries what decodes on hardware, with every codec that hardware decodes today and the CPU can make a sample of.
    pub fn try_decoder(&self, accel: Accel, cancel: &Cancel) -> Result<DecoderReport, ToolError> {
        let folder = Folder::new(self.machine.as_ref(), &self.scratch)?;
        let mut report = DecoderReport { name: accel.name().to_owned(), codecs: Vec::new(), reason: None };
        for (codec, name, depths) in [
            (TargetVideo::H264, "h264", &[8][..]),
            (TargetVideo::Hevc, "hevc", &[8, 10]),
            (TargetVideo::Av1, "av1", &[10]),
        ] {
            let mut failure = None;
            for bits in depths {
                if self.failure(tryout::sample_args(codec, *bits), &folder, cancel)?.is_some() {
                    failure = Some("there is no sample to try it with".to_owned());
                    break;
                }
                failure = self.failure(tryout::decode_args(accel, *bits), &folder, cancel)?;
                if failure.is_some() {
                    break;
                }
            }
            match failure {
                None => report.codecs.push(name.to_owned()),
                // What cannot decode the oldest of them is not there at all.
                Some(reason) if codec == TargetVideo::H264 => {
                    return Ok(DecoderReport { reason: Some(reason), ..report });
                }
                Some(_) => {}
            }
        }
        Ok(report)
    }

    /// An encoder that cannot do it writes nothing, and ends well all the same.
    fn has_two_passes(&self, codec: TargetVideo, folder: &Folder<'_>, cancel: &Cancel) -> Result<bool, ToolError> {
        let (args, statistics) = tryout::first_pass(codec);
        let ended_well = self.failure(args, folder, cancel)?.is_none();
        Ok(ended_well && self.machine.size_bytes(&folder.path.join(statistics))?.is_some_and(|bytes| bytes > 0))
    }

    /// `None` when the run came to its end.
    fn failure(&self, args: Vec<String>, folder: &Folder<'_>, cancel: &Cancel) -> Result<Option<String>, ToolError> {
        let invocation = Invocation::new(&self.ffmpeg, args).in_dir(&folder.path);
        match self.machine.run(&invocation, &cancel.with_time_limit(TIME_LIMIT)) {
            Ok(output) if output.success() => Ok(None),
            Ok(output) => Ok(Some(first_words(&output.finished.stderr_lines))),
            // A driver may crash or hang the program; that is an answer about the encoder.
            Err(error @ (ProcessError::Killed { .. } | ProcessError::OutOfTime { .. })) => Ok(Some(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

/// A folder for the files of trials, gone with it.
struct Folder<'a> {
    machine: &'a dyn Machine,
    path: PathBuf,
}

const FOLDER: &str = "try-";

impl<'a> Folder<'a> {
    fn new(machine: &'a dyn Machine, scratch: &Path) -> Result<Self, ToolError> {
        use std::sync::atomic::{AtomicU32, Ordering};
        // Jobs may look again what works while somebody asks for all of it.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = scratch.join(format!("{FOLDER}{}-{number}", std::process::id()));
        machine.make_folder(&path)?;
        Ok(Self { machine, path })
    }
}

impl Drop for Folder<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.machine.remove(&self.path) {
            tracing::debug!("{} stays: {error}", self.path.display());
        }
    }
}
