//! How far the readers of records and of media are, together.

use crate::port::{Observer, Progress, Stage};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Counters that both readers have.
#[derive(Clone, Default)]
pub(super) struct Done {
    pub bytes_total: u64,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    bytes: AtomicU64,
    records: AtomicU64,
    media: AtomicU64,
    media_total: AtomicU64,
    records_ended: AtomicBool,
    given_up: AtomicBool,
}

impl Done {
    pub(super) fn add_bytes(&self, bytes: usize) {
        self.counters.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn add_record(&self) {
        self.counters.records.fetch_add(1, Relaxed);
    }

    pub(super) fn add_media(&self) {
        self.counters.media.fetch_add(1, Relaxed);
    }

    pub(super) fn expect_media(&self) {
        self.counters.media_total.fetch_add(1, Relaxed);
    }

    /// No more records come; if they failed, media are read for nothing.
    pub(super) fn records_ended(&self, failed: bool) {
        self.counters.records_ended.store(true, Relaxed);
        self.counters.given_up.store(failed, Relaxed);
    }

    pub(super) fn given_up(&self) -> bool {
        self.counters.given_up.load(Relaxed)
    }

    /// While records are read, their reader tells.
    pub(super) fn tell_of_media(&self, observer: &dyn Observer) {
        if self.counters.records_ended.load(Relaxed) {
            self.tell(observer, Stage::Media);
        }
    }

    pub(super) fn tell(&self, observer: &dyn Observer, stage: Stage) {
        let counters = &self.counters;
        observer.progress(Progress {
            stage,
            bytes: counters.bytes.load(Relaxed),
            bytes_total: self.bytes_total,
            records: counters.records.load(Relaxed),
            media: counters.media.load(Relaxed),
            media_total: counters.media_total.load(Relaxed),
        });
    }
}
