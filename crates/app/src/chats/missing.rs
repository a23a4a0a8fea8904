//! Why an attachment is not here, in words.

use chat_archive::MissingReason;

pub(super) fn missing_reason(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::NotExported => "the messenger left it out of the export",
        MissingReason::FileNotFound => "the export names a file that is not there",
        MissingReason::UnsafePath => "the export names a path outside itself",
        MissingReason::Unreadable => "the file cannot be read",
        MissingReason::TooLarge => "the file is larger than the archive takes",
    }
}
