//! Reports over a Unix socket.

use crate::error::PasskeyError;
use crate::security_key::framing::{HidPort, REPORT};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Errors: `NoDevice`, `Io`.
pub(super) fn connect(path: &Path) -> Result<Box<dyn HidPort>, PasskeyError> {
    match UnixStream::connect(path) {
        Ok(stream) => Ok(Box::new(SocketPort { stream, begun: [0; REPORT], filled: 0 })),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                Err(PasskeyError::NoDevice)
            }
            _ => Err(PasskeyError::Io(error.to_string())),
        },
    }
}

struct SocketPort {
    stream: UnixStream,
    /// A report that has come in part.
    begun: [u8; REPORT],
    filled: usize,
}

impl HidPort for SocketPort {
    fn write(&mut self, report: &[u8; REPORT]) -> io::Result<()> {
        self.stream.write_all(report)
    }

    fn read(&mut self, timeout: Duration) -> io::Result<Option<[u8; REPORT]>> {
        self.stream.set_read_timeout(Some(timeout))?;
        while self.filled < REPORT {
            match self.stream.read(&mut self.begun[self.filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(more) => self.filled += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.filled = 0;
        Ok(Some(self.begun))
    }
}
