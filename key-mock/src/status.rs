//! The status codes a key answers with (CTAP 2.1, 8.2).

/// First byte of an answer, other than success (0x00).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// There is no such command.
    InvalidCommand = 0x01,
    /// A parameter has a value that makes no sense.
    InvalidParameter = 0x02,
    /// The message is too short or too long.
    InvalidLength = 0x03,
    /// A parameter is of another CBOR type.
    CborUnexpectedType = 0x11,
    /// The parameters are no CBOR of the canonical form (CTAP 2.1, 8).
    InvalidCbor = 0x12,
    /// A parameter that the command needs is not there.
    MissingParameter = 0x14,
    /// More entries in a list than the key takes.
    LimitExceeded = 0x15,
    /// The key has a credential of the exclude list.
    CredentialExcluded = 0x19,
    /// None of the algorithms is ES256.
    UnsupportedAlgorithm = 0x26,
    /// There is no room for another discoverable credential.
    KeyStoreFull = 0x28,
    /// The key does not have this option.
    UnsupportedOption = 0x2b,
    /// The option cannot be used with this command.
    InvalidOption = 0x2c,
    /// The platform gave up waiting.
    KeepaliveCancel = 0x2d,
    /// The key has none that was asked for.
    NoCredentials = 0x2e,
    /// Nobody touched the key in time.
    UserActionTimeout = 0x2f,
    /// Not now, or not in this order.
    NotAllowed = 0x30,
    /// The PIN is wrong.
    PinInvalid = 0x31,
    /// No tries are left; only a reset helps.
    PinBlocked = 0x32,
    /// A MAC made with the token or the shared secret is wrong, or the token may not do this.
    PinAuthInvalid = 0x33,
    /// Three wrong PINs in a row; a power cycle helps.
    PinAuthBlocked = 0x34,
    /// A PIN has to be set first.
    PinNotSet = 0x35,
    /// The key has a PIN, and the request does not prove it.
    PuatRequired = 0x36,
    /// The new PIN is too short or too long.
    PinPolicyViolation = 0x37,
    /// The message is longer than `get info` allows.
    RequestTooLarge = 0x39,
    /// There is no such subcommand.
    InvalidSubcommand = 0x3e,
    /// The token was not asked for with this permission.
    UnauthorizedPermission = 0x40,
    /// The state could not be stored.
    Other = 0x7f,
}

impl Status {
    /// As it stands in an answer.
    pub fn code(self) -> u8 {
        self as u8
    }
}
