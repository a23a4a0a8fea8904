//! The key at a Unix socket. A connection is an open HID device: raw reports of 64 bytes in both
//! directions.

mod connection;
mod plugged;
mod reports;
mod touch;

pub use plugged::{Plugged, plug_in};
pub use touch::Touch;

use crate::error::Error;
use crate::key::Key;
use connection::Connection;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 64;

/// Pause after a connection could not be accepted, for want of file descriptors perhaps.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A socket that only its owner can connect to. Its file goes when this is dropped.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Must be called on a tokio runtime. A socket that a killed process has left is replaced.
    ///
    /// # Errors
    /// [`Error::SocketInUse`], [`Error::Io`]
    pub fn bind(path: &Path) -> Result<Self, Error> {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(Error::SocketInUse { path: path.to_owned() });
        }
        remove_stale(path).map_err(Error::io(format!("removing {}", path.display())))?;
        let listening = Error::io(format!("listening at {}", path.display()));
        let listener = UnixListener::bind(path).and_then(|listener| {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
            Ok(listener)
        });
        Ok(Self { listener: listener.map_err(listening)?, path: path.to_owned() })
    }
}

/// Anything but a socket is left alone, and makes binding fail.
fn remove_stale(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path),
        _ => Ok(()),
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may have been removed already.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Serves `key` for as long as the future is polled. Dropping it pulls the key out: every
/// connection ends.
pub async fn serve(socket: Socket, key: Key, touch: Touch) {
    let key = Arc::new(Mutex::new(key));
    let mut connections = JoinSet::new();
    let mut number: u16 = 0;
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        match socket.listener.accept().await {
            Ok((stream, _)) => {
                number = number.wrapping_add(1);
                let connection = Connection::new(stream, number, key.clone(), touch);
                // However it ends, the key goes on.
                connections.spawn(async move { drop(connection.serve().await) });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}
