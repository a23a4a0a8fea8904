//! Where a device's log stands, and what goes on from there.

use super::entry::{Entry, next_number};
use serde::{Deserialize, Serialize};

/// The last entry of a device's audit log, which the next one must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Of the last entry.
    pub number: u16,
    /// Of the last entry: all before it follow from it.
    #[serde(with = "hex::serde")]
    pub digest: [u8; 16],
}

/// Why an entry does not come right after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNext {
    /// An entry is missing, or stands twice.
    #[error("entry {found} after {expected}")]
    Number {
        /// What should have come.
        expected: u16,
        /// What came.
        found: u16,
    },
    /// The entry's digest does not continue the chain: another one came before it. Its number.
    #[error("entry {0} does not chain to the one before")]
    Digest(u16),
}

impl Head {
    /// The head of a log, from its last raw entry.
    pub fn of(raw: &[u8; 32]) -> Self {
        Entry::read(raw).head()
    }

    /// The head after `next`.
    ///
    /// # Errors
    /// [`NotNext`] if it is numbered or hashed as the entry after another one.
    pub fn then(&self, next: &Entry) -> Result<Self, NotNext> {
        let expected = next_number(self.number);
        if next.number != expected {
            return Err(NotNext::Number { expected, found: next.number });
        }
        match next.digest == next.digest_after(&self.digest) {
            true => Ok(next.head()),
            false => Err(NotNext::Digest(next.number)),
        }
    }

    /// The head after all of `entries`, each of which must come right after the one before.
    ///
    /// # Errors
    /// The first [`NotNext`].
    pub fn then_all<'a>(
        self,
        entries: impl IntoIterator<Item = &'a Entry>,
    ) -> Result<Self, NotNext> {
        entries.into_iter().try_fold(self, |head, next| head.then(next))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.number.to_be_bytes()[..], &self.digest].concat()
    }
}

impl Entry {
    /// Where the log stands after this line.
    pub fn head(&self) -> Head {
        Head { number: self.number, digest: self.digest }
    }

    /// Whether this line comes right after `previous`.
    pub fn continues(&self, previous: &Self) -> bool {
        previous.head().then(self).is_ok()
    }
}

/// Whether entries are one chain, wherever it begins.
///
/// # Errors
/// The first [`NotNext`].
pub fn check_chain(entries: &[Entry]) -> Result<(), NotNext> {
    match entries.split_first() {
        Some((first, rest)) => first.head().then_all(rest).map(|_| ()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(head: Head, number: u16) -> Entry {
        let mut raw = [0; 32];
        raw[..2].copy_from_slice(&number.to_be_bytes());
        let digest = Entry::read(&raw).digest_after(&head.digest);
        raw[16..].copy_from_slice(&digest);
        Entry::read(&raw)
    }

    #[test]
    fn a_chain_goes_on_and_what_breaks_it_is_named() {
        let start = Head { number: 0xfffe, digest: [7; 16] };
        let last = next(start, 0xffff);
        let first = next(last.head(), 1);
        assert_eq!(start.then_all(&[last, first]), Ok(first.head()));
        assert_eq!(start.then(&first), Err(NotNext::Number { expected: 0xffff, found: 1 }));
        let other = next(Head { digest: [8; 16], ..start }, 0xffff);
        assert_eq!(start.then(&other), Err(NotNext::Digest(0xffff)));
        assert_eq!(check_chain(&[last, first]), Ok(()));
        assert!(check_chain(&[first, last]).is_err() && check_chain(&[]).is_ok());
    }
}
