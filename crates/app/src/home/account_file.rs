//! `account.json`: where this computer's account is, with its code and vault key sealed under the
//! computer's own key.

use super::{Account, AccountAt};
use crate::{AppError, Keepsake, NextStep, Result};
use durable_files::{Format, State, StateFileError};
use rand_core::OsRng;
use sealed_keys::{KeyError, RecoveryCode, RecoverySlot, Secret, SecretText, open_box, seal_box};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

const NAME: &str = "account.json";
/// The version for an account in a vault of protocol version 1.
const OUTDATED: u32 = 1;
const LABEL: &str = "home-account";

#[derive(Serialize, Deserialize)]
struct AccountFile {
    slot: RecoverySlot,
    registered: u64,
    /// Hex of the sealed vault key (32) || code as displayed.
    sealed: String,
}

impl State for AccountFile {
    const FORMAT: Format = Format::Typed { name: "keepsake/account", version: 2 };
    /// A slot is under 4 KiB, and so is what is sealed.
    const MAX_BYTES: u64 = 64 * 1024;
}

impl Keepsake {
    /// The account, if this computer knows one.
    pub(crate) fn account(&self) -> Result<Option<Account>> {
        let Some(file) = self.account_file()? else { return Ok(None) };
        let sealed = hex::decode(&file.sealed).map_err(|e| damaged(&e))?;
        let fields = bound(&file.slot);
        let key = self.local_key().data_key(LABEL);
        let mut opened = Zeroizing::new(open_box(&key, LABEL, &[&fields], &sealed)?);
        let (vault_key, code) =
            opened.split_at_checked(32).ok_or_else(|| damaged(&"it is too short"))?;
        let vault_key = Secret::from_slice(vault_key).ok_or_else(|| damaged(&"it is too short"))?;
        let code =
            SecretText::new(String::from_utf8(code.to_vec()).map_err(|_| damaged(&"not text"))?);
        let code = RecoveryCode::parse(file.slot.code, code.expose())?;
        opened.zeroize();
        Ok(Some(Account { slot: file.slot, registered: file.registered, code, vault_key }))
    }

    /// Where the account is, without opening its secrets.
    pub(crate) fn account_slot(&self) -> Result<Option<RecoverySlot>> {
        Ok(self.account_file()?.map(|f| f.slot))
    }

    /// The account, by its code or else by a passkey: one account has both.
    pub(crate) fn account_at(&self) -> Result<Option<AccountAt>> {
        if let Some(slot) = self.account_slot()? {
            return Ok(Some(AccountAt::of_code(slot)));
        }
        Ok(self.passkeys()?.kept.pop().map(|kept| AccountAt::of_passkey(kept.slot.at)))
    }

    pub(crate) fn keep_account(&self, account: &Account) -> Result<()> {
        let code = account.code.display();
        let secrets = Zeroizing::new(
            [account.vault_key.expose().as_slice(), code.expose().as_bytes()].concat(),
        );
        let key = self.local_key().data_key(LABEL);
        let sealed = seal_box(&key, LABEL, &[&bound(&account.slot)], &secrets, &mut OsRng);
        let file = AccountFile {
            slot: account.slot.clone(),
            registered: account.registered,
            sealed: hex::encode(sealed),
        };
        self.write_state(NAME, &file)
    }

    /// Keeps the account's code and passkeys under other names: nothing that might open a backup is
    /// ever deleted.
    pub(crate) fn set_account_aside(&self) -> Result<()> {
        self.set_code_aside()?;
        self.set_aside("passkeys")
    }

    /// As [`Keepsake::set_account_aside`], and the passkeys stay: they outlive a code.
    pub(crate) fn set_code_aside(&self) -> Result<()> {
        self.set_aside("account")
    }

    fn set_aside(&self, name: &str) -> Result<()> {
        let now = self.path(&format!("{name}.json"));
        let aside = self.path(&format!("{name}-until-{}.json", self.now()));
        match std::fs::rename(now, aside) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(AppError::disk("setting the account aside", &e))
            }
            _ => Ok(()),
        }
    }

    fn account_file(&self) -> Result<Option<AccountFile>> {
        self.read_state(NAME).map_err(|error| match error {
            StateFileError::OtherVersion { found: OUTDATED, .. } => {
                AppError::old_vault("This computer's recovery code")
            }
            StateFileError::Io(e) => AppError::damaged(NAME, e, NextStep::RecoverIntoNewHome),
            other => damaged(&other),
        })
    }
}

fn bound(slot: &RecoverySlot) -> Vec<u8> {
    serde_json::to_vec(slot).expect("plain data")
}

fn damaged(why: &dyn std::fmt::Display) -> AppError {
    KeyError::Malformed { what: NAME, why: why.to_string() }.into()
}
