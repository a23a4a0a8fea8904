//! Long work: each job has a number that the window chose, tells its progress as an event, can be
//! stopped, and outlives the page that began it.

use app::{AppError, Progress, Watch};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tauri::ipc::{CommandArg, CommandItem, InvokeError};
use tauri::{AppHandle, Manager, Wry};
use tauri_specta::Event;

/// Often enough to look alive; a message for each record would drown the window.
const BETWEEN_EVENTS: Duration = Duration::from_millis(80);

/// A job has begun.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct JobBegan {
    pub job: u32,
    /// As [`RunningJob::work`].
    pub work: String,
}

/// Where a job is.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct JobProgress {
    pub job: u32,
    pub progress: Progress,
}

/// A job has ended. Who began it has its answer; this is for a page that was loaded since.
#[derive(Clone, Serialize, specta::Type, Event)]
pub(crate) struct JobEnded {
    pub job: u32,
    /// Why it failed; null when it is done.
    pub error: Option<AppError>,
}

/// A job that runs.
#[derive(Clone, Serialize, specta::Type)]
pub(crate) struct RunningJob {
    pub job: u32,
    /// The command that it carries out: `import_chats`.
    pub work: String,
    pub progress: Option<Progress>,
}

struct Running {
    work: String,
    stop: Arc<AtomicBool>,
    progress: Option<Progress>,
}

/// The jobs that run now. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<Mutex<BTreeMap<u32, Running>>>);

impl Jobs {
    /// None if a job with this number runs already.
    fn start(&self, number: u32, work: &str, window: Option<AppHandle>) -> Option<Job> {
        let stop = Arc::new(AtomicBool::new(false));
        let running = Running { work: work.into(), stop: Arc::clone(&stop), progress: None };
        let mut jobs = self.lock();
        if jobs.contains_key(&number) {
            return None;
        }
        jobs.insert(number, running);
        drop(jobs);
        if let Some(window) = &window {
            let _ = JobBegan { job: number, work: work.into() }.emit(window);
        }
        let jobs = self.clone();
        Some(Job { number, window, stop, jobs, last: Mutex::default(), error: Mutex::default() })
    }

    /// All that run, the eldest number first.
    pub(crate) fn running(&self) -> Vec<RunningJob> {
        let one = |(job, running): (&u32, &Running)| RunningJob {
            job: *job,
            work: running.work.clone(),
            progress: running.progress.clone(),
        };
        self.lock().iter().map(one).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Asks a job to stop at its next safe point. A job that has ended is left alone.
    pub(crate) fn cancel(&self, job: u32) {
        if let Some(running) = self.lock().get(&job) {
            running.stop.store(true, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Running>> {
        locked(&self.0)
    }
}

/// One job's side, as a command gets it in place of the number: dropped when the job ends.
pub(crate) struct Job {
    number: u32,
    window: Option<AppHandle>,
    stop: Arc<AtomicBool>,
    jobs: Jobs,
    last: Mutex<Option<(Instant, String)>>,
    error: Mutex<Option<AppError>>,
}

impl Job {
    /// Remembers how the work ended, and hands it on.
    pub(crate) fn end<T>(&self, answer: Result<T, AppError>) -> Result<T, AppError> {
        *locked(&self.error) = answer.as_ref().err().cloned();
        answer
    }

    /// The first word of each phase, its end, and now and then between.
    fn due(&self, what: &str, done: bool) -> bool {
        let mut last = locked(&self.last);
        let quiet =
            matches!(&*last, Some((at, phase)) if phase == what && at.elapsed() < BETWEEN_EVENTS);
        if quiet && !done {
            return false;
        }
        *last = Some((Instant::now(), what.to_string()));
        true
    }
}

impl Watch for Job {
    fn progress(&self, progress: Progress) {
        if !self.due(&progress.what, progress.total == Some(progress.done)) {
            return;
        }
        if let Some(running) = self.jobs.lock().get_mut(&self.number) {
            running.progress = Some(progress.clone());
        }
        if let Some(window) = &self.window {
            // A window that is closing has nobody to tell.
            let _ = JobProgress { job: self.number, progress }.emit(window);
        }
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.jobs.lock().remove(&self.number);
        if let Some(window) = &self.window {
            let error = locked(&self.error).take();
            let _ = JobEnded { job: self.number, error }.emit(window);
        }
    }
}

impl<'de> CommandArg<'de, Wry> for Job {
    fn from_command(command: CommandItem<'de, Wry>) -> Result<Self, InvokeError> {
        let window = command.message.webview_ref().app_handle().clone();
        let work = command.name;
        let number = u32::from_command(command)?;
        let jobs = window.state::<Jobs>().inner().clone();
        jobs.start(number, work, Some(window))
            .ok_or_else(|| InvokeError::from(format!("job {number} runs already")))
    }
}

/// The page sends a number.
impl specta::Type for Job {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        u32::definition(types)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::Unit;

    fn job(jobs: &Jobs, number: u32) -> Job {
        jobs.start(number, "import_chats", None).unwrap()
    }

    #[test]
    fn only_the_named_job_is_stopped() {
        let jobs = Jobs::default();
        let [one, two] = [1, 2].map(|number| job(&jobs, number));
        jobs.cancel(1);
        jobs.cancel(3);
        assert!(one.cancelled());
        assert!(!two.cancelled());
    }

    #[test]
    fn a_job_that_ended_is_forgotten() {
        let jobs = Jobs::default();
        drop(job(&jobs, 1));
        assert!(jobs.is_empty());
    }

    #[test]
    fn a_page_that_is_loaded_anew_finds_what_runs_and_where_it_is() {
        let jobs = Jobs::default();
        let import = job(&jobs, 7);
        let done = Progress { what: "Reading".into(), done: 3, total: Some(9), unit: Unit::Bytes };
        import.progress(done);
        let found = jobs.running();
        assert_eq!((found[0].job, found[0].work.as_str()), (7, "import_chats"));
        assert_eq!(found[0].progress.as_ref().map(|p| p.done), Some(3));
    }

    #[test]
    fn a_number_is_given_to_one_job_at_a_time() {
        let jobs = Jobs::default();
        let first = job(&jobs, 1);
        assert!(jobs.start(1, "restore", None).is_none());
        drop(first);
        assert!(jobs.start(1, "restore", None).is_some());
    }

    #[test]
    fn each_phase_is_reported_at_once_and_then_seldom() {
        let jobs = Jobs::default();
        let one = job(&jobs, 1);
        assert!(one.due("Reading", false));
        assert!(!one.due("Reading", false));
        assert!(one.due("Reading", true));
        assert!(one.due("Writing", false));
    }
}
