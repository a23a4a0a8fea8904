//! What an operator gives every site of a fleet whose devices and keys stay (spec/evidence.md
//! section 1.1).

use super::Head;
use serde::{Deserialize, Serialize};
use vault_protocol::Bundle;
use vault_protocol::limits::MAX_BUNDLE;

/// Beside `bundle.json` and `evidence/`.
pub const NEW_EPOCH: &str = "new-epoch.json";
/// A bundle, and at most seven requests of under 1 KiB.
pub const MAX_NEW_EPOCH: u64 = MAX_BUNDLE as u64 + 7 * 1024;

/// `new-epoch.json`: the next bundle, and what each device is to vouch for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEpoch {
    /// The keys as they are to be from now on.
    pub bundle: Bundle,
    /// What each device has to sign for it.
    pub statements: Vec<RequestedStatement>,
}

/// What one device is to vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestedStatement {
    /// Of the device that has to sign.
    pub serial: u32,
    /// The auditor's, from the ceremony.
    #[serde(with = "hex::serde")]
    pub challenge: [u8; 32],
    /// The end of the ceremony.
    pub head: Head,
}

impl NewEpoch {
    /// What the device with this serial is asked for.
    pub fn of(&self, serial: u32) -> Option<&RequestedStatement> {
        self.statements.iter().find(|s| s.serial == serial)
    }
}
