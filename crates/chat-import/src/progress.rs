use std::io::{self, Read};
use std::ops::ControlFlow;

use crate::ImportError;

/// How far an import is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Title of the conversation being read.
    pub conversation: String,
    /// Messages read so far.
    pub messages: u64,
    /// Bytes of chat text read so far, and in all.
    pub bytes_done: u64,
    /// See `bytes_done`.
    pub bytes_total: u64,
}

/// Called now and then; `Break` cancels the import.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// Messages between two calls: often enough for a smooth bar, rare enough to cost nothing.
const EVERY: u64 = 500;

/// Counts messages and calls back.
pub struct Reporter<'a> {
    /// What is reported.
    pub progress: Progress,
    callback: OnProgress<'a>,
}

impl<'a> Reporter<'a> {
    /// Reports to `callback`.
    pub fn new(callback: OnProgress<'a>, bytes_total: u64) -> Self {
        Self { progress: Progress { bytes_total, ..Progress::default() }, callback }
    }

    /// Counts a message.
    pub fn message(&mut self, bytes_done: u64) -> Result<(), ImportError> {
        self.progress.messages += 1;
        self.progress.bytes_done = bytes_done;
        if self.progress.messages.is_multiple_of(EVERY) { self.report() } else { Ok(()) }
    }

    /// Calls back now.
    pub fn report(&mut self) -> Result<(), ImportError> {
        match (self.callback)(&self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ImportError::Cancelled),
        }
    }
}

/// Counts bytes as they are read.
pub struct CountingReader<R> {
    inner: R,
    count: std::rc::Rc<std::cell::Cell<u64>>,
}

impl<R: Read> CountingReader<R> {
    /// Counts into `count`.
    pub fn new(inner: R, count: std::rc::Rc<std::cell::Cell<u64>>) -> Self {
        Self { inner, count }
    }
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}
