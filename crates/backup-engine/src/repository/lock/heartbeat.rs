//! Signs of life, from a thread of their own: a step of the work may take long.

use super::BEAT;
use super::holder::{Holder, PATH, read};
use crate::pace::Pace;
use crate::store::Store;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Ends when dropped.
pub(super) struct Heartbeat {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Signal {
    stop: Mutex<bool>,
    stopped: Condvar,
    found_another: AtomicBool,
}

impl Heartbeat {
    pub(super) fn start(store: Arc<dyn Store>, holder: Holder, pace: Arc<dyn Pace>) -> Self {
        let signal = Arc::new(Signal::default());
        let shared = signal.clone();
        let thread = std::thread::spawn(move || {
            while shared.waits() {
                beat(store.as_ref(), &holder, pace.unix_now(), &shared.found_another);
            }
        });
        Self { signal, thread: Some(thread) }
    }

    pub(super) fn found_another(&self) -> bool {
        self.signal.found_another.load(Ordering::Relaxed)
    }
}

impl Signal {
    /// False when it is time to end.
    fn waits(&self) -> bool {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.stopped.wait_timeout_while(stop, BEAT, |stop| !*stop);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// A sign that could not be written is made up for by the next; the work itself notices a place
/// that is gone.
pub(super) fn beat(store: &dyn Store, holder: &Holder, now: u64, found_another: &AtomicBool) {
    match read(store) {
        Ok(Some(current)) if current.id == holder.id => {
            let _ = store.put(PATH, &Holder { renewed: now, ..holder.clone() }.to_bytes());
        }
        Ok(_) => found_another.store(true, Ordering::Relaxed),
        Err(_) => {}
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        *self.signal.stop.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.signal.stopped.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
