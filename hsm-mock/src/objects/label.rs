//! Object labels: 40 bytes, filled with zeroes.

/// Bytes of a label on the wire.
pub(crate) const LABEL_LENGTH: usize = 40;

/// A label as the host set it; the device does not look inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(pub [u8; LABEL_LENGTH]);

impl Label {
    /// A label of at most 40 bytes of text.
    pub(crate) fn from_text(text: &str) -> Self {
        let mut bytes = [0; LABEL_LENGTH];
        let length = text.len().min(LABEL_LENGTH);
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        Self(bytes)
    }

    /// The bytes before the first zero.
    pub(crate) fn trimmed(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}
