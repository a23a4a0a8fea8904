//! Long work: each job has a number that the window chose, tells its progress as an event, and can
//! be stopped.

use app::{Progress, Watch};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::AppHandle;
use tauri_specta::Event;

/// Often enough to look alive; a message for each record would drown the window.
const BETWEEN_EVENTS: Duration = Duration::from_millis(80);

/// Where a job is.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct JobProgress {
    pub job: u32,
    pub progress: Progress,
}

type Flags = Arc<Mutex<HashMap<u32, Arc<AtomicBool>>>>;

/// The jobs that run now.
#[derive(Default)]
pub(crate) struct Jobs(Flags);

impl Jobs {
    pub(crate) fn start(&self, window: AppHandle, job: u32) -> JobWatch {
        let stop = Arc::new(AtomicBool::new(false));
        lock(&self.0).insert(job, Arc::clone(&stop));
        JobWatch {
            job,
            window: Some(window),
            stop,
            jobs: Arc::clone(&self.0),
            last: Mutex::default(),
        }
    }

    /// Asks a job to stop at its next safe point. A job that has ended is left alone.
    pub(crate) fn cancel(&self, job: u32) {
        if let Some(stop) = lock(&self.0).get(&job) {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

/// One job's side: dropped when the job ends.
pub(crate) struct JobWatch {
    job: u32,
    window: Option<AppHandle>,
    stop: Arc<AtomicBool>,
    jobs: Flags,
    last: Mutex<Option<(Instant, String)>>,
}

impl Watch for JobWatch {
    fn progress(&self, progress: Progress) {
        let done = progress.total == Some(progress.done);
        if !self.due(&progress.what, done) {
            return;
        }
        if let Some(window) = &self.window {
            // A window that is closing has nobody to tell.
            let _ = JobProgress { job: self.job, progress }.emit(window);
        }
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl JobWatch {
    /// The first word of each phase, its end, and now and then between.
    fn due(&self, what: &str, done: bool) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet =
            matches!(&*last, Some((at, phase)) if phase == what && at.elapsed() < BETWEEN_EVENTS);
        if quiet && !done {
            return false;
        }
        *last = Some((Instant::now(), what.to_string()));
        true
    }
}

impl Drop for JobWatch {
    fn drop(&mut self) {
        lock(&self.jobs).remove(&self.job);
    }
}

fn lock(flags: &Flags) -> std::sync::MutexGuard<'_, HashMap<u32, Arc<AtomicBool>>> {
    flags.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(jobs: &Jobs, job: u32) -> JobWatch {
        let stop = Arc::new(AtomicBool::new(false));
        lock(&jobs.0).insert(job, Arc::clone(&stop));
        JobWatch { job, window: None, stop, jobs: Arc::clone(&jobs.0), last: Mutex::default() }
    }

    #[test]
    fn only_the_named_job_is_stopped() {
        let jobs = Jobs::default();
        let (one, two) = (watch(&jobs, 1), watch(&jobs, 2));
        jobs.cancel(1);
        jobs.cancel(3);
        assert!(one.cancelled());
        assert!(!two.cancelled());
    }

    #[test]
    fn a_job_that_ended_is_forgotten() {
        let jobs = Jobs::default();
        drop(watch(&jobs, 1));
        assert!(lock(&jobs.0).is_empty());
    }

    #[test]
    fn each_phase_is_told_at_once_and_then_seldom() {
        let jobs = Jobs::default();
        let one = watch(&jobs, 1);
        assert!(one.due("Reading", false));
        assert!(!one.due("Reading", false));
        assert!(one.due("Reading", true));
        assert!(one.due("Writing", false));
    }
}
