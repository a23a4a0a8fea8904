//! `keys.json`: the backup key of this computer, and those that it had before.

use super::OwnedAccount;
use crate::{AppError, Keepsake, NextStep, Result};
use rand_core::OsRng;
use sealed_keys::{AccountAddress, BackupKey, Header, MAX_HEADER, RepositoryId, SlotKind};

/// `keys.json`, opened.
struct KeyRing {
    header: Header,
    present: BackupKey,
    /// Newest first.
    former: Vec<BackupKey>,
}

impl Keepsake {
    /// The backup key, if this computer has one.
    pub(crate) fn backup_key(&self) -> Result<Option<BackupKey>> {
        Ok(self.key_ring()?.map(|ring| ring.present))
    }

    /// The backup keys that this computer had before, newest first: some backup may still have one
    /// of them.
    pub(crate) fn former_backup_keys(&self) -> Result<Vec<BackupKey>> {
        Ok(self.key_ring()?.map(|ring| ring.former).unwrap_or_default())
    }

    fn key_ring(&self) -> Result<Option<KeyRing>> {
        let Some(bytes) = self.read("keys.json", MAX_HEADER as u64)? else { return Ok(None) };
        let header = Header::parse(&bytes)?;
        let present = header.open_with(SlotKind::ThisComputer, &self.local_key().slot_key())?;
        let former = header.former_keys(&present)?.into_iter().map(|former| former.key).collect();
        Ok(Some(KeyRing { header, present, former }))
    }

    /// The backup key; made now if there is none.
    pub(crate) fn backup_key_or_new(&self) -> Result<BackupKey> {
        match self.backup_key()? {
            Some(key) => Ok(key),
            None => {
                let key = BackupKey::generate(&mut OsRng);
                self.keep_backup_key(&key)?;
                Ok(key)
            }
        }
    }

    /// Keeps `key` on this computer. One home has one backup key: another one is refused.
    fn keep_backup_key(&self, key: &BackupKey) -> Result<()> {
        match self.backup_key()? {
            Some(known) if known == *key => return Ok(()),
            Some(_) => return Err(other_backup_key()),
            None => {}
        }
        let header = Header::create(RepositoryId::generate(&mut OsRng), self.now(), key);
        self.write_key_ring(header, key)
    }

    /// Keeps the key of a backup whose header it opened. A key that the backup had before the one
    /// of this computer, or has in its place now, is no other key.
    pub(crate) fn keep_key_of(&self, header: &Header, key: &BackupKey) -> Result<()> {
        let Some(ring) = self.key_ring()? else { return self.keep_backup_key(key) };
        if ring.present == *key || ring.former.contains(key) {
            return Ok(());
        }
        if !header.former_keys(key)?.iter().any(|former| former.key == ring.present) {
            return Err(other_backup_key());
        }
        // First: what belongs to the old key must never get a slot under the new one.
        self.set_account_aside()?;
        self.replace_backup_key(key)
    }

    /// Makes `key` this computer's; the one before opens older backups still.
    pub(crate) fn replace_backup_key(&self, key: &BackupKey) -> Result<()> {
        let Some(ring) = self.key_ring()? else { return self.keep_backup_key(key) };
        if ring.present == *key {
            return Ok(());
        }
        let mut header = ring.header;
        header.rekey(&ring.present, key, (None, self.now()), &mut OsRng)?;
        self.write_key_ring(header, key)
    }

    fn write_key_ring(&self, mut header: Header, key: &BackupKey) -> Result<()> {
        let own = self.local_key().slot_key();
        header.add_slot(
            key,
            SlotKind::ThisComputer,
            serde_json::json!({}),
            &own,
            self.now(),
            &mut OsRng,
        )?;
        self.write("keys.json", &header.to_bytes())
    }

    /// Who signs for an account of this computer's backup key, or of one that it had before.
    ///
    /// # Errors
    /// `no_backup_key`; `not_owner` if the account is not this key's.
    pub(crate) fn owner_of(&self, at: &AccountAddress) -> Result<OwnedAccount> {
        let KeyRing { present, former, .. } =
            self.key_ring()?.ok_or_else(AppError::no_backup_key)?;
        let signs = |key: &BackupKey| {
            let signer = key.owner_key();
            at.claim_of(signer.public()).map(|claim| OwnedAccount::signing(claim, signer))
        };
        let owned = std::iter::once(&present).chain(&former).find_map(signs);
        owned.ok_or_else(AppError::not_owner)
    }
}

fn other_backup_key() -> AppError {
    AppError::new(
        "other_backup_key",
        "This home already makes backups with another key.",
        "Nothing was changed, here or in the backup.",
        NextStep::UseNewHome,
    )
}
