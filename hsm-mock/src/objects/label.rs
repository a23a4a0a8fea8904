//! Object labels: 40 bytes, filled with zeroes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a label on the wire.
pub const LABEL_LENGTH: usize = 40;

/// A label as the host set it; the device does not look inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(pub [u8; LABEL_LENGTH]);

impl Label {
    /// A label of at most 40 bytes of text.
    pub fn from_text(text: &str) -> Self {
        let mut bytes = [0; LABEL_LENGTH];
        let length = text.len().min(LABEL_LENGTH);
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        Self(bytes)
    }

    /// The bytes before the first zero.
    pub fn trimmed(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = [0; LABEL_LENGTH];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes)
            .map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}
