//! openraft's state machine over [`Database`].

use super::accounts::Rows;
use super::{reading, snapshot, writing};
use crate::consensus::Vault;
use crate::database::{Database, StoreError};
use crate::database::{get, put};
use crate::webauthn::verifier;
use openraft::storage::RaftStateMachine;
use openraft::{
    EmptyNode, Entry, EntryPayload, LogId, OptionalSend, RaftSnapshotBuilder, Snapshot, SnapshotMeta, StorageError,
    StoredMembership,
};
use rusqlite::Connection;
use std::sync::Arc;
use vault_state::{FleetKeys, Outcome, apply};

const APPLIED: &str = "applied";
const MEMBERSHIP: &str = "membership";

pub(super) type Membership = StoredMembership<u64, EmptyNode>;
pub(super) type Meta = SnapshotMeta<u64, EmptyNode>;

/// Applies commands, each batch with its log id in one transaction.
pub struct StateMachine {
    database: Database,
    keys: Arc<FleetKeys>,
}

impl StateMachine {
    pub(super) fn new(database: Database, keys: FleetKeys) -> Self {
        Self { database, keys: Arc::new(keys) }
    }
}

impl RaftStateMachine<Vault> for StateMachine {
    type SnapshotBuilder = SnapshotBuilder;

    async fn applied_state(&mut self) -> Result<(Option<LogId<u64>>, Membership), StorageError<u64>> {
        self.database.read(applied_state).await.map_err(reading)
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Outcome>, StorageError<u64>>
    where
        I: IntoIterator<Item = Entry<Vault>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<_> = entries.into_iter().collect();
        let keys = self.keys.clone();
        self.database.write(move |connection| apply_all(connection, &keys, entries)).await.map_err(writing)
    }

    async fn get_snapshot_builder(&mut self) -> SnapshotBuilder {
        SnapshotBuilder(self.database.clone())
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<tokio::fs::File>, StorageError<u64>> {
        let file = snapshot::receiving(self.database.dir()).map_err(writing)?;
        Ok(Box::new(tokio::fs::File::from_std(file)))
    }

    async fn install_snapshot(&mut self, meta: &Meta, data: Box<tokio::fs::File>) -> Result<(), StorageError<u64>> {
        let (meta, keys) = (meta.clone(), self.keys.clone());
        let dir = self.database.dir().to_owned();
        let file = data.into_std().await;
        let sweep = (dir.clone(), meta.clone());
        let install = move |connection: &Connection| {
            snapshot::install(connection, &keys, file)?;
            put_applied(connection, meta.last_log_id, Some(&meta.last_membership))?;
            snapshot::write_file(connection, &dir, &meta)?;
            snapshot::record(connection, &meta)
        };
        self.database.write(install).await.map_err(writing)?;
        snapshot::sweep(&sweep.0, &sweep.1).map_err(writing)
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<Vault>>, StorageError<u64>> {
        let dir = self.database.dir().to_owned();
        let found = self.database.read(move |connection| snapshot::current(connection, &dir)).await.map_err(reading)?;
        Ok(found.map(|(meta, file)| to_raft(meta, file)))
    }
}

/// Writes the state of one moment into a file, while commands go on.
pub struct SnapshotBuilder(Database);

impl RaftSnapshotBuilder<Vault> for SnapshotBuilder {
    async fn build_snapshot(&mut self) -> Result<Snapshot<Vault>, StorageError<u64>> {
        let dir = self.0.dir().to_owned();
        let built = self.0.read(move |connection| {
            let (last_log_id, last_membership) = applied_state(connection)?;
            let snapshot_id = snapshot::name(last_log_id);
            let meta = Meta { last_log_id, last_membership, snapshot_id };
            snapshot::write_file(connection, &dir, &meta)?;
            Ok(meta)
        });
        let meta = built.await.map_err(reading)?;
        let recorded = meta.clone();
        self.0.write(move |connection| snapshot::record(connection, &recorded)).await.map_err(writing)?;
        snapshot::sweep(self.0.dir(), &meta).map_err(writing)?;
        let file = snapshot::open_file(self.0.dir(), &meta).map_err(reading)?;
        Ok(to_raft(meta, file))
    }
}

fn to_raft(meta: Meta, file: std::fs::File) -> Snapshot<Vault> {
    Snapshot { meta, snapshot: Box::new(tokio::fs::File::from_std(file)) }
}

fn applied_state(connection: &Connection) -> Result<(Option<LogId<u64>>, Membership), StoreError> {
    Ok((get(connection, APPLIED)?, get(connection, MEMBERSHIP)?.unwrap_or_default()))
}

fn put_applied(
    connection: &Connection,
    log_id: Option<LogId<u64>>,
    membership: Option<&Membership>,
) -> Result<(), StoreError> {
    if let Some(log_id) = log_id {
        put(connection, APPLIED, &log_id)?;
    }
    membership.map_or(Ok(()), |membership| put(connection, MEMBERSHIP, membership))
}

fn apply_all(
    connection: &Connection,
    keys: &FleetKeys,
    entries: Vec<Entry<Vault>>,
) -> Result<Vec<Outcome>, StoreError> {
    let mut outcomes = Vec::with_capacity(entries.len());
    for Entry { log_id, payload } in entries {
        let mut membership = None;
        outcomes.push(match payload {
            EntryPayload::Blank => Outcome::Nothing,
            EntryPayload::Normal(command) => apply(&mut Rows(connection), keys, verifier(), command)?,
            EntryPayload::Membership(change) => {
                membership = Some(StoredMembership::new(Some(log_id), change));
                Outcome::Nothing
            }
        });
        put_applied(connection, Some(log_id), membership.as_ref())?;
    }
    Ok(outcomes)
}
