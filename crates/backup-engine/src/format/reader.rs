//! Reading binary fields, which may end anywhere.

use super::FormatError;

/// Takes fields off the front of bytes that may end anywhere.
pub(super) struct Reader<'a>(pub &'a [u8]);

const SHORT: FormatError = FormatError("it ends too early");

impl<'a> Reader<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], FormatError> {
        let (head, rest) = self.0.split_at_checked(len).ok_or(SHORT)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, FormatError> {
        self.array().map(|[b]| b)
    }

    pub(super) fn u32(&mut self) -> Result<u32, FormatError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, FormatError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A count of items of at least `least` bytes each, which must fit in what is left.
    pub(super) fn count(&mut self, least: usize) -> Result<usize, FormatError> {
        let count = self.u32()? as usize;
        if count > self.0.len() / least {
            Err(FormatError("it counts more items than it holds"))
        } else {
            Ok(count)
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn end(&self) -> Result<(), FormatError> {
        if self.is_empty() { Ok(()) } else { Err(FormatError("there are bytes after its end")) }
    }
}
