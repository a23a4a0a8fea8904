use std::io::Read;
use std::path::{Path, PathBuf};

use chat_archive::{MediaReader, MissingReason, NewAttachment};
use serde_json::Value;

use super::fields::text;
use crate::export_files::open_inside;
use crate::mime;

/// Files of an export lie below the folder of its JSON; paths that lead out are not followed.
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Of the export with this JSON.
    pub fn of(json: &Path) -> Self {
        let parent = json.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { root: parent.to_owned() }
    }
}

impl MediaReader for Folder {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        open_inside(&self.root, Path::new(file)).map(|f| Box::new(f) as Box<dyn Read>)
    }
}

/// The files that a message names. Thumbnails are not among them: they can be made again.
pub fn attachments(message: &Value) -> Vec<NewAttachment> {
    ["photo", "file", "contact_vcard"].iter().filter_map(|key| attachment(message, key)).collect()
}

fn attachment(message: &Value, key: &str) -> Option<NewAttachment> {
    let path = text(message, key)?;
    let given = if key == "file" { text(message, "file_name") } else { None };
    // "(File not included. Change data exporting settings to download.)" and its kin.
    let left_out = path.starts_with('(');
    let from_path = (!left_out).then(|| path.rsplit(['/', '\\']).next().unwrap_or(path));
    let name = given.or(from_path).map(|n| n.rsplit(['/', '\\']).next().unwrap_or(n).to_owned());
    let mime = match key {
        "file" => text(message, "mime_type").map(str::to_owned).or_else(|| mime::of_name(name.as_deref()?)),
        "photo" => Some("image/jpeg".into()),
        _ => Some("text/vcard".into()),
    };
    let file = if left_out { Err(MissingReason::NotExported) } else { Ok(path.to_owned()) };
    Some(NewAttachment { name, mime, file })
}
