//! The account in the vault: whose it is, and what its code brings back.

use rand_core::{OsRng, RngCore};
use sealed_keys::{
    AccountAddress, BackupKey, OwnerSigner, RecoveryCode, RecoverySlot, Secret, SlotKey,
};
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
    pub(crate) fn slot_key(&self) -> SlotKey {
        SlotKey::new(self.vault_key.clone())
    }

    /// Whether it belongs to this backup key. What belonged to an earlier one must get no slot
    /// under it.
    pub(crate) fn is_of(&self, key: &BackupKey) -> bool {
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
    pub(crate) fn of_code(slot: RecoverySlot) -> Self {
        Self { address: slot.at, code_version: slot.version }
    }

    pub(crate) fn of_passkey(address: AccountAddress) -> Self {
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
    pub(crate) fn new(key: &BackupKey) -> Self {
        let mut nonce = [0; 16];
        OsRng.fill_bytes(&mut nonce);
        Self::with_claim(key, nonce)
    }

    /// Of the account that this key and this nonce make.
    pub(crate) fn with_claim(key: &BackupKey, nonce: [u8; 16]) -> Self {
        let signer = key.owner_key();
        Self::signing(Claim { owner: OwnerKey(signer.public()), nonce }, signer)
    }

    pub(super) fn signing(claim: Claim, signer: OwnerSigner) -> Self {
        Self { claim, sign: Box::new(move |message| signer.sign(message)) }
    }

    /// As the vault's client takes it.
    pub(crate) fn as_owner(&self) -> Owner<'_> {
        Owner { claim: self.claim, sign: &*self.sign }
    }
}
