//! How far an import is, and the person's wish to stop it.

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
    progress: Progress,
    /// Bytes of the files that were read to their end.
    before: u64,
    callback: OnProgress<'a>,
}

impl<'a> Reporter<'a> {
    /// Reports to `callback`.
    pub fn new(callback: OnProgress<'a>) -> Self {
        Self { progress: Progress::default(), before: 0, callback }
    }

    /// Counts on this many bytes of chat text more.
    pub fn expect(&mut self, bytes: u64) {
        self.progress.bytes_total += bytes;
    }

    /// Another conversation begins.
    pub fn conversation(&mut self, title: &str) {
        if self.progress.conversation != title {
            title.clone_into(&mut self.progress.conversation);
        }
    }

    /// A file was read to its end, which had this many bytes.
    pub fn file_done(&mut self, bytes: u64) {
        self.before += bytes;
        self.progress.bytes_done = self.before;
    }

    /// Counts a message, `bytes_done` into its file.
    pub fn message(&mut self, bytes_done: u64) -> Result<(), ImportError> {
        self.progress.messages += 1;
        self.progress.bytes_done = (self.before + bytes_done).min(self.progress.bytes_total);
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
