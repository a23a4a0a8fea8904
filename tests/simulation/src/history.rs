//! What happened, line by line: two runs with one seed have the same.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Lines with the time that each was written at. Clones share it.
#[derive(Clone)]
pub struct History {
    started: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl History {
    pub fn begin(started: Instant) -> Self {
        Self { started, lines: Arc::default() }
    }

    pub fn note(&self, what: impl fmt::Display) {
        let at = self.started.elapsed().as_millis();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(format!("{at:>9} {what}"));
    }

    pub fn text(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}
