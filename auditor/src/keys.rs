//! The auditor's signing keys.

use crate::{AuditError, storage};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use durable_files::Readers;
use ed25519_dalek::SigningKey;
use signed_note::StandardSigner;
use std::path::Path;
use zeroize::Zeroizing;

/// The auditor's two signing keys: one for bundles and anchors, one for the log's checkpoints.
pub(crate) struct Keys {
    pub auditor: SigningKey,
    log: SigningKey,
    origin: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(redacted)")
    }
}

impl Keys {
    /// Makes both keys and writes them, readable by the owner only.
    pub(crate) fn create(dir: &Path, origin: &str) -> Result<Self, AuditError> {
        let keys = Self { auditor: generate(), log: generate(), origin: origin.into() };
        for (name, key) in [("auditor.key", &keys.auditor), ("log.key", &keys.log)] {
            let text = Zeroizing::new(hex::encode(key.as_bytes()));
            storage::write(&dir.join(name), text.as_bytes(), Readers::Owner)?;
        }
        Ok(keys)
    }

    pub(crate) fn load(dir: &Path, origin: &str) -> Result<Self, AuditError> {
        let auditor = read(&dir.join("auditor.key"))?;
        Ok(Self { auditor, log: read(&dir.join("log.key"))?, origin: origin.into() })
    }

    /// C2SP verifier key of the log.
    pub(crate) fn log_vkey(&self) -> String {
        signed_note::new_ed25519_verifier_key(&self.origin, &self.log.verifying_key())
    }

    /// Signer of the log's checkpoints.
    pub(crate) fn log_signer(&self) -> Result<StandardSigner, AuditError> {
        let public = [&[1u8][..], self.log.verifying_key().as_bytes()].concat();
        let id = signed_note::key_id(&self.origin, &public);
        let secret = Zeroizing::new([&[1u8][..], self.log.as_bytes()].concat());
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(&*secret));
        let text = Zeroizing::new(format!("PRIVATE+KEY+{}+{id:08x}+{}", self.origin, *encoded));
        StandardSigner::new(&text).map_err(|e| AuditError::Inconsistent(format!("log key: {e}")))
    }
}

fn generate() -> SigningKey {
    SigningKey::generate(&mut rand_core::OsRng)
}

fn read(path: &Path) -> Result<SigningKey, AuditError> {
    let missing = || AuditError::Inconsistent(format!("{} is missing or damaged", path.display()));
    let text = Zeroizing::new(storage::read(path)?.ok_or_else(missing)?);
    let mut seed = Zeroizing::new([0u8; 32]);
    hex::decode_to_slice(text.trim_ascii(), &mut *seed).map_err(|_| missing())?;
    Ok(SigningKey::from_bytes(&seed))
}
