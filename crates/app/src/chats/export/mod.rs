//! Writing a conversation where others can read it: one file, or a folder with its media.

mod folder;
mod message_text;
mod names;
mod pdf;
mod summed;
mod unfinished;

use self::summed::Summed;
use self::unfinished::{NewFile, refused};
use super::Between;
use crate::progress::watched;
use crate::{AppError, Keepsake, Result, Watch};
use chat_archive::{Archive, ConversationId, ExportForm, ExportRange};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::io::{BufWriter, Write};
use std::path::Path;

/// How a conversation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// All that the archive has, one file.
    Json,
    /// A line per message, one file.
    Text,
    /// ChatLab's interchange format, one file.
    ChatLab,
    /// Numbered pages for paper, one file; of attachments their names alone.
    Pdf,
    /// A folder with a page for a browser and the media.
    Html,
    /// A folder with `transcript.pdf`, which has ids and sums, with page, text, JSON and media, and with
    /// `manifest.sha256`, which `sha256sum -c` checks.
    Transcript,
}

impl ExportFormat {
    /// Whether a folder is written, as opposed to a file.
    pub fn is_folder(self) -> bool {
        matches!(self, Self::Html | Self::Transcript)
    }
}

/// Writes a conversation to a new file, or into a new folder; returns how many messages. Nothing that is there is
/// overwritten; what is not whole is not there.
pub async fn export_conversation(
    keepsake: &Keepsake,
    conversation: i64,
    format: ExportFormat,
    between: Between,
    out: &Path,
    watch: &dyn Watch,
) -> Result<u64> {
    let (keepsake, out) = (keepsake.clone(), out.to_path_buf());
    let range = ExportRange { from: between.from, until: between.until };
    let write = move |watch: &dyn Watch| {
        let archive = keepsake.archive()?;
        let id = ConversationId(conversation);
        archive.conversation(id)?;
        let written = if format.is_folder() {
            folder::write(&archive, id, format, &range, &out, watch)
        } else {
            file(&archive, id, format, &range, &out, watch)
        };
        match written {
            Err(_) if watch.cancelled() => Err(AppError::cancelled("Nothing was written.")),
            done => done,
        }
    };
    watched(watch, write).await
}

fn file(
    archive: &Archive,
    id: ConversationId,
    format: ExportFormat,
    range: &ExportRange,
    out: &Path,
    watch: &dyn Watch,
) -> Result<u64> {
    let mut new = NewFile::at(out)?;
    let mut to = Summed::new(BufWriter::new(new.file.as_file_mut()), "Writing messages".into(), watch);
    let written = match format {
        ExportFormat::Pdf => {
            let pdf = pdf::plain(archive, id, range, watch)?;
            to.write_all(&pdf.pdf).map_err(|e| refused(out, &e))?;
            pdf.messages
        }
        ExportFormat::Text => archive.export(id, ExportForm::Text, range, &mut |_| None, &mut to)?,
        ExportFormat::ChatLab => archive.export(id, ExportForm::ChatLab, range, &mut |_| None, &mut to)?,
        _ => archive.export(id, ExportForm::Json, range, &mut |_| None, &mut to)?,
    };
    to.finish().map_err(|e| refused(out, &e))?;
    new.finish()?;
    Ok(written)
}
