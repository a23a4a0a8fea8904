use super::known_passkeys::{names, unknown};
use crate::{AppError, Keepsake, NextStep, Result};

/// A line in a list.
const MAX_NAME: usize = 60;

/// Gives a passkey another name on this computer. No site learns it.
pub fn rename_passkey(keepsake: &Keepsake, id: &str, name: &str) -> Result<()> {
    let name = checked_name(name)?;
    let mut passkeys = keepsake.passkeys()?;
    let kept = passkeys.kept.iter_mut().find(|kept| names(id, &kept.digest)).ok_or_else(|| unknown(id))?;
    kept.name = name;
    keepsake.keep_passkeys(&passkeys)
}

pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(AppError::new(
            "bad_name",
            format!("A passkey's name has 1 to {MAX_NAME} characters."),
            "Nothing was changed.",
            NextStep::NamePasskeyAnew,
        ));
    }
    Ok(name)
}
