//! The pipeline behind every write: objects -> workers (compress, seal, gather into packs) -> one writer (sync).
//!
//! Memory: each worker holds one pack (16 MiB), the writer one, one waits; the queue holds a few objects of 2 MiB.

use crate::error::BackupError;
use crate::format::{IndexedPack, ObjectId, ObjectKind, PackBuilder};
use crate::objects::{Index, object_id, write_index_files};
use crate::repository::{Lock, Repository};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

/// Objects that wait for a worker.
const QUEUE: usize = 6;

/// Below this a second worker would only split a small backup over more packs.
const BYTES_PER_WORKER: u64 = 8 * 1024 * 1024;

const MAX_WORKERS: usize = 4;

/// Packs after which the index is written, so that an interrupted backup can go on from there.
const PACKS_PER_INDEX: usize = 64;

struct Job {
    kind: ObjectKind,
    id: ObjectId,
    plain: Vec<u8>,
}

/// Takes objects; what is known already is not written again.
pub(crate) struct PackWriter<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    repository: &'env Repository,
    jobs: SyncSender<Job>,
    waiting: Arc<Mutex<Receiver<Job>>>,
    packs: SyncSender<(Vec<u8>, IndexedPack)>,
    workers: Vec<ScopedJoinHandle<'scope, ()>>,
    writer: ScopedJoinHandle<'scope, Result<Written, BackupError>>,
    submitted: HashSet<ObjectId>,
    bytes: u64,
    /// Set when the writer has given up.
    stopped: Arc<AtomicBool>,
}

/// What was made durable.
#[derive(Default)]
pub(crate) struct Written {
    pub packs: Vec<IndexedPack>,
    pub bytes: u64,
    /// Names of the index files that have the packs.
    pub index_files: Vec<String>,
}

impl<'scope, 'env> PackWriter<'scope, 'env> {
    pub fn start(scope: &'scope Scope<'scope, 'env>, repository: &'env Repository, lock: &'env Lock) -> Self {
        let (jobs, waiting) = sync_channel(QUEUE);
        let (packs, finished) = sync_channel(1);
        let stopped = Arc::new(AtomicBool::new(false));
        let tell = stopped.clone();
        let writer = scope.spawn(move || {
            let written = write_all(repository, lock, &finished);
            tell.store(written.is_err(), Ordering::SeqCst);
            written
        });
        let waiting = Arc::new(Mutex::new(waiting));
        let (workers, submitted) = (Vec::new(), HashSet::new());
        Self { scope, repository, jobs, waiting, packs, workers, writer, submitted, bytes: 0, stopped }
    }

    /// Queues an object unless `known` has it. Returns its name, and whether it is new.
    ///
    /// An error means only that the writer stopped; [`PackWriter::finish`] tells why.
    pub fn add(&mut self, kind: ObjectKind, plain: Vec<u8>, known: &Index) -> Result<(ObjectId, bool), WriterStopped> {
        let id = object_id(&self.repository.keys, kind, &plain);
        if known.contains(&id) || !self.submitted.insert(id) {
            return Ok((id, false));
        }
        if self.stopped.load(Ordering::SeqCst) {
            return Err(WriterStopped);
        }
        if self.workers.is_empty() || self.wants_another_worker() {
            self.spawn_worker();
        }
        self.bytes += plain.len() as u64;
        self.jobs.send(Job { kind, id, plain }).map_err(|_| WriterStopped)?;
        Ok((id, true))
    }

    /// Closes all packs and waits until they are durable and in the index.
    pub fn finish(self) -> Result<Written, BackupError> {
        drop((self.jobs, self.packs, self.waiting));
        for worker in self.workers {
            worker.join().expect("workers do not panic");
        }
        self.writer.join().expect("the writer does not panic")
    }

    fn wants_another_worker(&self) -> bool {
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
        self.workers.len() < cores && self.bytes > BYTES_PER_WORKER * self.workers.len() as u64
    }

    fn spawn_worker(&mut self) {
        let (repository, jobs, packs) = (self.repository, self.waiting.clone(), self.packs.clone());
        self.workers.push(self.scope.spawn(move || fill_packs(repository, &jobs, &packs)));
    }
}

/// The store refused a write. The reason is with the writer.
#[derive(Debug)]
pub(crate) struct WriterStopped;

fn fill_packs(repository: &Repository, jobs: &Mutex<Receiver<Job>>, packs: &SyncSender<(Vec<u8>, IndexedPack)>) {
    let mut pack = None;
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        let filling = pack.get_or_insert_with(|| PackBuilder::new(&repository.keys));
        filling.add(job.kind, job.id, &job.plain);
        if filling.is_full()
            && let Some(full) = pack.take()
            && packs.send(full.finish()).is_err()
        {
            // The writer has stopped. Whoever is just handing over a job must not wait for ever.
            while next().is_ok() {}
            return;
        }
    }
    if let Some(last) = pack.filter(|p| !p.is_empty()) {
        // When the writer has stopped, it says why itself.
        let _ = packs.send(last.finish());
    }
}

fn write_all(
    repository: &Repository,
    lock: &Lock,
    finished: &Receiver<(Vec<u8>, IndexedPack)>,
) -> Result<Written, BackupError> {
    let mut written = Written::default();
    let mut indexed = 0;
    while let Ok((bytes, pack)) = finished.recv() {
        lock.renew()?;
        repository.store.put_new(&pack.id.path(), &bytes)?;
        written.bytes += bytes.len() as u64;
        written.packs.push(pack);
        if written.packs.len() - indexed >= PACKS_PER_INDEX {
            let files = write_index_files(repository.store.as_ref(), &repository.keys, &written.packs[indexed..])?;
            written.index_files.extend(files);
            indexed = written.packs.len();
        }
    }
    let files = write_index_files(repository.store.as_ref(), &repository.keys, &written.packs[indexed..])?;
    written.index_files.extend(files);
    Ok(written)
}
