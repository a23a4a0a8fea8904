//! What makes two facts the same fact.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Handle, OwnName, Raw, SamePerson, ThreadName};
use crate::MediaHash;
use crate::identity::labelled;

/// Identity of a fact within its conversation, or within the archive: 16 bytes, serialised as hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactKey(pub [u8; 16]);

/// The same part of an export is the same leftover, however often it is read.
pub(crate) fn leftover_key(conversation: &str, kind: &str, raw: &Raw, ordinal: u32) -> FactKey {
    let hash = match raw {
        Raw::Text(text) => *blake3::hash(text.as_bytes()).as_bytes(),
        Raw::Hex(digits) => *blake3::hash(digits.as_bytes()).as_bytes(),
        Raw::File { hash, .. } => hash.0,
    };
    key("fact-leftover", &[conversation.as_bytes(), kind.as_bytes(), &hash, &ordinal.to_be_bytes()])
}

/// A file is unclaimed once per conversation, name and content.
pub(crate) fn unclaimed_key(conversation: &str, name: &str, hash: &MediaHash) -> FactKey {
    key("fact-unclaimed-file", &[conversation.as_bytes(), name.as_bytes(), &hash.0])
}

/// An export is read once into a conversation.
pub(crate) fn export_key(conversation: &str, sha256: &str) -> FactKey {
    key("fact-export", &[conversation.as_bytes(), sha256.as_bytes()])
}

/// One answer per name and messenger.
pub(crate) fn own_key(name: &OwnName) -> FactKey {
    key("fact-own", &[name.source.as_str().as_bytes(), name.key.as_bytes()])
}

/// One answer per conversation.
pub(crate) fn own_here_key(conversation: &str) -> FactKey {
    key("fact-own-here", &[conversation.as_bytes()])
}

/// One state per pair of threads.
pub(crate) fn link_key(a: &ThreadName, b: &ThreadName) -> FactKey {
    let fields = [a.source.as_str(), &a.key, b.source.as_str(), &b.key];
    key("fact-link", &fields.map(str::as_bytes))
}

/// One answer per pair of handles.
pub(crate) fn same_person_key(pair: &SamePerson) -> FactKey {
    let fields = [pair.a.source.as_str(), &pair.a.key, pair.b.source.as_str(), &pair.b.key];
    key("fact-same-person", &fields.map(str::as_bytes))
}

/// One name per handle.
pub(crate) fn person_name_key(handle: &Handle) -> FactKey {
    key("fact-person-name", &[handle.source.as_str().as_bytes(), handle.key.as_bytes()])
}

fn key(label: &str, fields: &[&[u8]]) -> FactKey {
    let mut key = [0; 16];
    labelled(label, fields).finalize_xof().fill(&mut key);
    FactKey(key)
}

impl fmt::Debug for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl From<FactKey> for String {
    fn from(key: FactKey) -> Self {
        hex::encode(key.0)
    }
}

impl TryFrom<String> for FactKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut key = [0; 16];
        hex::decode_to_slice(&text, &mut key).map_err(|_| "a fact's key is 32 hex digits")?;
        Ok(Self(key))
    }
}
