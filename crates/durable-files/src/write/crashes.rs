//! A write is stopped before and within each of its steps, by a failure, a kill or a loss of power.
//! After it the old or the new content is there, whole, and the next write leaves nothing else.

use super::*;
use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::path::PathBuf;
use tempfile::{NamedTempFile, TempDir};

const OLD: &[u8] = b"the old content";
const NEW: &[u8] = b"the new content, which is longer";

/// How a write ends before its end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The step fails; the process goes on and cleans up.
    Failure,
    /// The process is killed: nothing is cleaned up.
    Kill,
    /// As `Kill`, and what was not synced is lost: half of a content, and every new name.
    LossOfPower,
    /// As `LossOfPower`, but the new names had come to the disk by themselves.
    LossOfContents,
}

/// The disk, until step `at`.
struct Faulty {
    fault: Fault,
    at: usize,
    done: Cell<usize>,
    /// Contents that are not synced.
    unsynced: RefCell<Vec<File>>,
    /// Names that are not synced, and what they stood for before.
    renamed: RefCell<Vec<(PathBuf, Option<Vec<u8>>)>>,
}

impl Faulty {
    fn new(fault: Fault, at: usize) -> Self {
        let (unsynced, renamed) = (RefCell::default(), RefCell::default());
        Self { fault, at, done: Cell::new(0), unsynced, renamed }
    }

    /// Whether the step that begins now is the one that is stopped.
    fn stops(&self) -> bool {
        let step = self.done.replace(self.done.get() + 1);
        step == self.at
    }

    fn stop<T>(&self) -> io::Result<T> {
        if matches!(self.fault, Fault::LossOfPower | Fault::LossOfContents) {
            for file in self.unsynced.take() {
                let len = file.metadata().unwrap().len();
                file.set_len(len / 2).unwrap();
            }
        }
        if self.fault == Fault::LossOfPower {
            for (path, before) in self.renamed.take() {
                match before {
                    Some(bytes) => fs::write(path, bytes).unwrap(),
                    None => fs::remove_file(path).unwrap(),
                }
            }
        }
        Err(io::Error::other("stopped"))
    }

    /// A name that was not given: a killed process does not take its file away.
    fn leave(&self, mut file: NamedTempFile) {
        file.disable_cleanup(self.fault != Fault::Failure);
    }

    fn name(
        &self,
        file: NamedTempFile,
        target: &Path,
        name: impl Fn(NamedTempFile) -> io::Result<File>,
    ) -> io::Result<File> {
        if self.stops() {
            self.leave(file);
            return self.stop();
        }
        self.renamed.borrow_mut().push((target.into(), fs::read(target).ok()));
        name(file)
    }
}

impl Steps for Faulty {
    fn create(&self, folder: &Path, prefix: &str, readers: Readers) -> io::Result<NamedTempFile> {
        if self.stops() {
            return self.stop();
        }
        let mut file = Disk.create(folder, prefix, readers)?;
        // A kill in a later step leaves it.
        file.disable_cleanup(self.fault != Fault::Failure);
        self.unsynced.borrow_mut().push(File::options().write(true).open(file.path())?);
        Ok(file)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if self.stops() {
            Disk.write(file, &bytes[..bytes.len() / 2])?;
            return self.stop();
        }
        Disk.write(file, bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        if self.stops() {
            return self.stop();
        }
        self.unsynced.borrow_mut().clear();
        Disk.sync(file)
    }

    fn replace(&self, file: NamedTempFile, target: &Path) -> io::Result<File> {
        self.name(file, target, |file| Disk.replace(file, target))
    }

    fn name_new(&self, file: NamedTempFile, target: &Path) -> io::Result<File> {
        self.name(file, target, |file| Disk.name_new(file, target))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if self.stops() {
            return self.stop();
        }
        self.renamed.borrow_mut().clear();
        Disk.sync_folder(folder)
    }

    fn open_to_append(&self, path: &Path, readers: Readers) -> io::Result<File> {
        if self.stops() {
            return self.stop();
        }
        let file = Disk.open_to_append(path, readers)?;
        self.unsynced.borrow_mut().push(file.try_clone()?);
        Ok(file)
    }
}

/// Stops one way of writing at every step, and looks at what is there; returns how many steps it
/// has.
fn stop_everywhere(
    fault: Fault,
    begin: impl Fn(&Path),
    write: impl Fn(&Faulty, &Path) -> io::Result<()>,
    after: impl Fn(&Path, usize),
) -> usize {
    for at in 0.. {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state");
        begin(&path);
        let disk = Faulty::new(fault, at);
        if write(&disk, &path).is_ok() {
            let stored = disk.unsynced.take().is_empty() && disk.renamed.take().is_empty();
            assert!(stored, "it was said to be stored, and a loss of power takes it away");
            return at;
        }
        after(&path, at);
        write_whole(&path, NEW, Readers::Owner).unwrap();
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["state"], "{fault:?} at step {at}: something stays");
        assert_eq!(fs::read(&path).unwrap(), NEW);
    }
    unreachable!("a write has an end")
}

const FAULTS: [Fault; 4] = [Fault::Failure, Fault::Kill, Fault::LossOfPower, Fault::LossOfContents];

#[test]
fn a_content_that_replaces_another_is_there_whole_or_not_at_all() {
    for fault in FAULTS {
        let begin = |path: &Path| write_whole(path, OLD, Readers::Owner).unwrap();
        let write = |steps: &Faulty, path: &Path| write_by(steps, path, NEW, Readers::Owner);
        let steps = stop_everywhere(fault, begin, write, |path, at| {
            let found = fs::read(path).unwrap();
            assert!(found == OLD || found == NEW, "{fault:?} at step {at}: {found:?}");
        });
        assert_eq!(steps, 5, "create, write, sync, rename, sync the folder");
    }
}

#[test]
fn a_new_content_is_there_whole_or_not_at_all() {
    for fault in FAULTS {
        let write = |steps: &Faulty, path: &Path| write_new_by(steps, path, NEW, Readers::Owner);
        let steps = stop_everywhere(
            fault,
            |_| (),
            write,
            |path, at| {
                let found = fs::read(path).ok();
                assert!(
                    found.as_deref().is_none_or(|bytes| bytes == NEW),
                    "{fault:?} at step {at}: {found:?}"
                );
            },
        );
        assert_eq!(steps, 5, "create, write, sync, rename, sync the folder");
    }
}

#[test]
fn what_was_there_before_an_addition_is_never_lost_and_the_next_addition_is_whole() {
    for fault in FAULTS {
        let begin = |path: &Path| write_whole(path, OLD, Readers::Owner).unwrap();
        let len = OLD.len() as u64;
        let write = |steps: &Faulty, path: &Path| append_by(steps, path, len, NEW, Readers::Owner);
        let steps = stop_everywhere(fault, begin, write, |path, at| {
            append(path, len, NEW, Readers::Owner).unwrap();
            assert_eq!(fs::read(path).unwrap(), [OLD, NEW].concat(), "{fault:?} at step {at}");
        });
        assert_eq!(steps, 4, "open, write, sync, sync the folder");
    }
}
