//! Whose state a directory holds.
//!
//! A site that lost its disk has forgotten its votes and its count of guesses. Coming back empty under its old name it
//! could vote twice and evaluate again, so an empty directory is refused unless the fleet is new (`fresh: true`).

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use vault_protocol::{FleetId, SiteIndex};

const MARKER: &str = "site.json";
/// Written before the marker, so a directory with the marker has them.
const FILES: [&str; 2] = ["consensus.sqlite", "local.sqlite"];

#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    #[error(
        "{0} holds no state. If this site's fleet is new, set \"fresh\": true for its first start. If the site lost its \
         disk, it must not come back under its old name: run a new ceremony for it"
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
pub struct Owner {
    pub fleet_id: FleetId,
    pub epoch: u64,
    pub site: SiteIndex,
}

/// Checks the directory before anything in it is opened.
pub fn check(dir: &Path, owner: &Owner, fresh: bool) -> Result<(), StateDirError> {
    let path = dir.join(MARKER);
    let io = |e: &dyn std::fmt::Display| StateDirError::Io { path: path.clone(), reason: e.to_string() };
    match std::fs::read(&path) {
        Ok(bytes) => {
            let found: Owner = serde_json::from_slice(&bytes).map_err(|e| io(&e))?;
            if found != *owner {
                let Owner { fleet_id, epoch, site } = found;
                return Err(StateDirError::Other { dir: dir.into(), site, fleet_id, epoch });
            }
            if FILES.iter().any(|file| !dir.join(file).exists()) {
                return Err(StateDirError::Incomplete(dir.into()));
            }
            Ok(())
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && fresh => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(StateDirError::Empty(dir.into())),
        Err(e) => Err(io(&e)),
    }
}

/// Marks the directory as this site's, once its files exist.
pub fn mark(dir: &Path, owner: &Owner) -> Result<(), StateDirError> {
    use crate::hsm::private_file::{Readers, write_whole};
    let path = dir.join(MARKER);
    if path.exists() {
        return Ok(());
    }
    let io = |e: &dyn std::fmt::Display| StateDirError::Io { path: path.clone(), reason: e.to_string() };
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
    fn an_empty_directory_needs_a_word() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(check(dir.path(), &owner(1), false), Err(StateDirError::Empty(_))));
        assert!(check(dir.path(), &owner(1), true).is_ok());
    }

    #[test]
    fn a_marked_directory_without_its_files_is_refused_even_when_fresh() {
        let dir = tempfile::tempdir().unwrap();
        mark(dir.path(), &owner(1)).unwrap();
        assert!(matches!(check(dir.path(), &owner(1), true), Err(StateDirError::Incomplete(_))));
    }

    #[test]
    fn another_sites_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        mark(dir.path(), &owner(1)).unwrap();
        assert!(matches!(check(dir.path(), &owner(2), true), Err(StateDirError::Other { .. })));
    }
}
