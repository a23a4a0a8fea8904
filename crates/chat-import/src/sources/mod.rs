//! One module per format of a messenger, all behind [`ChatSource`].

pub mod chatlab;
pub mod imessage;
pub mod messenger;
mod phone_backup;
pub mod signal;
pub mod telegram;
pub mod whatsapp;
pub mod whatsapp_android;
pub mod whatsapp_ios;

use std::io::Read;

use chat_archive::{ImportSession, NewMessage, Source};

use crate::database::{Database, MAGIC};
use crate::export_files::{Entry, ExportFiles, OnDisk};
use crate::progress::Reporter;
use crate::{Detected, ImportError, ImportOptions};

/// A form in which a messenger gives chats away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Format {
    /// Stable name: `whatsapp_text`.
    pub name: &'static str,
    /// The messenger.
    pub source: Source,
    /// For people: `WhatsApp chat text`.
    pub words: &'static str,
}

/// Reads one format.
pub trait ChatSource: Sync {
    /// Which.
    fn format(&self) -> Format;
    /// Whether an export of this format is a folder with folders of its own in it, as opposed to
    /// files that may lie beside other exports.
    fn takes_whole_folder(&self) -> bool {
        false
    }
    /// What is in `files`; `None` if it is not of this format. An error means: it is, and
    /// something is wrong with it.
    fn detect(
        &self,
        files: &ExportFiles,
        options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError>;
    /// Adds everything to the session.
    fn import(
        &self,
        files: &mut ExportFiles,
        options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError>;
    /// Reads a message that an earlier version stored as its export had it, if it is of this format
    /// and understood now. What stands elsewhere in the export, such as the sender's name, is left
    /// out.
    fn read_again(&self, _raw: &str) -> Option<NewMessage> {
        None
    }
}

/// The database with these tables among the files directly in an export.
fn find_database(
    files: &ExportFiles,
    tables: &[&str],
) -> Result<Option<(Entry, Database, OnDisk)>, ImportError> {
    // A database of 512 bytes is empty; a folder of a whole phone has thousands of files, few of
    // them here.
    let may_be = |e: &&Entry| e.size > 512 && (files.is_zip() || !e.path.contains('/'));
    for entry in files.entries().iter().filter(may_be) {
        if entry.key.is_none() && !is_database(files, entry) {
            continue;
        }
        let file = files.on_disk(entry)?;
        let database = Database::open(&file.path, entry.key.as_ref())?;
        if database.has_tables(tables) {
            return Ok(Some((entry.clone(), database, file)));
        }
    }
    Ok(None)
}

/// Whether a file begins like a database.
fn is_database(files: &ExportFiles, entry: &Entry) -> bool {
    let mut start = [0; 16];
    let Ok(mut file) = files.chat_file(entry) else { return false };
    file.reader().is_ok_and(|mut reader| reader.read_exact(&mut start).is_ok()) && &start == MAGIC
}

/// All formats, the ones that are told apart most surely first.
pub fn all() -> &'static [&'static dyn ChatSource] {
    &[
        &chatlab::ChatLab,
        &signal::SignalJson,
        &signal::desktop::SignalDesktop,
        &telegram::TelegramJson,
        &telegram::html::TelegramHtml,
        &whatsapp_android::WhatsAppAndroid,
        &whatsapp_ios::WhatsAppIos,
        &imessage::IMessage,
        &messenger::Meta::InstagramJson,
        &messenger::Meta::MessengerJson,
        &messenger::Meta::MessengerEncrypted,
        &messenger::Meta::InstagramHtml,
        &messenger::Meta::MessengerHtml,
        &whatsapp::WhatsAppText,
    ]
}
