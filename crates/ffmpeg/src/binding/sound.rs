//! The options of an audio stream that is encoded anew.
//!
//! Mixing down is spelled out instead of left to ffmpeg's resampler, which only adds up: where all channels are loud at
//! once, its stereo goes 7 dB beyond full scale and clips. Lowering everything by that much would make the film quiet
//! throughout, so dialogue keeps the level that BS.775 gives it, and a limiter takes off those peaks.

use crate::encoder::sound_encoder;
use mediaflow_core::media::layout::Layout;
use mediaflow_core::media::preset::AudioCodec;
use mediaflow_core::plan::AudioEncode;

use super::Args;

/// -1 dB of full scale, the highest peak that EBU R 128 allows: lossy codecs overshoot a little.
const PEAK: &str = "0.891";

pub(super) fn audio_options(args: &mut Args, index: usize, encode: &AudioEncode) {
    args.stream("c", index, sound_encoder(encode.codec));
    args.stream("b", index, encode.bitrate_bps.to_string());
    match mix(encode) {
        Some(filters) => args.stream("filter", index, filters),
        None => args.stream("ac", index, encode.channels.to_string()),
    }
    if let Some(hz) = encode.sample_rate_hz {
        args.stream("ar", index, hz.to_string());
    }
    if encode.codec == AudioCodec::Opus {
        // libopus takes only some channel orders by name; this lets it take any layout of up to 8 channels.
        args.stream("mapping_family", index, if encode.channels > 2 { "1" } else { "0" });
    }
}

/// The filters from the source's channels to the output's; `None` where they have no names.
pub(crate) fn mix(encode: &AudioEncode) -> Option<String> {
    let source = Layout::find(Some(encode.source_layout.as_deref()?), encode.source_channels)?;
    let output = Layout::find(Some(encode.layout.as_deref()?), encode.channels)?;
    // Broadcasts change their layout on the way; what follows is made for one.
    let input = format!("aformat=sample_fmts=fltp:channel_layouts={}", source.name);
    if source == output {
        return Some(input);
    }
    let rows = source.mix_into(output);
    let pan: Vec<String> = rows.iter().enumerate().map(|(channel, row)| format!("c{channel}={}", sum(row))).collect();
    let mut filters = format!("{input},pan={}|{}", output.name, pan.join("|"));
    if rows.iter().any(|row| row.iter().sum::<f64>() > 1.0) {
        filters.push_str(&format!(",alimiter=limit={PEAK}:level=0:latency=1"));
    }
    Some(filters)
}

fn sum(row: &[f64]) -> String {
    let shares = row.iter().enumerate().filter(|(_, share)| **share > 0.0);
    let terms: Vec<String> = shares
        .map(
            |(channel, share)| {
                if (share - 1.0).abs() < 1e-9 { format!("c{channel}") } else { format!("{share:.4}*c{channel}") }
            },
        )
        .collect();
    terms.join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(source_layout: &str, source_channels: u32, layout: &str, channels: u32) -> Option<String> {
        mix(&AudioEncode {
            codec: AudioCodec::Aac,
            channels,
            source_channels,
            bitrate_bps: 192_000,
            source_layout: Some(source_layout.to_owned()),
            layout: Some(layout.to_owned()),
            sample_rate_hz: None,
        })
    }

    #[test]
    fn a_downmix_is_spelled_out_and_limited() {
        assert_eq!(
            filters("5.1(side)", 6, "stereo", 2).as_deref(),
            Some(
                "aformat=sample_fmts=fltp:channel_layouts=5.1(side),\
                 pan=stereo|c0=c0+0.7071*c2+0.7071*c4|c1=c1+0.7071*c2+0.7071*c5,alimiter=limit=0.891:level=0:latency=1"
            )
        );
    }

    #[test]
    fn channels_that_only_change_their_name_are_not_touched() {
        assert_eq!(
            filters("5.1(side)", 6, "5.1", 6).as_deref(),
            Some("aformat=sample_fmts=fltp:channel_layouts=5.1(side),pan=5.1|c0=c0|c1=c1|c2=c2|c3=c3|c4=c4|c5=c5")
        );
        assert_eq!(
            filters("stereo", 2, "stereo", 2).as_deref(),
            Some("aformat=sample_fmts=fltp:channel_layouts=stereo")
        );
    }
}
