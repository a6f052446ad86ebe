//! What one build of ffmpeg is and can do, read from what it prints.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// One build, as `-version`, `-encoders` and `-filters` describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The version as printed, such as `5.1.9-0+deb12u1` or `n8.0-23-gd1f31a829d-20251022`. Programs of the same
    /// build print the same.
    pub version: String,
    /// Encoders that are compiled in. Whether one works here is another question: [`crate::binding::tryout`].
    pub encoders: BTreeSet<String>,
    /// Filters that are compiled in.
    pub filters: BTreeSet<String>,
}

/// The encoders of the codecs that we write: a build without one of them makes some presets impossible.
pub const EXPECTED_ENCODERS: [&str; 4] = ["libx264", "libx265", "libsvtav1", "libopus"];

impl Build {
    /// Whether it can measure VMAF.
    #[must_use]
    pub fn has_vmaf(&self) -> bool {
        self.filters.contains("libvmaf")
    }

    /// Whether it can draw letters, for which it needs libass.
    #[must_use]
    pub fn draws_letters(&self) -> bool {
        self.filters.contains("subtitles")
    }

    /// What full builds have and this one lacks, each with what that costs, for people.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let encoders = EXPECTED_ENCODERS.iter().filter(|name| !self.encoders.contains(**name));
        let mut missing: Vec<String> =
            encoders.map(|name| format!("no {name} encoder: presets that need it cannot run")).collect();
        if !self.has_vmaf() {
            missing.push("no libvmaf filter: picture quality is measured with SSIM".to_owned());
        }
        if !self.draws_letters() {
            missing.push("no subtitles filter (libass): text cannot be drawn into pictures".to_owned());
        }
        missing
    }

    /// Orders builds by what they are worth to us: VMAF first, then encoders, then the newer version.
    #[must_use]
    pub fn rank(&self) -> impl Ord + use<> {
        let encoders = EXPECTED_ENCODERS.iter().filter(|name| self.encoders.contains(**name)).count();
        (self.has_vmaf(), encoders, version_number(&self.version))
    }
}

/// The version in the first line of `ffmpeg -version` or `ffprobe -version`.
#[must_use]
pub fn parse_version(text: &str) -> Option<&str> {
    let mut words = text.lines().next()?.split_whitespace();
    let program = words.next()?;
    let is_one = matches!(program, "ffmpeg" | "ffprobe") && words.next() == Some("version");
    words.next().filter(|_| is_one)
}

/// Major and minor number; `None` for a snapshot such as `N-117599-g1e3d8d4` or `git-2020-01-01`.
fn version_number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('n').unwrap_or(version).split(|c: char| !c.is_ascii_digit());
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

/// The names in the list that `-encoders` prints.
#[must_use]
pub fn parse_encoders(text: &str) -> BTreeSet<String> {
    let list = text.lines().skip_while(|line| !line.trim_start().starts_with("---")).skip(1);
    list.filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

/// The names in the list that `-filters` prints: those whose third column has the shape `V->V`.
#[must_use]
pub fn parse_filters(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (_, name, pads) = (words.next()?, words.next()?, words.next()?);
            pads.contains("->").then(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Excerpts of what 5.1.9 and n8.0 print; the filter list lost a column in between.
    const ENCODERS: &str = "Encoders:\n V..... = Video\n .....D = Supports direct rendering method 1\n ------\n \
         V....D libx264              libx264 H.264 / AVC (codec h264)\n \
         V..... libx265              libx265 H.265 / HEVC (codec hevc)\n \
         A....D aac                  AAC (Advanced Audio Coding)\n";
    const FILTERS_5_1: &str = "Filters:\n  T.. = Timeline support\n  | = Source or sink filter\n \
         ... abench            A->A       Benchmark part of a filtergraph.\n \
         TS. ssim              VV->V      Calculate the SSIM between two video streams.\n \
         ... testsrc2          |->V       Generate another test pattern.\n";
    const FILTERS_8_0: &str = "Filters:\n  T.. = Timeline support\n  | = Source or sink filter\n \
         .. libvmaf           VV->V      Calculate the VMAF between two video streams.\n \
         TS ssim              VV->V      Calculate the SSIM between two video streams.\n";

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn build(version: &str, encoders: &[&str], filters: &[&str]) -> Build {
        Build { version: version.to_owned(), encoders: set(encoders), filters: set(filters) }
    }

    #[test]
    fn lists_are_read_from_old_and_new_builds() {
        assert_eq!(parse_encoders(ENCODERS), set(&["aac", "libx264", "libx265"]));
        assert_eq!(parse_filters(FILTERS_5_1), set(&["abench", "ssim", "testsrc2"]));
        assert_eq!(parse_filters(FILTERS_8_0), set(&["libvmaf", "ssim"]));
    }

    #[test]
    fn a_version_is_the_third_word_of_either_program() {
        let debian = "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc";
        assert_eq!(parse_version(debian), Some("5.1.9-0+deb12u1"));
        let probe = "ffprobe version n8.0-23-gd1f31a829d-20251022 Copyright (c) 2007-2025 the FFmpeg developers";
        assert_eq!(parse_version(probe), Some("n8.0-23-gd1f31a829d-20251022"));
        assert_eq!(parse_version("avconv version 9"), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn version_numbers_compare_as_numbers() {
        assert_eq!(version_number("n8.0-23-gd1f31a829d-20251022"), Some((8, 0)));
        assert_eq!(version_number("5.1.9-0+deb12u1"), Some((5, 1)));
        assert_eq!(version_number("7.0.2-static"), Some((7, 0)));
        assert_eq!(version_number("N-117599-g1e3d8d4"), None);
        assert!(version_number("n10.0") > version_number("9.0.2"));
    }

    #[test]
    fn vmaf_outranks_encoders_and_encoders_a_version() {
        let all = EXPECTED_ENCODERS;
        let new_without_vmaf = build("9.0", &all, &[]);
        let old_with_vmaf = build("6.0", &["libx264"], &["libvmaf"]);
        assert!(old_with_vmaf.rank() > new_without_vmaf.rank());
        assert!(build("5.1", &all, &[]).rank() > build("9.0", &["libx264"], &[]).rank());
        assert!(build("n8.0", &all, &[]).rank() > build("5.1.9-0+deb12u1", &all, &[]).rank());
    }
}
