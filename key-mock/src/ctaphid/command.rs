//! Numbers of the protocol (CTAP 2.1, 11.2.9).

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Command {
    Ping = 0x01,
    Init = 0x06,
    Wink = 0x08,
    Cbor = 0x10,
    Cancel = 0x11,
    KeepAlive = 0x3b,
    Error = 0x3f,
}

impl Command {
    /// What a platform may send.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ping, Self::Init, Self::Wink, Self::Cbor, Self::Cancel]
            .into_iter()
            .find(|known| *known as u8 == byte)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ErrorCode {
    InvalidCommand = 0x01,
    InvalidLength = 0x03,
    InvalidSequence = 0x04,
    /// The rest of a message did not come.
    MessageTimeout = 0x05,
    /// The key does something for somebody else.
    ChannelBusy = 0x06,
    InvalidChannel = 0x0b,
}

/// Flags in the answer to `Init`.
pub(crate) mod capability {
    pub(crate) const WINK: u8 = 0x01;
    pub(crate) const CBOR: u8 = 0x04;
    /// No U2F.
    pub(crate) const NO_MSG: u8 = 0x08;
}
