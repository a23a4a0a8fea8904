//! Whose state a directory holds.
//!
//! A site that lost its disk has forgotten its votes. Coming back empty under its old name it could
//! vote twice, so an empty directory is taken only where the configuration says how the device's
//! log began to be this site's: if the device has worked since, its log does not go on from there,
//! and the site refuses to serve.

use crate::accounts::SqliteStore;
use durable_files::{Readers, create_dirs, read_if_there, write_whole};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use vault_protocol::{FleetId, SiteIndex};

const MARKER: &str = "site.json";
/// An id of 32 digits and two numbers, rounded far up.
const MAX_MARKER: u64 = 4096;

#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    #[error(
        "{0} holds no state, and the configuration has no \"log_anchor\" to begin from. If this site's \
         fleet is new, take it from the ceremony's device.json. If the site lost its disk, it must not come \
         back under its old name: its device needs a new ceremony"
    )]
    Empty(PathBuf),
    #[error("{dir} belongs to site {site} of fleet {fleet_id}, epoch {epoch}")]
    Other { dir: PathBuf, site: SiteIndex, fleet_id: FleetId, epoch: u64 },
    #[error("{0} was this site's, but a part of its state is missing")]
    Incomplete(PathBuf),
    #[error("{path}: {reason}")]
    Io { path: PathBuf, reason: String },
}

/// Who the state belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub fleet_id: FleetId,
    pub epoch: u64,
    pub site: SiteIndex,
}

/// Checks the directory before anything in it is opened, and makes it if it is not there: for a
/// first start, of which the beginning is known.
///
/// # Errors
/// [`StateDirError`]
pub(crate) fn prepare(dir: &Path, owner: &Owner, has_anchor: bool) -> Result<(), StateDirError> {
    let path = dir.join(MARKER);
    let io =
        |e: &dyn std::fmt::Display| StateDirError::Io { path: path.clone(), reason: e.to_string() };
    match read_if_there(&path, MAX_MARKER).map_err(|e| io(&e))? {
        Some(bytes) => check(dir, owner, &serde_json::from_slice(&bytes).map_err(|e| io(&e))?),
        None if has_anchor => create_dirs(dir).map_err(|e| io(&e)),
        None => Err(StateDirError::Empty(dir.into())),
    }
}

fn check(dir: &Path, owner: &Owner, found: &Owner) -> Result<(), StateDirError> {
    if found != owner {
        let Owner { fleet_id, epoch, site } = *found;
        return Err(StateDirError::Other { dir: dir.into(), site, fleet_id, epoch });
    }
    // Written before the marker, so a directory with the marker has it.
    match dir.join(SqliteStore::FILE).exists() {
        true => Ok(()),
        false => Err(StateDirError::Incomplete(dir.into())),
    }
}

/// Marks the directory as this site's, once its files exist.
///
/// # Errors
/// [`StateDirError::Io`]
pub(crate) fn mark(dir: &Path, owner: &Owner) -> Result<(), StateDirError> {
    let path = dir.join(MARKER);
    if path.exists() {
        return Ok(());
    }
    let io =
        |e: &dyn std::fmt::Display| StateDirError::Io { path: path.clone(), reason: e.to_string() };
    let bytes = serde_json::to_vec(owner).map_err(|e| io(&e))?;
    write_whole(&path, &bytes, Readers::Owner).map_err(|e| io(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(site: u8) -> Owner {
        Owner { fleet_id: FleetId([1; 16]), epoch: 1, site: SiteIndex(site) }
    }

    #[test]
    fn an_empty_directory_needs_a_beginning() {
        let dir = tempfile::tempdir().unwrap();
        let refused = prepare(dir.path(), &owner(1), false);
        assert!(matches!(refused, Err(StateDirError::Empty(_))));
        assert!(prepare(dir.path(), &owner(1), true).is_ok());
    }

    #[test]
    fn a_marked_directory_without_its_files_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        mark(dir.path(), &owner(1)).unwrap();
        let refused = prepare(dir.path(), &owner(1), true);
        assert!(matches!(refused, Err(StateDirError::Incomplete(_))));
    }

    #[test]
    fn another_sites_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        mark(dir.path(), &owner(1)).unwrap();
        let refused = prepare(dir.path(), &owner(2), true);
        assert!(matches!(refused, Err(StateDirError::Other { .. })));
    }
}
