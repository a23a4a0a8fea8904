use super::backup::capitalised;
use crate::AppError;
use chat_import::ImportError;

impl From<ImportError> for AppError {
    fn from(error: ImportError) -> Self {
        let next = match error {
            ImportError::Archive(archive) => return archive.into(),
            ImportError::Cancelled => return Self::cancelled("Nothing was imported; your chats are as they were."),
            ImportError::NotFound { .. } => "Check the path.",
            ImportError::AmbiguousDates { .. } | ImportError::WrongDateOrder { .. } => {
                "Say how the dates are written: the day, the month or the year first."
            }
            ImportError::NotRecognised { .. } | ImportError::Unsupported { .. } => {
                "Export the chat again from the messenger, and give Keepsake the file it makes."
            }
            ImportError::Encrypted { .. } => "Unpack it with its password and import the folder.",
            _ => "Export the chat again from the messenger, then import the new file.",
        };
        let code = error.code().trim_start_matches("import.");
        let told = Self::new(
            code,
            format!("{}.", capitalised(&error.to_string())),
            "Nothing was imported; your chats are as they were.",
            next,
        );
        match error {
            ImportError::AmbiguousDates { .. } | ImportError::WrongDateOrder { .. } => {
                told.with_command("--date-order dmy, mdy or ymd")
            }
            _ => told,
        }
    }
}
