//! What a backup's header says of its ways in, before it is opened.

use crate::backup::destinations::existing_store;
use crate::progress::blocking;
use crate::{Keepsake, Result};
use backup_engine::Repository;
use sealed_keys::{AccountAddress, Header, KeyError, RecoverySlot, SlotKind};

/// The header of the backup at an address.
pub(crate) async fn header_of(keepsake: &Keepsake, url: &str) -> Result<Header> {
    let (keepsake, url) = (keepsake.clone(), url.to_string());
    blocking(move || Ok(Repository::read_header(existing_store(&keepsake, &url)?.as_ref())?)).await
}

/// The youngest recovery code's slot, and when it was registered.
pub(crate) fn newest_code(
    header: &Header,
) -> std::result::Result<Option<(RecoverySlot, u64)>, KeyError> {
    let newest = header.slots_of(&SlotKind::RecoveryCode).max_by_key(|s| s.created);
    newest.map(|s| s.recovery().map(|slot| (slot, s.created))).transpose()
}

/// Whom the vault is asked about: the account of the code, or else of the newest passkey that this
/// program reads.
pub(super) fn account_of(header: &Header, code: Option<&RecoverySlot>) -> Option<AccountAddress> {
    if let Some(slot) = code {
        return Some(slot.at.clone());
    }
    let passkeys = header
        .slots_of(&SlotKind::Passkey)
        .filter_map(|slot| Some((slot.created, slot.passkey().ok()?)));
    passkeys.max_by_key(|(created, _)| *created).map(|(_, slot)| slot.at)
}
