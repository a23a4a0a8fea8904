//! Reading a command's arguments, big endian, in order, to the last byte.

use crate::capability::Capabilities;
use crate::device_error::DeviceError;

/// A cursor over received bytes. Every read that runs out answers `WRONG_LENGTH`.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DeviceError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(DeviceError::WrongLength)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DeviceError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DeviceError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn capabilities(&mut self) -> Result<Capabilities, DeviceError> {
        Ok(Capabilities(u64::from_be_bytes(self.array()?)))
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], DeviceError> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(DeviceError::WrongLength)?;
        self.0 = rest;
        Ok(head)
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), DeviceError> {
        if self.0.is_empty() { Ok(()) } else { Err(DeviceError::WrongLength) }
    }
}
