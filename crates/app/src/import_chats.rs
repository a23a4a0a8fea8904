//! Bringing an export into the archive.

use crate::model::{Detected, ImportReport, MissingAttachment};
use crate::read_chats::missing_reason;
use crate::{AppError, Keepsake, Progress, Result, Unit, Watch};
use chat_archive::Source;
use chat_import::DateOrder;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Answers that an export may need.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The messenger, if it is not to be recognised: `whatsapp`, `telegram`.
    pub kind: Option<String>,
    /// `dmy`, `mdy` or `ymd`, where the export does not tell.
    pub date_order: Option<String>,
}

/// Says what a file or folder holds, without importing it.
pub async fn detect(keepsake: &Keepsake, path: &Path, options: ImportOptions) -> Result<Detected> {
    let _ = keepsake;
    kind(&options)?;
    let path = path.to_path_buf();
    let found = crate::archive::blocking(move || Ok(chat_import::detect(&path)?)).await?;
    let mut reason = found.reasons.join("; ");
    if let Some(sample) = &found.ambiguous_date {
        reason.push_str(&format!("; the date {sample} can mean two days, so the import will need a date order"));
    }
    let conversations = found.conversations.into_iter().map(|c| format!("{} ({} messages)", c.title, c.messages));
    Ok(Detected { kind: found.kind.as_str().into(), reason, conversations: conversations.collect() })
}

/// Imports an export, all of it or nothing. Importing it again, or another phone's, adds only what is new.
pub async fn import_chats(
    keepsake: &Keepsake,
    path: &Path,
    options: ImportOptions,
    watch: &dyn Watch,
) -> Result<ImportReport> {
    let (path, kind, date_order) = (path.to_path_buf(), kind(&options)?, date_order(&options)?);
    let keepsake = keepsake.clone();
    crate::bridge::watched(watch, move |watch| import(&keepsake, path, kind, date_order, watch)).await
}

fn import(
    keepsake: &Keepsake,
    path: PathBuf,
    kind: Option<Source>,
    date_order: Option<DateOrder>,
    watch: &dyn Watch,
) -> Result<ImportReport> {
    let kind = match kind {
        Some(kind) => kind,
        None => chat_import::detect(&path)?.kind,
    };
    keepsake.clear_leftovers()?;
    let _writing = keepsake.mark_writing()?;
    let mut archive = keepsake.archive()?;
    let mut session = archive.begin_import()?;
    let mut tell = |progress: &chat_import::Progress| {
        watch.progress(Progress {
            what: format!("Reading {}", progress.conversation),
            done: progress.bytes_done,
            total: (progress.bytes_total > 0).then_some(progress.bytes_total),
            unit: Unit::Bytes,
        });
        if watch.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = chat_import::ImportOptions { date_order, today: None };
    chat_import::import(&path, Some(kind), &options, &mut session, &mut tell)?;
    Ok(report(kind, session.commit()?))
}

fn report(kind: Source, report: chat_archive::ImportReport) -> ImportReport {
    let missing = |m: chat_archive::MissingAttachment| MissingAttachment {
        conversation: m.conversation,
        name: m.name.unwrap_or_else(|| "unnamed".into()),
        reason: missing_reason(m.reason).into(),
    };
    ImportReport {
        kind: kind.as_str().into(),
        conversations: report.conversations,
        messages: report.messages_new,
        attachments: report.attachments_new,
        missing: report.missing.into_iter().map(missing).collect(),
        duplicates_skipped: report.duplicates_skipped,
    }
}

fn kind(options: &ImportOptions) -> Result<Option<Source>> {
    let known = |name: &String| {
        let kind = Source::parse(name).filter(|k| chat_import::sources::all().iter().any(|s| s.kind() == *k));
        kind.ok_or_else(|| usage(format!("{name:?} is not a messenger that can be imported.")))
    };
    options.kind.as_ref().map(known).transpose()
}

fn date_order(options: &ImportOptions) -> Result<Option<DateOrder>> {
    match options.date_order.as_deref() {
        None => Ok(None),
        Some("dmy") => Ok(Some(DateOrder::Dmy)),
        Some("mdy") => Ok(Some(DateOrder::Mdy)),
        Some("ymd") => Ok(Some(DateOrder::Ymd)),
        Some(other) => Err(usage(format!("{other:?} is not a date order: use dmy, mdy or ymd."))),
    }
}

fn usage(happened: String) -> AppError {
    AppError::new(
        "usage",
        happened,
        "Nothing was imported.",
        "Leave the option out, and the export is examined instead.",
    )
}
