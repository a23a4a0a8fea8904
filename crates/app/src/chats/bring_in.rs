//! What brings exports into the archive.

use super::attachment::missing_reason;
use super::shown::shown;
use super::{DateOrder, ImportOptions, encrypted};
use crate::model::{
    CountedKind, Detected, ImportReport, MissingAttachment, RefusedExport, Unknown,
};
use crate::{AppError, Keepsake, NextStep, Progress, Result, Unit, Watch};
use chat_archive::Archive;
use chat_import::{Found, ImportError, Wanted};
use std::ops::ControlFlow;
use std::path::Path;

/// Says what a file or folder holds.
pub(crate) fn look_into(
    keepsake: &Keepsake,
    path: &Path,
    options: &ImportOptions,
) -> Result<Detected> {
    let wanted = wanted(options)?;
    let given = import_options(options);
    let unlocked = encrypted::open(keepsake, path, options)?;
    let search =
        chat_import::search(path, &wanted, &chat_import::ImportOptions { unlocked, ..given })?;
    let mut kinds: Vec<&str> = search.found.iter().map(|f| f.detected.kind.as_str()).collect();
    kinds.dedup();
    let mut reasons: Vec<String> =
        search.found.iter().flat_map(|f| f.detected.reasons.clone()).collect();
    if let Some(sample) = search.found.iter().find_map(|f| f.detected.ambiguous_date.as_ref()) {
        reasons.push(format!(
            "the date {sample} can mean two days, so the import will need a date order"
        ));
    }
    let conversations = search.found.iter().flat_map(|f| &f.detected.conversations);
    Ok(Detected {
        kind: kinds.join(", "),
        reason: reasons.join("; "),
        conversations: conversations
            .map(|c| format!("{} ({} messages)", c.title, c.messages))
            .collect(),
        needs_date_order: search.found.iter().any(|f| f.detected.ambiguous_date.is_some()),
        refused: search.refused.into_iter().map(refused).collect(),
    })
}

/// Imports the exports in a file or folder: each whole or not at all.
pub(crate) fn import_from(
    keepsake: &Keepsake,
    path: &Path,
    options: &ImportOptions,
    watch: &dyn Watch,
) -> Result<ImportReport> {
    let wanted = wanted(options)?;
    let given = import_options(options);
    keepsake.clear_leftovers()?;
    let _writing = keepsake.mark_writing()?;
    let unlocked = encrypted::open(keepsake, path, options)?;
    let options = chat_import::ImportOptions { unlocked, ..given };
    let search = chat_import::search(path, &wanted, &options)?;
    let mut archive = keepsake.archive()?;
    // What an earlier version stored as it was may be understood by this one.
    let understood = chat_import::read_again(&mut archive)?;
    let mut all = ImportReport { updated: understood, ..ImportReport::default() };
    all.refused.extend(search.refused.into_iter().map(refused));
    let mut failure = None;
    for found in search.found {
        match import_one(&mut archive, &found, &options, watch) {
            Ok(report) => add(&mut all, &found, report),
            Err(ImportError::Cancelled) => return Err(ImportError::Cancelled.into()),
            Err(error) => {
                let name =
                    found.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                all.refused.push(RefusedExport { name, reason: error.to_string() });
                failure.get_or_insert(error);
            }
        }
    }
    match failure {
        // One bad export does not undo the others; where there is no other, it is the answer.
        Some(error) if all.kind.is_empty() => Err(error.into()),
        _ => {
            all.owner_unknown = owner_unknown(&archive)?;
            Ok(all)
        }
    }
}

fn import_one(
    archive: &mut Archive,
    found: &Found,
    options: &chat_import::ImportOptions,
    watch: &dyn Watch,
) -> std::result::Result<chat_archive::ImportReport, ImportError> {
    let mut tell = |progress: &chat_import::Progress| {
        watch.progress(Progress {
            what: format!("Reading {}", progress.conversation),
            done: progress.bytes_done,
            total: (progress.bytes_total > 0).then_some(progress.bytes_total),
            unit: Unit::Bytes,
        });
        if watch.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut session = archive.begin_import()?;
    chat_import::import_found(found, options, &mut session, &mut tell)?;
    Ok(session.commit()?)
}

fn add(all: &mut ImportReport, found: &Found, report: chat_archive::ImportReport) {
    let missing = |m: chat_archive::MissingAttachment| MissingAttachment {
        conversation: m.conversation,
        name: m.name.unwrap_or_else(|| "unnamed".into()),
        reason: missing_reason(m.reason).into(),
    };
    let kind = found.detected.kind.as_str();
    if !all.kind.split(", ").any(|k| k == kind) {
        all.kind = if all.kind.is_empty() { kind.into() } else { format!("{}, {kind}", all.kind) };
    }
    all.conversations += report.conversations;
    all.messages += report.messages_new;
    all.updated += report.messages_updated;
    all.duplicates_skipped += report.duplicates_skipped;
    all.system_lines += report.system_lines;
    all.attachments += report.attachments_new;
    all.attachments_appeared += report.attachments_appeared;
    all.unclaimed_files += report.unclaimed_files;
    all.files_in_export += report.export.files;
    all.files_beside += report.export.files_beside;
    all.missing.extend(report.missing.into_iter().map(missing));
    for (kind, count) in report.not_understood {
        match all.not_understood.iter_mut().find(|k| k.kind == kind) {
            Some(known) => known.count += count,
            None => all.not_understood.push(CountedKind { kind, count }),
        }
    }
}

/// Chats in which nobody is known to be the owner, with the people to choose from.
fn owner_unknown(archive: &Archive) -> Result<Vec<Unknown>> {
    let unknown = archive
        .conversations()?
        .into_iter()
        .filter(|c| !c.participants.is_empty() && c.participants.iter().all(|p| p.own.is_none()));
    let people = |c: chat_archive::ConversationSummary| Unknown {
        conversation: c.id.0,
        title: shown(&c.title),
        people: c.participants.into_iter().map(|p| shown(&p.name)).collect(),
    };
    Ok(unknown.map(people).collect())
}

fn refused((name, error): (String, ImportError)) -> RefusedExport {
    RefusedExport { name, reason: error.to_string() }
}

fn wanted(options: &ImportOptions) -> Result<Wanted> {
    let Some(name) = &options.kind else { return Ok(Wanted::Any) };
    Wanted::parse(name)
        .ok_or_else(|| usage(format!("{name:?} is not a messenger that can be imported.")))
}

fn import_options(options: &ImportOptions) -> chat_import::ImportOptions {
    let date_order = options.date_order.map(|order| match order {
        DateOrder::Dmy => chat_import::DateOrder::Dmy,
        DateOrder::Mdy => chat_import::DateOrder::Mdy,
        DateOrder::Ymd => chat_import::DateOrder::Ymd,
    });
    chat_import::ImportOptions { date_order, ..chat_import::ImportOptions::default() }
}

fn usage(happened: String) -> AppError {
    AppError::new("usage", happened, "Nothing was imported.", NextStep::LeaveOptionOut)
}
