//! Makes the sample library of `mediaflow demo` in a folder of its own.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mediaflow_ffmpeg::sample::{self, Clip};
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation, ProcessError};
use serde::{Deserialize, Serialize};

/// Lists what was made. A clip that a job has replaced has another extension and is not made again because of this
/// list. It also marks the folder as ours.
const MANIFEST: &str = ".mediaflow-demo.json";

/// Where clips are made before they are moved to their place; hidden from scans by its dot.
const SCRATCH: &str = ".mediaflow-demo.tmp";

/// What [`make`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Clips made now.
    pub made: usize,
    /// Clips that an earlier run had made.
    pub kept: usize,
}

/// Why there is no sample library.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// Somebody's folder.
    #[error("{} holds other files: choose an empty or a new folder with --dir, so that the demo changes nothing of yours", .0.display())]
    NotOurs(PathBuf),
    /// A list that cannot be read.
    #[error("{} is not the list of a demo library: remove that folder, or choose another one with --dir", path.display())]
    Manifest {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The disk said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// ffmpeg could not be run.
    #[error("cannot make {clip}")]
    Process {
        /// The clip.
        clip: &'static str,
        /// Why.
        source: ProcessError,
    },
    /// ffmpeg ran and gave up.
    #[error("cannot make {clip}: {} said: {message}. `mediaflow doctor` shows whether this ffmpeg has what is needed", ffmpeg.display())]
    Ffmpeg {
        /// The clip.
        clip: &'static str,
        /// The program.
        ffmpeg: PathBuf,
        /// Its last lines.
        message: String,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    made: BTreeSet<String>,
}

/// Makes every clip that was not made in `dir` before. `progress` is told how many are done, of how many, and which
/// comes next.
///
/// Each clip appears whole or not at all, and a second call over the same folder makes nothing, even where jobs have
/// replaced clips meanwhile.
///
/// # Errors
/// When `dir` holds files of somebody else, when ffmpeg cannot make a clip, or when it was cancelled. What was
/// finished stays and is not made again.
pub fn make(
    dir: &Path,
    ffmpeg: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(usize, usize, &str),
) -> Result<Made, LibraryError> {
    let mut manifest = open(dir)?;
    let clips = sample::clips();
    let scratch = dir.join(SCRATCH);
    let mut made = 0;
    for (done, clip) in clips.iter().enumerate() {
        if manifest.made.contains(clip.path) {
            continue;
        }
        progress(done, clips.len(), clip.path);
        let place = dir.join(clip.path);
        // It can be there already when an earlier run ended between the move and the list.
        if !place.exists() {
            make_clip(clip, &scratch, &place, ffmpeg, cancel)?;
            made += 1;
        }
        manifest.made.insert(clip.path.to_owned());
        save(dir, &manifest)?;
    }
    if scratch.exists() {
        fs::remove_dir_all(&scratch).map_err(io_error("remove", &scratch))?;
    }
    progress(clips.len(), clips.len(), "");
    Ok(Made { made, kept: clips.len() - made })
}

/// Reads the list of a demo folder, or begins one in a folder that is empty or missing.
fn open(dir: &Path) -> Result<Manifest, LibraryError> {
    let path = dir.join(MANIFEST);
    match fs::read(&path) {
        Ok(text) => {
            return serde_json::from_slice(&text).map_err(|source| LibraryError::Manifest { path, source });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(LibraryError::Io { doing: "read", path, source }),
    }
    fs::create_dir_all(dir).map_err(io_error("create", dir))?;
    if fs::read_dir(dir).map_err(io_error("read", dir))?.next().is_some() {
        return Err(LibraryError::NotOurs(dir.to_owned()));
    }
    let manifest = Manifest::default();
    save(dir, &manifest)?;
    Ok(manifest)
}

fn save(dir: &Path, manifest: &Manifest) -> Result<(), LibraryError> {
    let path = dir.join(MANIFEST);
    let draft = dir.join(format!("{MANIFEST}.part"));
    let text =
        serde_json::to_vec_pretty(manifest).map_err(|source| LibraryError::Manifest { path: path.clone(), source })?;
    fs::write(&draft, text).map_err(io_error("write", &draft))?;
    fs::rename(&draft, &path).map_err(io_error("write", &path))
}

fn make_clip(clip: &Clip, scratch: &Path, place: &Path, ffmpeg: &Path, cancel: &Cancel) -> Result<(), LibraryError> {
    if scratch.exists() {
        fs::remove_dir_all(scratch).map_err(io_error("empty", scratch))?;
    }
    fs::create_dir_all(scratch).map_err(io_error("create", scratch))?;
    for file in &clip.files {
        let path = scratch.join(file.name);
        fs::write(&path, &file.bytes).map_err(io_error("write", &path))?;
    }
    for step in &clip.steps {
        let invocation = Invocation::new(ffmpeg, sample::resolve(step, scratch));
        let output =
            process::run(&invocation, cancel).map_err(|source| LibraryError::Process { clip: clip.path, source })?;
        if !output.success() {
            let message = output.finished.stderr_lines.join("; ");
            return Err(LibraryError::Ffmpeg { clip: clip.path, ffmpeg: ffmpeg.to_owned(), message });
        }
    }
    let finished = scratch.join(clip.output());
    if let Some(edit) = clip.edit {
        let mut bytes = fs::read(&finished).map_err(io_error("read", &finished))?;
        edit.apply(&mut bytes);
        fs::write(&finished, bytes).map_err(io_error("write", &finished))?;
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(io_error("create", folder))?;
    }
    fs::rename(&finished, place).map_err(io_error("write", place))
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LibraryError {
    let path = path.to_owned();
    move |source| LibraryError::Io { doing, path, source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Every file below `dir` with its length.
    fn files(dir: &Path) -> BTreeMap<PathBuf, u64> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                found.extend(files(&entry.path()));
            } else {
                found.insert(entry.path(), entry.metadata().unwrap().len());
            }
        }
        found
    }

    #[test]
    fn all_clips_are_made_once_and_replaced_ones_are_not_made_again() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("demo library");
        let mut told = Vec::new();
        let clips = sample::clips();
        let result = make(&dir, Path::new("ffmpeg"), &Cancel::new(), &mut |done, of, _| told.push((done, of)));
        match result {
            Err(LibraryError::Process { source: ProcessError::NotFound { .. }, .. }) => {
                println!("skipped: there is no ffmpeg on PATH");
                return;
            }
            made => assert_eq!(made.unwrap(), Made { made: clips.len(), kept: 0 }),
        }
        assert_eq!(told.last(), Some(&(clips.len(), clips.len())));
        for clip in &clips {
            let bytes = fs::metadata(dir.join(clip.path)).unwrap().len();
            assert!(bytes > 50_000, "{} has only {bytes} bytes", clip.path);
        }
        assert_eq!(files(&dir).len(), clips.len() + 1, "only the clips and the list may be there");

        let replaced = dir.join(clips.iter().find(|clip| clip.path.ends_with(".avi")).unwrap().path);
        fs::rename(&replaced, replaced.with_extension("mkv")).unwrap();
        let before = files(&dir);
        let again = make(&dir, Path::new("no such program"), &Cancel::new(), &mut |_, _, _| {}).unwrap();
        assert_eq!((again, files(&dir)), (Made { made: 0, kept: clips.len() }, before));
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let film = home.path().join("Film (1999).mkv");
        fs::write(&film, "mine").unwrap();
        let refused = make(home.path(), Path::new("ffmpeg"), &Cancel::new(), &mut |_, _, _| {});
        assert!(matches!(refused, Err(LibraryError::NotOurs(_))), "{refused:?}");
        assert_eq!(files(home.path()), BTreeMap::from([(film, 4)]));
    }

    #[test]
    fn a_cancelled_run_leaves_no_half_clip_and_the_next_one_goes_on() {
        let home = tempfile::tempdir().unwrap();
        let cancel = Cancel::new();
        cancel.cancel();
        let stopped = make(home.path(), Path::new("ffmpeg"), &cancel, &mut |_, _, _| {});
        if let Err(LibraryError::Process { source: ProcessError::NotFound { .. }, .. }) = stopped {
            println!("skipped: there is no ffmpeg on PATH");
            return;
        }
        assert!(matches!(stopped, Err(LibraryError::Process { source: ProcessError::Cancelled { .. }, .. })));
        assert!(!home.path().join("Movies").exists());
        assert!(open(home.path()).unwrap().made.is_empty());
    }
}
