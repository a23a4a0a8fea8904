//! One module per format of a messenger, all behind [`ChatSource`].

pub mod telegram;
pub mod whatsapp;

use chat_archive::{ImportSession, Source};

use crate::export_files::ExportFiles;
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
    fn detect(&self, files: &ExportFiles, options: &ImportOptions) -> Result<Option<Detected>, ImportError>;
    /// Adds everything to the session.
    fn import(
        &self,
        files: &mut ExportFiles,
        options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError>;
}

/// All formats, the ones that are told apart most surely first.
pub fn all() -> &'static [&'static dyn ChatSource] {
    &[&telegram::TelegramJson, &whatsapp::WhatsAppText]
}
