//! Which texts of an export are chats, what they are called, and which files are theirs.

use super::{body, scan, title};
use crate::ImportError;
use crate::export_files::{Entry, ExportFiles, base_name, display_name, folder_of};

/// A chat's text within an export.
pub(super) struct Chat {
    /// The text.
    pub entry: Entry,
    /// The chat's name by the names of files, if they hold one.
    pub title: Option<String>,
    /// The export's language is none in which the month comes first.
    pub foreign: bool,
}

impl Chat {
    /// Where it lies, with a `/` at the end; empty at the top.
    pub(super) fn folder(&self) -> &str {
        folder_of(&self.entry.path)
    }
}

/// The chat texts of an export: in each folder `_chat.txt` or `chat.txt` if there is one, else
/// those with WhatsApp in their name, else every text that reads like a chat.
pub(super) fn find(files: &ExportFiles) -> Result<Vec<Chat>, ImportError> {
    let texts = files.with_ending("txt");
    let mut chats = Vec::new();
    for entry in &texts {
        if rank(entry) > best_in_folder(&texts, entry) {
            continue;
        }
        let mut file = files.chat_file(entry)?;
        if scan::looks_like_chat(&entry.path, file.reader()?)? {
            chats.push(Chat {
                title: title_of(files, entry)?,
                foreign: is_foreign(files, entry),
                entry: entry.clone(),
            });
        }
    }
    Ok(chats)
}

fn rank(entry: &Entry) -> u8 {
    let base = base_name(&entry.path).to_lowercase();
    match base.as_str() {
        "_chat.txt" => 0,
        "chat.txt" => 1,
        _ if base.contains("whatsapp") => 2,
        _ => 3,
    }
}

fn best_in_folder(texts: &[Entry], entry: &Entry) -> u8 {
    let folder = folder_of(&entry.path);
    texts.iter().filter(|e| folder_of(&e.path) == folder).map(rank).min().unwrap_or(3)
}

/// Names in which a title may stand: the text's, its folders', the zip's or folder's own.
fn names(files: &ExportFiles, entry: &Entry) -> Vec<String> {
    let mut names: Vec<String> = entry.path.rsplit('/').map(str::to_owned).collect();
    let given = files.path();
    if display_name(given) != entry.path {
        names.push(display_name(given));
    }
    if matches!(base_name(&entry.path), "_chat.txt" | "chat.txt") {
        names.extend(given.parent().map(display_name));
    }
    names
}

fn title_of(files: &ExportFiles, entry: &Entry) -> Result<Option<String>, ImportError> {
    let names = names(files, entry);
    if let Some(title) = title::from_names(names.iter().map(String::as_str)) {
        return Ok(Some(title));
    }
    if base_name(&entry.path) != "chat.txt" {
        return Ok(None);
    }
    // WhatsApp Web: the name stands in the page beside, and on the zip.
    Ok(title_in_page(files, entry)?.or_else(|| Some(stem(&display_name(files.path())))))
}

/// `# WhatsApp Chat Export: Trip`
fn title_in_page(files: &ExportFiles, entry: &Entry) -> Result<Option<String>, ImportError> {
    let Some(page) = files.entry(&page_beside(entry)).cloned() else { return Ok(None) };
    let mut file = files.chat_file(&page)?;
    let mut lines = super::lines::Lines::new(&page.path, file.reader()?)?;
    let Some(line) = lines.next_line()? else { return Ok(None) };
    let title = line
        .text
        .strip_prefix("# ")
        .and_then(|rest| rest.split_once(": "))
        .map(|(_, title)| title.trim());
    Ok(title.filter(|t| !t.is_empty()).map(str::to_owned))
}

/// WhatsApp Web writes the same chat as a page for people.
pub(super) fn page_beside(entry: &Entry) -> String {
    format!("{}chat.md", folder_of(&entry.path))
}

fn stem(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

fn is_foreign(files: &ExportFiles, entry: &Entry) -> bool {
    names(files, entry).iter().any(|name| title::is_never_month_first(name))
}

/// Whether a file that no message names belongs to the export. A zip, and a folder that an export
/// was unpacked into, hold nothing else; a folder of downloads does.
pub(super) fn is_part_of_export(files: &ExportFiles, chats: &[Chat], entry: &Entry) -> bool {
    if files.is_zip() || body::is_name_of_whatsapp(base_name(&entry.path)) {
        return true;
    }
    let owner = owner_of(chats, entry);
    let own_folder = |chat: &Chat| {
        let folder = chat.folder();
        let name = if folder.is_empty() {
            display_name(files.path())
        } else {
            base_name(&folder[..folder.len() - 1]).to_owned()
        };
        rank(&chat.entry) < 2 || title::from_names([name.as_str()]).is_some()
    };
    entry.path.starts_with(owner.folder()) && own_folder(owner)
}

/// The chat that a file most likely belongs to: the nearest above it.
pub(super) fn owner_of<'a>(chats: &'a [Chat], entry: &Entry) -> &'a Chat {
    let above = chats.iter().filter(|chat| entry.path.starts_with(chat.folder()));
    above.max_by_key(|chat| chat.folder().len()).unwrap_or(&chats[0])
}
