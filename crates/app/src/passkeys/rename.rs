//! Giving a passkey another name.

use super::checked_name::checked_name;
use super::known_passkeys::{names, unknown};
use crate::{Keepsake, Result};

/// Gives a passkey another name on this computer. No site learns it.
pub fn rename_passkey(keepsake: &Keepsake, id: &str, name: &str) -> Result<()> {
    let name = checked_name(name)?;
    let mut passkeys = keepsake.passkeys()?;
    let kept =
        passkeys.kept.iter_mut().find(|kept| names(id, &kept.digest)).ok_or_else(|| unknown(id))?;
    kept.name = name;
    keepsake.keep_passkeys(&passkeys)
}
