//! A message, as far as threads are compared by it.

/// One clock may write only minutes, ms.
pub(super) const SLACK: i64 = 60_000;

/// A message, as far as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    /// Row in the archive.
    pub id: i64,
    /// Time of the thread's clock, ms.
    pub ms: i64,
    /// Hash of the words; 0 for what has none that could be compared.
    pub hash: u64,
    /// Who, as a number within its thread; `None` for the messenger itself.
    pub sender: Option<i64>,
    /// A file without words, an edited or a taken back message: may be the same as one that reads
    /// otherwise.
    pub soft: bool,
}

impl Item {
    /// Whole minutes of its clock.
    pub(crate) fn minute(&self) -> i64 {
        self.ms.div_euclid(SLACK)
    }
}
