//! The consensus store against openraft's own suite.
#![allow(clippy::unwrap_used)]

use openraft::StorageError;
use openraft::testing::{StoreBuilder, Suite};
use tempfile::TempDir;
use vault_protocol::FleetId;
use vault_server::consensus::Vault;
use vault_server::consensus::store::{self, LogStore, StateMachine};
use vault_state::FleetKeys;

struct InTempDir;

impl StoreBuilder<Vault, LogStore, StateMachine, TempDir> for InTempDir {
    async fn build(&self) -> Result<(TempDir, LogStore, StateMachine), StorageError<u64>> {
        let dir = tempfile::tempdir().unwrap();
        let keys = FleetKeys { fleet_id: FleetId([1; 16]), epoch: 1, threshold: 2, receipt_keys: vec![] };
        let (log, machine, _) = store::open(dir.path(), keys).unwrap();
        Ok((dir, log, machine))
    }
}

#[test]
fn the_store_does_what_raft_relies_on() {
    Suite::test_all(InTempDir).unwrap();
}
