//! Local media files: chunked AES-256-GCM in the STREAM construction, read and written without
//! holding a whole file.
//!
//! file = "KEEPMED1" || salt (32) || commitment (32) || chunks; a chunk = ciphertext of 256 KiB
//! (the last: fewer, may be none) || tag (16); nonce = 000000 || counter (u64 BE) || last flag;
//! associated data = labelled("local-media-file", [name]).

use crate::aead::{Opener, Sealer, TAG_LEN};
use crate::labels;
use crate::secret::Secret;
use rand_core::{CryptoRng, RngCore};
use std::io::{self, Read, Write};
use vault_protocol::labelled;
use zeroize::Zeroize;

const MAGIC: &[u8; 8] = b"KEEPMED1";

/// Plaintext bytes in a chunk.
pub const MEDIA_CHUNK: usize = 256 * 1024;

/// Seals and opens files of the local media vault.
#[derive(Clone, Debug)]
pub struct MediaCipher(Secret<32>);

impl MediaCipher {
    pub(crate) fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    /// Encrypts `from` into `to`; `name` (the content hash, say) is bound. Returns the plaintext
    /// length.
    pub fn seal_stream(
        &self,
        name: &[u8],
        mut from: impl Read,
        mut to: impl Write,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> io::Result<u64> {
        let aad = labelled(labels::MEDIA_FILE, &[name]);
        let mut sealer = Sealer::new(&self.0, labels::MEDIA_FILE, &[], rng);
        to.write_all(MAGIC)?;
        to.write_all(sealer.salt())?;
        to.write_all(sealer.commitment())?;
        let mut total = 0;
        let mut chunk = read_chunk(&mut from, MEDIA_CHUNK)?;
        loop {
            let next = if chunk.len() < MEDIA_CHUNK {
                Vec::new()
            } else {
                read_chunk(&mut from, MEDIA_CHUNK)?
            };
            let last = next.is_empty();
            total += chunk.len() as u64;
            sealer.seal_chunk(&aad, last, &mut chunk);
            to.write_all(&chunk)?;
            if last {
                return Ok(total);
            }
            chunk = next;
        }
    }

    /// Decrypts `from` into `to`, chunk by chunk as each is verified. Returns the plaintext length.
    ///
    /// Errors: `InvalidData` when the file is not whole or not authentic; what was written before
    /// must be dropped.
    pub fn open_stream(&self, name: &[u8], from: impl Read, mut to: impl Write) -> io::Result<u64> {
        io::copy(&mut self.open_reader(name, from)?, &mut to)
    }

    /// A reader of the plaintext. Reading to the end is what shows that nothing was cut off.
    pub fn open_reader<R: Read>(&self, name: &[u8], mut from: R) -> io::Result<MediaReader<R>> {
        let mut head = [0; 8 + 32 + 32];
        from.read_exact(&mut head).map_err(|_| invalid("it is too short"))?;
        let (magic, rest) = head.split_at(8);
        let (salt, commitment) = rest.split_at(32);
        if magic != MAGIC {
            return Err(invalid("it is not a sealed media file"));
        }
        let opener =
            Opener::new(&self.0, salt.try_into().expect("32 of 72"), labels::MEDIA_FILE, &[]);
        opener
            .check_commitment(commitment.try_into().expect("32 of 72"))
            .map_err(|_| invalid("it has another key"))?;
        let ahead = read_chunk(&mut from, MEDIA_CHUNK + TAG_LEN)?;
        let aad = labelled(labels::MEDIA_FILE, &[name]);
        Ok(MediaReader {
            from,
            opener,
            aad,
            counter: 0,
            ahead,
            plain: Vec::new(),
            at: 0,
            done: false,
        })
    }
}

/// Plaintext of a sealed media file.
pub struct MediaReader<R> {
    from: R,
    opener: Opener,
    aad: Vec<u8>,
    counter: u64,
    /// Ciphertext of the next chunk.
    ahead: Vec<u8>,
    plain: Vec<u8>,
    at: usize,
    done: bool,
}

impl<R: Read> MediaReader<R> {
    fn next_chunk(&mut self) -> io::Result<()> {
        let full = self.ahead.len() == MEDIA_CHUNK + TAG_LEN;
        let next =
            if full { read_chunk(&mut self.from, MEDIA_CHUNK + TAG_LEN)? } else { Vec::new() };
        let last = next.is_empty();
        self.plain.zeroize();
        self.plain = std::mem::replace(&mut self.ahead, next);
        self.at = 0;
        let opened = self.opener.open_chunk(self.counter, last, &self.aad, &mut self.plain);
        if opened.is_err() {
            self.plain.clear();
            return Err(invalid("it is damaged or was altered"));
        }
        self.counter += 1;
        self.done = last;
        Ok(())
    }
}

impl<R: Read> Read for MediaReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() {
            if self.done {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let n = out.len().min(self.plain.len() - self.at);
        out[..n].copy_from_slice(&self.plain[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

fn read_chunk(from: &mut impl Read, len: usize) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(len + TAG_LEN);
    from.by_ref().take(len as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the media file cannot be opened: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::LocalKey;
    use rand_core::OsRng;

    fn sealed(cipher: &MediaCipher, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        assert_eq!(
            cipher.seal_stream(b"name", plain, &mut out, &mut OsRng).unwrap(),
            plain.len() as u64
        );
        out
    }

    fn opened(cipher: &MediaCipher, name: &[u8], sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        cipher.open_stream(name, sealed, &mut out).map(|_| out)
    }

    #[test]
    fn files_of_every_shape_come_back() {
        let cipher = LocalKey::generate(&mut OsRng).media_cipher();
        for len in [
            0,
            1,
            MEDIA_CHUNK - 1,
            MEDIA_CHUNK,
            MEDIA_CHUNK + 1,
            2 * MEDIA_CHUNK,
            2 * MEDIA_CHUNK + 7,
        ] {
            let plain: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            assert_eq!(
                opened(&cipher, b"name", &sealed(&cipher, &plain)).unwrap(),
                plain,
                "{len} bytes"
            );
        }
    }

    #[test]
    fn a_changed_cut_renamed_or_foreign_file_is_refused() {
        let cipher = LocalKey::generate(&mut OsRng).media_cipher();
        let plain = vec![5; 2 * MEDIA_CHUNK + 9];
        let whole = sealed(&cipher, &plain);
        assert!(opened(&cipher, b"other", &whole).is_err());
        assert!(opened(&LocalKey::generate(&mut OsRng).media_cipher(), b"name", &whole).is_err());
        for at in [0, 8, 40, 72, 72 + MEDIA_CHUNK, whole.len() - 1] {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            assert!(opened(&cipher, b"name", &bad).is_err(), "byte {at}");
        }
        // At a chunk boundary too: the last flag is missing.
        for len in [
            0,
            71,
            72,
            72 + MEDIA_CHUNK + TAG_LEN,
            72 + 2 * (MEDIA_CHUNK + TAG_LEN),
            whole.len() - 1,
        ] {
            assert!(opened(&cipher, b"name", &whole[..len]).is_err(), "cut at {len}");
        }
        let mut swapped = whole.clone();
        let (a, b) = swapped[72..].split_at_mut(MEDIA_CHUNK + TAG_LEN);
        a.swap_with_slice(&mut b[..MEDIA_CHUNK + TAG_LEN]);
        assert!(opened(&cipher, b"name", &swapped).is_err());
    }
}
