//! A device's word on its log and its bundle (spec/evidence.md section 2.4).

use super::chain::pem;
use crate::hsm::{HsmError, StatementMaker};
use fleet_evidence::folder::{DeviceStatement, LogHead, Purpose, statement_label};
use vault_protocol::BundleId;

/// What a device is asked to vouch for.
#[derive(Clone, Debug)]
pub struct StatementRequest {
    pub serial: u32,
    pub purpose: Purpose,
    /// The auditor's challenge, or the asker's nonce.
    pub challenge: [u8; 32],
    /// Last entry of the log before the statement's own three.
    pub head: LogHead,
    pub bundle: BundleId,
    /// PEM: the device's own certificate, then intermediates.
    pub device_chain: String,
}

/// Lets the device vouch; three log entries and about a quarter of a second on hardware.
///
/// # Errors
/// Any of [`HsmError`].
pub fn make_statement(maker: &StatementMaker, request: StatementRequest) -> Result<DeviceStatement, HsmError> {
    let StatementRequest { serial, purpose, challenge, head, bundle, device_chain } = request;
    let certificate = maker.state(&statement_label(purpose, &challenge, &head, &bundle))?;
    Ok(DeviceStatement { serial, purpose, challenge, head, bundle, certificate: pem(&certificate), device_chain })
}
