//! The local chat archive: one normalised model for every messenger, kept in an encrypted
//! SQLite database with full-text search, and content-addressed media beside it.
//!
//! Start at [`Archive::open`]. Write with [`Archive::begin_import`] (what importers use) or
//! [`Archive::apply_changes`] (merge) or [`Archive::begin_loading`] (restore). Read with the
//! methods of [`Archive`]: conversations, pages of messages, search, media by month, export. A
//! backup reads [`Archive::changes_since`].
//!
//! Promises: nothing that was ever imported is overwritten by something older, or deleted other
//! than by [`Archive::delete_conversation`]; the same export imported twice adds nothing; a failed
//! import leaves no trace.
//!
//! The crate names no cipher for media: the caller passes a [`MediaVault`].

mod archive;
mod changes;
mod delete;
mod error;
mod facts;
mod identity;
mod import_session;
mod key_check;
mod media;
mod merge;
mod model;
mod own;
mod people;
mod read;
mod salvage;
mod schema;
mod unite;
mod write;

pub use archive::{Archive, ArchiveKey};
pub use changes::apply::ApplyReport;
pub use changes::load::Loading;
pub use changes::read::Changes;
pub use changes::record::{Change, ConversationRecord, Cursor, MessageRecord};
pub use delete::Deleted;
pub use error::ArchiveError;
pub use facts::{
    Evidence, ExportRead, Fact, FactKey, FactRecord, Handle, Leftover, Link, LinkRecord, OwnHere,
    OwnName, PersonName, Raw, SamePerson, UnclaimedFile,
};
pub use identity::MessageKey;
pub use import_session::{
    ExportContents, ImportReport, ImportSession, MediaReader, MissingAttachment, NewAttachment,
    NewConversation, NewMessage, NoMedia, SampleMessage,
};
pub use media::dir::PlainDirVault;
pub use media::memory::MemoryVault;
pub use media::{MediaHash, MediaVault, StoredMedia};
pub use model::{
    Attachment, AttachmentContent, ConversationId, ConversationKind, Details, MessageId,
    MessageKind, MissingReason, Participant, Precision, Reaction, Sort, Source, Timestamp, Wording,
    Zone,
};
pub use people::{KnownAs, Person};
pub use read::conversations::{ConversationSummary, LastMessage};
pub use read::export::{ExportForm, ExportRange, FileNames, readable};
pub use read::gallery::{MediaItem, MonthCount};
pub use read::neighbours::Towards;
pub use read::not_understood::NotUnderstood;
pub use read::search::{FileSort, SearchHit, SearchPage, SearchQuery};
pub use read::snippet::{SnippetPart, matches_in};
pub use read::statistics::{PersonCount, Statistics, YearCount};
pub use read::timeline::{MessageView, Position, ReplyPreview};
pub use salvage::Salvaged;
pub use unite::{Proposal, ThreadName};
