//! One module per messenger, all behind [`ChatSource`].

pub mod telegram;
pub mod whatsapp;

use std::path::Path;

use chat_archive::{ImportSession, Source};

use crate::export_files::display_name;
use crate::progress::OnProgress;
use crate::{Detected, ImportError, ImportOptions};

/// Reads the exports of one messenger.
pub trait ChatSource {
    /// Which messenger.
    fn kind(&self) -> Source;
    /// What is at `path`; `None` if it is not this messenger's. An error means: it is, and
    /// something is wrong with it.
    fn detect(&self, path: &Path) -> Result<Option<Detected>, ImportError>;
    /// Adds everything at `path` to the session.
    fn import(
        &self,
        path: &Path,
        options: &ImportOptions,
        session: &mut ImportSession<'_>,
        on_progress: OnProgress<'_>,
    ) -> Result<(), ImportError>;
}

/// All sources, the ones that are told apart most surely first.
pub fn all() -> [&'static dyn ChatSource; 2] {
    [&telegram::Telegram, &whatsapp::WhatsApp]
}

/// The refusal for something no source knows.
pub fn not_recognised(path: &Path) -> ImportError {
    ImportError::NotRecognised {
        name: display_name(path),
        hint: "give it a WhatsApp export (.zip, its folder, or the chat's .txt) or a Telegram Desktop export \
               made as JSON (its folder, or result.json)"
            .into(),
    }
}
