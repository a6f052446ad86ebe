//! Dynamic HDR metadata on this machine: the step of an encode that puts it beside the pictures, and its listing for the
//! proof. `bitstream` does the work; here its files are opened.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

use mediaflow_bitstream::{Error, inject, strip, survey};
use mediaflow_core::media::color::PictureMetadata;
use mediaflow_core::plan::DynamicHdr;
use mediaflow_ffmpeg::binding::{INJECT, STRIP};

/// Carries out what an encode's step asks of this program. `words` are its arguments: [`INJECT`], the plan, and two working
/// files: the source's metadata, and the encoder's pictures, which are replaced by themselves with the metadata; or
/// [`STRIP`] and the encoder's pictures alone.
///
/// # Errors
/// What went wrong, for the encode's log.
pub fn step(words: &[OsString]) -> Result<(), String> {
    match words {
        [group, verb, plan, metadata, video] if [group, verb] == INJECT => {
            let plan: DynamicHdr = serde_json::from_slice(plan.as_encoded_bytes())
                .map_err(|error| format!("the plan cannot be read: {error}"))?;
            let metadata = open(Path::new(metadata))?;
            rewrite(Path::new(video), |video, to| inject(metadata, video, to, &plan))
        }
        [group, verb, video] if [group, verb] == STRIP => rewrite(Path::new(video), |video, to| strip(video, to)),
        _ => Err(format!("{} takes a plan and two files, {} one file", INJECT.join(" "), STRIP.join(" "))),
    }
}

/// Writes a file anew, and lets that take its place.
fn rewrite(path: &Path, write: impl FnOnce(File, &mut File) -> Result<(), Error>) -> Result<(), String> {
    let new = path.with_extension("new");
    let mut to = File::create(&new).map_err(|error| of(&new, &error))?;
    write(open(path)?, &mut to).map_err(|error| error.to_string())?;
    std::fs::rename(&new, path).map_err(|error| of(&new, &error))
}

fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|error| of(path, &error))
}

fn of(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// What the pictures of a working file carry; with a plan, what the plan makes of it. `Err` says why it cannot be told.
pub(crate) fn listed(path: &Path, plan: Option<&DynamicHdr>) -> Result<Vec<PictureMetadata>, String> {
    survey(open(path)?, plan).map_err(|error| error.to_string())
}
