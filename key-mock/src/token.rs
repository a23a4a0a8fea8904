//! The pinUvAuthToken (CTAP 2.1, 6.5.2.1): what the platform gets for the PIN.

use crate::pin_protocol::Protocol;
use crate::secret::Secret;
use crate::status::Status;

/// Permissions (CTAP 2.1, 6.5.5.7).
pub(crate) const MAKE_CREDENTIAL: u8 = 0x01;
pub(crate) const GET_ASSERTION: u8 = 0x02;
/// Credential management, bio enrolment, large blobs, configuration: for commands that this key
/// does not have.
pub(crate) const OF_OTHER_COMMANDS: u8 = 0x04 | 0x08 | 0x10 | 0x20;

pub(crate) struct Token {
    pub bytes: Secret<32>,
    protocol: Protocol,
    permissions: u8,
    /// Bound with the first use where it was not from the start.
    rp_id: Option<String>,
}

/// A use of a token, as it came with a request.
pub(crate) struct PinUvAuth<'a> {
    pub protocol: Protocol,
    pub signature: &'a [u8],
}

impl Token {
    pub(crate) fn new(protocol: Protocol, permissions: u8, rp_id: Option<&str>) -> Self {
        Self { bytes: Secret::random(), protocol, permissions, rp_id: rp_id.map(str::to_owned) }
    }

    /// Errors: `PinAuthInvalid`.
    pub(crate) fn verify(
        &mut self,
        used: &PinUvAuth<'_>,
        permission: u8,
        rp_id: &str,
        hash: &[u8; 32],
    ) -> Result<(), Status> {
        used.protocol.verify(self.bytes.expose(), hash, used.signature)?;
        let bound = self.rp_id.get_or_insert_with(|| rp_id.to_owned());
        let may =
            used.protocol == self.protocol && self.permissions & permission != 0 && bound == rp_id;
        if may { Ok(()) } else { Err(Status::PinAuthInvalid) }
    }
}
