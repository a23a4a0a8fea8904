//! Connections that see the last commit.

use super::schema;
use crate::accounts::StoreError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Reads at once. Each has a page cache of 2 MiB.
const READERS: usize = 4;

/// Clones share the connections.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    dir: PathBuf,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn of(dir: &Path) -> Self {
        let turns = Arc::new(Semaphore::new(READERS));
        Self(Arc::new(Pool { dir: dir.to_owned(), turns, idle: Mutex::default() }))
    }

    /// Runs `step` on one consistent view.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let stopped = || StoreError::Failed("a read was stopped".into());
        let turn = self.0.turns.clone().acquire_owned().await.map_err(|_| stopped())?;
        let pool = self.0.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut connection = pool.take()?;
            let done = step(&*connection.transaction()?);
            pool.give_back(connection);
            done
        });
        task.await.map_err(|_| stopped())?
    }
}

impl Readers {
    /// Waits for the reads that are under way, and closes the file.
    pub(super) async fn close(&self) {
        let all = self.0.turns.acquire_many(READERS as u32).await;
        self.0.turns.close();
        drop(all);
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Pool {
    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| schema::open_reader(&self.dir), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
