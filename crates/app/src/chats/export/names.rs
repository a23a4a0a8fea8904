//! Names for media beside an export.

use chat_archive::{Attachment, AttachmentContent, MediaHash};
use std::collections::{HashMap, HashSet};

/// Names for media: as in the export as far as every file system takes them, and each once.
#[derive(Default)]
pub(crate) struct Names {
    by_hash: HashMap<MediaHash, String>,
    taken: HashSet<String>,
}

impl Names {
    /// `media/boat.jpg`; `None` for content that the archive does not have.
    pub(crate) fn path_of(&mut self, attachment: &Attachment) -> Option<String> {
        let AttachmentContent::Present { hash, .. } = attachment.content else { return None };
        if let Some(path) = self.by_hash.get(&hash) {
            return Some(path.clone());
        }
        let path = self.free(&plain(attachment.name.as_deref().unwrap_or("file")));
        self.by_hash.insert(hash, path.clone());
        Some(path)
    }

    /// Content and path of everything that was named.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&MediaHash, &String)> {
        self.by_hash.iter()
    }

    fn free(&mut self, name: &str) -> String {
        let (stem, ending) =
            name.rsplit_once('.').map_or((name, String::new()), |(s, e)| (s, format!(".{e}")));
        let mut path = format!("media/{name}");
        let mut number = 2;
        while !self.taken.insert(path.to_lowercase()) {
            path = format!("media/{stem}-{number}{ending}");
            number += 1;
        }
        path
    }
}

/// Letters, digits and `-_. ` stay; Windows, macOS and Linux all take 100 of them.
pub(crate) fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let all: Vec<char> = name.chars().map(plain).collect();
    let short: String = all[all.len().saturating_sub(100)..].iter().collect();
    let trimmed = short.trim_matches(['.', ' ']);
    if trimmed.is_empty() { "file".into() } else { trimmed.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: u8) -> Attachment {
        let content = AttachmentContent::Present { hash: MediaHash([content; 32]), size: 1 };
        Attachment { name: Some(name.into()), mime: None, content }
    }

    #[test]
    fn two_files_of_one_name_are_two_and_one_content_is_one() {
        let mut names = Names::default();
        assert_eq!(names.path_of(&file("boat.jpg", 1)).unwrap(), "media/boat.jpg");
        assert_eq!(names.path_of(&file("BOAT.jpg", 2)).unwrap(), "media/BOAT-2.jpg");
        assert_eq!(names.path_of(&file("again.jpg", 1)).unwrap(), "media/boat.jpg");
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for (name, path) in
            [("../../x", "_.._x"), ("C:\\a?.txt", "C__a_.txt"), ("...", "file"), ("", "file")]
        {
            assert_eq!(plain(name), path);
        }
    }
}
