//! What can go wrong with an import.

use std::io;

use chat_archive::ArchiveError;

/// What can go wrong with an import, by what the person can do. Nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No source knows this file or folder.
    #[error("{name} is not a chat export that Keepsake knows: {hint}")]
    NotRecognised {
        /// File or folder name.
        name: String,
        /// What would be recognised.
        hint: String,
    },
    /// There is nothing at this path.
    #[error("{name} does not exist; check the path")]
    NotFound {
        /// File or folder name.
        name: String,
    },
    /// The dates can be read in two ways and nothing in the chat says which.
    #[error(
        "{file}: the date {sample} can mean two days, and nothing in the chat tells which; \
         say how its dates are written"
    )]
    AmbiguousDates {
        /// The chat file.
        file: String,
        /// A date that can be read in two ways, as written.
        sample: String,
    },
    /// A date that is none, or not in the given order.
    #[error(
        "{file}, line {line}: {sample} is not a date in the order {order}; choose another order, or none"
    )]
    WrongDateOrder {
        /// The chat file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// The date as written.
        sample: String,
        /// The order that does not fit.
        order: &'static str,
    },
    /// The text is in no encoding that can be read.
    #[error("{file}, line {line}: the text is not UTF-8 or UTF-16; export the chat again")]
    BadText {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
    },
    /// The export is cut off or broken.
    #[error(
        "{file}, {place}: {what}; export the chat again, or copy the export again if it was cut off"
    )]
    Damaged {
        /// The file.
        file: String,
        /// `line 12` or `line 3, column 7`.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// A zip file with a password.
    #[error("{file} is protected by a password; unpack it and import the folder")]
    Encrypted {
        /// The file.
        file: String,
    },
    /// An archive that names files outside itself: made to do harm.
    #[error("{file} names a file outside itself ({entry}) and was refused; export the chat again")]
    UnsafePath {
        /// The file.
        file: String,
        /// The entry.
        entry: String,
    },
    /// Larger than any real export: a zip bomb, or not an export.
    #[error("{file} is refused: {what} is over the limit of {limit}")]
    TooLarge {
        /// The file.
        file: String,
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Recognised, in a form that cannot be imported.
    #[error("{name}: {what}; {hint}")]
    Unsupported {
        /// The file or folder.
        name: String,
        /// What it is.
        what: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// The caller cancelled.
    #[error("the import was cancelled; nothing was changed")]
    Cancelled,
    /// Reading failed.
    #[error("{name}: {source}")]
    Io {
        /// The file.
        name: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The archive could not take it.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl ImportError {
    /// A stable code that a user interface can switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotRecognised { .. } => "import.not_recognised",
            Self::NotFound { .. } => "import.not_found",
            Self::AmbiguousDates { .. } => "import.ambiguous_dates",
            Self::WrongDateOrder { .. } => "import.wrong_date_order",
            Self::BadText { .. } => "import.bad_text",
            Self::Damaged { .. } => "import.damaged",
            Self::Encrypted { .. } => "import.encrypted",
            Self::UnsafePath { .. } => "import.unsafe_path",
            Self::TooLarge { .. } => "import.too_large",
            Self::Unsupported { .. } => "import.unsupported",
            Self::Cancelled => "import.cancelled",
            Self::Io { .. } => "import.io",
            Self::Archive(e) => e.code(),
        }
    }

    pub(crate) fn io(name: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { name: name.to_owned(), source }
    }
}
