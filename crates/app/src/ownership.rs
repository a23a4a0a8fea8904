//! The keys that this computer holds: the backup key, and the account in the vault.

mod account_file;

use crate::files::{read_bounded, write_private};
use crate::{AppError, Keepsake, Result};
use rand_core::{OsRng, RngCore};
use sealed_keys::{
    AccountAddress, BackupKey, Header, MAX_HEADER, OwnerSigner, RecoveryCode, RecoverySlot, RepositoryId, Secret,
    SlotKey, SlotKind,
};
use std::path::PathBuf;
use vault_client::Owner;
use vault_protocol::{Claim, OwnerKey};

/// The account in the vault and what its code brings back.
pub(crate) struct Account {
    pub slot: RecoverySlot,
    /// Unix seconds: of two codes, the younger one counts.
    pub registered: u64,
    pub code: RecoveryCode,
    pub vault_key: Secret<32>,
}

impl Account {
    pub fn slot_key(&self) -> SlotKey {
        SlotKey::new(self.vault_key.clone())
    }
}

/// Where this computer's account is.
#[derive(Clone, Debug)]
pub(crate) struct AccountAt {
    pub address: AccountAddress,
    /// Of the code that this computer knows; 0: it knows none.
    pub code_version: u32,
}

impl AccountAt {
    pub fn of_code(slot: RecoverySlot) -> Self {
        Self { address: slot.at, code_version: slot.version }
    }

    pub fn of_passkey(address: AccountAddress) -> Self {
        Self { address, code_version: 0 }
    }
}

/// Signs with the owner key (Ed25519).
type Sign = dyn Fn(&[u8]) -> [u8; 64] + Send + Sync;

/// The owner of an account of this computer's backup key.
pub(crate) struct OwnedAccount {
    pub claim: Claim,
    sign: Box<Sign>,
}

impl OwnedAccount {
    /// Of an account that nobody has so far: its id is made of the owner's key.
    pub fn new(key: &BackupKey) -> Self {
        let signer = key.owner_key();
        let mut nonce = [0; 16];
        OsRng.fill_bytes(&mut nonce);
        Self::signing(Claim { owner: OwnerKey(signer.public()), nonce }, signer)
    }

    fn signing(claim: Claim, signer: OwnerSigner) -> Self {
        Self { claim, sign: Box::new(move |message| signer.sign(message)) }
    }

    /// As the vault's client takes it.
    pub fn as_owner(&self) -> Owner<'_> {
        Owner { claim: self.claim, sign: &*self.sign }
    }
}

impl Keepsake {
    /// The backup key, if this computer has one.
    pub(crate) fn backup_key(&self) -> Result<Option<BackupKey>> {
        let Some(bytes) = self.read("keys.json", MAX_HEADER as u64)? else { return Ok(None) };
        let header = Header::parse(&bytes)?;
        Ok(Some(header.open_with(SlotKind::ThisComputer, &self.local_key().slot_key())?))
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
    pub(crate) fn keep_backup_key(&self, key: &BackupKey) -> Result<()> {
        match self.backup_key()? {
            Some(known) if known == *key => return Ok(()),
            Some(_) => return Err(other_backup_key()),
            None => {}
        }
        let now = self.now();
        let mut header = Header::create(RepositoryId::generate(&mut OsRng), now, key);
        let parameters = serde_json::json!({});
        header.add_slot(key, SlotKind::ThisComputer, parameters, &self.local_key().slot_key(), now, &mut OsRng)?;
        self.write("keys.json", &header.to_bytes())
    }

    /// Who signs for an account of this computer's backup key.
    ///
    /// # Errors
    /// `no_backup_key`; `not_owner` if the account is not this key's.
    pub(crate) fn owner_of(&self, at: &AccountAddress) -> Result<OwnedAccount> {
        let key = self.backup_key()?.ok_or_else(AppError::no_backup_key)?;
        let signer = key.owner_key();
        let claim = at.claim_of(signer.public()).ok_or_else(AppError::not_owner)?;
        Ok(OwnedAccount::signing(claim, signer))
    }

    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let next = "Recover into a new home folder with your code.";
        read_bounded(&self.path(name), limit).map_err(|e| AppError::damaged(name, e, next))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_private(&self.path(name), bytes).map_err(|e| AppError::disk(&format!("writing {name}"), &e))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }
}

fn other_backup_key() -> AppError {
    AppError::new(
        "other_backup_key",
        "This home already makes backups with another key.",
        "Nothing was changed, here or in the backup.",
        "Restore into a new home folder, so that neither backup is lost.",
    )
    .with_command("--home DIR")
}
