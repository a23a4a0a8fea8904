//! Requests run on threads of this crate, so that a store can be used from anywhere.

use std::future::Future;
use std::sync::{LazyLock, mpsc};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).thread_name("remote-stores").enable_all();
    builder.build().expect("threads of the operating system")
});

/// Blocks this thread until the future is done; `None` if it never will be.
pub(crate) fn wait<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let (done, result) = mpsc::sync_channel(1);
    RUNTIME.spawn(async move { done.send(future.await) });
    result.recv().ok()
}
