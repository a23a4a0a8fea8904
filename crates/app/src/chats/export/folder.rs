//! A folder with a chat's pages and media, and the sums that `sha256sum -c` checks.

use super::media_sum::MediaSum;
use super::names::Names;
use super::pdf;
use super::summed::Summed;
use super::unfinished::{NewFolder, refused};
use crate::{ExportFormat, Result, Watch};
use chat_archive::{Archive, ConversationId, ExportForm, ExportRange, MediaHash};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

const MANIFEST: &str = "manifest.sha256";

/// Writes the folder; returns how many messages are in it.
pub(crate) fn write(
    archive: &Archive,
    id: ConversationId,
    format: ExportFormat,
    range: &ExportRange,
    out: &Path,
    watch: &dyn Watch,
) -> Result<u64> {
    let new = NewFolder::at(out)?;
    let mut folder = Folder { root: new.path(), sums: BTreeMap::new(), watch };
    let mut names = Names::default();
    let written = folder.write("messages.html", |to| {
        Ok(archive.export(
            id,
            ExportForm::Page,
            range,
            &mut |attachment| names.path_of(attachment),
            to,
        )?)
    })?;
    let media = folder.media(archive, &names)?;
    if format == ExportFormat::Transcript {
        folder.write("messages.txt", |to| {
            Ok(archive.export(id, ExportForm::Text, range, &mut |_| None, to)?)
        })?;
        folder.write("messages.json", |to| {
            Ok(archive.export(id, ExportForm::Json, range, &mut |_| None, to)?)
        })?;
        folder.transcripts(archive, id, range, &media)?;
        let lines: String =
            folder.sums.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
        fs::write(new.path().join(MANIFEST), lines).map_err(|e| refused(out, &e))?;
    }
    new.finish()?;
    Ok(written)
}

/// A folder that is written, and the SHA-256 of what is in it.
struct Folder<'a> {
    root: &'a Path,
    sums: BTreeMap<String, String>,
    watch: &'a dyn Watch,
}

impl Folder<'_> {
    fn write<T>(&mut self, path: &str, act: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
        let whole = self.root.join(path);
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&whole)
            .map_err(|e| refused(&whole, &e))?;
        let mut to = Summed::new(BufWriter::new(file), format!("Writing {path}"), self.watch);
        let done = act(&mut to)?;
        let sum = to.finish().map_err(|e| refused(&whole, &e))?;
        self.sums.insert(path.to_owned(), sum);
        Ok(done)
    }

    /// Copies all media that were named; what lies where, with its sum.
    fn media(&mut self, archive: &Archive, names: &Names) -> Result<HashMap<MediaHash, MediaSum>> {
        let mut all = HashMap::new();
        for (hash, path) in names.iter() {
            if all.is_empty() {
                let media = self.root.join("media");
                fs::create_dir(&media).map_err(|e| refused(&media, &e))?;
            }
            self.write(path, |to| {
                let mut content = archive.open_media(hash)?;
                io::copy(&mut *content, to).map_err(|e| refused(Path::new(path), &e))
            })?;
            let sha256 = self.sums.get(path).cloned().unwrap_or_default();
            all.insert(*hash, MediaSum { path: path.clone(), sha256 });
        }
        Ok(all)
    }

    fn transcripts(
        &mut self,
        archive: &Archive,
        id: ConversationId,
        range: &ExportRange,
        media: &HashMap<MediaHash, MediaSum>,
    ) -> Result<()> {
        let pdf = pdf::transcript(archive, id, range, media, self.watch)?;
        let path = "transcript.pdf";
        self.write(path, |to| to.write_all(&pdf.pdf).map_err(|e| refused(Path::new(path), &e)))
    }
}
