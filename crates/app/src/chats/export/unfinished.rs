//! A file or folder that gets its name when it is whole. Until then it lies beside its place under
//! a name of its own; it goes when it is not finished, unless the program was killed.

use crate::{AppError, NextStep, Result};
use durable_files::{Readers, Unfinished, rename_durably};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempDir};

const PREFIX: &str = ".keepsake-unfinished-";

/// A new file, private to its owner.
pub(crate) struct NewFile {
    pub(crate) file: Unfinished,
    out: PathBuf,
}

impl NewFile {
    pub(crate) fn at(out: &Path) -> Result<Self> {
        refuse_existing(out)?;
        let file = Unfinished::named(folder_of(out), PREFIX, Readers::Owner)
            .map_err(|e| refused(out, &e))?;
        Ok(Self { file, out: out.to_path_buf() })
    }

    /// Nothing that came there meanwhile is replaced.
    pub(crate) fn finish(self) -> Result<()> {
        self.file.finish_new(&self.out).map_err(|e| refused(&self.out, &e))
    }
}

/// A new folder, private to its owner.
pub(crate) struct NewFolder {
    dir: TempDir,
    out: PathBuf,
}

impl NewFolder {
    pub(crate) fn at(out: &Path) -> Result<Self> {
        refuse_existing(out)?;
        let mut new = Builder::new();
        new.prefix(PREFIX);
        #[cfg(unix)]
        new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let dir = new.tempdir_in(folder_of(out)).map_err(|e| refused(out, &e))?;
        Ok(Self { dir, out: out.to_path_buf() })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn finish(self) -> Result<()> {
        refuse_existing(&self.out)?;
        rename_durably(self.dir.path(), &self.out).map_err(|e| refused(&self.out, &e))
    }
}

fn folder_of(out: &Path) -> &Path {
    out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse_existing(out: &Path) -> Result<()> {
    match out.symlink_metadata() {
        Ok(_) => Err(refused(out, &io::ErrorKind::AlreadyExists.into())),
        Err(_) => Ok(()),
    }
}

pub(crate) fn refused(path: &Path, error: &io::Error) -> AppError {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return AppError::disk("writing the export", error);
    }
    let happened = format!("{} cannot be written: {error}.", path.display());
    AppError::new("disk", happened, "Nothing that was there was changed.", NextStep::ChooseNewName)
}
