//! Which folders are looked through for new exports, as the person says it.

use super::watched_file::{Folder, MAX_FOLDERS, entries};
use crate::model::Watched;
use crate::progress::blocking;
use crate::{AppError, Keepsake, NextStep, Result};
use std::path::Path;

/// The folders, and the exports that wait for the person.
///
/// # Errors
/// `damaged`.
pub async fn watched_folders(keepsake: &Keepsake) -> Result<Watched> {
    let keepsake = keepsake.clone();
    blocking(move || Ok(keepsake.watched()?.shown())).await
}

/// From now on new exports in a folder are offered, or imported if `by_itself`. What is there
/// already is not new.
///
/// # Errors
/// `not_a_folder`; `too_many_folders`.
pub async fn watch_folder(keepsake: &Keepsake, path: &str, by_itself: bool) -> Result<Watched> {
    let keepsake = keepsake.clone();
    let path = std::path::absolute(path).map_err(|_| not_a_folder(path))?;
    let path = path.to_str().ok_or_else(|| not_a_folder("That"))?.to_owned();
    blocking(move || {
        if !Path::new(&path).is_dir() {
            return Err(not_a_folder(&path));
        }
        keepsake.change_watched(|file| {
            if let Some(folder) = file.folders.iter_mut().find(|folder| folder.path == path) {
                folder.by_itself = by_itself;
                return Ok(());
            }
            if file.folders.len() >= MAX_FOLDERS {
                return Err(too_many());
            }
            let seen = entries(Path::new(&path));
            file.folders.push(Folder { path, by_itself, seen });
            Ok(())
        })
    })
    .await
}

/// A folder is not looked at any more. What was imported stays.
///
/// # Errors
/// `damaged`.
pub async fn unwatch_folder(keepsake: &Keepsake, path: &str) -> Result<Watched> {
    let keepsake = keepsake.clone();
    let path = path.to_owned();
    blocking(move || {
        keepsake.change_watched(|file| {
            file.folders.retain(|folder| folder.path != path);
            file.offers.retain(|offer| Path::new(&offer.path).parent() != Some(Path::new(&path)));
            Ok(())
        })
    })
    .await
}

/// An export is not offered any more: it was imported, or is not wanted.
///
/// # Errors
/// `damaged`.
pub async fn dismiss_offer(keepsake: &Keepsake, path: &str) -> Result<Watched> {
    let keepsake = keepsake.clone();
    let path = path.to_owned();
    blocking(move || {
        keepsake.change_watched(|file| {
            file.offers.retain(|offer| offer.path != path);
            Ok(())
        })
    })
    .await
}

fn not_a_folder(path: &str) -> AppError {
    let happened = format!("{path} is not a folder.");
    AppError::new("not_a_folder", happened, "Nothing was changed.", NextStep::CheckPath)
}

fn too_many() -> AppError {
    let happened = format!("At most {MAX_FOLDERS} folders can be watched.");
    AppError::new("too_many_folders", happened, "Nothing was changed.", NextStep::UnwatchFolder)
}
