//! The header of a backup: a message in protobuf's encoding
//! (<https://protobuf.dev/programming-guides/encoding/>), of which two fields matter.

use std::io::Read;

use crate::OpenError;

/// Longest header: the fields that are known take some 200 bytes, those of passkeys as many again;
/// ten times that.
const MAX_HEADER: u64 = 4096;

/// Which key a backup needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// The phone's key file.
    Crypt14,
    /// The person's 64 digits.
    Crypt15,
}

/// What stands before the ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which key it needs.
    pub cipher: Cipher,
    /// Of AES-GCM.
    pub nonce: [u8; 16],
    /// Bytes before the ciphertext.
    pub length: u64,
}

/// Reads a header; `None` if it is none.
pub fn read(from: &mut impl Read) -> Result<Option<Header>, OpenError> {
    let mut start = Vec::new();
    from.by_ref().take(1).read_to_end(&mut start)?;
    let Some(first) = start.first().copied() else { return Ok(None) };
    if first >= 0x80 {
        from.by_ref().take(1).read_to_end(&mut start)?;
    }
    let Some((length, at)) = varint(&start).filter(|(n, _)| (1..=MAX_HEADER).contains(n)) else {
        return Ok(None);
    };
    let mut message = Vec::new();
    from.by_ref().take(length).read_to_end(&mut message)?;
    if message.len() as u64 != length {
        return Ok(None);
    }
    Ok(parse(&message, at as u64 + length))
}

/// Reads the message of a header, whose ciphertext begins at `length`.
pub fn parse(message: &[u8], length: u64) -> Option<Header> {
    let mut found = None;
    for field in Fields(message) {
        match field? {
            // The key that WhatsApp's server gave, and the nonce; or the nonce alone.
            (2, Value::Bytes(inner)) => {
                found = nonce(inner, 5).map(|nonce| (Cipher::Crypt14, nonce)).or(found)
            }
            (3, Value::Bytes(inner)) => {
                found = nonce(inner, 1).map(|nonce| (Cipher::Crypt15, nonce)).or(found)
            }
            _ => {}
        }
    }
    let (cipher, nonce) = found?;
    Some(Header { cipher, nonce, length })
}

fn nonce(message: &[u8], number: u64) -> Option<[u8; 16]> {
    Fields(message).flatten().find_map(|(n, value)| match value {
        Value::Bytes(bytes) if n == number => bytes.try_into().ok(),
        _ => None,
    })
}

enum Value<'a> {
    Bytes(&'a [u8]),
    Other,
}

/// Fields of a message; ends with `None` where it is broken.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => {
                self.varint()?;
                Value::Other
            }
            1 => self.skip(8)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => self.skip(4)?,
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn skip(&mut self, bytes: usize) -> Option<Value<'a>> {
        self.0 = self.0.get(bytes..)?;
        Some(Value::Other)
    }

    fn varint(&mut self) -> Option<u64> {
        let (value, length) = varint(self.0)?;
        self.0 = &self.0[length..];
        Some(value)
    }
}

/// Base 128, the lowest seven bits first: value and bytes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * at as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}
