//! What devices confirm, in the folder's form.

use crate::device_log::Head;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vault_protocol::{BundleId, labelled};

/// Value of `type` in every list of statements of this version.
pub const STATEMENTS_TYPE: &str = "keepsake/device-statements/v1";
/// Labels of a YubiHSM2 object have 40 bytes: 40 characters of base64url carry 240 of the 256 bits.
const LABEL: usize = 40;

/// `statements.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// [`STATEMENTS_TYPE`]: other documents cannot stand in for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// One for each device.
    pub statements: Vec<DeviceStatement>,
}

/// A device's word, signed by its factory key: the certificate of a throw-away key whose label is
/// [`statement_label`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceStatement {
    /// Of the device that signed.
    pub serial: u32,
    /// What the statement is for.
    pub purpose: Purpose,
    /// The auditor's, which makes the statement new.
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
    /// Where the device's log stood.
    pub head: Head,
    /// The fleet's keys that the device confirms.
    pub bundle: BundleId,
    /// PEM of the attestation of the throw-away key.
    pub certificate: String,
    /// PEM of the device's own certificate and intermediates.
    pub device_chain: String,
}

/// Why a statement was made; it is part of what the device signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// At the end of the ceremony, for the auditor's challenge.
    Ceremony,
    /// On the site's schedule.
    Periodic,
    /// For a verifier's own nonce.
    Live,
}

impl Purpose {
    /// As it stands in what is signed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ceremony => "ceremony",
            Self::Periodic => "periodic",
            Self::Live => "live",
        }
    }
}

/// The label that binds a statement: base64url of SHA-256 over purpose, challenge, log head and
/// bundle id, cut to 40 bytes.
pub fn statement_label(
    purpose: Purpose,
    challenge: &[u8; 32],
    head: &Head,
    bundle: &BundleId,
) -> String {
    let fields: [&[u8]; 4] = [purpose.name().as_bytes(), challenge, &head.bytes(), &bundle.0];
    let digest = Sha256::digest(labelled("device-statement", &fields));
    let mut label = BASE64_URL_SAFE_NO_PAD.encode(digest);
    label.truncate(LABEL);
    label
}
