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
//! let any = chat_import::Wanted::Any;
//! chat_import::import(path, &any, &options, &mut session, &mut |_| ControlFlow::Continue(()))?;
//! let report = session.commit()?;
//! # Ok(()) }
//! ```
//!
//! An import is all or nothing: on any error, drop the session and nothing has changed.
//! Importers know no encryption, and one importer never uses another.

mod database;
mod error;
mod export_files;
mod find;
mod html;
mod json;
mod mime;
mod origin;
mod people;
mod progress;
mod read_again;
pub mod sources;
mod unlocked;

use std::path::Path;
use std::sync::Arc;

use chat_archive::{ImportSession, Source};

pub use error::ImportError;
pub use export_files::limits;
pub use find::{Found, Search, find};
pub use progress::{OnProgress, Progress};
pub use read_again::{READERS, read_again};
pub use sources::whatsapp::date_order::DateOrder;
pub use sources::{ChatSource, Format};
pub use unlocked::{DatabaseKey, OpenedFile, Unlocked};

/// What an export turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Detected {
    /// The messenger.
    pub kind: Source,
    /// The form in which it gives chats away.
    pub format: Format,
    /// What is inside.
    pub conversations: Vec<ConversationPreview>,
    /// By what it was recognised, in plain sentences.
    pub reasons: Vec<String>,
    /// A question that must be answered before importing: pass a [`DateOrder`] in
    /// [`ImportOptions`]. Holds a date from the export that can be read in two ways.
    pub ambiguous_date: Option<String>,
}

impl Detected {
    /// Of a format, and nothing in it yet.
    pub fn of(format: Format) -> Self {
        Self {
            kind: format.source,
            format,
            conversations: Vec::new(),
            reasons: Vec::new(),
            ambiguous_date: None,
        }
    }

    /// A chat of which the people are not looked up. One without messages is none.
    fn add_chat(&mut self, title: String, messages: u64) {
        if messages > 0 {
            self.conversations.push(ConversationPreview {
                title,
                messages,
                participants: Vec::new(),
            });
        }
    }
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
#[derive(Clone, Default)]
pub struct ImportOptions {
    /// The order of day, month and year in a text export; `None` to work it out.
    pub date_order: Option<DateOrder>,
    /// Now, in days since 1970: no message is from the future. `None` for this computer's clock.
    pub today: Option<i64>,
    /// What the caller opened, if the export is encrypted.
    pub unlocked: Option<Arc<dyn Unlocked>>,
}

impl ImportOptions {
    /// Unix ms: the beginning of the day that was given, else now.
    fn now_ms(&self) -> i64 {
        let now = || {
            std::time::UNIX_EPOCH
                .elapsed()
                .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
        };
        self.today.map_or_else(now, |day| day.saturating_mul(86_400_000))
    }

    fn day_of_import(&self) -> i64 {
        let now = || std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs() / 86_400);
        self.today.unwrap_or_else(|| i64::try_from(now()).unwrap_or(i64::MAX - 1))
    }
}

/// Which formats are asked for: all of them, those of a messenger, or one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever it is.
    #[default]
    Any,
    /// A messenger's.
    Source(Source),
    /// The one of this name.
    Format(String),
}

impl Wanted {
    /// Reads `whatsapp` or `whatsapp_text`; `None` for what is neither.
    pub fn parse(name: &str) -> Option<Self> {
        let all = || sources::all().iter().map(|s| s.format());
        if let Some(source) =
            Source::parse(name).filter(|source| all().any(|f| f.source == *source))
        {
            return Some(Self::Source(source));
        }
        all().any(|f| f.name == name).then(|| Self::Format(name.to_owned()))
    }

    fn includes(&self, source: &dyn ChatSource) -> bool {
        match self {
            Self::Any => true,
            Self::Source(wanted) => source.format().source == *wanted,
            Self::Format(name) => source.format().name == name,
        }
    }
}

/// Finds the exports in a file or folder, without importing anything: one, or as many as a folder
/// of exports holds.
///
/// # Errors
/// [`ImportError::NotRecognised`] if no source knows it; if nothing in it can be read, what is
/// wrong with the first.
pub fn search(
    path: &Path,
    wanted: &Wanted,
    options: &ImportOptions,
) -> Result<Search, ImportError> {
    let mut search = find(path, &|source| wanted.includes(source), options)?;
    if search.found.is_empty() {
        return Err(match search.refused.is_empty() {
            true => not_recognised(path),
            false => search.refused.remove(0).1,
        });
    }
    Ok(search)
}

/// Says what the file or folder at `path` is, without importing anything.
///
/// # Errors
/// As [`search`].
pub fn detect(path: &Path) -> Result<Detected, ImportError> {
    let mut found = search(path, &Wanted::Any, &ImportOptions::default())?
        .found
        .into_iter()
        .map(|found| found.detected);
    let mut all = found.next().ok_or_else(|| not_recognised(path))?;
    for further in found {
        all.conversations.extend(further.conversations);
        all.reasons.extend(further.reasons);
        all.ambiguous_date = all.ambiguous_date.or(further.ambiguous_date);
    }
    Ok(all)
}

/// Imports one export that was found into a session. The caller commits the session, or drops it
/// to undo everything.
///
/// # Errors
/// [`ImportError::AmbiguousDates`] asks for [`ImportOptions::date_order`];
/// [`ImportError::Cancelled`] after `on_progress` broke; the others say what is wrong and where.
pub fn import_found(
    found: &Found,
    options: &ImportOptions,
    session: &mut ImportSession<'_>,
    on_progress: OnProgress<'_>,
) -> Result<(), ImportError> {
    let mut files = found.open(options)?;
    let mut reporter = progress::Reporter::new(on_progress);
    found.source.import(&mut files, options, session, &mut reporter)?;
    let read = origin::of(&files, &mut || reporter.report())?;
    Ok(session.end_export(&read, options.now_ms())?)
}

/// Imports all exports in a file or folder into one session.
///
/// # Errors
/// As [`import_found`], for the first that fails.
pub fn import(
    path: &Path,
    wanted: &Wanted,
    options: &ImportOptions,
    session: &mut ImportSession<'_>,
    on_progress: OnProgress<'_>,
) -> Result<(), ImportError> {
    for found in search(path, wanted, options)?.found {
        import_found(&found, options, session, on_progress)?;
    }
    Ok(())
}

/// The refusal for something no source knows.
fn not_recognised(path: &Path) -> ImportError {
    let hint = "give it an export of WhatsApp, Telegram, Signal, Messenger, Instagram or Apple's Messages, \
                a ChatLab file, or a folder or zip with some of these in it";
    ImportError::NotRecognised { name: export_files::display_name(path), hint: hint.to_owned() }
}
