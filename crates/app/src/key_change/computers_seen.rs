//! The computers in the headers of the backups that can be looked at now.

use super::plan::Named;
use crate::backup::destinations;
use crate::model::{ComputerView, WayBack};
use crate::progress::blocking;
use crate::{Keepsake, Result};
use std::collections::BTreeMap;

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
                    seen.vault_is_used |= ways
                        .iter()
                        .any(|way| matches!(way, WayBack::RecoveryCode | WayBack::Passkey));
                    for computer in repository.header().computers(repository.key())? {
                        let named = Named {
                            id: computer.id.clone(),
                            name: computer.name,
                            joined: computer.joined,
                        };
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
