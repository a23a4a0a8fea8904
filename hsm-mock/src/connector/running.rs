//! Running an emulator inside another program, for tests.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::{ConnectorOptions, serve};
use crate::emulator::Emulator;
use crate::error::Error;

/// An emulator served on this runtime. Dropping it stops serving.
pub struct RunningEmulator {
    address: SocketAddr,
    scheme: &'static str,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

impl RunningEmulator {
    /// Where clients reach the connector, such as `http://127.0.0.1:12345`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RunningEmulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `emulator` on a free port of 127.0.0.1, on the current tokio runtime.
///
/// # Errors
/// No port could be opened.
pub async fn spawn(emulator: Emulator) -> Result<RunningEmulator, Error> {
    spawn_with(emulator, ConnectorOptions::default()).await
}

/// As [`spawn`], with a connector that treats its clients as `options` say.
///
/// # Errors
/// No port could be opened.
pub async fn spawn_with(
    emulator: Emulator,
    options: ConnectorOptions,
) -> Result<RunningEmulator, Error> {
    let listening = || Error::io("listening on 127.0.0.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(listening())?;
    let address = listener.local_addr().map_err(listening())?;
    let scheme = options.scheme();
    Ok(RunningEmulator { address, scheme, task: tokio::spawn(serve(listener, emulator, options)) })
}

/// An emulator served by a thread of its own, for programs without a tokio runtime. Dropping it
/// stops the thread.
pub struct BackgroundEmulator {
    address: SocketAddr,
    scheme: &'static str,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl BackgroundEmulator {
    /// Where clients reach the connector, such as `http://127.0.0.1:12345`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for BackgroundEmulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves `emulator` on a free port of 127.0.0.1, from a new thread.
///
/// # Errors
/// No port or no runtime could be had.
pub fn spawn_in_background(emulator: Emulator) -> Result<BackgroundEmulator, Error> {
    spawn_in_background_with(emulator, ConnectorOptions::default())
}

/// As [`spawn_in_background`], with a connector that treats its clients as `options` say.
///
/// # Errors
/// No port or no runtime could be had.
pub fn spawn_in_background_with(
    emulator: Emulator,
    options: ConnectorOptions,
) -> Result<BackgroundEmulator, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Error::io("starting a runtime"))?;
    let scheme = options.scheme();
    let (stop, stopped) = oneshot::channel();
    let (started, start) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        runtime.block_on(async move {
            let running = spawn_with(emulator, options).await;
            let address = running.as_ref().map(RunningEmulator::address).map_err(|_| ());
            if started.send(address).is_ok() && address.is_ok() {
                let _ = stopped.await;
            }
        });
    });
    let address = start.recv().ok().and_then(Result::ok).ok_or_else(|| {
        let reason = io::Error::other("the connector did not start");
        Error::io("listening on 127.0.0.1")(reason)
    })?;
    Ok(BackgroundEmulator { address, scheme, stop: Some(stop), thread: Some(thread) })
}
