//! The pipeline behind every write: objects -> workers that compress, seal, gather into packs and
//! write these.
//!
//! While one worker waits for its pack to be durable, the others go on; so there are more of them
//! than cores. Memory: each holds one pack (16 MiB and an object), the queue a few objects of 2
//! MiB.

use crate::error::BackupError;
use crate::format::{IndexedPack, ObjectId, ObjectKind, PackBuilder, PackRoom};
use crate::objects::{Index, object_id};
use crate::repository::{Claim, Repository};
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

/// Memory of media pieces that is used again: as many as wait and are being sealed.
const SPARES: usize = QUEUE + MAX_WORKERS;

struct Job {
    kind: ObjectKind,
    id: ObjectId,
    plain: Vec<u8>,
}

/// Takes objects, from several threads; what is known already is not written again.
pub(crate) struct PackWriter<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    repository: &'env Repository,
    claim: Claim<'env>,
    jobs: SyncSender<Job>,
    waiting: Arc<Mutex<Receiver<Job>>>,
    taken: Mutex<Taken<'scope>>,
    spares: Spares,
    /// Set when a worker has given up.
    stopped: Arc<AtomicBool>,
}

/// What was taken so far.
#[derive(Default)]
struct Taken<'scope> {
    workers: Vec<ScopedJoinHandle<'scope, Result<Vec<IndexedPack>, BackupError>>>,
    submitted: HashSet<ObjectId>,
    bytes: u64,
}

impl Taken<'_> {
    fn wants_another_worker(&self) -> bool {
        let workers = self.workers.len();
        workers == 0 || (workers < MAX_WORKERS && self.bytes > BYTES_PER_WORKER * workers as u64)
    }
}

/// Memory that media pieces had. To get it anew costs the system more than to seal what is in it.
#[derive(Clone, Default)]
struct Spares(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spares {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut memory: Vec<u8>) {
        memory.clear();
        let mut spares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spares.len() < SPARES {
            spares.push(memory);
        }
    }
}

/// What was made durable. No index has it yet.
#[derive(Default)]
pub(crate) struct Written {
    pub packs: Vec<IndexedPack>,
}

impl Written {
    pub(crate) fn bytes(&self) -> u64 {
        self.packs.iter().map(|p| u64::from(p.len)).sum()
    }
}

/// The store refused a write. The reason is with [`PackWriter::finish`].
#[derive(Debug)]
pub(crate) struct WriterStopped;

/// Why handing over objects ended early.
#[derive(Debug)]
pub(crate) enum Stopped {
    Error(BackupError),
    /// A worker knows why.
    Writer,
}

impl From<BackupError> for Stopped {
    fn from(error: BackupError) -> Self {
        Self::Error(error)
    }
}

impl From<WriterStopped> for Stopped {
    fn from(_: WriterStopped) -> Self {
        Self::Writer
    }
}

impl<'scope, 'env> PackWriter<'scope, 'env> {
    pub(crate) fn start(
        scope: &'scope Scope<'scope, 'env>,
        repository: &'env Repository,
        claim: Claim<'env>,
    ) -> Self {
        let (jobs, waiting) = sync_channel(QUEUE);
        Self {
            scope,
            repository,
            claim,
            jobs,
            waiting: Arc::new(Mutex::new(waiting)),
            taken: Mutex::default(),
            spares: Spares::default(),
            stopped: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Queues an object unless `known` has it. Returns its name, and whether it is new.
    ///
    /// # Errors
    /// Only that a worker stopped; [`PackWriter::finish`] tells why.
    pub(crate) fn add(
        &self,
        kind: ObjectKind,
        plain: Vec<u8>,
        known: &Index,
    ) -> Result<(ObjectId, bool), WriterStopped> {
        let id = object_id(&self.repository.keys, kind, &plain);
        self.add_named(kind, id, plain, known)
    }

    /// As [`PackWriter::add`], for an object that has its name: catalogs call it by that, whatever
    /// the key is now.
    ///
    /// # Errors
    /// As [`PackWriter::add`].
    pub(crate) fn add_named(
        &self,
        kind: ObjectKind,
        id: ObjectId,
        plain: Vec<u8>,
        known: &Index,
    ) -> Result<(ObjectId, bool), WriterStopped> {
        if known.offers(&id) || !self.accept(id, plain.len())? {
            return Ok((id, false));
        }
        self.jobs.send(Job { kind, id, plain }).map_err(|_| WriterStopped)?;
        Ok((id, true))
    }

    /// Memory for a media piece.
    pub(crate) fn spare(&self) -> Vec<u8> {
        self.spares.take()
    }

    /// Whether an object is new. Sees to it that there is a worker for it.
    fn accept(&self, id: ObjectId, len: usize) -> Result<bool, WriterStopped> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.submitted.insert(id) {
            return Ok(false);
        }
        if self.stopped.load(Ordering::SeqCst) {
            return Err(WriterStopped);
        }
        if taken.wants_another_worker() {
            taken.workers.push(self.spawn_worker());
        }
        taken.bytes += len as u64;
        Ok(true)
    }

    /// Closes all packs and waits until they are durable.
    ///
    /// # Errors
    /// `DiskFull`, `LockLost`, `Store`: the first that a worker met. What it wrote before stays and
    /// is found again.
    pub(crate) fn finish(self) -> Result<Written, BackupError> {
        drop((self.jobs, self.waiting));
        let taken = self.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended: Vec<_> =
            taken.workers.into_iter().map(|w| w.join().expect("workers do not panic")).collect();
        let packs: Result<Vec<_>, _> = ended.into_iter().collect();
        Ok(Written { packs: packs?.into_iter().flatten().collect() })
    }

    fn spawn_worker(&self) -> ScopedJoinHandle<'scope, Result<Vec<IndexedPack>, BackupError>> {
        let spares = self.spares.clone();
        let worker =
            Worker { repository: self.repository, claim: self.claim, spares, written: Vec::new() };
        let (jobs, stopped) = (self.waiting.clone(), self.stopped.clone());
        self.scope.spawn(move || worker.run(&jobs, &stopped))
    }
}

struct Worker<'env> {
    repository: &'env Repository,
    claim: Claim<'env>,
    spares: Spares,
    written: Vec<IndexedPack>,
}

impl Worker<'_> {
    fn run(
        mut self,
        jobs: &Mutex<Receiver<Job>>,
        stopped: &AtomicBool,
    ) -> Result<Vec<IndexedPack>, BackupError> {
        let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match self.fill_packs(&next) {
            Ok(()) => Ok(self.written),
            Err(error) => {
                stopped.store(true, Ordering::SeqCst);
                // Whoever is just handing over a job must not wait for ever.
                while next().is_ok() {}
                Err(error)
            }
        }
    }

    fn fill_packs<E>(&mut self, next: &impl Fn() -> Result<Job, E>) -> Result<(), BackupError> {
        let mut room = Some(PackRoom::of_full_packs());
        let mut pack = None;
        while let Ok(job) = next() {
            let filling = pack.get_or_insert_with(|| {
                PackBuilder::new(&self.repository.keys, room.take().unwrap_or_default())
            });
            filling.add(job.kind, job.id, &job.plain);
            if job.kind == ObjectKind::Media {
                self.spares.give_back(job.plain);
            }
            if filling.is_full()
                && let Some(full) = pack.take()
            {
                room = Some(self.write(full)?);
            }
        }
        pack.map_or(Ok(()), |last| self.write(last).map(drop))
    }

    fn write(&mut self, pack: PackBuilder) -> Result<PackRoom, BackupError> {
        let pack = pack.finish();
        self.claim.uphold()?;
        self.repository.store.put_new(&pack.indexed.id.path(), &pack.bytes)?;
        let (indexed, room) = pack.room();
        self.written.push(indexed);
        Ok(room)
    }
}
