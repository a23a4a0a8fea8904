//! A site's state machine on disk, and the way of a snapshot from one to another.

use openraft::storage::RaftStateMachine;
use openraft::{CommittedLeaderId, Entry, EntryPayload, LogId, RaftSnapshotBuilder};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use vault_protocol::{FleetId, Point};
use vault_server::consensus::Vault;
use vault_server::consensus::store::{self, Reader, StateMachine};
use vault_state::{Command, FleetKeys};

pub const FLEET: FleetId = FleetId([1; 16]);

pub fn open() -> (TempDir, StateMachine, Reader) {
    let dir = tempfile::tempdir().unwrap();
    let keys = FleetKeys { fleet_id: FLEET, epoch: 1, threshold: 2, receipt_keys: vec![Point([4; 65]); 3] };
    let (_, machine, reader) = store::open(dir.path(), keys).unwrap();
    (dir, machine, reader)
}

pub fn entry(index: u64, command: Command) -> Entry<Vault> {
    Entry { log_id: LogId::new(CommittedLeaderId::new(1, 1), index), payload: EntryPayload::Normal(command) }
}

/// Moves a snapshot as the network does, changing its bytes on the way.
pub async fn transfer(from: &mut StateMachine, to: &mut StateMachine, change: impl FnOnce(&mut Vec<u8>)) -> bool {
    let mut snapshot = from.get_snapshot_builder().await.build_snapshot().await.unwrap();
    let mut bytes = vec![];
    snapshot.snapshot.read_to_end(&mut bytes).await.unwrap();
    change(&mut bytes);
    let mut received = to.begin_receiving_snapshot().await.unwrap();
    received.write_all(&bytes).await.unwrap();
    received.flush().await.unwrap();
    received.rewind().await.unwrap();
    to.install_snapshot(&snapshot.meta, received).await.is_ok()
}
