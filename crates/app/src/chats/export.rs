//! Writing a conversation where others can read it: one file, or a folder with its media.

use super::Between;
use crate::{AppError, Keepsake, NextStep, Result};
use chat_archive::{Archive, Attachment, AttachmentContent, ConversationId, ExportForm, ExportRange, MediaHash};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// How a conversation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// All that the archive has, one file.
    Json,
    /// A line per message, one file.
    Text,
    /// ChatLab's interchange format, one file.
    ChatLab,
    /// A folder with a page for a browser, which can also print it to PDF, and the media.
    Html,
    /// A folder with page, text, JSON and media, and `manifest.sha256`, which `sha256sum -c` checks.
    Transcript,
}

impl ExportFormat {
    /// Whether a folder is written, as opposed to a file.
    pub fn is_folder(self) -> bool {
        matches!(self, Self::Html | Self::Transcript)
    }
}

const MANIFEST: &str = "manifest.sha256";

/// Writes a conversation to a new file, or into a new folder; returns how many messages. Nothing that is there is
/// overwritten.
pub async fn export_conversation(
    keepsake: &Keepsake,
    conversation: i64,
    format: ExportFormat,
    between: Between,
    out: &Path,
) -> Result<u64> {
    let out = out.to_path_buf();
    let range = ExportRange { from: between.from, until: between.until };
    let write = move |archive: &mut Archive| {
        let id = ConversationId(conversation);
        archive.conversation(id)?;
        if format.is_folder() {
            folder(archive, id, format, &range, &out)
        } else {
            file(archive, id, format, &range, &out)
        }
    };
    keepsake.with_archive(write).await
}

fn file(archive: &Archive, id: ConversationId, format: ExportFormat, range: &ExportRange, out: &Path) -> Result<u64> {
    let form = match format {
        ExportFormat::Text => ExportForm::Text,
        ExportFormat::ChatLab => ExportForm::ChatLab,
        _ => ExportForm::Json,
    };
    let new = File::options().write(true).create_new(true).open(out).map_err(|e| refused(out, &e))?;
    let mut new = BufWriter::new(new);
    let written = archive.export(id, form, range, &mut |_| None, &mut new)?;
    new.flush().map_err(|e| refused(out, &e))?;
    Ok(written)
}

fn folder(archive: &Archive, id: ConversationId, format: ExportFormat, range: &ExportRange, out: &Path) -> Result<u64> {
    fs::create_dir(out).map_err(|e| refused(out, &e))?;
    let mut folder = Folder { root: out, sums: BTreeMap::new() };
    let mut names = Names::default();
    let written = folder.write("messages.html", |to| {
        archive.export(id, ExportForm::Page, range, &mut |attachment| names.path_of(attachment), to)
    })?;
    if format == ExportFormat::Transcript {
        folder.write("messages.txt", |to| archive.export(id, ExportForm::Text, range, &mut |_| None, to))?;
        folder.write("messages.json", |to| archive.export(id, ExportForm::Json, range, &mut |_| None, to))?;
    }
    if !names.by_hash.is_empty() {
        fs::create_dir(out.join("media")).map_err(|e| refused(out, &e))?;
    }
    for (hash, path) in &names.by_hash {
        let mut content = archive.open_media(hash)?;
        folder.copy(path, &mut *content)?;
    }
    if format == ExportFormat::Transcript {
        let lines: String = folder.sums.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
        fs::write(out.join(MANIFEST), lines).map_err(|e| refused(out, &e))?;
    }
    Ok(written)
}

/// A folder that is written, and the SHA-256 of what is in it.
struct Folder<'a> {
    root: &'a Path,
    sums: BTreeMap<String, String>,
}

impl Folder<'_> {
    fn write(
        &mut self,
        path: &str,
        act: impl FnOnce(&mut dyn Write) -> std::result::Result<u64, chat_archive::ArchiveError>,
    ) -> Result<u64> {
        let mut to = self.create(path)?;
        let written = act(&mut to)?;
        self.finish(path, to)?;
        Ok(written)
    }

    fn copy(&mut self, path: &str, content: &mut dyn Read) -> Result<()> {
        let mut to = self.create(path)?;
        io::copy(content, &mut to).map_err(|e| refused(&self.root.join(path), &e))?;
        self.finish(path, to)
    }

    fn create(&self, path: &str) -> Result<Summed> {
        let whole = self.root.join(path);
        let file = File::options().write(true).create_new(true).open(&whole).map_err(|e| refused(&whole, &e))?;
        Ok(Summed { file: BufWriter::new(file), sum: Sha256::new() })
    }

    fn finish(&mut self, path: &str, mut to: Summed) -> Result<()> {
        to.flush().map_err(|e| refused(&self.root.join(path), &e))?;
        let sum = to.sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.sums.insert(path.to_owned(), sum);
        Ok(())
    }
}

/// A file and the sum of what was written to it.
struct Summed {
    file: BufWriter<File>,
    sum: Sha256,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Names for media: as in the export as far as every file system takes them, and each once.
#[derive(Default)]
struct Names {
    by_hash: HashMap<MediaHash, String>,
    taken: HashSet<String>,
}

impl Names {
    fn path_of(&mut self, attachment: &Attachment) -> Option<String> {
        let AttachmentContent::Present { hash, .. } = attachment.content else { return None };
        if let Some(path) = self.by_hash.get(&hash) {
            return Some(path.clone());
        }
        let name = plain(attachment.name.as_deref().unwrap_or("file"));
        let (stem, ending) =
            name.rsplit_once('.').map_or((name.as_str(), String::new()), |(s, e)| (s, format!(".{e}")));
        let mut path = format!("media/{name}");
        let mut number = 2;
        while !self.taken.insert(path.to_lowercase()) {
            path = format!("media/{stem}-{number}{ending}");
            number += 1;
        }
        self.by_hash.insert(hash, path.clone());
        Some(path)
    }
}

/// Letters, digits and `-_. ` stay; Windows, macOS and Linux all take 100 of them.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let all: Vec<char> = name.chars().map(plain).collect();
    let short: String = all[all.len().saturating_sub(100)..].iter().collect();
    let trimmed = short.trim_matches(['.', ' ']);
    if trimmed.is_empty() { "file".into() } else { trimmed.into() }
}

fn refused(path: &Path, error: &io::Error) -> AppError {
    let happened = format!("{} cannot be written: {error}.", path.display());
    let next = NextStep::ChooseNewName;
    AppError::new("disk", happened, "Nothing that was there was changed.", next)
}
