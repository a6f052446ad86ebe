//! Loudness over time: tells that sound encoded anew is the same sound, at the same time, where packets cannot.

/// Length of one block in milliseconds: 80 samples of 8 kHz.
pub const BLOCK_MS: usize = 10;
const SAMPLES_PER_BLOCK: usize = 80;

/// Root mean square of each block, in units of a 16-bit sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Envelope {
    /// One figure a block, of all channels mixed.
    pub blocks: Vec<f32>,
    /// One figure a block for each channel.
    pub channels: Vec<Vec<f32>>,
}

/// Reads raw little-endian 16-bit samples of interleaved channels, in chunks of any length.
#[derive(Debug)]
pub struct EnvelopeReader {
    odd: Option<u8>,
    /// The next sample's channel.
    channel: usize,
    /// Sum of the samples of this instant.
    mixed: f64,
    /// Sums of squares over this block: the mix, then each channel.
    sums: Vec<f64>,
    instants: usize,
    envelope: Envelope,
}

impl EnvelopeReader {
    /// A reader of so many interleaved channels.
    #[must_use]
    pub fn new(channels: u32) -> Self {
        let channels = usize::try_from(channels).unwrap_or(1).max(1);
        Self {
            odd: None,
            channel: 0,
            mixed: 0.0,
            sums: vec![0.0; channels + 1],
            instants: 0,
            envelope: Envelope { blocks: Vec::new(), channels: vec![Vec::new(); channels] },
        }
    }

    /// Takes the next bytes.
    pub fn chunk(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.iter().copied();
        while let Some(low) = self.odd.take().or_else(|| bytes.next()) {
            let Some(high) = bytes.next() else {
                self.odd = Some(low);
                return;
            };
            self.sample(f64::from(i16::from_le_bytes([low, high])));
        }
    }

    fn sample(&mut self, sample: f64) {
        self.mixed += sample;
        self.channel += 1;
        self.sums[self.channel] += sample * sample;
        if self.channel < self.envelope.channels.len() {
            return;
        }
        #[allow(clippy::cast_precision_loss)]
        let mix = self.mixed / self.channel as f64;
        self.sums[0] += mix * mix;
        (self.channel, self.mixed) = (0, 0.0);
        self.instants += 1;
        if self.instants == SAMPLES_PER_BLOCK {
            self.push();
        }
    }

    fn push(&mut self) {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let mean = |sum: f64| (sum / SAMPLES_PER_BLOCK as f64).sqrt() as f32;
        self.envelope.blocks.push(mean(self.sums[0]));
        for (channel, sum) in self.envelope.channels.iter_mut().zip(&self.sums[1..]) {
            channel.push(mean(*sum));
        }
        self.sums.fill(0.0);
        self.instants = 0;
    }

    /// The envelope; a last block that was not filled is left out.
    #[must_use]
    pub fn finish(self) -> Envelope {
        self.envelope
    }
}

/// How far two envelopes are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// How much later the second one is, in milliseconds, where both fit best.
    pub lag_ms: i64,
    /// Correlation of the logarithms at that lag: 1 is the same, 0 unrelated.
    pub correlation: f64,
    /// The longest stretch in milliseconds in which the first is audible and the second is not.
    pub missing_ms: usize,
    /// The longest stretch in milliseconds in which one channel is loud in the first and gone in the second.
    pub channel_gone_ms: usize,
    /// Whether the first one is too quiet and even throughout to be compared.
    pub silent: bool,
}

/// Lags that are tried: up to half a second either way.
const MAX_LAG_BLOCKS: i64 = 50;
/// About -50 dB below full scale: quieter blocks count as silence.
const AUDIBLE: f32 = 100.0;
/// A tenth of the loudness (-20 dB) is "not audible any more" beside the source.
const LOST_SHARE: f32 = 0.1;
/// About -30 dB below full scale: a channel this loud is not masked by the others, so no codec leaves it out.
const LOUD: f32 = 1000.0;
/// What is left of a channel that is gone: crosstalk of joint coding stays below.
const GONE_SHARE: f32 = 0.03;

/// Loudness that varies less than this is as even as a tone: there is nothing to follow.
const STEADY: f64 = 0.05;

impl Comparison {
    /// Compares an output with its source.
    #[must_use]
    pub fn of(source: &Envelope, output: &Envelope) -> Self {
        let (a, b) = (logarithms(&source.blocks), logarithms(&output.blocks));
        let mut best = (0, correlation(&a, &b, 0));
        for lag in (1..=MAX_LAG_BLOCKS).flat_map(|lag| [lag, -lag]) {
            let value = correlation(&a, &b, lag);
            // A steady tone fits at any lag; the nearest one is believed unless another is clearly better.
            if value > best.1 + 0.01 {
                best = (lag, value);
            }
        }
        let audible = source.blocks.iter().filter(|rms| **rms > AUDIBLE).count();
        Self {
            lag_ms: best.0 * i64::try_from(BLOCK_MS).unwrap_or(10),
            correlation: best.1,
            missing_ms: longest_loss(&source.blocks, &output.blocks, best.0, AUDIBLE, LOST_SHARE) * BLOCK_MS,
            channel_gone_ms: source
                .channels
                .iter()
                .zip(&output.channels)
                .map(|(was, is)| longest_loss(was, is, best.0, LOUD, GONE_SHARE) * BLOCK_MS)
                .max()
                .unwrap_or(0),
            silent: audible * 20 < source.blocks.len().max(1) || deviation(&a) < STEADY,
        }
    }
}

/// How far the channels are the same, each for itself: two that changed places, or one that was left out of a mix, hide
/// in the sum of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channels {
    /// The largest change of a loud channel's level, in decibels.
    pub level_db: f64,
    /// The least correlation of a loud channel's loudness over time.
    pub correlation: f64,
}

impl Channels {
    /// Compares an output with its source, at the lag that was found for all of it. `left_out` is not looked at: codecs
    /// keep only the lowest tones of low frequency effects.
    #[must_use]
    pub fn of(source: &Envelope, output: &Envelope, lag_ms: i64, left_out: Option<usize>) -> Self {
        let lag = lag_ms / i64::try_from(BLOCK_MS).unwrap_or(10);
        let mut found = Self { level_db: 0.0, correlation: 1.0 };
        for (number, (was, is)) in source.channels.iter().zip(&output.channels).enumerate() {
            let loud = was.iter().filter(|rms| **rms > LOUD).count();
            if Some(number) == left_out || loud * 20 < was.len().max(1) {
                continue;
            }
            let energy =
                |sum: (f64, f64), (x, y): (&f32, &f32)| (sum.0 + f64::from(*x).powi(2), sum.1 + f64::from(*y).powi(2));
            let (before, after) = overlap(was, is, lag).fold((0.0, 0.0), energy);
            let change = 10.0 * (after.max(1.0) / before.max(1.0)).log10();
            if change.abs() > found.level_db.abs() {
                found.level_db = change;
            }
            let (was, is) = (logarithms(was), logarithms(is));
            if deviation(&was) >= STEADY {
                found.correlation = found.correlation.min(correlation(&was, &is, lag));
            }
        }
        found
    }
}

/// Logarithms of loudness, silence taken for a little noise.
fn logarithms(blocks: &[f32]) -> Vec<f64> {
    blocks.iter().map(|rms| f64::from(rms.max(10.0)).ln()).collect()
}

/// Pearson's correlation of `a[i]` with `b[i + lag]`.
fn correlation(a: &[f64], b: &[f64], lag: i64) -> f64 {
    let pairs: Vec<(f64, f64)> = overlap(a, b, lag).map(|(x, y)| (*x, *y)).collect();
    #[allow(clippy::cast_precision_loss)]
    let n = pairs.len() as f64;
    if n < 10.0 {
        return 0.0;
    }
    let mean = |f: fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(|p| p.0), mean(|p| p.1));
    let (mut product, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (x, y) in &pairs {
        product += (x - mean_a) * (y - mean_b);
        square_a += (x - mean_a).powi(2);
        square_b += (y - mean_b).powi(2);
    }
    let scale = (square_a * square_b).sqrt();
    if scale > 0.0 { product / scale } else { 0.0 }
}

fn deviation(values: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}

fn overlap<'a, T>(a: &'a [T], b: &'a [T], lag: i64) -> impl Iterator<Item = (&'a T, &'a T)> {
    let skip = |n: i64| usize::try_from(n).unwrap_or(0);
    a.iter().skip(skip(-lag)).zip(b.iter().skip(skip(lag)))
}

/// The longest run of blocks that are louder than `loud` in the source and below `share` of that in the output.
fn longest_loss(source: &[f32], output: &[f32], lag: i64, loud: f32, share: f32) -> usize {
    let (mut run, mut longest) = (0, 0);
    for (x, y) in overlap(source, output, lag) {
        run = if *x > loud && *y < *x * share { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speech-like: loudness that comes and goes without repeating soon.
    fn speech(blocks: usize) -> Vec<f32> {
        let mut state = 1_u32;
        (0..blocks)
            .map(|i| {
                if i % 7 == 0 {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                }
                200.0 + f32::from(u16::try_from(state >> 16).unwrap_or(0)) / 8.0
            })
            .collect()
    }

    fn envelope(blocks: Vec<f32>) -> Envelope {
        Envelope { channels: vec![blocks.clone()], blocks }
    }

    #[test]
    fn the_same_sound_is_the_same_and_late_sound_is_late() {
        let source = envelope(speech(1000));
        let quieter = envelope(source.blocks.iter().map(|rms| rms * 0.9).collect());
        let same = Comparison::of(&source, &quieter);
        assert_eq!((same.lag_ms, same.missing_ms, same.silent), (0, 0, false));
        assert!(same.correlation > 0.99);
        let mut late = vec![0.0; 20];
        late.extend(&source.blocks);
        assert_eq!(Comparison::of(&source, &envelope(late)).lag_ms, 200);
    }

    #[test]
    fn silence_and_another_sound_are_noticed() {
        let source = envelope(speech(1000));
        let mut hole = source.blocks.clone();
        hole[400..700].fill(0.0);
        assert_eq!(Comparison::of(&source, &envelope(hole)).missing_ms, 3000);
        let mut other = speech(2000);
        other.drain(..1000);
        assert!(Comparison::of(&source, &envelope(other)).correlation < 0.5);
        assert!(Comparison::of(&envelope(vec![1.0; 1000]), &source).silent);
    }

    #[test]
    fn a_channel_that_fell_silent_is_noticed_behind_the_others() {
        let loud: Vec<f32> = speech(1000).iter().map(|rms| rms + 2000.0).collect();
        let both = Envelope { blocks: loud.clone(), channels: vec![loud.clone(), loud.clone()] };
        let one_sided = Envelope { blocks: loud.clone(), channels: vec![loud.clone(), vec![1.0; 1000]] };
        assert_eq!(Comparison::of(&both, &both).channel_gone_ms, 0);
        let comparison = Comparison::of(&both, &one_sided);
        assert_eq!((comparison.missing_ms, comparison.channel_gone_ms), (0, 10_000));
    }

    #[test]
    fn channels_that_changed_places_or_lost_a_part_are_noticed_one_by_one() {
        let loud =
            |skip: usize| -> Vec<f32> { speech(2000)[skip..skip + 1000].iter().map(|rms| rms + 1000.0).collect() };
        let envelope = |channels: Vec<Vec<f32>>| Envelope { blocks: channels[0].clone(), channels };
        let source = envelope(vec![loud(0), loud(700)]);
        assert_eq!(Channels::of(&source, &source, 0, None), Channels { level_db: 0.0, correlation: 1.0 });
        let swapped = envelope(vec![loud(700), loud(0)]);
        assert!(Channels::of(&source, &swapped, 0, None).correlation < 0.5);
        let half = envelope(vec![loud(0), loud(700).iter().map(|rms| rms / 2.0).collect()]);
        let change = Channels::of(&source, &half, 0, None);
        assert!((change.level_db + 6.0).abs() < 0.1, "{change:?}");
        assert_eq!(Channels::of(&source, &half, 0, Some(1)).level_db, 0.0);
    }

    #[test]
    fn interleaved_channels_are_read_apart() {
        let bytes: Vec<u8> = (0..SAMPLES_PER_BLOCK).flat_map(|_| [300_i16, -100]).flat_map(i16::to_le_bytes).collect();
        let mut reader = EnvelopeReader::new(2);
        reader.chunk(&bytes);
        assert_eq!(reader.finish(), Envelope { blocks: vec![100.0], channels: vec![vec![300.0], vec![100.0]] });
    }

    #[test]
    fn samples_split_anywhere_give_the_same_blocks() {
        let bytes: Vec<u8> =
            (0..SAMPLES_PER_BLOCK * 3).flat_map(|i| i16::try_from(i).unwrap_or(0).to_le_bytes()).collect();
        let mut whole = EnvelopeReader::new(1);
        whole.chunk(&bytes);
        let mut split = EnvelopeReader::new(1);
        bytes.chunks(7).for_each(|chunk| split.chunk(chunk));
        let (whole, split) = (whole.finish(), split.finish());
        assert_eq!(whole, split);
        assert_eq!(whole.blocks.len(), 3);
    }
}
