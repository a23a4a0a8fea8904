//! What several chapters do.

use crate::chats::Chats;
use crate::keepsake::{Computer, number, text};
use anyhow::{Context, Result, bail, ensure};
use std::path::PathBuf;

/// Imports each of `exports`; what each gave, a line each.
pub(crate) fn import(first: &Computer, exports: &[PathBuf]) -> Result<String> {
    let mut words = Vec::new();
    for export in exports {
        let path = export.to_str().context("the export's path is not UTF-8")?;
        let report = first.run(&["source", "import", path], None)?;
        let missing = report["missing"].as_array().context("no list of missing attachments")?;
        let named: Vec<_> = missing.iter().filter_map(|m| m["name"].as_str()).collect();
        let missing = if named.is_empty() {
            "none missing".into()
        } else {
            format!("missing: {}", named.join(", "))
        };
        let (messages, attachments) =
            (number(&report, "messages")?, number(&report, "attachments")?);
        ensure!(messages > 0, "{path} gave no message");
        words.push(format!(
            "{} export: {messages} messages, {attachments} attachments, {missing}.",
            text(&report, "kind")?
        ));
    }
    Ok(words.join("\n"))
}

/// Whether two computers show the same chats, by a comparison that is seen to fail where they do
/// not.
pub(crate) fn same(before: &Chats, after: &Chats) -> Result<String> {
    if let Some(difference) = before.difference(after) {
        bail!("not the same: {difference}");
    }
    // A comparison that cannot fail would prove nothing.
    let planted = before.difference(&after.with_one_letter_changed()?);
    planted.context("the comparison did not see a changed letter")?;
    let (conversations, messages) = (after.conversations(), after.messages());
    Ok(format!(
        "{conversations} conversations with {messages} messages are the same. (A planted changed letter was seen.)"
    ))
}
