//! `keepsake source`

use crate::args::{DateOrder, Source, SourcePath};
use crate::output::{Output, count};
use crate::progress::Shown;
use app::model::{Detected, ImportReport};
use app::{ImportOptions, Keepsake, Result};
use std::fmt::Write;

/// Missing attachments named one by one; the rest are counted (`--json` has them all).
const NAMED_MISSING: usize = 20;

pub async fn run(keepsake: &Keepsake, command: Source, output: Output) -> Result<()> {
    match command {
        Source::Detect(at) => {
            let found = app::detect(keepsake, &at.path, options(&at)).await?;
            output.result(&found, detected);
        }
        Source::Import(at) => {
            let report = app::import_chats(keepsake, &at.path, options(&at), &Shown::new()).await?;
            output.result(&report, imported);
        }
    }
    Ok(())
}

fn options(at: &SourcePath) -> ImportOptions {
    let date_order = at.date_order.map(|order| match order {
        DateOrder::Dmy => "dmy".to_string(),
        DateOrder::Mdy => "mdy".to_string(),
        DateOrder::Ymd => "ymd".to_string(),
    });
    ImportOptions { kind: at.kind.clone(), date_order }
}

fn detected(found: &Detected) -> String {
    let mut text = format!("{} export: {}\n", found.kind, found.reason);
    for conversation in &found.conversations {
        let _ = writeln!(text, "  {conversation}");
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
    for missing in report.missing.iter().take(NAMED_MISSING) {
        let _ = writeln!(text, "  missing in {}: {} ({})", missing.conversation, missing.name, missing.reason);
    }
    if report.missing.len() > NAMED_MISSING {
        let _ = writeln!(text, "  … and {} more", report.missing.len() - NAMED_MISSING);
    }
    text
}
