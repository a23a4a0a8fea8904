//! What killed work left behind: half written media files, and files of an import that was never
//! committed. The next work that writes removes them.

use super::unfinished::UNFINISHED;
use crate::{AppError, Keepsake, Result};
use backup_engine::Process;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const WRITING: &str = "writing-";
/// Folders with what is plain of an encrypted export.
const OPENED: &str = "opened-";

/// A file of a process that cannot be looked for is left alone for so long.
const OLD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Begins the name of a folder with what this process opened.
pub(crate) fn opened_prefix() -> String {
    format!("{OPENED}{}-", Process::own().tag())
}

/// Says that this process brings media into the archive. Removed when dropped; stays if the process
/// is killed.
pub(crate) struct Writing(PathBuf);

impl Drop for Writing {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Keepsake {
    /// To be called before media files are written that no message names yet.
    pub(crate) fn mark_writing(&self) -> Result<Writing> {
        let dir = self.home().join("archive");
        durable_files::create_private_dirs(&dir)
            .map_err(|e| AppError::disk("making the archive folder", &e))?;
        // Threads of one process may write at the same time.
        let marker = tempfile::Builder::new()
            .prefix(&format!("{WRITING}{}-", Process::own().tag()))
            .tempfile_in(&dir);
        let path = marker.and_then(|m| m.into_temp_path().keep().map_err(|e| e.error));
        path.map(Writing).map_err(|e| AppError::disk("writing to the archive folder", &e))
    }

    /// Whether an import or a restore is running.
    pub(crate) fn is_written_to(&self) -> Result<bool> {
        let markers = named(&self.home().join("archive"), WRITING);
        let markers = markers.map_err(|e| AppError::disk("reading the archive folder", &e))?;
        Ok(markers.iter().any(|path| !has_ended(path, WRITING)))
    }

    /// Removes what processes left that have ended.
    pub(crate) fn clear_leftovers(&self) -> Result<()> {
        let refused = |e: io::Error| AppError::disk("removing what an interrupted import left", &e);
        durable_files::remove_leftovers(self.home()).map_err(refused)?;
        let dir = self.home().join("archive");
        if !dir.is_dir() {
            return Ok(());
        }
        let opened = named(&dir, OPENED).map_err(refused)?;
        opened
            .iter()
            .filter(|p| has_ended(p, OPENED))
            .try_for_each(|p| remove_opened(p))
            .map_err(refused)?;
        remove_ended(&dir.join("media"), UNFINISHED).map_err(refused)?;
        let markers = named(&dir, WRITING).map_err(refused)?;
        let (ended, running): (Vec<_>, Vec<_>) =
            markers.into_iter().partition(|path| has_ended(path, WRITING));
        // Whoever writes now may have files that no message names yet.
        if ended.is_empty() || !running.is_empty() {
            return Ok(());
        }
        self.remove_unnamed_media()?;
        ended.iter().try_for_each(|path| remove(path)).map_err(refused)
    }

    fn remove_unnamed_media(&self) -> Result<()> {
        let named: HashSet<String> =
            self.archive()?.present_media()?.into_iter().map(|(hash, _)| hash.to_hex()).collect();
        let media = self.media()?;
        let refused = |e: io::Error| AppError::disk("removing what an interrupted import left", &e);
        for (hash, path) in media.files().map_err(refused)? {
            if !named.contains(&hash.to_hex()) {
                remove(&path).map_err(refused)?;
            }
        }
        Ok(())
    }
}

fn has_ended(path: &Path, prefix: &str) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let tag = name.strip_prefix(prefix).unwrap_or_default();
    Process::tagged_has_ended(tag).unwrap_or_else(|| is_old(path))
}

fn is_old(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|m| m.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > OLD))
}

fn remove_ended(dir: &Path, prefix: &str) -> io::Result<()> {
    named(dir, prefix)?
        .iter()
        .filter(|path| has_ended(path, prefix))
        .try_for_each(|path| remove(path))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Removes what is plain of a folder of a killed import.
fn remove_opened(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn named(dir: &Path, prefix: &str) -> io::Result<Vec<PathBuf>> {
    let listing = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing?,
    };
    let paths = listing.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    let fits = |path: &PathBuf| {
        path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(prefix))
    };
    Ok(paths.into_iter().filter(fits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::unfinished_prefix;
    use crate::{KeyStore, Surroundings};
    use chat_archive::MediaVault;
    use durable_files::{Readers, Unfinished};

    fn home() -> (tempfile::TempDir, Keepsake) {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(dir.path(), around).unwrap();
        (dir, keepsake)
    }

    fn dead() -> Process {
        Process { number: u32::MAX, ..Process::own() }
    }

    #[test]
    fn a_small_file_that_a_killed_process_was_writing_does_not_stay() {
        let (_dir, keepsake) = home();
        let left = keepsake.home().join(".places.json.unfinished-abc");
        fs::write(&left, b"{").unwrap();
        let places = keepsake.path("places.json");
        let running = Unfinished::of(&places, Readers::Owner).unwrap();
        keepsake.clear_leftovers().unwrap();
        assert!(!left.exists());
        running.finish(&places).unwrap();
    }

    #[test]
    fn what_a_killed_import_opened_does_not_stay_plain() {
        let (_dir, keepsake) = home();
        drop(keepsake.archive().unwrap());
        let archive = keepsake.home().join("archive");
        let (left, running) = (
            archive.join(format!("{OPENED}{}-abc", dead().tag())),
            archive.join(opened_prefix() + "x"),
        );
        for folder in [&left, &running] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("msgstore.db"), b"plain").unwrap();
        }
        keepsake.clear_leftovers().unwrap();
        assert!(!left.exists() && running.exists());
    }

    #[test]
    fn files_of_a_killed_import_go_and_those_of_a_running_one_stay() {
        let (_dir, keepsake) = home();
        drop(keepsake.archive().unwrap());
        let media = keepsake.media().unwrap();
        let unnamed = media.put(&mut b"of a killed import".as_slice()).unwrap().hash;
        let half = media.dir.join(format!("{UNFINISHED}{}-abc", dead().tag()));
        let being_written = media.dir.join(format!("{}abc", unfinished_prefix()));
        fs::write(&half, b"half").unwrap();
        fs::write(&being_written, b"half").unwrap();

        keepsake.clear_leftovers().unwrap();
        assert!(!half.exists() && being_written.exists());
        assert!(media.contains(&unnamed).unwrap(), "nobody was killed while writing");

        let marker = keepsake.home().join("archive").join(format!("{WRITING}{}-abc", dead().tag()));
        fs::write(&marker, b"").unwrap();
        let other = keepsake.mark_writing().unwrap();
        keepsake.clear_leftovers().unwrap();
        assert!(media.contains(&unnamed).unwrap(), "it may be the other one's");
        drop(other);
        keepsake.clear_leftovers().unwrap();
        assert!(!media.contains(&unnamed).unwrap() && !marker.exists());
    }
}
