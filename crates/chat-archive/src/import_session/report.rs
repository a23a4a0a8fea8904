//! What came of an import.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{MissingReason, Timestamp};

/// What an import did. It adds up to the export: every message and system line is in
/// `messages_new`, `messages_updated` or `duplicates_skipped`; every file is one of the chats'
/// own, attached, or unclaimed; what was not understood is counted by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Conversations in the export.
    pub conversations: u64,
    /// Of those, not known before.
    pub conversations_new: u64,
    /// Messages not known before.
    pub messages_new: u64,
    /// Known messages that gained something: a file, an edit, a reaction.
    pub messages_updated: u64,
    /// Known messages with nothing new.
    pub duplicates_skipped: u64,
    /// Of all messages, those that the messenger itself said.
    pub system_lines: u64,
    /// What was not understood, by kind: each is in the archive as it was.
    pub not_understood: BTreeMap<String, u64>,
    /// Files stored.
    pub attachments_new: u64,
    /// Files that messages name and the export lacks.
    pub attachments_missing: u64,
    /// The first 10,000 of them.
    pub missing: Vec<MissingAttachment>,
    /// Files that were missing in the archive, and are there now.
    pub attachments_appeared: u64,
    /// Files that no message names. They are in the archive, with the conversation.
    pub unclaimed_files: u64,
    /// Conversations that were brought together with other exports of the same chat.
    pub united: u64,
    /// What the export itself holds.
    pub export: ExportContents,
}

/// What an export holds, counted by the importer as it reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ExportContents {
    /// Files: all that belong to the export.
    pub files: u64,
    /// Of those, texts, JSON and databases that hold the chats.
    pub chat_files: u64,
    /// Of those, named by a message.
    pub files_named: u64,
    /// Of those, named by no message.
    pub files_unclaimed: u64,
    /// Files beside the export that are no part of it and were left alone.
    pub files_beside: u64,
}

impl ImportReport {
    /// Messages and system lines in the export.
    pub fn messages_in_export(&self) -> u64 {
        self.messages_new + self.messages_updated + self.duplicates_skipped
    }

    /// Whether every file of the export is accounted for.
    pub fn files_add_up(&self) -> bool {
        let e = &self.export;
        e.files == e.chat_files + e.files_named + e.files_unclaimed
    }
}

/// A file that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingAttachment {
    /// Title of the conversation.
    pub conversation: String,
    /// Time of the message.
    pub time: Timestamp,
    /// Its name, where the export says.
    pub name: Option<String>,
    /// Why.
    pub reason: MissingReason,
}
