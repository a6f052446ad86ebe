//! Where the channels of a sound track stand, and how more of them become fewer.

/// A loudspeaker's place, by ffmpeg's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Front left.
    Fl,
    /// Front right.
    Fr,
    /// Front centre: dialogue.
    Fc,
    /// Low frequency effects.
    Lfe,
    /// Back left.
    Bl,
    /// Back right.
    Br,
    /// Between front left and centre.
    Flc,
    /// Between front right and centre.
    Frc,
    /// Back centre.
    Bc,
    /// Side left.
    Sl,
    /// Side right.
    Sr,
}

use Channel::{Bc, Bl, Br, Fc, Fl, Flc, Fr, Frc, Lfe, Sl, Sr};

/// The channels of a track, in the order in which they are stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// ffmpeg's name, such as `5.1(side)`.
    pub name: &'static str,
    /// The channels.
    pub channels: &'static [Channel],
}

/// The layouts of films, as ffmpeg 5 to 8 name and order them.
static LAYOUTS: &[Layout] = &[
    Layout { name: "mono", channels: &[Fc] },
    Layout { name: "stereo", channels: &[Fl, Fr] },
    Layout { name: "2.1", channels: &[Fl, Fr, Lfe] },
    Layout { name: "3.0", channels: &[Fl, Fr, Fc] },
    Layout { name: "3.0(back)", channels: &[Fl, Fr, Bc] },
    Layout { name: "3.1", channels: &[Fl, Fr, Fc, Lfe] },
    Layout { name: "4.0", channels: &[Fl, Fr, Fc, Bc] },
    Layout { name: "quad", channels: &[Fl, Fr, Bl, Br] },
    Layout { name: "quad(side)", channels: &[Fl, Fr, Sl, Sr] },
    Layout { name: "4.1", channels: &[Fl, Fr, Fc, Lfe, Bc] },
    Layout { name: "5.0", channels: &[Fl, Fr, Fc, Bl, Br] },
    Layout { name: "5.0(side)", channels: &[Fl, Fr, Fc, Sl, Sr] },
    Layout { name: "5.1", channels: &[Fl, Fr, Fc, Lfe, Bl, Br] },
    Layout { name: "5.1(side)", channels: &[Fl, Fr, Fc, Lfe, Sl, Sr] },
    Layout { name: "6.0", channels: &[Fl, Fr, Fc, Bc, Sl, Sr] },
    Layout { name: "6.0(front)", channels: &[Fl, Fr, Flc, Frc, Sl, Sr] },
    Layout { name: "hexagonal", channels: &[Fl, Fr, Fc, Bl, Br, Bc] },
    Layout { name: "6.1", channels: &[Fl, Fr, Fc, Lfe, Bc, Sl, Sr] },
    Layout { name: "6.1(back)", channels: &[Fl, Fr, Fc, Lfe, Bl, Br, Bc] },
    Layout { name: "6.1(front)", channels: &[Fl, Fr, Lfe, Flc, Frc, Sl, Sr] },
    Layout { name: "7.0", channels: &[Fl, Fr, Fc, Bl, Br, Sl, Sr] },
    Layout { name: "7.0(front)", channels: &[Fl, Fr, Fc, Flc, Frc, Sl, Sr] },
    Layout { name: "7.1", channels: &[Fl, Fr, Fc, Lfe, Bl, Br, Sl, Sr] },
    Layout { name: "7.1(wide)", channels: &[Fl, Fr, Fc, Lfe, Bl, Br, Flc, Frc] },
    Layout { name: "7.1(wide-side)", channels: &[Fl, Fr, Fc, Lfe, Flc, Frc, Sl, Sr] },
    Layout { name: "octagonal", channels: &[Fl, Fr, Fc, Bl, Br, Bc, Sl, Sr] },
];

/// -3 dB: half the power.
const HALF_POWER: f64 = std::f64::consts::FRAC_1_SQRT_2;

impl Layout {
    /// The layout of this name; what only has a number of channels is taken for the usual one. `None` for layouts that
    /// films do not have.
    #[must_use]
    pub fn find(name: Option<&str>, channels: u32) -> Option<&'static Self> {
        let name = match (name, channels) {
            (Some("downmix"), _) => "stereo",
            (Some(name), _) if LAYOUTS.iter().any(|layout| layout.name == name) => name,
            // As `5 channels`, or not at all.
            (Some(name), _) if !name.ends_with("channels") => return None,
            (_, 1) => "mono",
            (_, 2) => "stereo",
            (_, 3) => "3.0",
            (_, 4) => "quad",
            (_, 5) => "5.0",
            (_, 6) => "5.1",
            (_, 7) => "6.1",
            (_, 8) => "7.1",
            _ => return None,
        };
        LAYOUTS.iter().find(|layout| layout.name == name && layout.channels.len() == channels as usize)
    }

    /// The layout among `possible` (names) that keeps most of this one within so many channels. None of its channels is
    /// made of nothing.
    #[must_use]
    pub fn kept_in(&self, possible: &[&str], most_channels: u32) -> Option<&'static Self> {
        if self.channels.len() <= most_channels as usize
            && let Some(same) =
                LAYOUTS.iter().find(|layout| layout.name == self.name && possible.contains(&layout.name))
        {
            return Some(same);
        }
        let most = self.channels.len().min(most_channels as usize);
        let fed = |layout: &Self| {
            let folded: Vec<Channel> =
                self.channels.iter().flat_map(|from| self.fold(*from, layout)).map(|(to, _)| to).collect();
            layout.channels.iter().all(|channel| folded.contains(channel))
        };
        let fits = |layout: &&Self| possible.contains(&layout.name) && layout.channels.len() <= most && fed(layout);
        LAYOUTS.iter().filter(fits).max_by_key(|layout| layout.channels.len())
    }

    /// How much of each channel of this layout goes into each one of another: a row for each of the other's.
    ///
    /// Recommendation ITU-R BS.775: the centre at -3 dB into both sides, the surrounds at -3 dB, low frequency effects only
    /// where they have a channel. Where sides and back share a channel, each is taken at -3 dB, so that sound that comes
    /// from both keeps its power.
    #[must_use]
    pub fn mix_into(&self, other: &Self) -> Vec<Vec<f64>> {
        let mut rows = vec![vec![0.0; self.channels.len()]; other.channels.len()];
        for (column, from) in self.channels.iter().enumerate() {
            for (to, share) in self.fold(*from, other) {
                if let Some(row) = other.channels.iter().position(|channel| *channel == to) {
                    rows[row][column] += share;
                }
            }
        }
        rows
    }

    fn has(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }

    /// Where one channel of this layout goes in another.
    fn fold(&self, channel: Channel, other: &Self) -> Vec<(Channel, f64)> {
        let both_pairs = self.has(Sl) && self.has(Bl);
        let surround = |same: Channel, beside: Channel, front: Channel| {
            let shared = if both_pairs && !(other.has(Sl) && other.has(Bl)) { HALF_POWER } else { 1.0 };
            match () {
                () if other.has(same) => vec![(same, shared)],
                () if other.has(beside) => vec![(beside, shared)],
                () => vec![(front, HALF_POWER * shared)],
            }
        };
        match channel {
            Sl => surround(Sl, Bl, Fl),
            Sr => surround(Sr, Br, Fr),
            Bl => surround(Bl, Sl, Fl),
            Br => surround(Br, Sr, Fr),
            same if other.has(same) => vec![(same, 1.0)],
            Fc => vec![(Fl, HALF_POWER), (Fr, HALF_POWER)],
            Bc if other.has(Bl) => vec![(Bl, HALF_POWER), (Br, HALF_POWER)],
            Bc if other.has(Sl) => vec![(Sl, HALF_POWER), (Sr, HALF_POWER)],
            Bc => vec![(Fl, 0.5), (Fr, 0.5)],
            Flc => vec![(Fl, HALF_POWER)],
            Frc => vec![(Fr, HALF_POWER)],
            Lfe | Fl | Fr => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(name: &str) -> &'static Layout {
        LAYOUTS.iter().find(|layout| layout.name == name).unwrap()
    }

    const OF_AAC: &[&str] = &["mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"];

    #[test]
    fn dialogue_goes_into_both_sides_at_half_power_and_low_frequencies_into_none() {
        let rows = layout("5.1").mix_into(layout("stereo"));
        assert_eq!(
            rows,
            [vec![1.0, 0.0, HALF_POWER, 0.0, HALF_POWER, 0.0], vec![0.0, 1.0, HALF_POWER, 0.0, 0.0, HALF_POWER]]
        );
        assert_eq!(layout("5.1(side)").mix_into(layout("stereo")), rows);
    }

    #[test]
    fn eight_channels_keep_the_power_of_their_four_surrounds() {
        let left = &layout("7.1").mix_into(layout("5.1"))[4];
        assert_eq!(left, &[0.0, 0.0, 0.0, 0.0, HALF_POWER, 0.0, HALF_POWER, 0.0]);
        let left = &layout("7.1").mix_into(layout("stereo"))[0];
        assert!((left[4] - 0.5).abs() < 1e-9 && (left[6] - 0.5).abs() < 1e-9, "{left:?}");
        assert!((layout("6.1").mix_into(layout("5.1"))[4][4] - HALF_POWER).abs() < 1e-9);
    }

    #[test]
    fn a_codec_takes_what_keeps_most_and_nothing_is_made_up() {
        for (from, most, to) in [
            ("5.1(side)", 8, "5.1"),
            ("7.1", 8, "7.1"),
            ("7.1", 6, "5.1"),
            ("6.1", 8, "5.1"),
            ("7.1(wide)", 8, "5.1"),
            ("7.0", 8, "5.0"),
            ("5.0(side)", 6, "5.0"),
            ("2.1", 8, "stereo"),
            ("3.0", 8, "3.0"),
            ("quad(side)", 8, "stereo"),
            ("5.1", 2, "stereo"),
            ("mono", 2, "mono"),
        ] {
            assert_eq!(layout(from).kept_in(OF_AAC, most).map(|layout| layout.name), Some(to), "{from} in {most}");
        }
    }

    #[test]
    fn a_number_of_channels_is_taken_for_the_usual_layout() {
        assert_eq!(Layout::find(None, 6).map(|layout| layout.name), Some("5.1"));
        assert_eq!(Layout::find(Some("6 channels"), 6).map(|layout| layout.name), Some("5.1"));
        assert_eq!(Layout::find(Some("22.2"), 24), None);
        assert_eq!(Layout::find(Some("5.1"), 2), None, "a probe that contradicts itself");
    }
}
