//! A key plugged in by another program, for tests.

use super::{Socket, Touch, serve};
use crate::error::Error;
use crate::key::Key;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A key that a thread serves. Dropping it pulls the key out.
pub struct Plugged {
    socket: PathBuf,
    pull: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Plugged {
    /// Where it is plugged in.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.pull.take();
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

/// Plugs `key` in at `socket`, served by a new thread.
///
/// # Errors
/// [`Error::SocketInUse`], [`Error::Io`]
pub fn plug_in(socket: &Path, key: Key, touch: Touch) -> Result<Plugged, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::io("starting a runtime"))?;
    let bound = {
        let _runtime = runtime.enter();
        Socket::bind(socket)?
    };
    let (pull, pulled) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        runtime.block_on(async move {
            tokio::select! {
                () = serve(bound, key, touch) => {}
                _ = pulled => {}
            }
        });
    });
    Ok(Plugged { socket: socket.to_owned(), pull: Some(pull), thread: Some(thread) })
}
