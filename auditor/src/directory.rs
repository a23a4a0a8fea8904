//! The auditor's directory, for one operation at a time.

use crate::keys::Keys;
use crate::{AuditError, storage};
use fleet_evidence::Trust;
use fleet_evidence::log::checkpoint_origin;
use std::fs::File;
use std::path::{Path, PathBuf};
use vault_protocol::{Bundle, SignedBundle};

/// An auditor's directory, locked for one operation.
#[derive(Debug)]
pub struct Auditor {
    dir: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) trust: Trust,
    /// Released when dropped.
    _lock: File,
}

impl Auditor {
    /// Takes the directory's lock (waiting for others), reads keys and trust document, and
    /// completes an append or a publication that a crash interrupted.
    ///
    /// # Errors
    /// The directory was not initialised, or its log is not the one that was signed.
    pub fn open(dir: &Path) -> Result<Self, AuditError> {
        let lock = lock(dir)?;
        let path = dir.join("public/trust.json");
        let bytes = storage::read(&path)?.ok_or_else(|| {
            AuditError::Malformed(format!("{} is not an auditor's directory", dir.display()))
        })?;
        let trust =
            Trust::from_json(&bytes).map_err(|e| AuditError::Inconsistent(e.to_string()))?;
        let keys = Keys::load(&dir.join("private"), checkpoint_origin(&trust.document().log_key))?;
        let public = hex::encode(keys.auditor.verifying_key().as_bytes());
        if public != trust.document().auditor_key || keys.log_vkey() != trust.document().log_key {
            return Err(AuditError::Inconsistent(
                "the private keys are not those of trust.json".into(),
            ));
        }
        let auditor = Self { dir: dir.to_path_buf(), keys, trust, _lock: lock };
        auditor.complete_log()?;
        auditor.complete_publications()?;
        Ok(auditor)
    }

    /// What it publishes of itself and of whom it trusts.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.dir.join("state").join(name)
    }

    pub(crate) fn public(&self, name: &str) -> PathBuf {
        self.dir.join("public").join(name)
    }

    /// The newest published bundle.
    pub(crate) fn latest(&self) -> Result<Option<Bundle>, AuditError> {
        Ok(self.latest_signed()?.map(|signed| signed.bundle))
    }

    pub(crate) fn latest_signed(&self) -> Result<Option<SignedBundle>, AuditError> {
        self.published("latest")
    }

    pub(crate) fn published(&self, name: &str) -> Result<Option<SignedBundle>, AuditError> {
        let Some(bytes) = storage::read(&self.public("bundles").join(name))? else {
            return Ok(None);
        };
        SignedBundle::from_json(&bytes)
            .map(Some)
            .map_err(|e| AuditError::Inconsistent(e.to_string()))
    }
}

fn lock(dir: &Path) -> Result<File, AuditError> {
    let state = dir.join("state");
    storage::create_dir(&state)?;
    let path = state.join("lock");
    let file = File::create(&path).map_err(storage::at(&path))?;
    file.lock().map_err(storage::at(&path))?;
    Ok(file)
}
