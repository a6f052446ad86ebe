//! What a worker was seen to do, and which encoder that makes of a plan.

use mediaflow_core::media::hardware::{EncodedBy, Gpu, Hardware, InsteadOf};
use mediaflow_core::media::preset::{RateControl, TargetVideo};
use mediaflow_core::plan::{Action, Intent, StreamPlan, VideoEncode};

use crate::binding::hardware::pixel_format;
use crate::encoder::{Accel, VideoEncoder};
use crate::flags;

/// What a worker's ffmpeg was seen to do by trial encodes; without any, the CPU does everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abilities {
    encoders: Vec<Tried>,
    decoders: Vec<(Accel, String)>,
    one_pass_only: Vec<TargetVideo>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tried {
    encoder: VideoEncoder,
    bits: u8,
    /// Why it does not work.
    failure: Option<String>,
}

impl Abilities {
    /// Notes how a trial encode with so many bits a sample went: `failure` is why it did not work.
    pub fn note_encoder(&mut self, encoder: VideoEncoder, bits: u8, failure: Option<String>) {
        self.encoders.push(Tried { encoder, bits, failure });
    }

    /// Notes that a codec, as a probe names it, was decoded by this.
    pub fn note_decoder(&mut self, accel: Accel, codec: &str) {
        self.decoders.push((accel, codec.to_owned()));
    }

    /// Notes that an encoder of the CPU left no statistics after a first pass.
    pub fn note_one_pass_only(&mut self, codec: TargetVideo) {
        self.one_pass_only.push(codec);
    }

    /// Whether the CPU's encoder of a codec can do two passes: unless it was seen to fail.
    #[must_use]
    pub fn has_two_passes(&self, codec: TargetVideo) -> bool {
        !self.one_pass_only.contains(&codec)
    }

    /// The same without decoding on hardware.
    #[must_use]
    pub fn decoding_on_cpu(&self) -> Self {
        Self { decoders: Vec::new(), ..self.clone() }
    }

    /// The same without any hardware.
    #[must_use]
    pub fn on_cpu(&self) -> Self {
        Self { one_pass_only: self.one_pass_only.clone(), ..Self::default() }
    }

    /// Why an encoder does not work with so many bits; `None` when it does.
    fn failure(&self, encoder: VideoEncoder, bits: u8) -> Option<String> {
        match self.encoders.iter().find(|tried| tried.encoder == encoder && tried.bits == bits) {
            Some(tried) => tried.failure.clone(),
            None => Some("this worker was not seen to have it".to_owned()),
        }
    }

    fn decodes(&self, accel: Accel, codec: &str) -> bool {
        self.decoders.iter().any(|(by, what)| *by == accel && what == codec)
    }
}

/// The encoder that all pictures of a plan go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub gpu: Option<Gpu>,
    pub accel: Option<Accel>,
    notes: Vec<String>,
    instead_of: Option<InsteadOf>,
}

impl Choice {
    const fn cpu() -> Self {
        Self { gpu: None, accel: None, notes: Vec::new(), instead_of: None }
    }

    /// As it is written down for a stream.
    pub fn describe(self, encode: &VideoEncode) -> EncodedBy {
        let Self { gpu, accel, mut notes, instead_of } = self;
        let encoder = VideoEncoder { codec: encode.codec, gpu };
        notes.extend(dropped_tune(encode, encoder));
        EncodedBy {
            encoder: encoder.name().to_owned(),
            gpu,
            decoder: accel.map(|accel| accel.name().to_owned()),
            pixel_format: match gpu {
                Some(_) => pixel_format(bits(encode)).to_owned(),
                None => encode.pixel_format.clone(),
            },
            notes,
            instead_of,
        }
    }
}

/// The streams that are encoded.
pub(crate) fn encoded(intent: &Intent) -> impl Iterator<Item = (&StreamPlan, &VideoEncode)> {
    intent.streams.iter().filter_map(|stream| match &stream.action {
        Action::EncodeVideo(encode) => Some((stream, encode.as_ref())),
        _ => None,
    })
}

/// Who would encode the pictures of a plan; `None` where there are none.
#[must_use]
pub fn encoder_of(intent: &Intent, abilities: &Abilities) -> Option<EncodedBy> {
    encoded(intent).next().map(|(_, encode)| choose(intent, abilities).describe(encode))
}

/// Chooses who encodes: one family for all pictures of a file, or the CPU.
pub(crate) fn choose(intent: &Intent, abilities: &Abilities) -> Choice {
    let Some((_, first)) = encoded(intent).next() else { return Choice::cpu() };
    let failure = |gpu: Gpu| {
        encoded(intent).find_map(|(_, encode)| abilities.failure(VideoEncoder::on(gpu, encode.codec), bits(encode)))
    };
    let obstacle = encoded(intent).find_map(|(_, encode)| obstacle(encode));
    match first.hardware {
        Hardware::Off => Choice::cpu(),
        Hardware::Only(gpu) => match failure(gpu).or_else(|| obstacle.map(str::to_owned)) {
            Some(reason) => Choice { instead_of: Some(InsteadOf { what: gpu.to_string(), reason }), ..Choice::cpu() },
            None => on(gpu, intent, abilities),
        },
        Hardware::Automatic => {
            // A tuning is of the CPU's encoder, and so is chosen with it.
            let tuned = first.tune.as_ref().map(|_| "the tuning is the CPU encoder's");
            match (Gpu::ALL.into_iter().find(|gpu| failure(*gpu).is_none()), obstacle.or(tuned)) {
                (Some(gpu), None) => on(gpu, intent, abilities),
                (Some(gpu), Some(why)) => {
                    Choice { notes: vec![format!("encoded on the CPU, not by {gpu}: {why}")], ..Choice::cpu() }
                }
                (None, _) => Choice::cpu(),
            }
        }
    }
}

fn on(gpu: Gpu, intent: &Intent, abilities: &Abilities) -> Choice {
    let accel = Accel::of(gpu);
    let decodes = encoded(intent).all(|(stream, _)| abilities.decodes(accel, &stream.source_codec));
    let scale = encoded(intent).any(|(_, encode)| matches!(encode.rate, RateControl::Crf(_)));
    let note = scale.then(|| {
        format!("{gpu} has a quality scale of its own, to which the CRF is only translated; the proof decides")
    });
    Choice { gpu: Some(gpu), accel: decodes.then_some(accel), notes: note.into_iter().collect(), instead_of: None }
}

/// What of a plan no hardware is trusted with: either it has no such thing, or nothing shows that it does it.
fn obstacle(encode: &VideoEncode) -> Option<&'static str> {
    if !encode.pixel_format.starts_with("yuv420p") {
        return Some("its encoder keeps no more colour than 4:2:0");
    }
    if encode.two_pass {
        return Some("it has no two passes over a whole film");
    }
    if encode.flags.iter().any(|flag| flag.name != flags::FILTER) {
        return Some("the flags are the CPU encoder's");
    }
    if encode.dynamic.is_some() {
        return Some("its dynamic HDR metadata is put into the stream of the CPU's encoder");
    }
    if encode.mastering.is_some() || encode.light.is_some() {
        return Some("it is not known to write HDR10's mastering display and light level");
    }
    encode.closed_captions.then_some("it is not known to keep closed captions")
}

/// A tuning that the encoder does not know.
fn dropped_tune(encode: &VideoEncode, encoder: VideoEncoder) -> Option<String> {
    let tune = encode.tune.as_deref().filter(|tune| !encoder.tunes().contains(tune))?;
    Some(format!("{} knows no tuning {tune}; it is left out", encoder.name()))
}

/// Bits a sample of the output.
pub(crate) fn bits(encode: &VideoEncode) -> u8 {
    if encode.pixel_format.ends_with("10le") { 10 } else { 8 }
}
