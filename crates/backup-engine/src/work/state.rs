//! What a backup is like now: its newest state, its index, and what that state holds.

use crate::error::BackupError;
use crate::format::Catalog;
use crate::objects::{Index, ObjectReader};
use crate::repository::{Newest, Repository, Snapshot};

/// How often everything is read again while something is missing: a prune that began before may
/// still be deleting what it had gathered elsewhere.
const LOOKS: usize = 4;

/// Read at one moment.
pub(crate) struct State {
    pub head: Option<Snapshot>,
    /// All that the head holds, as far as it can be read.
    pub whole: Catalog,
    pub known: Index,
    /// Why snapshots younger than the head cannot be read.
    pub younger: Vec<BackupError>,
    /// Why catalogs of the head cannot be read.
    pub damage: Vec<BackupError>,
}

impl Repository {
    /// # Errors
    /// `Store` when the place cannot be listed or read.
    pub(crate) fn state(&self) -> Result<State, BackupError> {
        let mut state = self.look()?;
        for _ in 1..LOOKS {
            if state.damage.is_empty() && state.younger.is_empty() {
                break;
            }
            self.store.refresh();
            let again = self.look()?;
            let same = told(&again) == told(&state);
            state = again;
            if same {
                break;
            }
        }
        Ok(state)
    }

    fn look(&self) -> Result<State, BackupError> {
        let Newest { snapshot: head, problems: younger } = self.newest()?;
        let known = Index::load(self.store.as_ref(), &self.keys)?;
        let mut reader = ObjectReader::new(self.store.as_ref(), &self.keys, &known);
        let read = head.as_ref().map(|head| reader.catalogs(&head.manifest)).transpose()?;
        let (mut whole, damage) = read.unwrap_or_default();
        whole.settle_missing();
        Ok(State { head, whole, known, younger, damage })
    }
}

fn told(state: &State) -> Vec<String> {
    state.younger.iter().chain(&state.damage).map(ToString::to_string).collect()
}
