//! The repository header: plain JSON that says how to get at the backup key, and nothing about what
//! is backed up.

mod computers;
mod succession;

pub use computers::Computer;
pub use succession::{FormerKey, MAX_FORMER};

use self::succession::Former;
use crate::code::RecoveryCode;
use crate::error::KeyError;
use crate::hierarchy::{BackupKey, RepositoryId};
use crate::kdf::{digest, mac};
use crate::labels;
use crate::slot::{Slot, SlotId, SlotKey, SlotKind};
use crate::slot_parameters::RecoverySlot;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// Value of `type` in every header of this version.
pub const HEADER_TYPE: &str = "keepsake/backup/v4";

/// Of a time when one computer wrote after the other; the later one of a backup whose key was
/// changed. Read, and brought up to date by who writes.
const OLDER_TYPES: [&str; 2] = ["keepsake/backup/v2", "keepsake/backup/v3"];

/// Without a checksum, and without second copies in the store. Read, and brought up to date by who
/// writes.
const FIRST_TYPE: &str = "keepsake/backup/v1";

/// 256 slots of at most 4 KiB each: real ones have less than 2 KiB, and [`MAX_FORMER`] former keys
/// 16 KiB together.
pub const MAX_HEADER: usize = 1024 * 1024;
const MAX_SLOTS: usize = 256;

/// A repository's id and key slots. Changes need the backup key, which MACs the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    #[serde(rename = "type")]
    type_name: String,
    /// Which backup it is.
    pub repository: RepositoryId,
    /// Unix seconds.
    pub created: u64,
    /// Counts changes, so that an old header put back is noticed by who saw a newer one.
    pub generation: u64,
    /// Hex: HKDF(backup key, "backup-key-check", repository).
    key_check: String,
    /// What opens the backup: each wraps the same backup key.
    pub slots: Vec<Slot>,
    /// Keys that the backup had before, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<Former>,
    /// Hex: SHA-256 over the JCS form of all but this. Shows damage to a reader who has no key;
    /// whoever alters on purpose can alter this as well, and is found by `mac`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    checksum: String,
    /// Hex: HMAC-SHA256 under the header key over the JCS form of all the rest but `checksum`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    mac: String,
    /// Fields of later versions are kept.
    #[serde(flatten)]
    later: serde_json::Map<String, serde_json::Value>,
}

impl Header {
    /// A header without slots: add one before anything is backed up.
    pub fn create(repository: RepositoryId, created: u64, key: &BackupKey) -> Self {
        let mut header = Self {
            type_name: HEADER_TYPE.into(),
            repository,
            created,
            generation: 0,
            key_check: key_check(repository, key),
            slots: Vec::new(),
            former: Vec::new(),
            checksum: String::new(),
            mac: String::new(),
            later: serde_json::Map::new(),
        };
        header.sign(key);
        header
    }

    /// Reads a header without trusting it. Errors: `Malformed`, `Unsupported`.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let malformed = |why: String| KeyError::Malformed { what: "backup header", why };
        if bytes.len() > MAX_HEADER {
            return Err(malformed(format!("{} bytes, the limit is {MAX_HEADER}", bytes.len())));
        }
        let header: Self = serde_json::from_slice(bytes).map_err(|e| malformed(e.to_string()))?;
        match header.type_name.as_str() {
            FIRST_TYPE => {}
            name if name == HEADER_TYPE || OLDER_TYPES.contains(&name) => {
                if header.checksum.is_empty()
                    || !same(&header.checksum, &header.expected_checksum())
                {
                    return Err(malformed("its checksum does not fit".into()));
                }
            }
            _ => return Err(KeyError::Unsupported("the backup header".into())),
        }
        if header.former.len() > MAX_FORMER {
            let why = format!("{} former keys, the limit is {MAX_FORMER}", header.former.len());
            return Err(malformed(why));
        }
        if header.slots.len() > MAX_SLOTS {
            return Err(malformed(format!(
                "{} slots, the limit is {MAX_SLOTS}",
                header.slots.len()
            )));
        }
        Ok(header)
    }

    /// False for a header of an older format: see [`Header::upgrade`].
    pub fn is_current_format(&self) -> bool {
        self.type_name == HEADER_TYPE
    }

    /// False for a header of the first format, whose backup has everything but once.
    pub fn has_copies(&self) -> bool {
        self.type_name != FIRST_TYPE
    }

    /// Makes this a header of the current format, which programs of older formats refuse to read.
    ///
    /// # Errors
    /// As [`Header::verify`].
    pub fn upgrade(&mut self, key: &BackupKey) -> Result<(), KeyError> {
        self.verify(key)?;
        self.type_name = HEADER_TYPE.into();
        self.changed(key);
        Ok(())
    }

    /// JSON, as it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("strings, numbers and JSON values")
    }

    /// Checks that this is the header of `key`'s backup and that nothing in it was altered.
    ///
    /// Errors: `WrongKey`, `Damaged`.
    pub fn verify(&self, key: &BackupKey) -> Result<(), KeyError> {
        if !same(&self.key_check, &key_check(self.repository, key)) {
            return Err(KeyError::WrongKey("this backup".into()));
        }
        if !same(&self.mac, &self.expected_mac(key)) {
            return Err(KeyError::Damaged("the backup header".into()));
        }
        Ok(())
    }

    /// Wraps the backup key under `slot_key`; `parameters` are readable by anyone and cannot be
    /// altered.
    ///
    /// Errors: `WrongKey`, `Damaged` (the header is not `key`'s), `Malformed` (too many slots).
    pub fn add_slot(
        &mut self,
        key: &BackupKey,
        kind: SlotKind,
        parameters: serde_json::Value,
        slot_key: &SlotKey,
        created: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SlotId, KeyError> {
        self.verify(key)?;
        let slot = Slot::wrap(self.repository, &kind, parameters, (key, slot_key), created, rng)?;
        self.push(key, slot)
    }

    fn push(&mut self, key: &BackupKey, slot: Slot) -> Result<SlotId, KeyError> {
        if self.slots.len() >= MAX_SLOTS {
            return Err(KeyError::Malformed {
                what: "backup header",
                why: "too many key slots".into(),
            });
        }
        let id = slot.id.clone();
        self.slots.push(slot);
        self.changed(key);
        Ok(id)
    }

    /// A slot that the vault opens, with a copy of the code that the backup key opens.
    pub fn add_recovery_code(
        &mut self,
        key: &BackupKey,
        parameters: &RecoverySlot,
        (code, slot_key): (&RecoveryCode, &SlotKey),
        created: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SlotId, KeyError> {
        let value = serde_json::to_value(parameters).expect("strings and numbers");
        let id = self.add_slot(key, SlotKind::RecoveryCode, value, slot_key, created, rng)?;
        let repository = self.repository;
        self.slots.last_mut().expect("just added").seal_code(repository, key, code, rng);
        self.sign(key);
        Ok(id)
    }

    /// Errors: `NoSuchSlot`, `LastSlot`, and as [`Header::verify`].
    pub fn remove_slot(&mut self, key: &BackupKey, id: &SlotId) -> Result<(), KeyError> {
        self.verify(key)?;
        let at = self.slots.iter().position(|s| s.id == *id).ok_or(KeyError::NoSuchSlot)?;
        if self.slots.len() == 1 {
            return Err(KeyError::LastSlot);
        }
        self.slots.remove(at);
        self.changed(key);
        Ok(())
    }

    /// Opens one slot and checks the header with what it held. Errors: `NoSuchSlot`, `WrongKey`,
    /// `Damaged`.
    pub fn open_slot(&self, id: &SlotId, slot_key: &SlotKey) -> Result<BackupKey, KeyError> {
        let slot = self.slots.iter().find(|s| s.id == *id).ok_or(KeyError::NoSuchSlot)?;
        let key = slot.open(self.repository, slot_key)?;
        self.verify(&key)?;
        Ok(key)
    }

    /// Tries the slots of a kind. Errors: `NoSuchSlot` when there is none, else the last refusal.
    pub fn open_with(&self, kind: SlotKind, slot_key: &SlotKey) -> Result<BackupKey, KeyError> {
        let mut refusal = KeyError::NoSuchSlot;
        for slot in self.slots_of(&kind) {
            match self.open_slot(&slot.id, slot_key) {
                Ok(key) => return Ok(key),
                // A damaged slot that the key fits matters more than others that it never fitted.
                Err(error) => {
                    if !matches!(refusal, KeyError::Damaged(_)) {
                        refusal = error;
                    }
                }
            }
        }
        Err(refusal)
    }

    /// Its slots of this kind, in their order.
    pub fn slots_of<'a>(&'a self, kind: &SlotKind) -> impl Iterator<Item = &'a Slot> {
        let kind = kind.as_str().to_string();
        self.slots.iter().filter(move |s| s.kind == kind)
    }

    /// The code of a `recovery_code` slot, to be shown again. Errors: `NoSuchSlot`, `WrongKey`,
    /// `Damaged`.
    pub fn reveal_code(&self, key: &BackupKey, id: &SlotId) -> Result<RecoveryCode, KeyError> {
        self.verify(key)?;
        let slot = self.slots.iter().find(|s| s.id == *id).ok_or(KeyError::NoSuchSlot)?;
        slot.open_code(self.repository, key)
    }

    fn changed(&mut self, key: &BackupKey) {
        self.generation += 1;
        self.sign(key);
    }

    fn sign(&mut self, key: &BackupKey) {
        self.mac = self.expected_mac(key);
        if self.has_copies() {
            self.checksum = self.expected_checksum();
        }
    }

    /// Nothing for what has no canonical form, which only bytes from elsewhere can lack.
    fn expected_checksum(&self) -> String {
        let bare = Self { checksum: String::new(), ..self.clone() };
        serde_json_canonicalizer::to_vec(&bare)
            .map(|bytes| hex::encode(digest(&bytes)))
            .unwrap_or_default()
    }

    fn expected_mac(&self, key: &BackupKey) -> String {
        let unsigned = Self { mac: String::new(), checksum: String::new(), ..self.clone() };
        let bytes =
            serde_json_canonicalizer::to_vec(&unsigned).expect("strings, numbers and JSON values");
        let header_key = key.derive(labels::HEADER_KEY, &[&self.repository.0]);
        hex::encode(mac(&header_key, labels::HEADER_MAC, &[&bytes]))
    }
}

fn key_check(repository: RepositoryId, key: &BackupKey) -> String {
    hex::encode(key.derive::<32>(labels::KEY_CHECK, &[&repository.0]).expose())
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
