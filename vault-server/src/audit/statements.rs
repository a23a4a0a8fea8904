//! Letting a site's device vouch for a stranger's nonce.

use super::Ledger;
use crate::site::ports::DeviceFault;
use durable_files::read_bounded;
use fleet_evidence::attestation::pem;
use std::path::Path;
use std::sync::Arc;
use yubihsm_device::{AuthKey, ConnectorAddress, HsmError, StatementSession};

/// Generate, attest, delete, and the login.
const ENTRIES: u32 = 4;
/// PEM of the device's certificate and those above it, under 2 KiB each.
pub(crate) const MAX_CHAIN: u64 = 64 * 1024;

/// The login for statements and the device's certificates.
pub struct Statements {
    session: Arc<StatementSession>,
    chain: String,
}

impl Statements {
    /// Reads the login's key and the device's certificates.
    ///
    /// # Errors
    /// [`HsmError::Key`] names the file.
    pub fn read(
        connector: ConnectorAddress,
        key_file: &Path,
        device_chain: &Path,
    ) -> Result<Self, HsmError> {
        let unreadable =
            |e: &dyn std::fmt::Display| HsmError::Key(format!("{}: {e}", device_chain.display()));
        let chain = read_bounded(device_chain, MAX_CHAIN).map_err(|e| unreadable(&e))?;
        let chain = String::from_utf8(chain).map_err(|e| unreadable(&e))?;
        let session = StatementSession::new(connector, AuthKey::read(key_file)?);
        Ok(Self { session: Arc::new(session), chain })
    }

    /// PEM of the device's certificates.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// PEM of a new certificate whose key is named `label`.
    ///
    /// # Errors
    /// [`DeviceFault`]
    pub async fn make(&self, label: String, ledger: &Arc<Ledger>) -> Result<String, DeviceFault> {
        let session = self.session.clone();
        let room = ledger.reserve(ENTRIES).await?;
        let task = move || {
            let made = session.state(&label);
            drop(room);
            made
        };
        let made = tokio::task::spawn_blocking(task).await;
        let made = made.map_err(|_| DeviceFault::Away("a device call was stopped".into()))?;
        Ok(pem(&made.map_err(|error| DeviceFault::Away(error.to_string()))?))
    }
}
