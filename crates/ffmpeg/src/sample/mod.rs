//! The sample library of `mediaflow demo`: clips that ffmpeg makes from nothing, as data.
//!
//! Every clip is generated (moving fractals, chords, glyphs of our own), so nothing of anybody else's is shipped.
//! The encoders are those that every usual build has. The same build makes the same bytes each time.

mod edit;
mod font;
mod glyphs;
mod movies;
mod pgs;
mod recipe;
mod scene;
mod shows;
mod texts;

use std::ffi::OsString;
use std::path::Path;

pub use edit::Edit;

/// Stands in arguments for the scratch folder of the clip.
const SCRATCH: &str = "{scratch}";

/// One clip of the library.
#[derive(Debug, Clone)]
pub struct Clip {
    /// Path in the library, `/` between components, named as Plex names films and episodes.
    pub path: &'static str,
    /// What the clip is there to show, for a person.
    pub note: &'static str,
    /// Files that the steps read; to be written into the scratch folder first.
    pub files: Vec<SideFile>,
    /// Arguments of the ffmpeg runs that make the clip, to be run in order; see [`resolve`].
    pub steps: Vec<Vec<String>>,
    /// What happens to the bytes after the last step.
    pub edit: Option<Edit>,
}

/// A small file that a clip is made from: subtitles, chapters, a font.
#[derive(Debug, Clone)]
pub struct SideFile {
    /// Name in the scratch folder.
    pub name: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Clip {
    /// Name of the finished clip in the scratch folder: what the last step writes.
    #[must_use]
    pub fn output(&self) -> String {
        output_name(self.path)
    }
}

fn output_name(path: &str) -> String {
    let extension = path.rsplit_once('.').map_or("mkv", |(_, extension)| extension);
    format!("clip.{extension}")
}

/// All clips: films first, then episodes.
#[must_use]
pub fn clips() -> Vec<Clip> {
    let mut clips = movies::clips();
    clips.extend(shows::clips());
    clips
}

/// The arguments of one step with the scratch folder in its place.
#[must_use]
pub fn resolve(step: &[String], scratch: &Path) -> Vec<OsString> {
    step.iter()
        .map(|argument| match argument.strip_prefix(SCRATCH) {
            Some(tail) => scratch.join(tail.trim_start_matches('/')).into_os_string(),
            None => OsString::from(argument),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_clip_has_its_own_place_and_reads_only_what_it_was_given_or_made() {
        let clips = clips();
        let paths: BTreeSet<_> = clips.iter().map(|clip| clip.path).collect();
        assert_eq!(paths.len(), clips.len(), "two clips share a path");
        for clip in &clips {
            let mut known: BTreeSet<String> = clip.files.iter().map(|f| format!("{SCRATCH}/{}", f.name)).collect();
            for step in &clip.steps {
                let (last, inputs) = step.split_last().unwrap();
                for input in inputs.iter().filter(|argument| argument.starts_with(SCRATCH)) {
                    assert!(known.contains(input), "{}: {input} is read before it is there", clip.path);
                }
                assert!(last.starts_with(SCRATCH), "{}: a step writes to {last}", clip.path);
                known.insert(last.clone());
            }
            assert!(known.contains(&format!("{SCRATCH}/{}", clip.output())), "{} is never written", clip.path);
        }
    }

    #[test]
    fn the_scratch_folder_may_have_any_name() {
        let step = ["-i".to_owned(), "{scratch}/a.srt".to_owned()];
        assert_eq!(resolve(&step, Path::new("/x y/{scratch}")), ["-i", "/x y/{scratch}/a.srt"]);
    }
}
