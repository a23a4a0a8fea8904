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
//!
//! ```
//! use chat_archive::{
//!     Archive, ArchiveKey, ConversationKind, MemoryVault, NewConversation, NewMessage, NoMedia,
//!     Participant, SearchQuery, Source,
//! };
//! use std::sync::Arc;
//!
//! let folder = tempfile::tempdir()?;
//! let media = Arc::new(MemoryVault::default());
//! let mut archive = Archive::open(folder.path(), &ArchiveKey::new([7; 32]), media)?;
//!
//! // One transaction: all of an export, or nothing of it.
//! let mut import = archive.begin_import()?;
//! let chat = import.add_conversation(&NewConversation {
//!     source: Source::WhatsApp,
//!     key: "mira".into(),
//!     title: "Mira".into(),
//!     kind: ConversationKind::Direct,
//!     participants: Vec::new(),
//!     sample: Vec::new(),
//! })?;
//! let sender = Some(Participant::new("mira", "Mira"));
//! let text = String::from("The ferry leaves at nine");
//! let message = NewMessage { sender, text, ..NewMessage::default() };
//! let mut files = NoMedia;
//! import.add_message(chat, message.clone(), &mut files)?;
//! import.finish_conversation(chat, &mut files)?;
//! assert_eq!(import.commit()?.messages_new, 1);
//!
//! let query = SearchQuery { text: "ferry nine".into(), limit: 10, ..SearchQuery::default() };
//! assert_eq!(archive.search(&query)?.hits.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub use read::query::{FileSort, SearchQuery};
pub use read::search::{SearchHit, SearchPage};
pub use read::snippet::{SnippetPart, matches_in};
pub use read::statistics::{PersonCount, Statistics, YearCount};
pub use read::timeline::{MessageView, Position, ReplyPreview};
pub use salvage::Salvaged;
pub use unite::{Proposal, ThreadName};
