use super::FormatError;
use crate::limits::{MAX_PLAIN, MIN_PADDED, PREAMBLE};

const RAW: u8 = 0;
const ZSTD: u8 = 1;

/// zstd's own default; about 300 MB/s of text on one core.
const LEVEL: i32 = 3;

/// encoding (1) || plaintext length (u32) || body length (u32) || body || zeros up to [`padded_len`].
///
/// zstd is used where it saves at least a sixteenth.
pub fn encode_payload(plain: &[u8], out: &mut Vec<u8>) {
    assert!(plain.len() <= MAX_PLAIN, "objects are cut before they are encoded");
    let start = out.len();
    out.reserve(padded_len(plain.len() + PREAMBLE) + 64);
    out.resize(start + PREAMBLE, 0);
    let worthwhile = plain.len() - plain.len() / 16;
    // A buffer of the size that is worthwhile: zstd stops by itself when the input does not compress.
    out.resize(start + PREAMBLE + worthwhile, 0);
    let packed = zstd::bulk::compress_to_buffer(plain, &mut out[start + PREAMBLE..], LEVEL);
    let (encoding, body) = match packed {
        Ok(len) if len < plain.len() => (ZSTD, len),
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
        ZSTD => zstd::bulk::decompress(body, plain).map_err(|_| FormatError("it does not decompress"))?,
        _ => return Err(FormatError("it is encoded in an unknown way")),
    };
    if out.len() == plain { Ok(out) } else { Err(FormatError("its length is not what it says")) }
}

/// Rounds up to a bucket, PADMÉ (Nikitin et al., "Reducing Metadata Leakage", PETS 2019): with `e` = floor(log2 len)
/// and `s` = floor(log2 e) + 1, the low `e - s` bits become zero. At least [`MIN_PADDED`]; at most 6 % is added above.
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

    #[test]
    fn payloads_come_back() {
        let noise: Vec<u8> = (0..5000u32).flat_map(|i| sealed_keys::digest(&i.to_be_bytes())).collect();
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
        let noise: Vec<u8> = (0..3125u32).flat_map(|i| sealed_keys::digest(&i.to_be_bytes())).collect();
        out.clear();
        encode_payload(&noise, &mut out);
        assert_eq!((out[0], out.len()), (RAW, padded_len(100_000 + PREAMBLE)));
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
