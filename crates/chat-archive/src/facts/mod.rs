//! What is known beside messages: parts of exports that nobody understood, files that no message
//! names, which exports were read, who the owner is.
//!
//! A fact has an identity, which follows from what it is about, and a time; of two with the same
//! identity the newer one holds. So facts merge like messages do, and travel through backups.

mod identity;
mod read;
mod select;
mod store;

use serde::{Deserialize, Serialize};

pub use self::identity::FactKey;
pub(crate) use self::identity::{
    export_key, leftover_key, link_key, own_here_key, own_key, person_name_key, same_person_key,
    unclaimed_key,
};
pub(crate) use self::select::select;
pub(crate) use self::store::{facts_after, put, put_word_of_owner, unclaimed_by_name};
use crate::{MediaHash, Source};

/// A fact, with its identity and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactRecord {
    /// What it is about.
    pub key: FactKey,
    /// When it was learnt, Unix ms; 0 for what cannot change.
    pub as_of: i64,
    /// The fact.
    pub fact: Fact,
}

/// What can be known beside messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A part of an export that no importer understood.
    Leftover(Leftover),
    /// A file of an export that no message names.
    UnclaimedFile(UnclaimedFile),
    /// An export that was read into the conversation.
    Export(ExportRead),
    /// Whether a name or number of a messenger is the owner's.
    Own(OwnName),
    /// Which participant of the conversation is the owner.
    OwnHere(OwnHere),
    /// Whether two threads are the same chat.
    Link(LinkRecord),
    /// Whether two handles are one person's.
    SamePerson(SamePerson),
    /// What the owner calls a person.
    PersonName(PersonName),
}

/// What a person is known by in one messenger, in all its chats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Handle {
    /// Messenger.
    pub source: Source,
    /// [`crate::Participant::key`]: a number, an id, or a name where the messenger gives no more.
    pub key: String,
}

/// Whether two handles are one person's, as the owner said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamePerson {
    /// The lesser handle.
    pub a: Handle,
    /// The greater handle.
    pub b: Handle,
    /// They are; false after the owner took it back.
    pub same: bool,
}

/// What the owner calls a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// One of the person's handles.
    pub handle: Handle,
    /// The name; `None` after the owner took it back.
    pub name: Option<String>,
}

/// A thread's name across archives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThreadName {
    /// Messenger.
    pub source: Source,
    /// Stable identity within the source.
    pub key: String,
}

/// What is known of two threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRecord {
    /// The lesser name.
    pub a: ThreadName,
    /// The greater name.
    pub b: ThreadName,
    /// What is known.
    pub link: Link,
}

/// Whether two threads are the same chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `same`, `proposed` or `apart`.
    pub state: String,
    /// The owner said so, as opposed to the program.
    pub by_owner: bool,
    /// Why.
    pub evidence: Evidence,
}

/// What two threads have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Messages that are the same.
    pub same: u64,
    /// Of so many that could be: the time that both have.
    pub of: u64,
    /// By how many minutes the clocks differ.
    pub shift_minutes: i64,
}

/// A part of an export that no importer understood, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// What sort of thing, in the importer's words: `line before the first message`.
    pub kind: String,
    /// The part itself.
    pub raw: Raw,
    /// How many equal ones come before it.
    #[serde(default)]
    pub ordinal: u32,
}

/// Bytes of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Raw {
    /// Text.
    Text(String),
    /// What is not UTF-8, as hex digits.
    Hex(String),
    /// In the media vault, because it is long.
    File {
        /// BLAKE3 of the content.
        hash: MediaHash,
        /// Bytes.
        size: u64,
    },
}

/// A file of an export that no message names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnclaimedFile {
    /// Its name, without folders.
    pub name: String,
    /// Media type, where known.
    pub mime: Option<String>,
    /// BLAKE3 of the content, in the media vault.
    pub hash: MediaHash,
    /// Bytes.
    pub size: u64,
}

/// An export that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRead {
    /// Name of the file or folder.
    pub name: String,
    /// SHA-256, hex: of the file; of a folder, that of its `sha256sum` list, sorted by name.
    pub sha256: String,
    /// Bytes in all.
    pub bytes: u64,
}

/// Whether a name or number of a messenger is the owner's, in any chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnName {
    /// Messenger.
    pub source: Source,
    /// [`crate::Participant::key`].
    pub key: String,
    /// It is the owner's; false after the owner took it back.
    pub own: bool,
}

/// Which participant of a conversation is the owner, as the owner said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnHere {
    /// [`crate::Participant::key`]; `None`: none of them.
    pub participant: Option<String>,
}

impl Fact {
    /// The stable spelling of its sort.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Leftover(_) => "leftover",
            Self::UnclaimedFile(_) => "unclaimed_file",
            Self::Export(_) => "export",
            Self::Own(_) => "own",
            Self::OwnHere(_) => "own_here",
            Self::Link(_) => "link",
            Self::SamePerson(_) => "same_person",
            Self::PersonName(_) => "person_name",
        }
    }

    /// What it is looked up by.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::UnclaimedFile(file) => Some(&file.name),
            Self::Own(own) => Some(&own.key),
            Self::PersonName(named) => Some(&named.handle.key),
            Self::Leftover(_)
            | Self::Export(_)
            | Self::OwnHere(_)
            | Self::Link(_)
            | Self::SamePerson(_) => None,
        }
    }

    /// The content in the media vault that it counts on.
    pub fn media(&self) -> Option<(MediaHash, u64)> {
        match self {
            Self::Leftover(Leftover { raw: Raw::File { hash, size }, .. })
            | Self::UnclaimedFile(UnclaimedFile { hash, size, .. }) => Some((*hash, *size)),
            _ => None,
        }
    }
}
