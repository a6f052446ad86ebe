//! Clips whose every picture carries dynamic HDR metadata of its own, for the profiles that no sample file has: encoded by
//! ffmpeg, described by the crates that write such metadata, and put together by our own code.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

use dolby_vision::rpu::ConversionMode;
use dolby_vision::rpu::dovi_rpu::DoviRpu;
use dolby_vision::rpu::extension_metadata::blocks::{ExtMetadataBlock, ExtMetadataBlockLevel1, ExtMetadataBlockLevel5};
use dolby_vision::rpu::generate::GenerateConfig;
use hdr10plus::metadata::{Hdr10PlusMetadata, Hdr10PlusMetadataEncOpts};
use mediaflow_bitstream::{Metadata, Rpu, write};
use mediaflow_core::media::color::DolbyVision;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation};

/// Frames of a clip, at 24 a second.
pub const FRAMES: usize = 24;

/// What a clip carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dynamic {
    /// Dolby Vision that has no other picture below.
    Profile5,
    /// Dolby Vision of a disc, whose enhancement layer adds nothing.
    Profile7Mel,
    /// Dolby Vision of a disc, whose enhancement layer adds two bits.
    Profile7Fel,
    /// Dolby Vision over HDR10.
    Profile81,
    /// Dolby Vision over HLG.
    Profile84,
    /// HDR10+.
    Hdr10Plus,
    /// Dolby Vision over HDR10, and HDR10+.
    Both,
}

/// Why a clip could not be made.
type Problem = Box<dyn std::error::Error>;

impl Dynamic {
    fn dolby_vision(self) -> Option<DolbyVision> {
        let of = |profile, compatibility| DolbyVision { profile, compatibility, level: 1, enhancement_only: false };
        match self {
            Self::Profile5 => Some(of(5, 0)),
            Self::Profile7Mel | Self::Profile7Fel => Some(of(7, 6)),
            Self::Profile81 | Self::Both => Some(of(8, 1)),
            Self::Profile84 => Some(of(8, 4)),
            Self::Hdr10Plus => None,
        }
    }

    /// x265's words for the pictures below.
    fn color(self) -> &'static str {
        match self {
            Self::Profile5 => "range=full",
            Self::Profile84 => "range=limited:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc",
            _ => {
                "range=limited:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:\
                 master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
            }
        }
    }

    /// The metadata of the picture with this number: black bars above and below, and a brightness of its own.
    fn metadata(self, number: u16) -> Result<Metadata, Problem> {
        Ok(Metadata {
            rpu: self.dolby_vision().map(|_| self.rpu(number)).transpose()?,
            hdr10_plus: matches!(self, Self::Hdr10Plus | Self::Both).then(|| hdr10_plus(number)).transpose()?,
        })
    }

    fn rpu(self, number: u16) -> Result<Rpu, Problem> {
        let config =
            GenerateConfig { level5: ExtMetadataBlockLevel5::from_offsets(0, 0, 20, 22), ..Default::default() };
        let mut rpu = match self {
            Self::Profile5 => DoviRpu::profile5_config(&config)?,
            Self::Profile84 => DoviRpu::profile84_config(&config)?,
            _ => DoviRpu::profile81_config(&config)?,
        };
        if matches!(self, Self::Profile7Mel | Self::Profile7Fel) {
            rpu.convert_with_mode(ConversionMode::ToMel)?;
        }
        if self == Self::Profile7Fel {
            let layer = rpu.rpu_data_mapping.as_mut().and_then(|mapping| mapping.nlq.as_mut());
            layer.ok_or("a disc's metadata has no enhancement layer")?.nlq_offset = [512, 512, 512];
        }
        let data = rpu.vdr_dm_data.as_mut().ok_or("the metadata says nothing about the display")?;
        let brightness = ExtMetadataBlockLevel1 { min_pq: 0, max_pq: 2081 + number, avg_pq: 819 + number };
        data.replace_metadata_block(ExtMetadataBlock::Level1(brightness))?;
        Ok(Rpu::new(rpu.write_rpu()?))
    }
}

fn hdr10_plus(number: u16) -> Result<Vec<u8>, Problem> {
    let brightest = 10_000 + u32::from(number);
    let described = Hdr10PlusMetadata {
        itu_t_t35_country_code: 0xB5,
        itu_t_t35_terminal_provider_code: 0x3C,
        itu_t_t35_terminal_provider_oriented_code: 1,
        application_identifier: 4,
        application_version: 1,
        num_windows: 1,
        maxscl: [brightest; 3],
        average_maxrgb: brightest / 2,
        ..Default::default()
    };
    Ok(described.encode_with_opts(&Hdr10PlusMetadataEncOpts { validate: false, with_country_code: true })?)
}

/// Makes a clip with sound as the file `to`, whose extension says the container: a second of HEVC, 256x144, in `dir`.
///
/// # Errors
/// When ffmpeg or the disk fails.
pub fn make(ffmpeg: &Path, dynamic: Dynamic, dir: &Path, to: &Path) -> Result<(), Problem> {
    let (bare, described) = (dir.join("bare.mkv"), dir.join("described.mkv"));
    let source = format!("testsrc2=s=256x144:r=24:d={}", FRAMES / 24);
    let parameters = format!("log-level=error:{}", dynamic.color());
    let args = ["-f", "lavfi", "-i", &source, "-c:v", "libx265", "-preset", "ultrafast", "-crf", "12"];
    let words = args.into_iter().chain(["-pix_fmt", "yuv420p10le", "-x265-params", &parameters]);
    run(ffmpeg, words.map(OsString::from).chain([bare.clone().into()]))?;
    write(File::open(&bare)?, File::create(&described)?, dynamic.dolby_vision(), |at_ms| {
        let number = u16::try_from((at_ms * 24 + 500) / 1000).unwrap_or(0);
        Ok(dynamic.metadata(number).map_err(|error| error.to_string()))
    })?;
    let sound = ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "ac3", "-b:a", "192k"].map(OsString::from);
    let video = ["-c:v", "copy", "-map", "0:v", "-map", "1:a", "-strict", "unofficial"].map(OsString::from);
    run(ffmpeg, ["-i".into(), described.into()].into_iter().chain(sound).chain(video).chain([to.into()]))
}

fn run(ffmpeg: &Path, words: impl Iterator<Item = OsString>) -> Result<(), Problem> {
    let always = ["-hide_banner", "-nostdin", "-v", "error", "-y"].map(OsString::from);
    let output = process::run(&Invocation::new(ffmpeg, always.into_iter().chain(words)), &Cancel::new())?;
    if output.success() { Ok(()) } else { Err(output.finished.stderr_lines.join("; ").into()) }
}
