//! Attachments: an IV, AES-256-CBC, HMAC-SHA256 over both (RFC 2104), with a key per file that the
//! database has. The plain file is padded with zeros before.

use std::io::{self, Read, Seek, SeekFrom};

use aes::Aes256;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::OpenError;

const BLOCK: usize = 16;
const MAC: u64 = 32;
/// Blocks decrypted at once: 64 KiB.
const PIECE: usize = 4096 * BLOCK;

/// Opens an attachment with its key (base64 of 32 bytes for AES and 32 for HMAC), of `size` bytes
/// when plain. The whole file is checked first.
///
/// # Errors
/// [`OpenError::NotAKey`], [`OpenError::WrongKeyOrDamaged`], [`OpenError::Damaged`].
pub fn open_attachment<R: Read + Seek>(
    mut sealed: R,
    key: &str,
    size: u64,
) -> Result<Attachment<R>, OpenError> {
    let key = Zeroizing::new(
        STANDARD.decode(key.trim()).map_err(|_| OpenError::NotAKey("it is no base64"))?,
    );
    let parts = key
        .split_first_chunk::<32>()
        .and_then(|(aes, mac)| Some((aes, <&[u8; 32]>::try_from(mac).ok()?)));
    let (aes, mac) = parts.ok_or(OpenError::NotAKey("it has not 64 bytes"))?;
    let end = sealed.seek(SeekFrom::End(0))?;
    let body = end.checked_sub(MAC + BLOCK as u64).filter(|n| n.is_multiple_of(BLOCK as u64));
    let body = body.filter(|body| size < *body).ok_or(OpenError::Damaged("it is cut off"))?;
    sealed.seek(SeekFrom::Start(0))?;
    check(&mut sealed, mac, BLOCK as u64 + body)?;
    sealed.seek(SeekFrom::Start(0))?;
    let mut iv = [0; BLOCK];
    sealed.read_exact(&mut iv)?;
    let cipher = cbc::Decryptor::new(aes.into(), &iv.into());
    Ok(Attachment { sealed: sealed.take(body), cipher, plain: Vec::new(), at: 0, left: size })
}

fn check(sealed: &mut impl Read, key: &[u8; 32], length: u64) -> Result<(), OpenError> {
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    let mut rest = sealed.by_ref().take(length);
    let mut piece = vec![0; PIECE];
    loop {
        match rest.read(&mut piece)? {
            0 => break,
            n => mac.update(&piece[..n]),
        }
    }
    let mut stored = [0; MAC as usize];
    sealed.read_exact(&mut stored)?;
    mac.verify(&stored.into()).map_err(|_| OpenError::WrongKeyOrDamaged)
}

/// A plain attachment, decrypted while it is read.
pub struct Attachment<R> {
    sealed: io::Take<R>,
    cipher: cbc::Decryptor<Aes256>,
    plain: Vec<u8>,
    at: usize,
    left: u64,
}

impl<R: Read> Read for Attachment<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.at == self.plain.len() && self.left > 0 {
            self.decrypt_piece()?;
        }
        let from = &self.plain[self.at..];
        let n = from.len().min(to.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        to[..n].copy_from_slice(&from[..n]);
        self.at += n;
        self.left -= n as u64;
        Ok(n)
    }
}

impl<R: Read> Attachment<R> {
    fn decrypt_piece(&mut self) -> io::Result<()> {
        self.plain.clear();
        self.at = 0;
        self.sealed.by_ref().take(PIECE as u64).read_to_end(&mut self.plain)?;
        if self.plain.is_empty() || !self.plain.len().is_multiple_of(BLOCK) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for block in self.plain.chunks_exact_mut(BLOCK) {
            self.cipher.decrypt_block_mut(block.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::{BlockEncryptMut, block_padding::Pkcs7};
    use std::io::Cursor;

    const KEY: [u8; 64] = [7; 64];

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let cipher = cbc::Encryptor::<Aes256>::new(&[7; 32].into(), &[9; BLOCK].into());
        let mut all = [[9; BLOCK].to_vec(), cipher.encrypt_padded_vec_mut::<Pkcs7>(plain)].concat();
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&[7; 32]).unwrap();
        mac.update(&all);
        all.extend(mac.finalize().into_bytes());
        all
    }

    fn opened(sealed: &[u8], size: u64) -> Result<Vec<u8>, OpenError> {
        let mut plain = Vec::new();
        open_attachment(Cursor::new(sealed), &STANDARD.encode(KEY), size)?
            .read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_padded_is_cut_to_its_size() {
        for length in [0usize, 1, 15, 16, 17, PIECE - 1, PIECE, PIECE + 1] {
            let plain: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let padded = [plain.clone(), vec![0; 500]].concat();
            assert_eq!(opened(&sealed(&padded), length as u64).unwrap(), plain, "{length} bytes");
        }
    }

    #[test]
    fn a_changed_file_is_refused_before_a_byte_comes_out() {
        let file = sealed(&[1; 100]);
        for at in [0, 20, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(
                matches!(opened(&changed, 100), Err(OpenError::WrongKeyOrDamaged)),
                "byte {at}"
            );
        }
        assert!(matches!(opened(&file[..40], 100), Err(OpenError::Damaged(_))));
        assert!(
            matches!(opened(&file, 5_000), Err(OpenError::Damaged(_))),
            "more than it can hold"
        );
    }
}
