//! Attachments: in the JSON of a message, or in a table of their own.

use chat_archive::{MissingReason, NewAttachment};
use serde_json::Value;

use crate::mime;
use crate::sources::signal::{field, frame};

/// The files that a message names in its JSON.
pub(super) fn files_in(json: &Value) -> Vec<NewAttachment> {
    let listed = json.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let sticker = field(json, "sticker").and_then(|sticker| field(sticker, "data"));
    listed.chain(sticker).map(file_in).collect()
}

fn file_in(value: &Value) -> NewAttachment {
    let is_sealed = value.get("version").and_then(frame::number).unwrap_or(1) >= 2;
    let file = FileOf {
        path: frame::text(value, "path").unwrap_or_default(),
        key: frame::text(value, "localKey").filter(|_| is_sealed),
        size: value.get("size").and_then(frame::number).unwrap_or(0),
    };
    attachment(file, frame::text(value, "fileName"), frame::text(value, "contentType"))
}

/// A file as an importer hands it over; one without a path was never downloaded.
pub(super) fn attachment(
    file: FileOf,
    name: Option<String>,
    mime: Option<String>,
) -> NewAttachment {
    let mime = mime.or_else(|| name.as_deref().and_then(mime::of_name));
    let there = !file.path.is_empty();
    NewAttachment {
        name,
        mime,
        file: if there { Ok(file.to_text()) } else { Err(MissingReason::NotExported) },
    }
}

/// Where an attachment lies, and what opens it.
pub(super) struct FileOf {
    /// Below `attachments.noindex`.
    pub path: String,
    /// If it is encrypted.
    pub key: Option<String>,
    /// Bytes when plain.
    pub size: u64,
}

impl FileOf {
    fn to_text(&self) -> String {
        format!("{}\n{}\n{}", self.path, self.key.as_deref().unwrap_or_default(), self.size)
    }

    /// Reads what [`NewAttachment::file`] has.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('\n');
        let path = parts.next()?.to_owned();
        let key = parts.next().filter(|key| !key.is_empty()).map(str::to_owned);
        Some(Self { path, key, size: parts.next()?.parse().ok()? })
    }
}
