//! Reads the exports that messengers give their users into a [`chat_archive::Archive`].
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut archive: chat_archive::Archive = unimplemented!();
//! use std::ops::ControlFlow;
//! let path = std::path::Path::new("WhatsApp Chat with Ada.zip");
//! let found = chat_import::detect(path)?;
//! println!("{:?}: {} conversations", found.kind, found.conversations.len());
//! let mut session = archive.begin_import()?;
//! let options = chat_import::ImportOptions::default();
//! chat_import::import(path, Some(found.kind), &options, &mut session, &mut |_| ControlFlow::Continue(()))?;
//! let report = session.commit()?;
//! # Ok(()) }
//! ```
//!
//! An import is all or nothing: on any error, drop the session and nothing has changed.
//! Importers know no encryption, and one importer never uses another.

mod error;
mod export_files;
mod mime;
mod progress;
pub mod sources;

use std::path::Path;

use chat_archive::{ImportSession, Source};

pub use error::ImportError;
pub use export_files::limits;
pub use progress::{OnProgress, Progress};
pub use sources::ChatSource;
pub use sources::whatsapp::date_order::DateOrder;

/// What an export turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Detected {
    /// The messenger.
    pub kind: Source,
    /// What is inside.
    pub conversations: Vec<ConversationPreview>,
    /// By what it was recognised, in plain sentences.
    pub reasons: Vec<String>,
    /// A question that must be answered before importing: pass a [`DateOrder`] in
    /// [`ImportOptions`]. Holds a date from the export that can be read in two ways.
    pub ambiguous_date: Option<String>,
}

/// A conversation found in an export.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ConversationPreview {
    /// Name to show.
    pub title: String,
    /// How many messages, system lines included.
    pub messages: u64,
    /// Names of the people who wrote, as far as known.
    pub participants: Vec<String>,
}

/// Answers that an import may need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The order of day, month and year in a text export; `None` to work it out.
    pub date_order: Option<DateOrder>,
    /// Now, in days since 1970: no message is from the future. `None` for this computer's clock.
    pub today: Option<i64>,
}

impl ImportOptions {
    fn day_of_import(&self) -> i64 {
        let now = || std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs() / 86_400);
        self.today.unwrap_or_else(|| i64::try_from(now()).unwrap_or(i64::MAX - 1))
    }
}

/// Says what the file or folder at `path` is, without importing anything.
///
/// # Errors
/// [`ImportError::NotRecognised`] if no source knows it; otherwise what is wrong with it.
pub fn detect(path: &Path) -> Result<Detected, ImportError> {
    export_files::check_exists(path)?;
    for source in sources::all() {
        if let Some(found) = source.detect(path)? {
            return Ok(found);
        }
    }
    Err(sources::not_recognised(path))
}

/// Imports an export into a session. `kind` skips detection. The caller commits the session, or
/// drops it to undo everything.
///
/// # Errors
/// [`ImportError::AmbiguousDates`] asks for [`ImportOptions::date_order`];
/// [`ImportError::Cancelled`] after `on_progress` broke; the others say what is wrong and where.
pub fn import(
    path: &Path,
    kind: Option<Source>,
    options: &ImportOptions,
    session: &mut ImportSession<'_>,
    on_progress: OnProgress<'_>,
) -> Result<(), ImportError> {
    export_files::check_exists(path)?;
    for source in sources::all() {
        let chosen = match kind {
            Some(kind) => source.kind() == kind,
            None => source.detect(path)?.is_some(),
        };
        if chosen {
            return source.import(path, options, session, on_progress);
        }
    }
    Err(sources::not_recognised(path))
}
