//! What a backup says of itself. It is the word of whoever stores it, and nobody is asked.

use crate::backup::destinations::{address, existing_store, ways_back};
use crate::model::BackupPreview;
use crate::passkeys::passkey_places;
use crate::progress::blocking;
use crate::{AppError, Keepsake, Result};
use backup_engine::Repository;
use sealed_keys::{AccountAddress, CodeKind, Header, KeyError, RecoverySlot, SlotKind};

/// The ways into a backup. Contacts nobody: which fleet may be asked is for the person to say.
///
/// # Errors
/// There is no backup, or its header cannot be read.
pub async fn preview_backup(keepsake: &Keepsake, repo: &str) -> Result<BackupPreview> {
    let url = address(repo)?;
    let header = header_of(&url).await?;
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

pub(crate) async fn header_of(url: &str) -> Result<Header> {
    let url = url.to_string();
    blocking(move || Ok(Repository::read_header(existing_store(&url)?.as_ref())?)).await
}

/// The youngest recovery code's slot, and when it was registered.
pub(crate) fn newest_code(header: &Header) -> std::result::Result<Option<(RecoverySlot, u64)>, KeyError> {
    let newest = header.slots_of(&SlotKind::RecoveryCode).max_by_key(|s| s.created);
    newest.map(|s| s.recovery().map(|slot| (slot, s.created))).transpose()
}

/// Whom the vault is asked about: the account of the code, or else of the newest passkey that this program reads.
pub(super) fn account_of(header: &Header, code: Option<&RecoverySlot>) -> Option<AccountAddress> {
    if let Some(slot) = code {
        return Some(slot.at.clone());
    }
    let passkeys = header.slots_of(&SlotKind::Passkey).filter_map(|slot| Some((slot.created, slot.passkey().ok()?)));
    passkeys.max_by_key(|(created, _)| *created).map(|(_, slot)| slot.at)
}
