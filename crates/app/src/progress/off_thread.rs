//! Blocking work with a watcher that lives on the async side.

use crate::{AppError, Progress, Result, Watch};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often progress is passed on and a wish to stop is looked for.
const TICK: Duration = Duration::from_millis(50);

/// Runs `work` off the async threads; passes its newest progress to `watch`, and the wish to stop
/// to `work`.
pub(crate) async fn watched<T: Send + 'static>(
    watch: &dyn Watch,
    work: impl FnOnce(&dyn Watch) -> Result<T> + Send + 'static,
) -> Result<T> {
    let relay = Arc::new(Relay::default());
    let on_thread = relay.clone();
    let mut running = tokio::task::spawn_blocking(move || work(&*on_thread));
    let ended = loop {
        match tokio::time::timeout(TICK, &mut running).await {
            Ok(ended) => break ended,
            Err(_) => relay.pass_on(watch),
        }
    };
    relay.pass_on(watch);
    ended.map_err(|_| AppError::stopped())?
}

/// Runs blocking work on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AppError::stopped())?
}

#[derive(Default)]
struct Relay {
    newest: Mutex<Option<Progress>>,
    stop: AtomicBool,
}

impl Relay {
    fn pass_on(&self, watch: &dyn Watch) {
        if watch.cancelled() {
            self.stop.store(true, Ordering::Relaxed);
        }
        if let Some(progress) = self.newest.lock().ok().and_then(|mut newest| newest.take()) {
            watch.progress(progress);
        }
    }
}

impl Watch for Relay {
    fn progress(&self, progress: Progress) {
        if let Ok(mut newest) = self.newest.lock() {
            *newest = Some(progress);
        }
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unit;

    struct StopAfterFirst(Mutex<u32>);

    impl Watch for StopAfterFirst {
        fn progress(&self, _: Progress) {
            *self.0.lock().unwrap() += 1;
        }

        fn cancelled(&self) -> bool {
            *self.0.lock().unwrap() > 0
        }
    }

    #[tokio::test]
    async fn progress_comes_over_and_a_wish_to_stop_goes_back() {
        let watch = StopAfterFirst(Mutex::new(0));
        let work = |watch: &dyn Watch| {
            while !watch.cancelled() {
                watch.progress(Progress {
                    what: "waiting".into(),
                    done: 1,
                    total: None,
                    unit: Unit::Steps,
                });
                std::thread::sleep(Duration::from_millis(5));
            }
            Err::<(), _>(AppError::cancelled("Nothing was changed."))
        };
        assert_eq!(watched(&watch, work).await.unwrap_err().code, "cancelled");
    }
}
