//! What an import refuses.

use super::words::capitalised;
use crate::{AppError, NextStep};
use chat_import::ImportError;

impl From<ImportError> for AppError {
    fn from(error: ImportError) -> Self {
        let next = match error {
            ImportError::Archive(archive) => return archive.into(),
            ImportError::Cancelled => {
                return Self::cancelled("Nothing was imported; your chats are as they were.");
            }
            ImportError::NotFound { .. } => NextStep::CheckPath,
            ImportError::AmbiguousDates { .. } | ImportError::WrongDateOrder { .. } => {
                NextStep::SayDateOrder
            }
            ImportError::NotRecognised { .. } | ImportError::Unsupported { .. } => {
                NextStep::GiveMessengersExport
            }
            ImportError::Encrypted { .. } => NextStep::UnpackExport,
            _ => NextStep::ExportAgain,
        };
        let code = error.code().trim_start_matches("import.");
        Self::new(
            code,
            format!("{}.", capitalised(&error.to_string())),
            "Nothing was imported; your chats are as they were.",
            next,
        )
    }
}
