//! What this computer remembers of its passkeys: `passkeys.json`, with each unlock key sealed under
//! the computer's own key.

use crate::model::PasskeyPlace;
use crate::{AppError, Keepsake, NextStep, Result};
use durable_files::{Format, State, StateFileError};
use rand_core::OsRng;
use sealed_keys::{PasskeySlot, Secret, SlotKey, open_box, seal_box};
use serde::{Deserialize, Serialize};

const NAME: &str = "passkeys.json";
/// The version for accounts in vaults of protocol version 1.
const OUTDATED: u32 = 1;
const LABEL: &str = "home-passkey";

/// A passkey that this computer knows the unlock key of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub slot: PasskeySlot,
    /// Hex: what names it in the account's roster.
    pub digest: String,
    pub name: String,
    pub place: PasskeyPlace,
    /// Unix seconds.
    pub added: u64,
    pub mock: bool,
    /// Hex of the sealed unlock key.
    sealed: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Passkeys {
    pub kept: Vec<Kept>,
    /// Credentials that were removed: their slots go from every backup that is seen again.
    pub removed: Vec<String>,
}

impl State for Passkeys {
    const FORMAT: Format = Format::Typed { name: "keepsake/passkeys", version: 2 };
    /// A passkey is under 4 KiB; nobody has 256.
    const MAX_BYTES: u64 = 1024 * 1024;
}

/// What a person may know of a passkey.
pub(super) struct Told {
    pub name: String,
    pub place: PasskeyPlace,
    pub added: u64,
    pub mock: bool,
}

impl Kept {
    pub(super) fn seal(
        keepsake: &Keepsake,
        slot: PasskeySlot,
        unlock_key: &Secret<32>,
        told: Told,
        digest: String,
    ) -> Self {
        let Told { name, place, added, mock } = told;
        let key = keepsake.local_key().data_key(LABEL);
        let sealed = seal_box(&key, LABEL, &[&bound(&slot)], unlock_key.expose(), &mut OsRng);
        Self { slot, digest, name, place, added, mock, sealed: hex::encode(sealed) }
    }

    /// The key that opens this passkey's slots.
    pub(crate) fn slot_key(&self, keepsake: &Keepsake) -> Result<SlotKey> {
        self.unlock_key(keepsake).map(SlotKey::new)
    }

    pub(crate) fn unlock_key(&self, keepsake: &Keepsake) -> Result<Secret<32>> {
        let sealed = hex::decode(&self.sealed).map_err(|e| damaged(&e))?;
        let key = keepsake.local_key().data_key(LABEL);
        let opened =
            zeroize::Zeroizing::new(open_box(&key, LABEL, &[&bound(&self.slot)], &sealed)?);
        Secret::from_slice(&opened).ok_or_else(|| damaged(&"a key is of another length"))
    }

    pub(crate) fn credential(&self) -> Result<Vec<u8>> {
        hex::decode(&self.slot.credential).map_err(|e| damaged(&e))
    }

    /// What a person types to name it.
    pub(crate) fn id(&self) -> String {
        self.digest.chars().take(ID_DIGITS).collect()
    }
}

/// Enough to tell eight passkeys apart, short enough to type.
pub(super) const ID_DIGITS: usize = 8;

impl Keepsake {
    pub(crate) fn passkeys(&self) -> Result<Passkeys> {
        let read = self.read_state(NAME).map_err(|error| match error {
            StateFileError::OtherVersion { found: OUTDATED, .. } => {
                AppError::old_vault("A passkey of this computer")
            }
            StateFileError::Io(e) => AppError::damaged(NAME, e, NextStep::RecoverIntoNewHome),
            other => damaged(&other),
        });
        Ok(read?.unwrap_or_default())
    }

    pub(crate) fn keep_passkeys(&self, passkeys: &Passkeys) -> Result<()> {
        self.write_state(NAME, passkeys)
    }

    /// The passkey that `id` names, see [`names`].
    pub(super) fn passkey(&self, id: &str) -> Result<Kept> {
        self.passkeys()?
            .kept
            .into_iter()
            .find(|kept| names(id, &kept.digest))
            .ok_or_else(|| unknown(id))
    }
}

/// Whether `id` is at least the first digits of a passkey's digest, as it is listed with.
pub(super) fn names(id: &str, digest: &str) -> bool {
    id.len() >= ID_DIGITS && digest.starts_with(&id.to_ascii_lowercase())
}

/// No such passkey on this computer.
pub(super) fn unknown(id: &str) -> AppError {
    AppError::new(
        "not_found",
        format!("This computer knows no passkey {id}."),
        "Nothing was changed.",
        NextStep::SeePasskeys,
    )
}

fn bound(slot: &PasskeySlot) -> Vec<u8> {
    serde_json::to_vec(slot).expect("plain data")
}

fn damaged(why: &dyn std::fmt::Display) -> AppError {
    let next = NextStep::MovePasskeysAway;
    AppError::damaged(NAME, why, next)
}
