//! WhatsApp's backups on Android: `msgstore.db.crypt14`, with a key that WhatsApp's server gives to
//! the phone, and `.crypt15`, with a key that the person has.
//!
//! A file is the length of a header (varint), the header (protobuf, [`header`]), AES-256-GCM with a
//! nonce of 16 bytes over the zlib stream of the database, the tag, and the MD5 of all before. In
//! backups of several files the MD5 is not there. As documented by the project wa-crypt-tools
//! (<https://github.com/ElDavoo/wa-crypt-tools>).

mod gcm;
pub mod header;
mod key;

use std::io::{self, Read, Seek, SeekFrom, Write};

use flate2::read::ZlibDecoder;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use self::gcm::{Gcm, TAG};
pub use self::header::{Cipher, Header};
pub use self::key::{Key, MAX_KEY_FILE};
use crate::OpenError;

/// Largest database that is written: a million messages take half a gigabyte with their indexes;
/// thirty-two times that.
pub const MAX_PLAIN: u64 = 16 << 30;

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// MD5 (RFC 1321), which tells a damaged file from a wrong key. Nobody's safety hangs on it: the
/// tag does that.
const SUM: u64 = 16;

/// Reads the header, if this is such a backup. Leaves the position behind it.
///
/// # Errors
/// What reading gives; a file that is something else is `None`.
pub fn recognise(sealed: &mut impl Read) -> Result<Option<Header>, OpenError> {
    header::read(sealed)
}

/// Decrypts a backup, all or nothing: the whole of it is checked before the first byte is written.
/// Returns the bytes written.
///
/// # Errors
/// [`OpenError::WrongKey`], [`OpenError::WrongKeyOrDamaged`], [`OpenError::OtherSortOfKey`];
/// [`OpenError::Damaged`] if the file is not what WhatsApp writes; [`OpenError::TooLarge`].
pub fn decrypt(
    sealed: &mut (impl Read + Seek),
    key: &Key,
    plain: &mut impl Write,
) -> Result<u64, OpenError> {
    sealed.seek(SeekFrom::Start(0))?;
    let header = recognise(sealed)?.ok_or(OpenError::Damaged("its beginning is not WhatsApp's"))?;
    let gcm = Gcm::new(&*key.of_cipher(header.cipher)?, &header.nonce);
    let length = checked(sealed, &header, &gcm)?;
    sealed.seek(SeekFrom::Start(header.length))?;
    let decrypted = gcm.decrypt(Read::take(&mut *sealed, length));
    let mut inflated = ZlibDecoder::new(decrypted).take(MAX_PLAIN + 1);
    let written = io::copy(&mut inflated, plain).map_err(of_inflating)?;
    match written {
        0 => Err(OpenError::Damaged("there is nothing in it")),
        1..=MAX_PLAIN => Ok(written),
        _ => Err(OpenError::TooLarge { what: "the database", limit: MAX_PLAIN }),
    }
}

/// Checks the tag; returns how many bytes the ciphertext has.
fn checked(sealed: &mut (impl Read + Seek), header: &Header, gcm: &Gcm) -> Result<u64, OpenError> {
    let end = sealed.seek(SeekFrom::End(0))?;
    let body = end
        .checked_sub(header.length)
        .filter(|n| *n > TAG)
        .ok_or(OpenError::Damaged("it is cut off"))?;
    if body > gcm::MAX_CIPHERTEXT {
        return Err(OpenError::TooLarge { what: "the backup", limit: gcm::MAX_CIPHERTEXT });
    }
    // A backup of one file ends with a sum; of several, with the tag.
    let is_whole = body > TAG + SUM && has_its_sum(sealed, end)?;
    let length = if is_whole { body - TAG - SUM } else { body - TAG };
    sealed.seek(SeekFrom::Start(header.length))?;
    let tag = gcm.tag(&mut Read::take(&mut *sealed, length))?;
    let mut stored = [0; TAG as usize];
    sealed.read_exact(&mut stored)?;
    if bool::from(tag.ct_eq(&stored)) {
        return Ok(length);
    }
    Err(if is_whole { OpenError::WrongKey } else { OpenError::WrongKeyOrDamaged })
}

fn has_its_sum(sealed: &mut (impl Read + Seek), end: u64) -> Result<bool, OpenError> {
    sealed.seek(SeekFrom::Start(0))?;
    let mut sum = Md5::new();
    let mut rest = Read::take(&mut *sealed, end - SUM);
    let mut piece = vec![0; PIECE];
    loop {
        match rest.read(&mut piece)? {
            0 => break,
            n => sum.update(&piece[..n]),
        }
    }
    let mut stored = [0; SUM as usize];
    sealed.read_exact(&mut stored)?;
    Ok(sum.finalize()[..] == stored)
}

/// The tag was right, so what cannot be inflated was never a database.
fn of_inflating(error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            OpenError::Damaged("what it holds is no zlib stream")
        }
        _ => OpenError::Io(error),
    }
}
