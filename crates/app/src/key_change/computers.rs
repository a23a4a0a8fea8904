//! The computers that open the person's backups.

use super::plan::Named;
use crate::backup::destinations;
use crate::model::{ComputerView, Computers};
use crate::progress::blocking;
use crate::{Keepsake, Result};
use std::collections::BTreeMap;

/// The computers that have a slot in any backup that can be looked at now. A computer has one once it has backed up.
///
/// # Errors
/// `no_backup_key`.
pub async fn computers(keepsake: &Keepsake) -> Result<Computers> {
    let mut seen = look(keepsake).await?;
    let own = keepsake.local_key().computer_key().id();
    seen.computers.sort_by_key(|c| (c.id != own, c.joined));
    let computers = seen.computers.iter().map(|c| view(c, c.id == own)).collect();
    Ok(Computers { computers, not_seen: seen.not_seen })
}

pub(super) struct Seen {
    /// Each once, this one among them.
    pub computers: Vec<Named>,
    pub not_seen: Vec<String>,
    /// A code or a passkey is a way into one of the backups.
    pub vault_is_used: bool,
}

pub(super) async fn look(keepsake: &Keepsake) -> Result<Seen> {
    let keepsake = keepsake.clone();
    blocking(move || {
        keepsake.backup_key()?.ok_or_else(crate::AppError::no_backup_key)?;
        let mut found = BTreeMap::new();
        let mut seen = Seen { computers: vec![], not_seen: vec![], vault_is_used: false };
        for place in keepsake.destinations()? {
            match destinations::open(&keepsake, &place.url) {
                Ok(repository) => {
                    let ways = destinations::ways_back(repository.header());
                    seen.vault_is_used |= ways.iter().any(|way| way == "recovery_code" || way == "passkey");
                    for computer in repository.header().computers(repository.key())? {
                        let named = Named { id: computer.id.clone(), name: computer.name, joined: computer.joined };
                        found.entry(computer.id).or_insert(named);
                    }
                }
                Err(error) => seen.not_seen.push(format!("{}: {}", place.url, error.happened)),
            }
        }
        seen.computers = found.into_values().collect();
        Ok(seen)
    })
    .await
}

pub(super) fn view(computer: &Named, this_computer: bool) -> ComputerView {
    ComputerView {
        id: computer.id.0.clone(),
        name: computer.name.clone(),
        joined: i64::try_from(computer.joined).unwrap_or(i64::MAX),
        this_computer,
    }
}
