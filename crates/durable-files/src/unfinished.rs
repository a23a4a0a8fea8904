//! A content that has not its name yet.

use crate::Readers;
use crate::folders::folder_of;
use crate::leftovers::{claim, prefix_of, remove_leftovers_of};
use crate::steps::{Disk, Steps};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Often enough for any number of processes that clean up at the same time.
const TRIES: usize = 16;

/// A content that is being written beside the place it will have, piece by piece. It is gone when
/// this is dropped before it is finished.
#[derive(Debug)]
pub struct Unfinished(NamedTempFile);

impl Unfinished {
    /// To become `target`, whose folder is there.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn of(target: &Path, readers: Readers) -> io::Result<Self> {
        Self::by(&Disk, target, readers)
    }

    pub(crate) fn by(steps: &impl Steps, target: &Path, readers: Readers) -> io::Result<Self> {
        let prefix = prefix_of(target)?;
        // What cannot be removed is no reason not to write.
        let _ = remove_leftovers_of(target);
        for _ in 0..TRIES {
            let file = steps.create(folder_of(target), &prefix, readers)?;
            if claim(file.as_file(), file.path()) {
                return Ok(Self(file));
            }
        }
        Err(io::Error::other("another program removes what is being written here"))
    }

    /// In a folder, under a name that begins with `prefix`: the caller knows by that name what
    /// killed processes left. For contents whose name comes from what is in them.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn named(folder: &Path, prefix: &str, readers: Readers) -> io::Result<Self> {
        Disk.create(folder, prefix, readers).map(Self)
    }

    pub fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    /// Puts it in its place, durably; what is there is replaced.
    ///
    /// # Errors
    /// Any error of the file system; then what was there is there.
    pub fn finish(self, target: &Path) -> io::Result<()> {
        self.finish_by(&Disk, target)
    }

    pub(crate) fn finish_by(self, steps: &impl Steps, target: &Path) -> io::Result<()> {
        steps.sync(self.0.as_file())?;
        let _file = steps.replace(self.0, target)?;
        steps.sync_folder(folder_of(target))
    }

    /// As [`Unfinished::finish`], and replaces nothing.
    ///
    /// # Errors
    /// `AlreadyExists` if something is there; any other of the file system.
    pub fn finish_new(self, target: &Path) -> io::Result<()> {
        self.finish_new_by(&Disk, target)
    }

    pub(crate) fn finish_new_by(self, steps: &impl Steps, target: &Path) -> io::Result<()> {
        steps.sync(self.0.as_file())?;
        let _file = steps.name_new(self.0, target)?;
        steps.sync_folder(folder_of(target))
    }

    /// Puts it in its place and waits for nothing: the caller syncs many files at once, before it
    /// says that they are stored.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn finish_unsynced(self, target: &Path) -> io::Result<()> {
        Disk.replace(self.0, target).map(drop)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
