//! `key-change.json`: a change of the backup key from its beginning to its end, sealed under this
//! computer's key.

use crate::home::Account;
use crate::{AppError, Keepsake, NextStep, Result};
use rand_core::OsRng;
use sealed_keys::{
    AccountAddress, BackupKey, ComputerId, OfflineKey, RecoveryCode, RecoverySlot, Secret,
    SecretText, open_box, seal_box,
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

const NAME: &str = "key-change.json";
const TYPE: &str = "keepsake/key-change/v1";
const LABEL: &str = "home-key-change";
/// Places and computers are names of under 1 KiB each, and a person has few of them; twice over in
/// hex.
const MAX_FILE: u64 = 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    /// Hex of the sealed plan.
    sealed: String,
}

/// A change of the key on its way.
#[derive(Serialize, Deserialize)]
pub(super) struct Plan {
    /// Unix seconds.
    pub since: u64,
    /// Hex of the new backup key.
    key: String,
    /// Owner key of the backup key that it is to replace.
    replaces: [u8; 32],
    /// Computers beside this one that get the new key.
    pub stay: Vec<Named>,
    pub leave: Vec<Named>,
    /// The vault's fleet, if a code is to be there.
    pub fleet_url: Option<String>,
    pub mock: bool,
    /// Nonce of the new account's claim.
    pub claim: [u8; 16],
    account: Option<AccountFile>,
    /// Hex digits.
    offline: Option<String>,
    pub passkeys: Vec<String>,
    /// The new key is this computer's: from now on there is no way back.
    pub decided: bool,
    /// This computer has the new key and the new code.
    pub settled: bool,
    /// Backups that have still the old key.
    pub waiting: Vec<String>,
    /// Accounts of the old key, which are to be removed.
    pub old: Vec<AccountAddress>,
}

/// A computer, for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    pub id: ComputerId,
    pub name: String,
    /// Unix seconds.
    pub joined: u64,
}

/// An account with its secrets.
#[derive(Serialize, Deserialize)]
struct AccountFile {
    slot: RecoverySlot,
    registered: u64,
    code: String,
    vault_key: String,
}

impl Plan {
    pub(super) fn new(since: u64, old: &BackupKey) -> Self {
        let key = BackupKey::generate(&mut OsRng);
        Self {
            since,
            key: hex::encode(key.secret().expose()),
            replaces: old.owner_key().public(),
            stay: vec![],
            leave: vec![],
            fleet_url: None,
            mock: false,
            claim: *Secret::<16>::generate(&mut OsRng).expose(),
            account: None,
            offline: None,
            passkeys: vec![],
            decided: false,
            settled: false,
            waiting: vec![],
            old: vec![],
        }
    }

    /// The one that did not come to its end, if there is one.
    pub(super) fn read(keepsake: &Keepsake) -> Result<Option<Self>> {
        let Some(bytes) = keepsake.read(NAME, MAX_FILE)? else { return Ok(None) };
        let file: File = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if file.kind != TYPE {
            return Err(damaged(&"unknown type"));
        }
        let sealed = hex::decode(&file.sealed).map_err(|e| damaged(&e))?;
        let key = keepsake.local_key().data_key(LABEL);
        let opened = Zeroizing::new(open_box(&key, LABEL, &[], &sealed).map_err(|e| damaged(&e))?);
        serde_json::from_slice(&opened).map(Some).map_err(|e| damaged(&e))
    }

    pub(super) fn write(&self, keepsake: &Keepsake) -> Result<()> {
        let plain = Zeroizing::new(serde_json::to_vec(self).expect("plain data"));
        let key = keepsake.local_key().data_key(LABEL);
        let sealed = hex::encode(seal_box(&key, LABEL, &[], &plain, &mut OsRng));
        keepsake.write(
            NAME,
            &serde_json::to_vec(&File { kind: TYPE.into(), sealed }).expect("plain data"),
        )
    }

    pub(super) fn delete(keepsake: &Keepsake) -> Result<()> {
        match std::fs::remove_file(keepsake.path(NAME)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(AppError::disk("ending the change of the key", &e))
            }
            _ => Ok(()),
        }
    }

    /// Whether it was prepared while this was the backup key: another computer may have changed it
    /// since.
    pub(super) fn replaces(&self, present: &BackupKey) -> bool {
        self.replaces == present.owner_key().public()
    }

    pub(super) fn key(&self) -> Result<BackupKey> {
        let bytes = Zeroizing::new(hex::decode(&self.key).map_err(|e| damaged(&e))?);
        let secret =
            Secret::from_slice(&bytes).ok_or_else(|| damaged(&"a key of another length"))?;
        Ok(BackupKey::from_secret(secret))
    }

    pub(super) fn account(&self) -> Result<Option<Account>> {
        let Some(file) = &self.account else { return Ok(None) };
        let code = SecretText::new(file.code.clone());
        let vault_key = Zeroizing::new(hex::decode(&file.vault_key).map_err(|e| damaged(&e))?);
        Ok(Some(Account {
            code: RecoveryCode::parse(file.slot.code, code.expose())?,
            vault_key: Secret::from_slice(&vault_key)
                .ok_or_else(|| damaged(&"a key of another length"))?,
            slot: file.slot.clone(),
            registered: file.registered,
        }))
    }

    pub(super) fn set_account(&mut self, account: &Account) {
        self.account = Some(AccountFile {
            slot: account.slot.clone(),
            registered: account.registered,
            code: account.code.display().expose().to_string(),
            vault_key: hex::encode(account.vault_key.expose()),
        });
    }

    pub(super) fn offline(&self) -> Result<Option<OfflineKey>> {
        self.offline.as_ref().map(|digits| Ok(OfflineKey::parse(digits)?)).transpose()
    }

    pub(super) fn set_offline(&mut self, key: &OfflineKey) {
        self.offline = Some(key.display().expose().to_string());
    }

    /// Whether nothing is left to be done.
    pub(super) fn is_done(&self) -> bool {
        self.settled && self.waiting.is_empty() && self.old.is_empty()
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        self.key.zeroize();
        self.offline.zeroize();
        if let Some(account) = &mut self.account {
            account.code.zeroize();
            account.vault_key.zeroize();
        }
    }
}

/// Another computer's change of the key came before this one's: what was shown here opens nothing.
pub(crate) fn drop_overtaken(keepsake: &Keepsake) -> Result<()> {
    Plan::delete(keepsake)
}

fn damaged(why: &dyn std::fmt::Display) -> AppError {
    let next = NextStep::MoveKeyChangeAway;
    AppError::damaged(NAME, why, next)
}
