//! A new backup where an earlier one is gone.

use super::destinations::{self, address};
use crate::progress::blocking;
use crate::{AppError, Keepsake, NextStep, Result};

/// Forgets the backup that was in a folder and is not there any more: the next backup makes a new
/// one in its place. What earlier snapshots alone had is lost with them.
///
/// # Errors
/// `still_there` if a backup answers there, of this computer or of somebody: it stays.
/// `place_missing` if the folder's disk is not there: the backup may be on it.
pub async fn start_anew(keepsake: &Keepsake, repo: &str) -> Result<()> {
    let keepsake = keepsake.clone();
    let url = address(repo)?;
    blocking(move || {
        let store = destinations::existing_store(&keepsake, &url)?;
        match backup_engine::Repository::read_header(store.as_ref()) {
            Err(backup_engine::BackupError::NotARepository) => {}
            _ => return Err(still_there()),
        }
        keepsake.forget_place_memory(&url)?;
        keepsake.forget_destination(&url)
    })
    .await
}

fn still_there() -> AppError {
    AppError::new(
        "still_there",
        "There is a backup in this place, whole or damaged.",
        "Nothing was changed.",
        NextStep::ChooseAnotherPlace,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{back_up, snapshots};
    use crate::{ImportOptions, KeyStore, Surroundings, Unwatched, import_chats};
    use std::time::Duration;

    #[tokio::test]
    async fn a_backup_that_is_gone_is_begun_anew_and_one_that_is_there_never() {
        let dir = tempfile::tempdir().unwrap();
        let around =
            Surroundings { key_store: Some(KeyStore::File), ..Surroundings::of_this_computer() };
        let keepsake = Keepsake::open_in(&dir.path().join("home"), around).unwrap();
        let chat = dir.path().join("WhatsApp Chat with Mira.txt");
        std::fs::write(&chat, "13/02/2026, 10:00 - Mira: hello\n").unwrap();
        import_chats(&keepsake, &chat, ImportOptions::default(), &Unwatched).await.unwrap();
        let repo = dir.path().join("disk").to_str().unwrap().to_owned();
        let back_up = async || back_up(&keepsake, &repo, Duration::ZERO, &Unwatched).await;
        back_up().await.unwrap();
        assert_eq!(start_anew(&keepsake, &repo).await.unwrap_err().code, "still_there");

        std::fs::remove_dir_all(&repo).unwrap();
        assert_eq!(start_anew(&keepsake, &repo).await.unwrap_err().code, "place_missing");
        std::fs::create_dir(&repo).unwrap();
        assert_eq!(back_up().await.unwrap_err().code, "not_a_backup");
        start_anew(&keepsake, &repo).await.unwrap();
        assert_eq!(back_up().await.unwrap().new_messages, 1);
        assert_eq!(snapshots(&keepsake, &repo).await.unwrap().len(), 1);
    }
}
