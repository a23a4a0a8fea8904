//! The status codes a key answers with (CTAP 2.1, 8.2).

/// First byte of an answer, other than success (0x00).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    InvalidCommand = 0x01,
    InvalidParameter = 0x02,
    InvalidLength = 0x03,
    CborUnexpectedType = 0x11,
    InvalidCbor = 0x12,
    MissingParameter = 0x14,
    /// More entries in a list than the key takes.
    LimitExceeded = 0x15,
    CredentialExcluded = 0x19,
    UnsupportedAlgorithm = 0x26,
    KeyStoreFull = 0x28,
    UnsupportedOption = 0x2b,
    InvalidOption = 0x2c,
    /// The platform gave up waiting.
    KeepaliveCancel = 0x2d,
    NoCredentials = 0x2e,
    /// Nobody touched the key in time.
    UserActionTimeout = 0x2f,
    NotAllowed = 0x30,
    PinInvalid = 0x31,
    /// No tries are left; only a reset helps.
    PinBlocked = 0x32,
    /// A MAC made with the token or the shared secret is wrong, or the token may not do this.
    PinAuthInvalid = 0x33,
    /// Three wrong PINs in a row; a power cycle helps.
    PinAuthBlocked = 0x34,
    PinNotSet = 0x35,
    /// The key has a PIN, and the request does not prove it.
    PuatRequired = 0x36,
    PinPolicyViolation = 0x37,
    RequestTooLarge = 0x39,
    InvalidSubcommand = 0x3e,
    UnauthorizedPermission = 0x40,
    /// The state could not be stored.
    Other = 0x7f,
}

impl Status {
    pub fn code(self) -> u8 {
        self as u8
    }
}
