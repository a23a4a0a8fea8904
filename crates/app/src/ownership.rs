//! The keys that this computer holds: the backup key, and the account in the vault.

use crate::clock::unix_now;
use crate::files::{read_bounded, write_private};
use crate::{AppError, Keepsake, Result};
use rand_core::{OsRng, RngCore};
use sealed_keys::{
    BackupKey, Header, KeyError, MAX_HEADER, PasskeySlot, RecoveryCode, RecoverySlot, RepositoryId, Secret, SecretText,
    SlotKey, SlotKind, open_box, seal_box,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use vault_protocol::AccountId;
use zeroize::{Zeroize, Zeroizing};

const ACCOUNT_TYPE: &str = "keepsake/account/v1";
const ACCOUNT_LABEL: &str = "home-account";
const MAX_ACCOUNT_FILE: u64 = 64 * 1024;

/// The account in the vault and what its code brings back.
pub(crate) struct Account {
    pub slot: RecoverySlot,
    /// The epoch since which the fleet's keys are those that the code is registered with; none in older files.
    pub keys_since: Option<u64>,
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
    pub account: AccountId,
    /// 32 hex digits.
    pub fleet_id: String,
    pub fleet_url: String,
    /// Of the code that this computer knows; 0: it knows none.
    pub code_version: u32,
}

impl AccountAt {
    pub fn of_code(slot: &RecoverySlot) -> Result<Self> {
        let (fleet_id, fleet_url) = (slot.fleet_id.clone(), slot.fleet_url.clone());
        Ok(Self { account: crate::code::account_id(slot)?, fleet_id, fleet_url, code_version: slot.version })
    }

    pub fn of_passkey(slot: &PasskeySlot) -> Result<Self> {
        let (fleet_id, fleet_url) = (slot.fleet_id.clone(), slot.fleet_url.clone());
        Ok(Self { account: crate::passkeys::account_id(slot)?, fleet_id, fleet_url, code_version: 0 })
    }

    /// For somebody who has none yet.
    pub fn new_id() -> AccountId {
        let mut account = AccountId([0; 16]);
        OsRng.fill_bytes(&mut account.0);
        account
    }
}

#[derive(Serialize, Deserialize)]
struct AccountFile {
    #[serde(rename = "type")]
    kind: String,
    slot: RecoverySlot,
    #[serde(default)]
    keys_since: Option<u64>,
    registered: u64,
    /// Hex of the sealed vault key (32) || code as displayed.
    sealed: String,
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
        let now = unix_now();
        let mut header = Header::create(RepositoryId::generate(&mut OsRng), now, key);
        let parameters = serde_json::json!({});
        header.add_slot(key, SlotKind::ThisComputer, parameters, &self.local_key().slot_key(), now, &mut OsRng)?;
        self.write("keys.json", &header.to_bytes())
    }

    /// The account, if this computer knows one.
    pub(crate) fn account(&self) -> Result<Option<Account>> {
        let Some(file) = self.account_file()? else { return Ok(None) };
        let sealed = hex::decode(&file.sealed).map_err(|e| damaged_account(&e))?;
        let fields = bound(&file.slot);
        let key = self.local_key().data_key(ACCOUNT_LABEL);
        let mut opened = Zeroizing::new(open_box(&key, ACCOUNT_LABEL, &[&fields], &sealed)?);
        let (vault_key, code) = opened.split_at_checked(32).ok_or_else(|| damaged_account(&"it is too short"))?;
        let vault_key = Secret::from_slice(vault_key).ok_or_else(|| damaged_account(&"it is too short"))?;
        let code = SecretText::new(String::from_utf8(code.to_vec()).map_err(|_| damaged_account(&"not text"))?);
        let code = RecoveryCode::parse(file.slot.code, code.expose())?;
        opened.zeroize();
        Ok(Some(Account { slot: file.slot, keys_since: file.keys_since, registered: file.registered, code, vault_key }))
    }

    /// Where the account is, without opening its secrets.
    pub(crate) fn account_slot(&self) -> Result<Option<RecoverySlot>> {
        Ok(self.account_file()?.map(|f| f.slot))
    }

    /// The account, by its code or else by a passkey: one account has both.
    pub(crate) fn account_at(&self) -> Result<Option<AccountAt>> {
        if let Some(slot) = self.account_slot()? {
            return AccountAt::of_code(&slot).map(Some);
        }
        self.passkeys()?.kept.last().map(|kept| AccountAt::of_passkey(&kept.slot)).transpose()
    }

    /// With which keys the account is registered, if that is known.
    pub(crate) fn account_keys(&self) -> Result<Option<u64>> {
        match self.account_file()? {
            Some(file) => Ok(file.keys_since),
            None => Ok(self.passkeys()?.kept.last().map(|kept| kept.keys_since)),
        }
    }

    pub(crate) fn keep_account(&self, account: &Account) -> Result<()> {
        let code = account.code.display();
        let secrets = Zeroizing::new([account.vault_key.expose().as_slice(), code.expose().as_bytes()].concat());
        let key = self.local_key().data_key(ACCOUNT_LABEL);
        let sealed = seal_box(&key, ACCOUNT_LABEL, &[&bound(&account.slot)], &secrets, &mut OsRng);
        let file = AccountFile {
            kind: ACCOUNT_TYPE.into(),
            slot: account.slot.clone(),
            keys_since: account.keys_since,
            registered: account.registered,
            sealed: hex::encode(sealed),
        };
        self.write("account.json", &serde_json::to_vec_pretty(&file).expect("plain data"))
    }

    /// Keeps the account's code and passkeys under other names: nothing that might open a backup is ever deleted.
    pub(crate) fn set_account_aside(&self) -> Result<()> {
        self.set_code_aside()?;
        self.set_aside("passkeys")
    }

    /// As [`Keepsake::set_account_aside`], and the passkeys stay: they outlive a code that too many tries destroyed.
    pub(crate) fn set_code_aside(&self) -> Result<()> {
        self.set_aside("account")
    }

    fn set_aside(&self, name: &str) -> Result<()> {
        let (now, aside) = (self.path(&format!("{name}.json")), format!("{name}-until-{}.json", unix_now()));
        match std::fs::rename(now, self.path(&aside)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(AppError::disk("setting the account aside", &e)),
            _ => Ok(()),
        }
    }

    fn account_file(&self) -> Result<Option<AccountFile>> {
        let Some(bytes) = self.read("account.json", MAX_ACCOUNT_FILE)? else { return Ok(None) };
        let file: AccountFile = serde_json::from_slice(&bytes).map_err(|e| damaged_account(&e))?;
        if file.kind != ACCOUNT_TYPE {
            return Err(damaged_account(&"unknown type"));
        }
        Ok(Some(file))
    }

    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let next = "Recover into a new home folder with your code.";
        read_bounded(&self.path(name), limit).map_err(|e| AppError::damaged(name, e, next))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        write_private(&self.path(name), bytes).map_err(|e| AppError::disk(&format!("writing {name}"), &e))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }
}

fn bound(slot: &RecoverySlot) -> Vec<u8> {
    serde_json::to_vec(slot).expect("plain data")
}

fn damaged_account(why: &dyn std::fmt::Display) -> AppError {
    KeyError::Malformed { what: "account.json", why: why.to_string() }.into()
}

fn other_backup_key() -> AppError {
    AppError::new(
        "other_backup_key",
        "This home already makes backups with another key.",
        "Nothing was changed, here or in the backup.",
        "Restore into a new home folder (--home), so that neither backup is lost.",
    )
}
