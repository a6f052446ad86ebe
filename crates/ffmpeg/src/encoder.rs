//! The video encoders that plans can be bound to, by ffmpeg's names for them.

use mediaflow_core::media::hardware::Gpu;
use mediaflow_core::media::preset::{AudioCodec, TargetVideo};

/// One video encoder: a codec on the CPU or on a family of hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VideoEncoder {
    /// What it writes; never a copy.
    pub codec: TargetVideo,
    /// The hardware; `None` for the CPU.
    pub gpu: Option<Gpu>,
}

/// The codecs that are encoded.
pub const CODECS: [TargetVideo; 3] = [TargetVideo::H264, TargetVideo::Hevc, TargetVideo::Av1];

impl VideoEncoder {
    /// The CPU's encoder of a codec.
    #[must_use]
    pub const fn cpu(codec: TargetVideo) -> Self {
        Self { codec, gpu: None }
    }

    /// A family's encoder of a codec.
    #[must_use]
    pub const fn on(gpu: Gpu, codec: TargetVideo) -> Self {
        Self { codec, gpu: Some(gpu) }
    }

    /// Every encoder of hardware, family by family. Apple's has no AV1.
    pub fn all_on_hardware() -> impl Iterator<Item = Self> {
        let every = Gpu::ALL.into_iter().flat_map(|gpu| CODECS.into_iter().map(move |codec| Self::on(gpu, codec)));
        every.filter(|encoder| *encoder != Self::on(Gpu::VideoToolbox, TargetVideo::Av1))
    }

    /// ffmpeg's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        use Gpu::{Amf, Nvenc, Qsv, Vaapi, VideoToolbox};
        use TargetVideo::{Av1, Copy, H264, Hevc};
        match (self.codec, self.gpu) {
            (Copy, _) => "copy",
            (H264, None) => "libx264",
            (Hevc, None) => "libx265",
            (Av1, None) => "libsvtav1",
            (H264, Some(Nvenc)) => "h264_nvenc",
            (Hevc, Some(Nvenc)) => "hevc_nvenc",
            (Av1, Some(Nvenc)) => "av1_nvenc",
            (H264, Some(VideoToolbox)) => "h264_videotoolbox",
            (Hevc, Some(VideoToolbox)) => "hevc_videotoolbox",
            (Av1, Some(VideoToolbox)) => "av1_videotoolbox",
            (H264, Some(Qsv)) => "h264_qsv",
            (Hevc, Some(Qsv)) => "hevc_qsv",
            (Av1, Some(Qsv)) => "av1_qsv",
            (H264, Some(Amf)) => "h264_amf",
            (Hevc, Some(Amf)) => "hevc_amf",
            (Av1, Some(Amf)) => "av1_amf",
            (H264, Some(Vaapi)) => "h264_vaapi",
            (Hevc, Some(Vaapi)) => "hevc_vaapi",
            (Av1, Some(Vaapi)) => "av1_vaapi",
        }
    }

    /// The encoder of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let cpu = CODECS.into_iter().map(Self::cpu);
        cpu.chain(Self::all_on_hardware()).find(|encoder| encoder.name() == name)
    }

    /// Its tunings: what the encoder's own documentation lists and what makes sense for films.
    #[must_use]
    pub const fn tunes(self) -> &'static [&'static str] {
        match (self.gpu, self.codec) {
            (None, TargetVideo::Hevc) => &["grain", "animation", "fastdecode"],
            (None, TargetVideo::H264) => &["film", "animation", "grain", "stillimage", "fastdecode"],
            _ => &[],
        }
    }
}

/// What decodes on hardware and hands pictures back to the CPU, where the filters are.
///
/// `QuickSync`'s own decoders leave pictures on the device, from which only a graph that knows their depth can fetch them;
/// on Linux the same chip decodes through VAAPI, as AMD's does. Direct3D's is Windows', where MediaFlow does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accel {
    /// NVIDIA's decoder.
    Cuda,
    /// Intel's and AMD's decoders on Linux.
    Vaapi,
    /// Apple's decoder.
    VideoToolbox,
}

impl Accel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cuda, Self::Vaapi, Self::VideoToolbox];

    /// The one that belongs to a family of encoders.
    #[must_use]
    pub const fn of(gpu: Gpu) -> Self {
        match gpu {
            Gpu::Nvenc => Self::Cuda,
            Gpu::VideoToolbox => Self::VideoToolbox,
            Gpu::Qsv | Gpu::Amf | Gpu::Vaapi => Self::Vaapi,
        }
    }

    /// ffmpeg's name for it, in `-hwaccel`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Vaapi => "vaapi",
            Self::VideoToolbox => "videotoolbox",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|accel| accel.name() == name)
    }

    /// The format of pictures that stay on the device.
    #[must_use]
    pub const fn device_format(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Vaapi => "vaapi",
            Self::VideoToolbox => "videotoolbox_vld",
        }
    }
}

/// ffmpeg's encoder for a codec of sound.
#[must_use]
pub const fn sound_encoder(codec: AudioCodec) -> &'static str {
    match codec {
        AudioCodec::Aac => "aac",
        AudioCodec::Ac3 => "ac3",
        AudioCodec::Eac3 => "eac3",
        AudioCodec::Opus => "libopus",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoder_is_found_by_its_own_name() {
        let cpu = CODECS.into_iter().map(VideoEncoder::cpu);
        for encoder in cpu.chain(VideoEncoder::all_on_hardware()) {
            assert_eq!(VideoEncoder::parse(encoder.name()), Some(encoder));
        }
        assert_eq!(VideoEncoder::all_on_hardware().count(), 14);
        assert_eq!(VideoEncoder::parse("av1_videotoolbox"), None, "there is no such encoder");
        assert_eq!(VideoEncoder::parse("copy"), None);
    }
}
