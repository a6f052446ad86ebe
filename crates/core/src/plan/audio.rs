//! What happens to an audio stream.

use super::{Action, AudioEncode, Refusal};
use crate::media::layout::Layout;
use crate::media::preset::{AudioCodec, AudioMode, Settings};
use crate::media::{Audio, Container, Stream};

pub(super) fn plan(
    stream: &Stream,
    audio: &Audio,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Action, Refusal> {
    if stream.codec == "unknown" || audio.channels == 0 {
        return Err(Refusal::UnknownCodec { index: stream.index, kind: "audio".to_owned() });
    }
    let (codec, most_channels) = match settings.audio {
        AudioMode::Copy => return copy(stream, audio, settings.container),
        AudioMode::Transcode(codec) => (codec, u32::MAX),
        AudioMode::Downmix { codec, layout } => (codec, layout.channels()),
    };
    // What already is in that codec only loses by being encoded again.
    if stream.codec == codec.name() && audio.channels <= most_channels {
        return copy(stream, audio, settings.container);
    }
    let encode = encode(audio, codec, most_channels);
    say_what_is_lost(stream, audio, &encode, notes);
    Ok(Action::EncodeAudio(encode))
}

fn copy(stream: &Stream, audio: &Audio, container: Container) -> Result<Action, Refusal> {
    if holds(container, &stream.codec) {
        Ok(Action::CopyAudio { channels: audio.channels })
    } else {
        Err(Refusal::NotInContainer { index: stream.index, codec: stream.codec.clone(), container })
    }
}

/// A track encoded anew with at most so many channels, never more than it has.
pub(super) fn encode(audio: &Audio, codec: AudioCodec, most_channels: u32) -> AudioEncode {
    let most_channels = most_channels.min(max_channels(codec));
    let source = Layout::find(audio.layout.as_deref(), audio.channels);
    let layout = source.and_then(|source| source.kept_in(layouts(codec), most_channels));
    let channels = match layout {
        Some(layout) => u32::try_from(layout.channels.len()).unwrap_or(most_channels),
        // ffmpeg's own mix, of a layout that films do not have.
        None => audio.channels.min(most_channels),
    };
    AudioEncode {
        codec,
        channels,
        source_channels: audio.channels,
        bitrate_bps: bitrate_bps(codec, channels),
        source_layout: source.filter(|_| layout.is_some()).map(|layout| layout.name.to_owned()),
        layout: layout.map(|layout| layout.name.to_owned()),
        sample_rate_hz: Some(sample_rate_hz(codec, audio.sample_rate_hz)).filter(|hz| *hz != audio.sample_rate_hz),
    }
}

/// Objects above the channels, which no encoder of these writes.
const OBJECTS: [&str; 2] = ["Atmos", "DTS:X"];

fn say_what_is_lost(stream: &Stream, audio: &Audio, encode: &AudioEncode, notes: &mut Vec<String>) {
    let index = stream.index;
    let said = |mark: &str| [&stream.profile, &stream.title].into_iter().flatten().any(|text| text.contains(mark));
    let is_told = stream.profile.as_deref().is_some_and(|profile| profile != "unknown");
    if let Some(objects) = OBJECTS.into_iter().find(|mark| said(mark)) {
        notes.push(format!("stream {index}: its {objects} objects go, the {} channels stay", encode.channels));
    } else if !is_told && matches!(stream.codec.as_str(), "truehd" | "eac3") {
        notes.push(format!("stream {index}: Atmos objects, where it has any, go: ffprobe does not tell"));
    }
    if encode.channels < audio.channels {
        let name = |layout: &Option<String>, channels| layout.clone().unwrap_or_else(|| format!("{channels} channels"));
        notes.push(format!(
            "stream {index}: {} mixed down to {}",
            name(&encode.source_layout, audio.channels),
            name(&encode.layout, encode.channels)
        ));
    }
    if let Some(hz) = encode.sample_rate_hz {
        notes.push(format!("stream {index}: {} Hz become {hz} Hz", audio.sample_rate_hz));
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

/// The layouts that the codec itself names. AAC can describe others, which few players read; Opus has those of Vorbis.
const fn layouts(codec: AudioCodec) -> &'static [&'static str] {
    match codec {
        AudioCodec::Aac => &["mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"],
        AudioCodec::Opus => &["mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"],
        AudioCodec::Ac3 | AudioCodec::Eac3 => {
            &["mono", "stereo", "2.1", "3.0", "3.0(back)", "3.1", "4.0", "4.1", "quad(side)", "5.0(side)", "5.1(side)"]
        }
    }
}

/// The sample rate of the output: the source's where the codec has it, else the usual one of film. AAC above 48 kHz is
/// left alone by many players.
fn sample_rate_hz(codec: AudioCodec, source_hz: u32) -> u32 {
    const USUAL_HZ: u32 = 48_000;
    let has: &[u32] = match codec {
        AudioCodec::Aac => &[48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000],
        AudioCodec::Ac3 | AudioCodec::Eac3 => &[48_000, 44_100, 32_000],
        AudioCodec::Opus => &[48_000],
    };
    if has.contains(&source_hz) { source_hz } else { USUAL_HZ }
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
