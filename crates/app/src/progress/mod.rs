//! How long work tells where it is, and learns that it should stop.

mod off_thread;

pub(crate) use off_thread::{blocking, watched};

use serde::Serialize;
use specta::Type;
use std::time::Duration;

/// One step of long work.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Progress {
    /// What is being done, for a person: "Reading messages", "Writing backup", ….
    pub what: String,
    pub done: u64,
    /// None while it is not known.
    pub total: Option<u64>,
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Bytes,
    Messages,
    Steps,
}

/// The shell's side of long work. Called often: must be cheap.
pub trait Watch: Send + Sync {
    fn progress(&self, progress: Progress);

    /// True once the person asked to stop; the work then ends at the next safe point.
    fn cancelled(&self) -> bool;
}

/// Watches nothing and never stops.
pub struct Unwatched;

impl Watch for Unwatched {
    fn progress(&self, _: Progress) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Waits, and tells at once if the person asked to stop.
pub(crate) async fn cancelled_within(watch: &dyn Watch, time: Duration) -> bool {
    const TICK: Duration = Duration::from_millis(100);
    let mut waited = Duration::ZERO;
    while waited < time && !watch.cancelled() {
        tokio::time::sleep(TICK).await;
        waited += TICK;
    }
    watch.cancelled()
}

/// Reports one of a known number of steps.
pub(crate) fn step(watch: &dyn Watch, what: &str, done: u64, total: u64) {
    watch.progress(Progress { what: what.into(), done, total: Some(total), unit: Unit::Steps });
}
