//! The error codes a YubiHSM2 answers with, as `yubihsm.h` and `python-yubihsm` number them.

/// One byte in an error response (`7f 00 01 <code>`), below 0x80 so that the audit log can tell it
/// from success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DeviceError {
    /// The command code means nothing to the device, or nothing in this place.
    InvalidCommand = 0x01,
    /// The arguments are malformed or the data does not verify.
    InvalidData = 0x02,
    /// The session does not exist, has expired, or is not authenticated yet.
    InvalidSession = 0x03,
    /// A cryptogram or message MAC is wrong.
    AuthenticationFailed = 0x04,
    /// All 16 sessions are in use.
    SessionsFull = 0x05,
    /// The session could not go on.
    SessionFailed = 0x06,
    /// No room for another object, or the state could not be stored.
    StorageFailed = 0x07,
    /// A field is too short, too long, or missing.
    WrongLength = 0x08,
    /// A capability or domain is missing.
    InsufficientPermissions = 0x09,
    /// Force audit is on and the log store has no room.
    LogFull = 0x0a,
    /// No such object in the session's domains.
    ObjectNotFound = 0x0b,
    /// The id is reserved, or not the one this command may touch.
    InvalidId = 0x0c,
    /// A request does not keep to its SSH template.
    SshCaConstraintViolation = 0x0e,
    /// An OTP does not decrypt to what its AEAD says.
    InvalidOtp = 0x0f,
    /// The device is a demonstration unit; none here is.
    DemoMode = 0x10,
    /// The id and type are taken.
    ObjectExists = 0x11,
    /// The device knows the algorithm and has it turned off.
    AlgorithmDisabled = 0x12,
}

impl DeviceError {
    /// All of them, and the names that Yubico's documents give them.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::InvalidCommand, "INVALID COMMAND"),
        (Self::InvalidData, "INVALID DATA"),
        (Self::InvalidSession, "INVALID SESSION"),
        (Self::AuthenticationFailed, "AUTHENTICATION FAILED"),
        (Self::SessionsFull, "SESSIONS FULL"),
        (Self::SessionFailed, "SESSION FAILED"),
        (Self::StorageFailed, "STORAGE FAILED"),
        (Self::WrongLength, "WRONG LENGTH"),
        (Self::InsufficientPermissions, "INSUFFICIENT PERMISSIONS"),
        (Self::LogFull, "LOG FULL"),
        (Self::ObjectNotFound, "OBJECT NOT FOUND"),
        (Self::InvalidId, "INVALID ID"),
        (Self::SshCaConstraintViolation, "SSH CA CONSTRAINT VIOLATION"),
        (Self::InvalidOtp, "INVALID OTP"),
        (Self::DemoMode, "DEMO MODE"),
        (Self::ObjectExists, "OBJECT EXISTS"),
        (Self::AlgorithmDisabled, "ALGORITHM DISABLED"),
    ];

    /// The error that a byte on the wire means.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().map(|(error, _)| error).find(|error| error.code() == code)
    }

    /// Its name in Yubico's documents.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(error, _)| *error == self).map_or("", |(_, name)| name)
    }

    /// The byte on the wire and in the audit log.
    pub fn code(self) -> u8 {
        self as u8
    }
}
