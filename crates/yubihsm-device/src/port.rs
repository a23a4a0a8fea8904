//! What a site needs of its device, named after what the site does with it.

use super::HsmError;
use fleet_evidence::device_log::Entry;
use vault_protocol::{Point, Signature64};
use zeroize::Zeroizing;

/// Keys that a site computes ECDH with; object ids in spec/vault-protocol.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EcdhKey {
    /// Evaluates codes.
    Oprf,
    /// Opens boxes.
    Seal,
    /// Shared by the fleet.
    Fleet,
    /// Static key of this site's client sessions.
    Session,
}

/// One YubiHSM2. Calls block (about 73 ms for an ECDH on hardware): run them off the async threads.
pub trait SiteDevice: Send + Sync {
    /// Which device it is.
    fn identity(&self) -> Result<Identity, HsmError>;

    /// The public half, read from the device at start and pinned against the bundle.
    fn public_key(&self, key: EcdhKey) -> Result<Point, HsmError>;

    /// The public half of the key that signs receipts.
    fn receipt_public_key(&self) -> Result<Point, HsmError>;

    /// x-coordinate of `key * point`.
    fn ecdh(&self, key: EcdhKey, point: &Point) -> Result<Zeroizing<[u8; 32]>, HsmError>;

    /// Uses of the oprf key since the last call that were repeated although the first may have been
    /// done and logged.
    fn take_uncertain_repeats(&self) -> u64 {
        0
    }

    /// ECDSA P-256 over SHA-256 of `message`, as `r || s`.
    fn sign_receipt(&self, message: &[u8]) -> Result<Signature64, HsmError>;

    /// All entries that the device still holds, whole and in order, or an error: never a silently
    /// cut list.
    fn read_log(&self) -> Result<DeviceLog, HsmError>;

    /// Lets the device forget entries up to `number`. Irreversible: persist them first.
    fn acknowledge_log(&self, number: u16) -> Result<(), HsmError>;

    /// Keeps the session alive (it idles out after 30 s).
    fn keep_alive(&self) -> Result<(), HsmError>;
}

/// Which device it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Identity {
    /// Printed on the device.
    pub serial: u32,
    /// Such as `2.4.0`.
    pub firmware: String,
    /// Taken from the attestation root, not from what the device says of itself.
    pub mock: bool,
}

/// The device's audit log as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLog {
    /// Starts that found no room in the log.
    pub unlogged_boots: u16,
    /// Sessions that were opened and found no room in the log.
    pub unlogged_authentications: u16,
    /// Oldest first.
    pub entries: Vec<Entry>,
}
