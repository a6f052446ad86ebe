//! What the whole library comes to.

use std::collections::BTreeMap;

use super::coded::NONE;
use super::columns::Number;
use super::facets::{Count, counts, name};
use super::{Catalog, Slot, UNKNOWN};

/// What the whole library comes to. What belongs to a file counts once, however many items the file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Items.
    pub total_items: u64,
    /// Bytes of their files.
    pub total_size_bytes: u64,
    /// How long their files play, in microseconds.
    pub total_duration_us: u64,
    /// Items by video codec, the most frequent first.
    pub video_codecs: Vec<Count<String>>,
    /// Items by tier, the most frequent first.
    pub resolutions: Vec<Count<String>>,
    /// Items that are HDR.
    pub hdr_count: u64,
    /// The mean of the video bitrates that are known, in bits per second.
    pub average_video_bitrate_bps: Option<f64>,
    /// What each library comes to; one without items is not listed.
    pub libraries: BTreeMap<i64, LibraryTotals>,
}

/// What one library comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LibraryTotals {
    /// Items.
    pub items: u64,
    /// Bytes of their files.
    pub size_bytes: u64,
}

impl Catalog {
    /// What the whole library comes to.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let c = &self.columns;
        let bitrates = || self.alive.iter().filter_map(|slot| c.video_bitrate_bps[slot as usize].some());
        let with_bitrate = bitrates().count();
        let sum: u128 = bitrates().map(u128::from).sum();
        let count = |codes: &[u16], values: usize| {
            let mut counts = vec![0_u64; values];
            self.alive.iter().for_each(|slot| counts[usize::from(codes[slot as usize])] += 1);
            counts
        };
        let codecs = count(&c.video_codec.codes, c.video_codec.values().count());
        let tiers = count(&c.tier.codes, c.tier.values().count());
        Stats {
            total_items: self.len() as u64,
            total_size_bytes: self.size_bytes(&self.alive),
            total_duration_us: self.sum_of_files(&self.alive, |slot| {
                c.duration_us[slot as usize].some().map_or(0, |duration| u64::try_from(duration).unwrap_or(0))
            }),
            video_codecs: counts(c.video_codec.values().map(|codec| name(codec, UNKNOWN)).zip(codecs)),
            resolutions: counts(c.tier.values().map(|tier| name(tier, UNKNOWN)).zip(tiers)),
            hdr_count: self.alive.iter().filter(|slot| c.hdr_format.codes[*slot as usize] != NONE).count() as u64,
            #[allow(clippy::cast_precision_loss)]
            average_video_bitrate_bps: (with_bitrate > 0).then(|| sum as f64 / with_bitrate as f64),
            libraries: self.library_totals(),
        }
    }

    /// What each library comes to; one without items is not listed.
    #[must_use]
    pub fn library_totals(&self) -> BTreeMap<i64, LibraryTotals> {
        let c = &self.columns;
        let library = |slot: Slot| c.library.value(c.library.codes[slot as usize]).copied();
        let size = |slot: Slot| c.size_bytes[slot as usize];
        let mut totals = vec![LibraryTotals::default(); c.library.values().count()];
        for slot in self.alive.iter() {
            let total = &mut totals[usize::from(c.library.codes[slot as usize])];
            total.items += 1;
            total.size_bytes += size(slot);
        }
        for file in self.files_shared() {
            for (place, slot) in file.iter().enumerate() {
                if file[..place].iter().any(|earlier| library(*earlier) == library(*slot)) {
                    totals[usize::from(c.library.codes[*slot as usize])].size_bytes -= size(*slot);
                }
            }
        }
        let listed = c.library.values().zip(totals).filter(|(_, total)| total.items > 0);
        listed.filter_map(|(id, total)| Some((*id?, total))).collect()
    }
}
