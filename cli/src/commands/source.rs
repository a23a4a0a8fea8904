//! `keepsake source`

use crate::args::{DateOrder, Source, SourcePath};
use crate::failure::Result;
use crate::output::{Output, count};
use crate::progress::Shown;
use crate::secrets;
use app::model::{Detected, ImportReport, KnownPlace};
use app::{ImportOptions, Keepsake, RecoverySecret};
use std::fmt::Write;
use std::sync::Arc;

/// Missing attachments named one by one; the rest are counted (`--json` has them all).
const NAMED_MISSING: usize = 20;

pub(super) async fn run(keepsake: &Keepsake, command: Source, output: Output) -> Result<()> {
    match command {
        Source::Places => output.result(&app::look_around(), |all| places(all)),
        Source::Detect(at) => {
            let mut all = Vec::new();
            for path in &at.path {
                let look = |key| app::detect(keepsake, path, options(&at, key));
                all.push(with_key(look).await?);
            }
            match <[Detected; 1]>::try_from(all) {
                Ok([found]) => output.result(&found, detected),
                Err(all) => output.result(&all, |all| all.iter().map(detected).collect()),
            }
        }
        Source::Import(at) => {
            let mut all = Vec::new();
            for path in &at.path {
                let shown = Shown::new();
                let import = |key| app::import_chats(keepsake, path, options(&at, key), &shown);
                all.push(with_key(import).await?);
            }
            match <[ImportReport; 1]>::try_from(all) {
                Ok([report]) => output.result(&report, imported),
                Err(all) => output.result(&all, |all| all.iter().map(imported).collect()),
            }
        }
    }
    Ok(())
}

/// Asks for a key only if one is needed.
async fn with_key<T, F: Future<Output = app::Result<T>>>(
    act: impl Fn(Option<Arc<RecoverySecret>>) -> F,
) -> Result<T> {
    match act(None).await {
        Err(error) if error.code == "export_key_needed" => match secrets::export_key() {
            Ok(key) => Ok(act(Some(Arc::new(key))).await?),
            Err(_) => Err(error.into()),
        },
        done => Ok(done?),
    }
}

fn options(at: &SourcePath, key: Option<Arc<RecoverySecret>>) -> ImportOptions {
    let date_order = at.date_order.map(|order| match order {
        DateOrder::Dmy => app::DateOrder::Dmy,
        DateOrder::Mdy => app::DateOrder::Mdy,
        DateOrder::Ymd => app::DateOrder::Ymd,
    });
    ImportOptions { kind: at.kind.clone(), date_order, key, key_file: at.key_file.clone() }
}

fn places(all: &[KnownPlace]) -> String {
    if all.is_empty() {
        return "No messenger keeps chats here in a place that Keepsake knows.".into();
    }
    let line =
        |place: &KnownPlace| format!("{}: keepsake source import {:?}\n", place.name, place.path);
    all.iter().map(line).collect()
}

fn detected(found: &Detected) -> String {
    let mut text = format!("{} export: {}\n", found.kind, found.reason);
    for conversation in &found.conversations {
        let _ = writeln!(text, "  {conversation}");
    }
    for refused in &found.refused {
        let _ = writeln!(text, "  cannot be read: {}: {}", refused.name, refused.reason);
    }
    text
}

fn imported(report: &ImportReport) -> String {
    let mut text = format!(
        "Imported from {}: {}, {}, {}. {} skipped, {} missing.\n",
        report.kind,
        count(report.conversations, "conversation", "conversations"),
        count(report.messages, "new message", "new messages"),
        count(report.attachments, "attachment", "attachments"),
        count(report.duplicates_skipped, "duplicate", "duplicates"),
        count(report.missing.len() as u64, "attachment", "attachments"),
    );
    if report.updated > 0 {
        let _ = writeln!(
            text,
            "  {} gained an edit, a file or a reaction",
            count(report.updated, "known message", "known messages")
        );
    }
    if report.unclaimed_files > 0 {
        let files = count(report.unclaimed_files, "file", "files");
        let _ = writeln!(text, "  {files} that no message names: stored with the chat");
    }
    for kind in &report.not_understood {
        let _ = writeln!(text, "  not understood, stored as it is: {} × {}", kind.count, kind.kind);
    }
    if report.files_beside > 0 {
        let _ = writeln!(
            text,
            "  {} beside the export, left alone",
            count(report.files_beside, "file", "files")
        );
    }
    for refused in &report.refused {
        let _ = writeln!(text, "  not imported: {}: {}", refused.name, refused.reason);
    }
    for chat in &report.owner_unknown {
        let _ = writeln!(
            text,
            "  which of these is you in {}: {}?",
            chat.title,
            chat.people.join(", ")
        );
    }
    for missing in report.missing.iter().take(NAMED_MISSING) {
        let _ = writeln!(
            text,
            "  missing in {}: {} ({})",
            missing.conversation, missing.name, missing.reason
        );
    }
    if report.missing.len() > NAMED_MISSING {
        let _ = writeln!(text, "  … and {} more", report.missing.len() - NAMED_MISSING);
    }
    text
}
