//! `keepsake status`

use crate::failure::Result;
use crate::output::{Output, count, when};
use crate::words;
use app::model::Status;
use app::{Keepsake, KeyStore};
use std::fmt::Write;

pub(super) async fn run(keepsake: &Keepsake, output: Output) -> Result<()> {
    let status = app::status(keepsake).await?;
    output.result(&status, in_words);
    Ok(())
}

fn in_words(status: &Status) -> String {
    let mut text = format!(
        "Chats: {}, {}, {} ({} missing)\n",
        count(status.conversations, "conversation", "conversations"),
        count(status.messages, "message", "messages"),
        count(status.attachments, "attachment", "attachments"),
        status.missing_attachments
    );
    let _ = match &status.vault {
        None => {
            let problem =
                status.vault_problem.as_ref().map(|p| format!("{p} ")).unwrap_or_default();
            writeln!(
                text,
                "Recovery code: none yet. {problem}Make one: keepsake vault enroll --fleet URL"
            )
        }
        Some(vault) => {
            let mock = if vault.mock { " (MOCK)" } else { "" };
            let warning =
                vault.warning.as_ref().map(|w| format!("\nAttention: {w}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "Recovery code: number {}, fleet {} ({}){mock}{warning}",
                vault.code_version, vault.fleet_url, vault.fingerprint
            );
            vault
                .pending
                .iter()
                .try_for_each(|pending| writeln!(text, "{}", words::pending(pending)))
        }
    };
    if status.passkeys > 0 {
        let _ = writeln!(text, "Passkeys: {}. See: keepsake passkey list", status.passkeys);
    }
    if status.kits > 0 {
        let _ = writeln!(text, "Recovery kits: {}", status.kits);
    }
    if status.backups.is_empty() {
        text.push_str("Backups: none yet. Make one: keepsake backup create --repo FOLDER\n");
    }
    for place in &status.backups {
        let last =
            place.last_backup.map_or("never".into(), |at| when(at.saturating_mul(1000)) + " UTC");
        let _ = writeln!(
            text,
            "Backup: {}, last {last}, {} changes since",
            place.url, place.pending_changes
        );
    }
    if status.device_key == KeyStore::File {
        text.push_str("This computer's key is in a file, not in a keyring: whoever can read your files can open the chats here.\n");
    }
    text
}
