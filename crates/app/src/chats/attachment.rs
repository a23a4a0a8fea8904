//! An attachment as the shells show it, or why it is not here.

use super::shown::shown;
use crate::model::AttachmentView;
use chat_archive::{AttachmentContent, MissingReason};

pub(super) fn attachment(attachment: chat_archive::Attachment) -> AttachmentView {
    let (size, hash, missing) = match attachment.content {
        AttachmentContent::Present { hash, size } => (size, Some(hash.to_hex()), None),
        AttachmentContent::Missing { reason } => {
            (0, None, Some(missing_reason(reason).to_string()))
        }
    };
    AttachmentView {
        name: shown(&attachment.name.unwrap_or_default()),
        mime: attachment.mime.unwrap_or_else(|| "application/octet-stream".into()),
        size,
        hash,
        missing,
    }
}

pub(super) fn missing_reason(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::NotExported => "the messenger left it out of the export",
        MissingReason::FileNotFound => "the export names a file that is not there",
        MissingReason::UnsafePath => "the export names a path outside itself",
        MissingReason::Unreadable => "the file cannot be read",
        MissingReason::TooLarge => "the file is larger than the archive takes",
    }
}
