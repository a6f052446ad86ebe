//! The damage corpus: one good output, spoiled in every way that a proof must notice, and controls that it must
//! accept.
//!
//! Copies are cut with stream copy and bitstream filters, pictures are spoiled by encoding the source again, and some
//! damage is done to the bytes. Everything works with ffmpeg 5.1 and newer.

mod bench;
mod burnt;
mod bytes;
mod copies;
mod dynamic;
mod pictures;
mod tone;

use std::path::{Path, PathBuf};

pub use bench::{Bench, DamageError};

/// A way to spoil an output.
#[derive(Clone, Copy)]
pub struct Variant {
    /// Short unique name.
    pub name: &'static str,
    /// What was done, for a person.
    pub what: &'static str,
    /// Whether a proof must accept it: a control.
    pub is_good: bool,
    applies: fn(&Bench) -> bool,
    make: fn(&Bench, &Path) -> Result<(), DamageError>,
}

/// A spoiled output.
#[derive(Debug, Clone)]
pub struct Spoiled {
    /// Name of the [`Variant`].
    pub name: &'static str,
    /// What was done, for a person.
    pub what: &'static str,
    /// Whether a proof must accept it: a control.
    pub is_good: bool,
    /// The file.
    pub path: PathBuf,
}

impl Variant {
    const fn bad(
        name: &'static str,
        what: &'static str,
        applies: fn(&Bench) -> bool,
        make: fn(&Bench, &Path) -> Result<(), DamageError>,
    ) -> Self {
        Self { name, what, is_good: false, applies, make }
    }

    const fn control(
        name: &'static str,
        what: &'static str,
        make: fn(&Bench, &Path) -> Result<(), DamageError>,
    ) -> Self {
        Self { name, what, is_good: true, applies: |_| true, make }
    }
}

/// All variants that make sense for the output on this bench: one without subtitles cannot lose them.
#[must_use]
pub fn variants(bench: &Bench) -> Vec<Variant> {
    let all =
        [copies::VARIANTS, pictures::VARIANTS, dynamic::VARIANTS, burnt::VARIANTS, tone::VARIANTS, bytes::VARIANTS]
            .concat();
    all.into_iter().filter(|variant| (variant.applies)(bench)).collect()
}

/// Makes one variant as `{name}.mkv` in the bench's folder.
///
/// # Errors
/// When ffmpeg fails or the disk does.
pub fn spoil(bench: &Bench, variant: Variant) -> Result<Spoiled, DamageError> {
    let path = bench.dir().join(format!("{}.mkv", variant.name));
    (variant.make)(bench, &path)?;
    let Variant { name, what, is_good, .. } = variant;
    Ok(Spoiled { name, what, is_good, path })
}

/// Makes all variants of an output.
///
/// # Errors
/// As [`spoil`].
pub fn spoil_all(bench: &Bench) -> Result<Vec<Spoiled>, DamageError> {
    variants(bench).into_iter().map(|variant| spoil(bench, variant)).collect()
}
