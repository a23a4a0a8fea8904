//! The files that a message of a JSON export names.

use std::io::Read;

use chat_archive::{MediaReader, MissingReason, NewAttachment};
use serde_json::Value;

use super::fields::text;
use crate::export_files::ExportFiles;
use crate::mime;

/// Files of an export lie below the folder of its JSON; paths that lead out are not followed.
pub(super) struct Folder<'a> {
    /// The export.
    pub files: &'a mut ExportFiles,
    /// Folder of the JSON, with a `/` at the end; empty at the top.
    pub root: String,
}

impl MediaReader for Folder<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        self.files.open_by_path(&format!("{}{file}", self.root))
    }
}

/// The files that a message names. Thumbnails are not among them: they can be made again.
pub(super) fn attachments(message: &Value) -> Vec<NewAttachment> {
    ["photo", "file", "contact_vcard"].iter().filter_map(|key| attachment(message, key)).collect()
}

/// The small picture of a message's file.
pub(super) fn thumbnail(message: &Value) -> Option<&str> {
    text(message, "thumbnail").filter(|path| !path.starts_with('('))
}

fn attachment(message: &Value, key: &str) -> Option<NewAttachment> {
    let path = text(message, key)?;
    let given = if key == "file" { text(message, "file_name") } else { None };
    // "(File not included. Change data exporting settings to download.)" and its kin.
    let left_out = path.starts_with('(');
    let from_path = (!left_out).then(|| path.rsplit(['/', '\\']).next().unwrap_or(path));
    let name = given.or(from_path).map(|n| n.rsplit(['/', '\\']).next().unwrap_or(n).to_owned());
    let mime = match key {
        "file" => text(message, "mime_type")
            .map(str::to_owned)
            .or_else(|| mime::of_name(name.as_deref()?)),
        "photo" => Some("image/jpeg".into()),
        _ => Some("text/vcard".into()),
    };
    let file = if left_out { Err(MissingReason::NotExported) } else { Ok(path.to_owned()) };
    Some(NewAttachment { name, mime, file })
}
