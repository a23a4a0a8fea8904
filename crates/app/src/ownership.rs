//! The keys that this computer holds: the backup key, and the account in the vault.

mod account_file;

use crate::files::{read_bounded, write_private};
use crate::{AppError, Keepsake, NextStep, Result};
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

    /// Whether it belongs to this backup key. What belonged to an earlier one must get no slot under it.
    pub fn is_of(&self, key: &BackupKey) -> bool {
        belongs_to(&self.slot.at, key)
    }
}

/// Whether an account is of this backup key.
pub(crate) fn belongs_to(at: &AccountAddress, key: &BackupKey) -> bool {
    at.claim_of(key.owner_key().public()).is_some()
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
        let mut nonce = [0; 16];
        OsRng.fill_bytes(&mut nonce);
        Self::with_claim(key, nonce)
    }

    /// Of the account that this key and this nonce make.
    pub fn with_claim(key: &BackupKey, nonce: [u8; 16]) -> Self {
        let signer = key.owner_key();
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

    /// The backup keys that this computer had before, newest first: some backup may still have one of them.
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

    /// Keeps the key of a backup whose header it opened. A key that the backup had before the one of this computer, or
    /// has in its place now, is no other key.
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
        header.add_slot(key, SlotKind::ThisComputer, serde_json::json!({}), &own, self.now(), &mut OsRng)?;
        self.write("keys.json", &header.to_bytes())
    }

    /// Who signs for an account of this computer's backup key, or of one that it had before.
    ///
    /// # Errors
    /// `no_backup_key`; `not_owner` if the account is not this key's.
    pub(crate) fn owner_of(&self, at: &AccountAddress) -> Result<OwnedAccount> {
        let KeyRing { present, former, .. } = self.key_ring()?.ok_or_else(AppError::no_backup_key)?;
        let signs = |key: &BackupKey| {
            let signer = key.owner_key();
            at.claim_of(signer.public()).map(|claim| OwnedAccount::signing(claim, signer))
        };
        let owned = std::iter::once(&present).chain(&former).find_map(signs);
        owned.ok_or_else(AppError::not_owner)
    }

    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let next = NextStep::RecoverIntoNewHome;
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
        NextStep::UseNewHome,
    )
}
