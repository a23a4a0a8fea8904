//! One way back into a backup: the backup key, wrapped.

use crate::aead::{open_box, seal_box};
use crate::code::RecoveryCode;
use crate::computer::ComputerSlot;
use crate::error::KeyError;
use crate::hierarchy::{BackupKey, RepositoryId};
use crate::labels;
use crate::secret::Secret;
use crate::slot_parameters::{self, PasskeySlot, RecoverySlot};
use rand_core::{CryptoRng, RngCore};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a slot within its header: 16 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotId(pub String);

/// What opens a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A recovery code, with t sites of a fleet.
    RecoveryCode,
    /// A passkey, with t sites of a fleet.
    Passkey,
    /// A key on paper, without a fleet.
    OfflineKey,
    /// The key in this computer's keyring.
    ThisComputer,
    /// As `ThisComputer`, with a public key, so that others can wrap a new backup key for it.
    Computer,
    /// A kind of a later version: kept as it is.
    Other(String),
}

impl SlotKind {
    /// As it stands in a header.
    pub fn as_str(&self) -> &str {
        match self {
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
            Self::OfflineKey => "offline_key",
            Self::ThisComputer => "this_computer",
            Self::Computer => "computer",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for SlotKind {
    fn from(name: &str) -> Self {
        let known = [
            Self::RecoveryCode,
            Self::Passkey,
            Self::OfflineKey,
            Self::ThisComputer,
            Self::Computer,
        ];
        known.into_iter().find(|k| k.as_str() == name).unwrap_or_else(|| Self::Other(name.into()))
    }
}

/// 32 secret bytes that open a slot: a vault key, a passkey's unlock key, an offline key, this
/// computer's key.
#[derive(Clone)]
pub struct SlotKey(Secret<32>);

impl SlotKey {
    /// What a way in comes to in the end.
    pub fn new(secret: Secret<32>) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for SlotKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotKey(…)")
    }
}

/// A slot as it stands in the header. Fields of later versions are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Names it within the header.
    pub id: SlotId,
    /// See [`SlotKind::as_str`].
    pub kind: String,
    /// Unix seconds.
    pub created: u64,
    /// What a reader must know to open it; by kind.
    pub parameters: serde_json::Value,
    /// Hex of salt (32) || commitment (32) || sealed backup key (48).
    pub wrapped: String,
    /// Hex; only for recovery codes: the code itself, sealed under the backup key, to be shown
    /// again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_code: Option<String>,
    #[serde(flatten)]
    pub(crate) later: serde_json::Map<String, serde_json::Value>,
}

impl Slot {
    pub(crate) fn wrap(
        repository: RepositoryId,
        kind: &SlotKind,
        parameters: serde_json::Value,
        (backup_key, slot_key): (&BackupKey, &SlotKey),
        created: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, KeyError> {
        let mut slot = Self::unwrapped(kind, parameters, created, rng);
        let bound = slot.bound_parameters()?;
        let fields = slot.fields(&repository, &bound);
        slot.wrapped = hex::encode(seal_box(
            &slot_key.0,
            labels::SLOT,
            &fields,
            backup_key.secret().expose(),
            rng,
        ));
        Ok(slot)
    }

    /// Without the backup key.
    pub(crate) fn unwrapped(
        kind: &SlotKind,
        parameters: serde_json::Value,
        created: u64,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let mut id = [0; 8];
        rng.fill_bytes(&mut id);
        Self {
            id: SlotId(hex::encode(id)),
            kind: kind.as_str().into(),
            created,
            parameters,
            wrapped: String::new(),
            sealed_code: None,
            later: serde_json::Map::new(),
        }
    }

    /// What opens it.
    pub fn kind(&self) -> SlotKind {
        self.kind.as_str().into()
    }

    /// Parameters of a `recovery_code` slot.
    ///
    /// # Errors
    /// `Malformed`, also when it is of another kind; `Outdated`; `Code` for a cost out of bounds.
    pub fn recovery(&self) -> Result<RecoverySlot, KeyError> {
        let found: RecoverySlot =
            self.parameters_of(&SlotKind::RecoveryCode, "recovery code slot")?;
        found.argon2.check()?;
        Ok(found)
    }

    /// Parameters of a `passkey` slot.
    ///
    /// # Errors
    /// `Malformed`, also when it is of another kind; `Outdated`.
    pub fn passkey(&self) -> Result<PasskeySlot, KeyError> {
        self.parameters_of(&SlotKind::Passkey, "passkey slot")
    }

    /// Parameters of a `computer` slot.
    ///
    /// # Errors
    /// `Malformed`, also when it is of another kind.
    pub fn computer(&self) -> Result<ComputerSlot, KeyError> {
        self.parameters_of(&SlotKind::Computer, "computer slot")
    }

    fn parameters_of<T: DeserializeOwned>(
        &self,
        kind: &SlotKind,
        what: &'static str,
    ) -> Result<T, KeyError> {
        if self.kind() != *kind {
            return Err(KeyError::Malformed { what, why: format!("it is a {} slot", self.kind) });
        }
        slot_parameters::read(what, &self.parameters)
    }

    /// Errors: `WrongKey` for another key, `Damaged` when anything in the slot was altered,
    /// `Malformed`.
    pub(crate) fn open(
        &self,
        repository: RepositoryId,
        key: &SlotKey,
    ) -> Result<BackupKey, KeyError> {
        let wrapped = from_hex(&self.wrapped)?;
        let bound = self.bound_parameters()?;
        let opened = open_box(&key.0, labels::SLOT, &self.fields(&repository, &bound), &wrapped);
        let bytes = zeroize::Zeroizing::new(opened.map_err(|e| self.named(e))?);
        let secret = Secret::from_slice(&bytes).ok_or_else(|| KeyError::Damaged(self.name()))?;
        Ok(BackupKey::from_secret(secret))
    }

    pub(crate) fn seal_code(
        &mut self,
        repository: RepositoryId,
        backup_key: &BackupKey,
        code: &RecoveryCode,
        rng: &mut (impl RngCore + CryptoRng),
    ) {
        let key = backup_key.derive(labels::CODE_COPY_KEY, &[&repository.0]);
        let shown = code.display();
        let fields: [&[u8]; 2] = [&repository.0, self.id.0.as_bytes()];
        // Padded to the longest own code (128 characters of 4 bytes), so that its length is not
        // seen.
        let mut padded = zeroize::Zeroizing::new(shown.expose().as_bytes().to_vec());
        padded.resize(512, 0);
        self.sealed_code =
            Some(hex::encode(seal_box(&key, labels::CODE_COPY, &fields, &padded, rng)));
    }

    pub(crate) fn open_code(
        &self,
        repository: RepositoryId,
        backup_key: &BackupKey,
    ) -> Result<RecoveryCode, KeyError> {
        let kind = self.recovery()?.code;
        let sealed = from_hex(self.sealed_code.as_deref().ok_or(KeyError::NoSuchSlot)?)?;
        let key = backup_key.derive(labels::CODE_COPY_KEY, &[&repository.0]);
        let fields: [&[u8]; 2] = [&repository.0, self.id.0.as_bytes()];
        let opened =
            open_box(&key, labels::CODE_COPY, &fields, &sealed).map_err(|e| self.named(e))?;
        let opened = zeroize::Zeroizing::new(opened);
        let text = std::str::from_utf8(&opened).map_err(|_| KeyError::Damaged(self.name()))?;
        Ok(RecoveryCode::parse(kind, text.trim_end_matches('\0'))?)
    }

    /// JCS (RFC 8785) of everything that the wrapping binds beside the ids.
    pub(crate) fn bound_parameters(&self) -> Result<Vec<u8>, KeyError> {
        let malformed = |e: serde_json::Error| KeyError::Malformed {
            what: "slot parameters",
            why: e.to_string(),
        };
        serde_json_canonicalizer::to_vec(&self.parameters).map_err(malformed)
    }

    pub(crate) fn fields<'a>(
        &'a self,
        repository: &'a RepositoryId,
        parameters: &'a [u8],
    ) -> [&'a [u8]; 4] {
        [&repository.0, self.id.0.as_bytes(), self.kind.as_bytes(), parameters]
    }

    pub(crate) fn name(&self) -> String {
        format!("key slot {}", self.id.0)
    }

    fn named(&self, error: KeyError) -> KeyError {
        match error {
            KeyError::WrongKey(_) => KeyError::WrongKey(self.name()),
            KeyError::Damaged(_) => KeyError::Damaged(self.name()),
            other => other,
        }
    }
}

pub(crate) fn from_hex(text: &str) -> Result<Vec<u8>, KeyError> {
    hex::decode(text).map_err(|e| KeyError::Malformed { what: "key slot", why: e.to_string() })
}
