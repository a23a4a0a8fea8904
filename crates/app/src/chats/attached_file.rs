//! One attachment: saved where a person says, opened by another program, shown smaller.

use super::export::{NewFile, file_name, write_refused};
use super::media_type::{ending, type_of};
use crate::home::opened_prefix;
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{Archive, MediaHash};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// First bytes by which a file is recognised: the longest sign is twelve bytes long.
const HEAD: usize = 64;

/// Writes an attachment to a new file. Nothing that is there is overwritten.
///
/// # Errors
/// `not_found`: the archive has no such content; `disk`.
pub async fn save_attachment(keepsake: &Keepsake, hash: &str, out: &Path) -> Result<()> {
    let (hash, out) = (parsed(hash)?, out.to_path_buf());
    let write = move |archive: &mut Archive| {
        let mut content = archive.open_media(&hash)?;
        let mut new = NewFile::at(&out)?;
        io::copy(&mut content, new.file.file()).map_err(|e| write_refused(&out, &e))?;
        new.finish()
    };
    keepsake.with_archive(write).await
}

/// Writes what a person chose of a chat, as text, to a new file. Nothing that is there is
/// overwritten.
///
/// # Errors
/// `disk`.
pub async fn save_text(out: &Path, text: String) -> Result<()> {
    let out = out.to_path_buf();
    let write = move || {
        let mut new = NewFile::at(&out)?;
        new.file.file().write_all(text.as_bytes()).map_err(|e| write_refused(&out, &e))?;
        new.finish()
    };
    crate::progress::blocking(write).await
}

/// Puts a plain copy of a picture, a sound, a video or a PDF where another program can open it, and
/// gives its path. [`clear_opened`] removes it; so does the next work after the program was killed.
///
/// # Errors
/// `not_opened`: of another kind, which could be a program; `not_found`; `disk`.
pub async fn lay_out_attachment(keepsake: &Keepsake, hash: &str, name: &str) -> Result<PathBuf> {
    let (hash, name) = (parsed(hash)?, name.to_owned());
    let folder = keepsake.home().join("archive");
    let write = move |archive: &mut Archive| {
        let refused = |e: io::Error| AppError::disk("copying an attachment", &e);
        let mut content = archive.open_media(&hash)?;
        let head = head_of(&mut content).map_err(refused)?;
        let ending = ending(type_of(&head)).ok_or_else(not_opened)?;
        durable_files::create_private_dirs(&folder).map_err(refused)?;
        let prefix = opened_prefix();
        let dir = tempfile::Builder::new().prefix(&prefix).tempdir_in(&folder).map_err(refused)?;
        // The ending is that of the content: the system chooses the program by it.
        let stem = Path::new(&name).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let path = dir.path().join(format!("{}.{ending}", file_name(stem)));
        let mut file = fs::File::create_new(&path).map_err(refused)?;
        io::copy(&mut head.as_slice().chain(content), &mut file).map_err(refused)?;
        let _ = dir.keep();
        Ok(path)
    };
    keepsake.with_archive(write).await
}

/// Removes the plain copies that this program made for other programs.
pub fn clear_opened(keepsake: &Keepsake) {
    let prefix = opened_prefix();
    for entry in fs::read_dir(keepsake.home().join("archive")).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn head_of(content: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    content.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn parsed(hash: &str) -> Result<MediaHash> {
    MediaHash::try_from(hash.to_string()).map_err(|_| {
        let happened = "There is no such attachment.";
        AppError::new("not_found", happened, "Nothing was changed.", NextStep::SeeChats)
    })
}

fn not_opened() -> AppError {
    AppError::new(
        "not_opened",
        "Only pictures, sound, videos and PDF are opened by another program from here.",
        "Nothing was opened.",
        NextStep::SaveAttachment,
    )
}
