//! `init`: what an auditor decides once.

use crate::keys::Keys;
use crate::{AuditError, Auditor, storage};
use durable_files::Readers;
use fleet_evidence::{TRUST_TYPE, Trust, TrustDocument};
use std::path::Path;

/// What an auditor decides once.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Whose fleets: bundles of another namespace are refused.
    pub namespace: String,
    /// The operator's Ed25519 public key, 64 hex digits.
    pub operator_key: String,
    /// Name of the log in its checkpoints, such as `auditor.example/keepsake`.
    pub origin: String,
    /// PEM; empty means Yubico's published root.
    pub attestation_roots: Vec<String>,
    /// Fleets of emulators: everything that is published says so.
    pub mock: bool,
    /// Such as `2.3.1`; devices with less are refused.
    pub minimum_firmware: String,
    /// PEM root of the sites' TLS certificates.
    pub tls_ca: Option<String>,
}

impl Auditor {
    /// Makes keys, the trust document and an empty log in an empty directory.
    ///
    /// # Errors
    /// The directory holds an auditor already, or an option is unusable.
    pub fn init(dir: &Path, options: InitOptions) -> Result<Self, AuditError> {
        if dir.join("public/trust.json").exists() || dir.join("private").exists() {
            return Err(AuditError::Malformed(format!(
                "{} holds an auditor already",
                dir.display()
            )));
        }
        if !signed_note::is_key_name_valid(&options.origin) {
            return Err(AuditError::Malformed("the log's name has spaces or a plus".into()));
        }
        let operator = parse_key(&options.operator_key)?;
        let keys = Keys::create(&dir.join("private"), &options.origin)?;
        let roots = if options.attestation_roots.is_empty() {
            vec![fleet_evidence::attestation::YUBICO_ROOT.to_string()]
        } else {
            options.attestation_roots
        };
        let document = TrustDocument {
            kind: TRUST_TYPE.into(),
            namespace: options.namespace,
            auditor_key: hex::encode(keys.auditor.verifying_key().as_bytes()),
            operator_key: operator,
            log_key: keys.log_vkey(),
            attestation_roots: roots,
            mock: options.mock,
            minimum_firmware: options.minimum_firmware,
            tls_ca: options.tls_ca,
        };
        let trust = Trust::new(document).map_err(|e| AuditError::Malformed(e.to_string()))?;
        storage::write(&dir.join("public/trust.json"), &trust.canonical(), Readers::Everyone)?;
        Self::open(dir)
    }
}

fn parse_key(text: &str) -> Result<String, AuditError> {
    let bad = || {
        AuditError::Malformed(
            "the operator's key is not 64 hex digits of an Ed25519 public key".into(),
        )
    };
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| bad())?;
    match ed25519_dalek::VerifyingKey::from_bytes(&bytes) {
        Ok(key) if !key.is_weak() => Ok(hex::encode(bytes)),
        _ => Err(bad()),
    }
}
