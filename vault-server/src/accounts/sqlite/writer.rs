//! The one thread that writes, and how steps share its transactions.

use crate::accounts::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Steps of one transaction: more would make the first wait for the last.
const MAX_BATCH: usize = 256;
/// With nothing to do for this long, the write-ahead log is emptied if something was erased.
const QUIET: Duration = Duration::from_millis(500);
/// What was erased is overwritten within this time although there is always something to do.
const ERASE_WITHIN: Duration = Duration::from_secs(60);

/// Runs in the writer's transaction, or hears why there is none.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>, &mut Noted) -> Reply + Send>;
/// Told after the commit.
type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// What is to be known of a transaction beside its steps' answers.
#[derive(Default)]
pub(super) struct Noted {
    /// Something was erased.
    pub erased: bool,
    /// Why a step was not stored, if it was the engine's fault.
    failed: Option<StoreError>,
}

/// Hands steps to the thread. Clones share it; it ends when it is closed, or with the last of them.
#[derive(Clone)]
pub(super) struct Writer {
    running: Arc<Mutex<Option<Running>>>,
    failure: Failure,
}

struct Running {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

/// Why the last transaction failed; none if it did not. Each change is said once in the log.
#[derive(Clone, Default)]
struct Failure(Arc<Mutex<Option<String>>>);

impl Failure {
    fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, done: Result<(), &StoreError>) {
        let mut failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (done, &*failure) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => {
                tracing::info!("the storage takes writes again");
                *failure = None;
            }
            (Err(error), before) => {
                let error = error.to_string();
                if before.as_ref() != Some(&error) {
                    tracing::error!(%error, "nothing is stored");
                }
                *failure = Some(error);
            }
        }
    }
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, waiting) = channel();
        let failure = Failure::default();
        let noted = failure.clone();
        let failed = |e: std::io::Error| StoreError::Failed(e.to_string());
        let thread = std::thread::Builder::new().name("store writer".into());
        let thread = thread.spawn(move || run(&connection, &waiting, &noted)).map_err(failed)?;
        Ok(Self { running: Arc::new(Mutex::new(Some(Running { jobs, thread }))), failure })
    }

    /// Finishes what was handed over, closes the file, and takes nothing more.
    pub(super) async fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { jobs, thread }) = running else { return };
        drop(jobs);
        // If the thread panicked, it is closed as well.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }

    /// Why the last transaction failed; none if it did not.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.get()
    }

    /// Runs `step` in a savepoint; its result is durable on return. Goes on although the caller
    /// goes away.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection, &mut Noted) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let job = |connection: Result<&Connection, StoreError>, noted: &mut Noted| -> Reply {
            let done = connection.and_then(|c| in_savepoint(c, |c| step(c, noted)));
            if let Err(error @ StoreError::Failed(_)) = &done {
                noted.failed = Some(error.clone());
            }
            Box::new(move |committed: Result<(), StoreError>| {
                // Nobody may be waiting any more.
                let _ = tell.send(committed.and(done));
            })
        };
        self.send(Box::new(job))?;
        told.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.as_ref().ok_or_else(stopped)?;
        running.jobs.send(job).map_err(|_| stopped())
    }
}

fn stopped() -> StoreError {
    StoreError::Failed("its thread has stopped".into())
}

fn run(connection: &Connection, jobs: &Receiver<Job>, failure: &Failure) {
    let mut erased_at: Option<Instant> = None;
    loop {
        let first = match jobs.recv_timeout(QUIET) {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => {
                erased_at = erased_at.filter(|_| !empty_log(connection));
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if transaction(connection, first, jobs, failure) {
            erased_at = erased_at.or_else(|| Some(Instant::now()));
        }
        if erased_at.is_some_and(|at| at.elapsed() > ERASE_WITHIN) && empty_log(connection) {
            erased_at = None;
        }
    }
    if erased_at.is_some() {
        empty_log(connection);
    }
}

/// Runs a job, and those that wait behind it, in one transaction; says whether something was
/// erased.
fn transaction(
    connection: &Connection,
    first: Job,
    jobs: &Receiver<Job>,
    failure: &Failure,
) -> bool {
    let mut noted = Noted::default();
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from) {
        failure.note(Err(&error));
        first(Err(error.clone()), &mut noted)(Err(error));
        return false;
    }
    let mut replies = vec![first(Ok(connection), &mut noted)];
    // A full disk rolls the whole transaction back by itself: nothing may follow then.
    while replies.len() < MAX_BATCH && !connection.is_autocommit() {
        match jobs.try_recv() {
            Ok(job) => replies.push(job(Ok(connection), &mut noted)),
            Err(_) => break,
        }
    }
    let committed = connection.execute_batch("COMMIT").map_err(StoreError::from);
    failure.note(match (&noted.failed, &committed) {
        (Some(error), _) | (None, Err(error)) => Err(error),
        (None, Ok(())) => Ok(()),
    });
    if committed.is_err() && !connection.is_autocommit() {
        // If even this fails, the next transaction cannot begin, and says so.
        let _ = connection.execute_batch("ROLLBACK");
    }
    replies.into_iter().for_each(|reply| reply(committed.clone()));
    noted.erased && committed.is_ok()
}

fn in_savepoint<T>(
    connection: &Connection,
    step: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT step")?;
    let done = catch_unwind(AssertUnwindSafe(|| step(connection)));
    let done = done.unwrap_or_else(|_| Err(StoreError::Failed("a step panicked".into())));
    match done {
        Ok(done) => connection.execute_batch("RELEASE step").map(|()| done).map_err(Into::into),
        Err(error) => {
            // It fails if the whole transaction was rolled back, which is as good.
            let _ = connection.execute_batch("ROLLBACK TO step; RELEASE step");
            Err(error)
        }
    }
}

/// Copies the write-ahead log into the file and cuts it to nothing, so that what was erased is
/// nowhere; says whether it did.
fn empty_log(connection: &Connection) -> bool {
    let busy =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    matches!(busy, Ok(0))
}
