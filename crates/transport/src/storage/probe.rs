//! Finding out by trial what a folder can do.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::Capabilities;

use super::{ErrorClass, Folder, Operation, Result, Storage, StorageError};

/// Trial files of a run that was killed are removed by the next trial in the same folder, once they are this old.
const STALE_AFTER_NS: i64 = 3_600_000_000_000;

/// How the name of every trial file begins; after it comes the tag of who tries.
pub const MARK: &str = ".mf-trial-";

pub(super) fn probe(storage: &dyn Storage, folder: Folder<'_>, other: Folder<'_>, tag: &str) -> Result<Capabilities> {
    let trial = Trial::new(folder, other, tag)?;
    // What a trial of the same name left when it was killed.
    trial.remove(storage);
    let result = trial.run(storage);
    trial.remove(storage);
    result
}

struct Trial {
    here: RelPath,
    second: RelPath,
    there: RelPath,
    upper: RelPath,
    accented: RelPath,
    decomposed: RelPath,
}

impl Trial {
    fn new(folder: Folder<'_>, other: Folder<'_>, tag: &str) -> Result<Self> {
        let name = |folder, suffix: &str| named(folder, &format!("{MARK}{tag}{suffix}"));
        Ok(Self {
            here: name(folder, "-a")?,
            second: name(folder, "-b")?,
            there: name(other, "-c")?,
            upper: named(folder, &format!("{MARK}{tag}-A"))?,
            accented: name(folder, "-\u{e9}")?,
            decomposed: name(folder, "-e\u{301}")?,
        })
    }

    fn run(&self, storage: &dyn Storage) -> Result<Capabilities> {
        storage.create(&self.here)?.close()?;
        sweep(storage, &self.here)?;
        storage.rename_replace(&self.here, &self.there)?;
        sweep(storage, &self.there)?;
        storage.rename_replace(&self.there, &self.here)?;

        let folds_case = storage.look(&self.upper)?.is_some();
        // A file system that takes only some encodings may refuse the name: then it merges nothing either.
        let normalises = match storage.create(&self.accented) {
            Ok(file) => {
                file.close()?;
                storage.look(&self.decomposed)?.is_some()
            }
            Err(error) if error.is_unreachable() => return Err(error),
            Err(_) => false,
        };
        let link = self.link(storage)?;
        let exchange = self.exchange(storage)?;
        let rename_no_replace = self.no_replace(storage)?;
        Ok(Capabilities { exchange, link, rename_no_replace, folds_case, normalises })
    }

    /// Most of its files do not exist; one that cannot be removed is empty and goes with a later trial.
    fn remove(&self, storage: &dyn Storage) {
        for path in [&self.here, &self.second, &self.there, &self.accented] {
            let removed = storage.remove(path);
            // A connection that broke meanwhile is made anew.
            if removed.is_err_and(|error| error.is_unreachable()) {
                let _ = storage.remove(path);
            }
        }
    }

    fn link(&self, storage: &dyn Storage) -> Result<bool> {
        let linked = works(storage.link(&self.here, &self.there))?
            && storage
                .look(&self.there)?
                .zip(storage.look(&self.here)?)
                .is_some_and(|(there, here)| there.stat.inode == here.stat.inode && here.stat.links == 2);
        if storage.look(&self.there)?.is_some() {
            storage.remove(&self.there)?;
        }
        Ok(linked)
    }

    /// Two files of different length, so that it shows whether they really changed places.
    fn exchange(&self, storage: &dyn Storage) -> Result<bool> {
        let mut longer = storage.create(&self.there)?;
        longer.write_all(b"longer")?;
        longer.close()?;
        let exchanged = works(storage.exchange(&self.here, &self.there))?
            && storage.look(&self.here)?.is_some_and(|entry| entry.stat.size_bytes == 6)
            && storage.look(&self.there)?.is_some_and(|entry| entry.stat.size_bytes == 0);
        storage.remove(&self.there)?;
        Ok(exchanged)
    }

    /// The flag counts as known only if it moves a file to a free name and refuses a taken one.
    fn no_replace(&self, storage: &dyn Storage) -> Result<bool> {
        if !works(storage.rename_no_replace(&self.here, &self.there))? {
            return Ok(false);
        }
        storage.create(&self.second)?.close()?;
        match storage.rename_no_replace(&self.second, &self.there) {
            Err(error) if error.class == ErrorClass::Exists => Ok(storage.look(&self.second)?.is_some()),
            other => works(other).map(|_| false),
        }
    }
}

/// Whether a step was done. A storage that is lost meanwhile refuses nothing.
fn works(step: Result<()>) -> Result<bool> {
    match step {
        Ok(()) => Ok(true),
        Err(error) if error.is_unreachable() => Err(error),
        Err(_) => Ok(false),
    }
}

/// Removes trial files in the folder of `fresh` that are older than `fresh` by enough. The storage's own times are
/// compared, so its clock may be wrong.
fn sweep(storage: &dyn Storage, fresh: &RelPath) -> Result<()> {
    let Some(now) = storage.look(fresh)? else { return Ok(()) };
    let folder = fresh.parent();
    for name in storage.list(folder.as_ref())? {
        if !name.starts_with(MARK.as_bytes()) {
            continue;
        }
        let Ok(path) = fresh.with_file_name(&name) else { continue };
        if let Some(old) = storage.look(&path)?
            && now.stat.mtime_ns.saturating_sub(old.stat.mtime_ns) > STALE_AFTER_NS
        {
            storage.remove(&path)?;
        }
    }
    Ok(())
}

fn named(folder: Folder<'_>, name: &str) -> Result<RelPath> {
    let path = match folder {
        Some(folder) => folder.join(name.as_bytes()),
        None => RelPath::new(name),
    };
    path.map_err(|error| StorageError::new(Operation::Create, folder, ErrorClass::Io, error))
}
