//! What happens to an audio stream.

use super::{Action, AudioEncode, Refusal};
use crate::media::preset::{AudioCodec, AudioMode, Settings};
use crate::media::{Audio, Container, Stream};

pub(super) fn plan(stream: &Stream, audio: &Audio, settings: &Settings) -> Result<Action, Refusal> {
    if stream.codec == "unknown" || audio.channels == 0 {
        return Err(Refusal::UnknownCodec { index: stream.index, kind: "audio".to_owned() });
    }
    let copy = || {
        if holds(settings.container, &stream.codec) {
            Ok(Action::CopyAudio { channels: audio.channels })
        } else {
            Err(Refusal::NotInContainer {
                index: stream.index,
                codec: stream.codec.clone(),
                container: settings.container,
            })
        }
    };
    let encode = |codec, channels| {
        Action::EncodeAudio(AudioEncode {
            codec,
            channels,
            source_channels: audio.channels,
            bitrate_bps: bitrate_bps(codec, channels),
        })
    };
    match settings.audio {
        AudioMode::Copy => copy(),
        // What already is in that codec only loses by being encoded again.
        AudioMode::Transcode(codec) if stream.codec == codec.name() => copy(),
        AudioMode::Transcode(codec) => Ok(encode(codec, audio.channels.min(max_channels(codec)))),
        AudioMode::Downmix if stream.codec == "aac" && audio.channels <= 2 => copy(),
        AudioMode::Downmix => Ok(encode(AudioCodec::Aac, audio.channels.min(2))),
    }
}

/// Bits for one track: `facts` §7 has 192 kbit/s for stereo AAC and 128 for Opus; other layouts get the same a channel,
/// within what the codec takes.
fn bitrate_bps(codec: AudioCodec, channels: u32) -> u32 {
    let (per_channel, most) = match codec {
        AudioCodec::Aac => (96_000, 576_000),
        AudioCodec::Opus => (64_000, 510_000),
        AudioCodec::Ac3 => (96_000, 640_000),
        AudioCodec::Eac3 => (96_000, 768_000),
    };
    (per_channel * channels.max(1)).min(most)
}

/// Dolby's two end at 5.1 in the encoders that exist; the others take eight channels.
const fn max_channels(codec: AudioCodec) -> u32 {
    match codec {
        AudioCodec::Ac3 | AudioCodec::Eac3 => 6,
        AudioCodec::Aac | AudioCodec::Opus => 8,
    }
}

/// Whether a container keeps packets of a codec as they are (the muxers' codec tables of ffmpeg 5 to 8).
fn holds(container: Container, codec: &str) -> bool {
    match container {
        Container::Matroska => {
            matches!(
                codec,
                "aac"
                    | "ac3"
                    | "eac3"
                    | "dts"
                    | "truehd"
                    | "mlp"
                    | "flac"
                    | "alac"
                    | "opus"
                    | "vorbis"
                    | "mp1"
                    | "mp2"
                    | "mp3"
                    | "tta"
                    | "wavpack"
                    | "wmav1"
                    | "wmav2"
                    | "wmapro"
                    | "wmalossless"
                    | "cook"
                    | "sipr"
                    | "ra_144"
                    | "ra_288"
                    | "atrac3"
                    | "adpcm_ms"
                    | "adpcm_ima_wav"
                    | "pcm_alaw"
                    | "pcm_mulaw"
                    | "pcm_u8"
                    | "pcm_s16le"
                    | "pcm_s24le"
                    | "pcm_s32le"
                    | "pcm_s16be"
                    | "pcm_s24be"
                    | "pcm_s32be"
                    | "pcm_f32le"
                    | "pcm_f64le"
            )
        }
        Container::Mp4 => matches!(codec, "aac" | "ac3" | "eac3" | "mp2" | "mp3" | "alac" | "opus" | "dts"),
        _ => false,
    }
}
