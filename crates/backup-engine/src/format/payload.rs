//! What is sealed of an object: compressed where that helps, and padded.

use super::FormatError;
use crate::limits::{MAX_PLAIN, MIN_PADDED, PREAMBLE};
use zstd::bulk::Compressor;

const RAW: u8 = 0;
const ZSTD: u8 = 1;

/// zstd's own default; about 300 MB/s of text on one core.
const LEVEL: i32 = 3;

/// For records of less than [`FEW_RECORDS`]: ten times as long, and smaller by a sixth.
const LEVEL_OF_FEW: i32 = 9;
const FEW_RECORDS: usize = 256 * 1024;

/// Media are mostly compressed already. So much of a piece is tried, in [`SAMPLES`] places, before
/// all of it is.
const SAMPLE: usize = 4 * 1024;
const SAMPLES: usize = 4;

/// What is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text and lists.
    Records,
    /// Whatever people send.
    Media,
}

/// Encodes payloads one after the other. Holds zstd's working memory, some megabytes.
#[derive(Default)]
pub struct PayloadEncoder {
    usual: Option<Compressor<'static>>,
    of_few: Option<Compressor<'static>>,
}

impl PayloadEncoder {
    /// encoding (1) || plaintext length (u32) || body length (u32) || body || zeros up to
    /// [`padded_len`].
    ///
    /// zstd is used where it saves at least a sixteenth.
    pub fn encode(&mut self, content: Content, plain: &[u8], out: &mut Vec<u8>) {
        assert!(plain.len() <= MAX_PLAIN, "objects are cut before they are encoded");
        let start = out.len();
        out.reserve(padded_len(plain.len() + PREAMBLE) + 64);
        out.resize(start + PREAMBLE, 0);
        let packed = if content == Content::Records || self.seems_worthwhile(plain) {
            // A buffer of the size that is worthwhile: zstd stops by itself when the input does not
            // compress.
            out.resize(start + PREAMBLE + worthwhile(plain.len()), 0);
            self.compress(content, plain, &mut out[start + PREAMBLE..])
        } else {
            None
        };
        let (encoding, body) = match packed {
            Some(len) if len < plain.len() => (ZSTD, len),
            _ => {
                out.truncate(start + PREAMBLE);
                out.extend_from_slice(plain);
                (RAW, plain.len())
            }
        };
        out.truncate(start + PREAMBLE + body);
        out[start] = encoding;
        out[start + 1..start + 5].copy_from_slice(&(plain.len() as u32).to_be_bytes());
        out[start + 5..start + 9].copy_from_slice(&(body as u32).to_be_bytes());
        out.resize(start + padded_len(PREAMBLE + body), 0);
    }

    /// The length, or `None` where there is too little room.
    fn compress(&mut self, content: Content, plain: &[u8], into: &mut [u8]) -> Option<usize> {
        let few = content == Content::Records && plain.len() < FEW_RECORDS;
        let (compressor, level) =
            if few { (&mut self.of_few, LEVEL_OF_FEW) } else { (&mut self.usual, LEVEL) };
        if compressor.is_none() {
            *compressor = Compressor::new(level).ok();
        }
        compressor.as_mut()?.compress_to_buffer(plain, into).ok()
    }

    fn seems_worthwhile(&mut self, plain: &[u8]) -> bool {
        if plain.len() <= 2 * SAMPLES * SAMPLE {
            return true;
        }
        let step = (plain.len() - SAMPLE) / (SAMPLES - 1);
        let mut room = [0; SAMPLE];
        (0..SAMPLES).any(|n| {
            let sample = &plain[n * step..n * step + SAMPLE];
            self.compress(Content::Media, sample, &mut room[..worthwhile(SAMPLE)]).is_some()
        })
    }
}

/// The most that a compressed body may have.
fn worthwhile(len: usize) -> usize {
    len - len / 16
}

/// The plaintext of a decrypted payload.
pub fn decode_payload(payload: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut reader = super::reader::Reader(payload);
    let (encoding, plain, body) = (reader.byte()?, reader.u32()? as usize, reader.u32()? as usize);
    if plain > MAX_PLAIN {
        return Err(FormatError("its plaintext is too large"));
    }
    let body = reader.bytes(body)?;
    let out = match encoding {
        RAW => body.to_vec(),
        ZSTD => zstd::bulk::decompress(body, plain)
            .map_err(|_| FormatError("it does not decompress"))?,
        _ => return Err(FormatError("it is encoded in an unknown way")),
    };
    if out.len() == plain { Ok(out) } else { Err(FormatError("its length is not what it says")) }
}

/// Rounds up to a bucket, PADMÉ (Nikitin et al., "Reducing Metadata Leakage", PETS 2019): with `e`
/// = floor(log2 len) and `s` = floor(log2 e) + 1, the low `e - s` bits become zero. At least
/// [`MIN_PADDED`]; at most 6 % is added above.
pub fn padded_len(len: usize) -> usize {
    if len <= MIN_PADDED {
        return MIN_PADDED;
    }
    let e = len.ilog2();
    let low_bits = e - (e.ilog2() + 1);
    len.next_multiple_of(1 << low_bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MEDIA_PIECE;

    fn encode_payload(plain: &[u8], out: &mut Vec<u8>) {
        PayloadEncoder::default().encode(Content::Media, plain, out);
    }

    #[test]
    fn payloads_come_back() {
        let noise: Vec<u8> =
            (0..5000u32).flat_map(|i| sealed_keys::digest(&i.to_be_bytes())).collect();
        for plain in [&b""[..], b"x", &[7; 100_000], &noise] {
            let mut out = b"before".to_vec();
            encode_payload(plain, &mut out);
            assert_eq!(decode_payload(&out[6..]).unwrap(), plain);
            assert_eq!(out.len() - 6, padded_len(out.len() - 6));
        }
    }

    #[test]
    fn text_is_packed_and_noise_is_not() {
        let mut out = Vec::new();
        encode_payload(&[7; 100_000], &mut out);
        assert_eq!((out[0], out.len()), (ZSTD, MIN_PADDED));
        let noise: Vec<u8> =
            (0..3125u32).flat_map(|i| sealed_keys::digest(&i.to_be_bytes())).collect();
        out.clear();
        encode_payload(&noise, &mut out);
        assert_eq!((out[0], out.len()), (RAW, padded_len(100_000 + PREAMBLE)));
    }

    #[test]
    fn a_picture_with_a_text_inside_is_packed() {
        let mut mixed: Vec<u8> =
            (0..31_250u32).flat_map(|i| sealed_keys::digest(&i.to_be_bytes())).collect();
        mixed[600_000..].fill(7);
        for content in [Content::Media, Content::Records] {
            let mut out = Vec::new();
            PayloadEncoder::default().encode(content, &mixed, &mut out);
            assert_eq!((out[0], decode_payload(&out).unwrap() == mixed), (ZSTD, true));
            assert!(out.len() < 650_000);
        }
    }

    #[test]
    fn an_encoder_is_used_again_and_again() {
        let mut encoder = PayloadEncoder::default();
        for len in [0, 10, FEW_RECORDS - 1, FEW_RECORDS, 1_000_000, 10] {
            let plain: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            for content in [Content::Media, Content::Records] {
                let mut out = Vec::new();
                encoder.encode(content, &plain, &mut out);
                assert_eq!(decode_payload(&out).unwrap(), plain, "{len}");
            }
        }
    }

    #[test]
    fn buckets_add_little_and_a_full_piece_nothing() {
        assert_eq!(padded_len(0), MIN_PADDED);
        assert_eq!(padded_len(MEDIA_PIECE + PREAMBLE), MEDIA_PIECE + PREAMBLE);
        for len in (1..3_000_000).step_by(997) {
            let padded = padded_len(len);
            assert!(padded >= len && padded_len(padded) == padded, "{len}");
            assert!(len <= MIN_PADDED || padded - len <= len / 16, "{len} became {padded}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut whole = Vec::new();
        encode_payload(&[7; 1000], &mut whole);
        let with = |at: usize, to: &[u8]| {
            let mut bad = whole.clone();
            bad[at..at + to.len()].copy_from_slice(to);
            decode_payload(&bad)
        };
        assert!(with(0, &[9]).is_err(), "unknown encoding");
        assert!(with(1, &u32::MAX.to_be_bytes()).is_err(), "4 GiB of plaintext");
        assert!(with(1, &999u32.to_be_bytes()).is_err(), "another length");
        assert!(with(5, &u32::MAX.to_be_bytes()).is_err(), "a body past the end");
        assert!(decode_payload(&whole[..8]).is_err(), "cut");
    }
}
