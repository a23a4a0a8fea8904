//! Secrets come from the environment, a hidden prompt or standard input; never from an argument in
//! real use.

use crate::failure::{Failure, Result};
use app::RecoverySecret;
use std::io::{BufRead, IsTerminal, Read, Write};
use zeroize::Zeroize;

/// Longer than any code or key.
const MAX_SECRET: u64 = 4096;

/// The recovery code: `KEEPSAKE_RECOVERY_CODE`, or typed, or one line of standard input.
pub(crate) fn recovery_code() -> Result<RecoverySecret> {
    from("KEEPSAKE_RECOVERY_CODE", "Recovery code: ")
}

/// The key of a backup, 24 words or 64 digits: `KEEPSAKE_BACKUP_KEY`, or typed, or one line of
/// standard input.
pub(crate) fn backup_key() -> Result<RecoverySecret> {
    from("KEEPSAKE_BACKUP_KEY", "Key (24 words or 64 digits): ")
}

/// What opens an encrypted export: `KEEPSAKE_EXPORT_KEY`, or typed, or one line of standard input.
pub(crate) fn export_key() -> Result<RecoverySecret> {
    from("KEEPSAKE_EXPORT_KEY", "Key of the export: ")
}

/// The secret of a place for backups: `KEEPSAKE_PLACE_SECRET`, or typed, or one line of standard
/// input.
pub(crate) fn place_secret() -> Result<RecoverySecret> {
    from("KEEPSAKE_PLACE_SECRET", "Password or secret key: ")
}

const OFFLINE_KEY: &str = "KEEPSAKE_OFFLINE_KEY";

/// The offline key: `KEEPSAKE_OFFLINE_KEY`, or typed, or one line of standard input.
pub(crate) fn offline_key() -> Result<RecoverySecret> {
    from(OFFLINE_KEY, "Offline key (24 words or 64 digits): ")
}

/// Whether the environment has an offline key.
pub(crate) fn has_offline_key() -> bool {
    std::env::var_os(OFFLINE_KEY).is_some()
}

/// The PIN of a passkey: `KEEPSAKE_PIN`, or typed, or one line of standard input.
pub(crate) fn pin(prompt: &str) -> Result<RecoverySecret> {
    from("KEEPSAKE_PIN", prompt)
}

/// As [`pin`], typed twice where somebody types.
pub(crate) fn new_pin(prompt: &str) -> Result<RecoverySecret> {
    let first = pin(prompt)?;
    if std::env::var_os("KEEPSAKE_PIN").is_some() || !std::io::stdin().is_terminal() {
        return Ok(first);
    }
    if first.is(&pin("The same PIN again: ")?) {
        return Ok(first);
    }
    let happened = "The two PINs are not the same.";
    Err(Failure::new("pin_typo", happened, "Nothing was done.", "Start again."))
}

fn from(variable: &str, prompt: &str) -> Result<RecoverySecret> {
    if let Ok(value) = std::env::var(variable) {
        return Ok(RecoverySecret::new(value));
    }
    let line = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(prompt)
    } else {
        let mut line = String::new();
        std::io::stdin().lock().take(MAX_SECRET).read_line(&mut line).map(|_| line)
    };
    let mut line = line.map_err(|e| missing(variable, &e.to_string()))?;
    let trimmed = line.trim().to_string();
    line.zeroize();
    if trimmed.is_empty() {
        return Err(missing(variable, "nothing was typed"));
    }
    Ok(RecoverySecret::new(trimmed))
}

/// Asks before one of the last tries. Without a terminal nobody can answer, and `--last-tries` has
/// to say it.
pub(crate) fn confirm_last_tries(tries_left: u8) -> Result<()> {
    let happened = match tries_left {
        0 => return Ok(()),
        1 => "Only 1 try is left.".to_string(),
        n => format!("Only {n} tries are left."),
    };
    if agrees(&format!("{happened} After the last wrong one the vault destroys its copy. Try now?"))
    {
        return Ok(());
    }
    let next = "Make sure of the code, then repeat with --last-tries.";
    Err(Failure::new("last_tries", happened, "No try was spent.", next).with_tries_left(tries_left))
}

/// Asks a person; without a terminal nobody can answer, and that is no.
pub(crate) fn agrees(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    eprint!("{question} [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().take(16).read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

fn missing(variable: &str, why: &str) -> Failure {
    let next = format!("Set {variable}, or give it on standard input.");
    Failure::new(
        "no_secret",
        format!("No code, key or PIN was given ({why})."),
        "Nothing was done.",
        &next,
    )
}
