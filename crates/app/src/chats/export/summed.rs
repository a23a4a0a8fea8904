//! What is written: its SHA-256 is taken, its bytes are told, and the wish to stop is heard.

use crate::{Progress, Unit, Watch};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Bytes between two words on progress: 1 MiB takes some milliseconds.
const TELL_EVERY: u64 = 1 << 20;

/// Writes on, and knows what it wrote.
pub(crate) struct Summed<'a, W> {
    to: W,
    sum: Sha256,
    what: String,
    done: u64,
    told: u64,
    watch: &'a dyn Watch,
}

impl<'a, W: Write> Summed<'a, W> {
    /// `what` is being done, for a person: "Writing messages.html".
    pub(crate) fn new(to: W, what: String, watch: &'a dyn Watch) -> Self {
        Self { to, sum: Sha256::new(), what, done: 0, told: 0, watch }
    }

    /// SHA-256 in hex, of all that was written.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        self.to.flush()?;
        Ok(hex::encode(self.sum.finalize()))
    }

    fn tell(&mut self) {
        let what = self.what.clone();
        self.watch.progress(Progress { what, done: self.done, total: None, unit: Unit::Bytes });
        self.told = self.done;
    }
}

impl<W: Write> Write for Summed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not `Interrupted`, after which a writer is asked again.
        if self.watch.cancelled() {
            return Err(io::Error::other("stopped"));
        }
        let written = self.to.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.done += written as u64;
        if self.told == 0 || self.done - self.told >= TELL_EVERY {
            self.tell();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
