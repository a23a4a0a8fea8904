//! As much DER (X.690) as keys and signatures need: writing, and reading with every length checked.

use crate::device_error::DeviceError;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// Tag, length and content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ ..=0x7f => out.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
            out.push(0x80 | (bytes.len() - from) as u8);
            out.extend_from_slice(&bytes[from..]);
        }
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// A number, big endian: no leading zeroes but the one that keeps it positive.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[from..];
    match digits.first() {
        Some(first) if first & 0x80 == 0 => tlv(INTEGER, digits),
        _ => tlv(INTEGER, &[&[0], digits].concat()),
    }
}

pub(crate) fn oid(content: &[u8]) -> Vec<u8> {
    tlv(OID, content)
}

pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    tlv(OCTET_STRING, content)
}

/// Whole bytes, no unused bits.
pub(crate) fn bits(content: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], content].concat())
}

pub(crate) fn null() -> Vec<u8> {
    tlv(NULL, &[])
}

/// A cursor over DER.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value, whatever its tag.
    ///
    /// # Errors
    /// `INVALID_DATA` if it is cut short, or its length is not in the shortest form.
    pub(crate) fn any(&mut self) -> Result<(u8, &'a [u8]), DeviceError> {
        let [tag, first, rest @ ..] = self.0 else { return Err(DeviceError::InvalidData) };
        let (length, rest) = match *first {
            short @ ..=0x7f => (usize::from(short), rest),
            // No more than four bytes: nothing here reaches 4 GiB.
            long @ 0x81..=0x84 => {
                let count = usize::from(long & 0x7f);
                let (bytes, rest) = rest.split_at_checked(count).ok_or(DeviceError::InvalidData)?;
                let length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                if length < 0x80 || bytes[0] == 0 {
                    return Err(DeviceError::InvalidData);
                }
                (length, rest)
            }
            _ => return Err(DeviceError::InvalidData),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(DeviceError::InvalidData)?;
        self.0 = rest;
        Ok((*tag, content))
    }

    /// The content of the next value, which must have this tag.
    ///
    /// # Errors
    /// `INVALID_DATA`
    pub(crate) fn expect(&mut self, tag: u8) -> Result<&'a [u8], DeviceError> {
        let (found, content) = self.any()?;
        if found == tag { Ok(content) } else { Err(DeviceError::InvalidData) }
    }

    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>, DeviceError> {
        self.expect(SEQUENCE).map(Reader)
    }

    pub(crate) fn oid(&mut self) -> Result<&'a [u8], DeviceError> {
        self.expect(OID)
    }

    /// A number that is not negative, without leading zeroes.
    ///
    /// # Errors
    /// `INVALID_DATA`
    pub(crate) fn unsigned(&mut self) -> Result<&'a [u8], DeviceError> {
        match self.expect(INTEGER)? {
            [0, rest @ ..] => Ok(rest),
            [first, ..] if first & 0x80 != 0 => Err(DeviceError::InvalidData),
            [] => Err(DeviceError::InvalidData),
            digits => Ok(digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(tlv(4, &[7]), [4, 1, 7]);
        assert_eq!(tlv(4, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(tlv(4, &[0; 256])[..4], [4, 0x82, 1, 0]);
        assert_eq!(unsigned(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned(&[0, 0x7f]), [2, 1, 0x7f]);
        assert_eq!(unsigned(&[0]), [2, 1, 0]);
    }

    #[test]
    fn what_is_cut_or_padded_is_refused() {
        for bad in
            [&[][..], &[4], &[4, 2, 0], &[4, 0x81, 1, 0], &[4, 0x80], &[4, 0x85, 0, 0, 0, 0, 1]]
        {
            assert!(Reader::new(bad).any().is_err(), "{bad:x?}");
        }
        assert!(Reader::new(&[2, 1, 0x80]).unsigned().is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in proptest::collection::vec(any::<u8>(), 0..400)) {
            let bytes = octets(&content);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.expect(OCTET_STRING).unwrap(), content);
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = Reader::new(&bytes);
            while reader.any().is_ok() {}
        }
    }
}
