//! Single actions. Each looks at what it is about to move, and at what it has moved.

use mediaflow_core::path::RelPath;
use mediaflow_core::replace::{Action, Content, Found, Name};
use mediaflow_transport::storage::{ErrorClass, Operation, StorageError};

use super::Refusal;
use super::drive::{Halt, Run};
use super::note::Note;

const fn as_found(content: Content) -> Found {
    match content {
        Content::Source => Found::Source,
        Content::Output => Found::Output,
    }
}

const fn the_other(content: Content) -> Content {
    match content {
        Content::Source => Content::Output,
        Content::Output => Content::Source,
    }
}

impl Run<'_> {
    pub(super) fn act(&mut self, action: Action) -> Result<(), Halt> {
        let path = |name| self.record.path(name);
        match action {
            Action::Stage => Err(Refusal::OutputChanged.into()),
            Action::WriteNote => Ok(Note::write(self.replacer.storage, &self.record)?),
            Action::Expect(name, content) => self.expect(path(name), content),
            Action::SyncSource => Ok(self.replacer.storage.sync_file(&self.record.original)?),
            Action::Link { from, to, content } => self.link(path(from), path(to), content),
            Action::Move { from, to, content } => self.relocate(path(from), path(to), content),
            Action::Over { from, to, content } => self.put_over(path(from), path(to), content),
            Action::Exchange { held, place, comes_out } => self.exchange(path(held), path(place), comes_out),
            Action::Sync(name) => self.sync(name),
            Action::Remove(name, content) => self.remove(path(name), content),
            Action::RemoveNote => self.remove(&self.record.note, None),
        }
    }

    fn holds(&self, path: &RelPath, content: Content) -> Result<bool, StorageError> {
        Ok(self.looker.found(path)? == as_found(content))
    }

    fn expect(&self, path: &RelPath, content: Content) -> Result<(), Halt> {
        if self.holds(path, content)? { Ok(()) } else { Err(Refusal::ChangedMeanwhile(path.clone()).into()) }
    }

    fn is_absent(&self, path: &RelPath) -> Result<bool, StorageError> {
        Ok(self.replacer.storage.look(path)?.is_none())
    }

    /// An error is not believed before a look: a network file system that lost an answer repeats the request and
    /// reports EEXIST or ENOENT after it had succeeded.
    fn link(&self, from: &RelPath, to: &RelPath, content: Content) -> Result<(), Halt> {
        if let Err(error) = self.replacer.storage.link(from, to)
            && !self.holds(to, content)?
        {
            return Err(error.into());
        }
        if self.holds(to, content)? {
            return Ok(());
        }
        // What was linked is somebody's new file: it keeps the name it had.
        let (one, other) = (self.replacer.storage.look(from)?, self.replacer.storage.look(to)?);
        if one.zip(other).is_some_and(|(one, other)| one.stat.inode == other.stat.inode) {
            self.replacer.storage.remove(to)?;
        }
        Err(Refusal::ChangedMeanwhile(from.clone()).into())
    }

    fn relocate(&self, from: &RelPath, to: &RelPath, content: Content) -> Result<(), Halt> {
        if let Err(error) = self.rename_no_replace(from, to)
            && !(self.is_absent(from)? && self.holds(to, content)?)
        {
            return Err(error.into());
        }
        if self.holds(to, content)? {
            return Ok(());
        }
        self.rename_no_replace(to, from)?;
        Err(Refusal::ChangedMeanwhile(from.clone()).into())
    }

    /// Where no rename refuses an existing target: nobody else makes files named T or Q, so a plain rename will do;
    /// and at O and N a link refuses, after which the name to remove is our own.
    fn rename_no_replace(&self, from: &RelPath, to: &RelPath) -> Result<(), StorageError> {
        let storage = self.replacer.storage;
        match storage.rename_no_replace(from, to) {
            Err(error) if error.class == ErrorClass::NotSupported => {}
            other => return other,
        }
        if *to == self.record.staging || *to == self.record.quarantine {
            if !self.is_absent(to)? {
                let cause = "something has this name already";
                return Err(StorageError::new(Operation::Rename, Some(to), ErrorClass::Exists, cause));
            }
            return storage.rename_replace(from, to);
        }
        storage.link(from, to)?;
        storage.sync_folder(to.parent().as_ref())?;
        storage.remove(from)
    }

    /// The look and the rename are two steps, so a file that is put at `to` between them is lost: the one thing an
    /// exchange does better.
    fn put_over(&self, from: &RelPath, to: &RelPath, content: Content) -> Result<(), Halt> {
        self.expect(from, content)?;
        self.expect(to, the_other(content))?;
        if let Err(error) = self.replacer.storage.rename_replace(from, to)
            && !(self.is_absent(from)? && self.holds(to, content)?)
        {
            return Err(error.into());
        }
        self.expect(to, content)
    }

    fn exchange(&self, held: &RelPath, place: &RelPath, comes_out: Content) -> Result<(), Halt> {
        if let Err(error) = self.replacer.storage.exchange(held, place)
            && !self.holds(held, comes_out)?
        {
            return Err(error.into());
        }
        if self.holds(held, comes_out)? {
            return Ok(());
        }
        self.replacer.storage.exchange(held, place)?;
        Err(Refusal::ChangedMeanwhile(place.clone()).into())
    }

    fn sync(&self, name: Name) -> Result<(), Halt> {
        match self.replacer.storage.sync_folder(self.record.path(name).parent().as_ref()) {
            // A folder that is gone has no names to lose; after a crash that is a user who removed it.
            Err(error)
                if self.recovering && error.operation == Operation::Open && error.class == ErrorClass::NotFound =>
            {
                Ok(())
            }
            other => Ok(other?),
        }
    }

    fn remove(&self, path: &RelPath, content: Option<Content>) -> Result<(), Halt> {
        if self.is_absent(path)? {
            return Ok(());
        }
        if let Some(content) = content {
            self.expect(path, content)?;
        }
        if let Err(error) = self.replacer.storage.remove(path)
            && !self.is_absent(path)?
        {
            return Err(error.into());
        }
        Ok(())
    }
}
