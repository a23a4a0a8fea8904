//! Changes as the records of a backup have them, in JSON: see `spec/archive-facts.md`. Most of a
//! short message would be its key, which is a hash and cannot be compressed; it is left out where
//! it follows from the rest.

use super::record::{Change, MessageRecord};
use crate::import_session::matching::content_base;
use crate::{ArchiveError, MessageKey};

/// Equal messages of one minute whose keys are looked for: a person sends two. The keys of further
/// ones are written.
const ORDINALS: u32 = 4;

impl Change {
    /// Appends the record of this change. It is as it was afterwards.
    ///
    /// # Errors
    /// [`ArchiveError::InvalidRecord`] for what cannot be written as JSON.
    pub fn write(&mut self, out: &mut Vec<u8>) -> Result<(), ArchiveError> {
        let key = match self {
            Self::Message(message) => {
                let implied = implied_key(message).unwrap_or(message.key);
                Some(std::mem::replace(&mut message.key, implied))
            }
            _ => None,
        };
        let written = serde_json::to_writer(out, self);
        if let (Self::Message(message), Some(key)) = (&mut *self, key) {
            message.key = key;
        }
        written.map_err(|_| ArchiveError::InvalidRecord("it cannot be written"))
    }

    /// Reads a record of any version.
    ///
    /// # Errors
    /// [`ArchiveError::InvalidRecord`].
    pub fn read(record: &[u8]) -> Result<Self, ArchiveError> {
        let parsed = serde_json::from_slice(record);
        let mut change =
            parsed.map_err(|_| ArchiveError::InvalidRecord("it is no record of this archive"))?;
        if let Self::Message(message) = &mut change
            && let Some(ordinal) = message.key.implied_ordinal()
        {
            message.key = key_of(message, ordinal);
        }
        Ok(change)
    }
}

/// What stands for the key of a message, if it follows from the rest. It does not after an edit.
fn implied_key(message: &MessageRecord) -> Option<MessageKey> {
    if let Some(source_id) = &message.source_id {
        return (MessageKey::of_source_id(source_id) == message.key)
            .then(|| MessageKey::implied(0));
    }
    let base = content_base(message);
    let ordinal = (0..ORDINALS).find(|n| MessageKey::of_content(&base, *n) == message.key);
    ordinal.map(MessageKey::implied)
}

fn key_of(message: &MessageRecord, ordinal: u32) -> MessageKey {
    match &message.source_id {
        Some(source_id) => MessageKey::of_source_id(source_id),
        None => MessageKey::of_content(&content_base(message), ordinal),
    }
}
