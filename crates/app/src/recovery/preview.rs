//! What a backup says of itself. It is the word of whoever stores it, and nobody is asked.

use super::header::{account_of, header_of, newest_code};
use crate::backup::destinations::{address, ways_back};
use crate::model::BackupPreview;
use crate::passkeys::passkey_places;
use crate::{AppError, Keepsake, Result};
use sealed_keys::CodeKind;

/// The ways into a backup. Contacts nobody: which fleet may be asked is for the person to say.
///
/// # Errors
/// There is no backup, or its header cannot be read.
pub async fn preview_backup(keepsake: &Keepsake, repo: &str) -> Result<BackupPreview> {
    let url = address(repo)?;
    let header = header_of(keepsake, &url).await?;
    let code = newest_code(&header);
    let problem = code.as_ref().err().map(|error| AppError::from(error.clone()).happened);
    let code = code.ok().flatten().map(|(slot, _)| slot);
    let at = account_of(&header, code.as_ref());
    let own = at.as_ref().map(|at| crate::fleet::is_own(keepsake, &at.trust)).transpose()?;
    Ok(BackupPreview {
        ways_back: ways_back(&header),
        generated_code: code.is_some_and(|slot| slot.code == CodeKind::Generated),
        passkey_places: passkey_places(&header),
        needs_fleet: own == Some(false),
        problem,
        url,
    })
}
