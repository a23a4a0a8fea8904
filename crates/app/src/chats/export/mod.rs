//! Writing a conversation where others can read it: one file, or a folder with its media.

mod folder;
mod media_sum;
mod message_text;
mod names;
mod pdf;
mod summed;
mod unfinished;

pub(super) use self::names::plain as file_name;
use self::summed::Summed;
pub(super) use self::unfinished::NewFile;
use self::unfinished::refused;
pub(super) use self::unfinished::refused as write_refused;
use super::{Between, ExportFormat};
use crate::progress::watched;
use crate::{AppError, Keepsake, Result, Watch};
use chat_archive::{Archive, ConversationId, ExportForm, ExportRange};
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes a conversation to a new file, or into a new folder; returns how many messages. Nothing
/// that is there is overwritten; what is not whole is not there.
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
    let mut to = Summed::new(BufWriter::new(new.file.file()), "Writing messages".into(), watch);
    let written = match format {
        ExportFormat::Pdf => {
            let pdf = pdf::plain(archive, id, range, watch)?;
            to.write_all(&pdf.pdf).map_err(|e| refused(out, &e))?;
            pdf.messages
        }
        ExportFormat::Text => {
            archive.export(id, ExportForm::Text, range, &mut |_| None, &mut to)?
        }
        ExportFormat::ChatLab => {
            archive.export(id, ExportForm::ChatLab, range, &mut |_| None, &mut to)?
        }
        _ => archive.export(id, ExportForm::Json, range, &mut |_| None, &mut to)?,
    };
    to.finish().map_err(|e| refused(out, &e))?;
    new.finish()?;
    Ok(written)
}
