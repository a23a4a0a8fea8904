//! The words of an `attributedBody`: Apple's typedstream, as NSArchiver wrote it for NeXTSTEP and
//! as Messages still does. Our own reader: of the objects in it, only the string is wanted.
//!
//! A stream begins with the version 4, the length-prefixed name `streamtyped` and the system's
//! version. A string object ends with its encoding `+` and the bytes, after their length: one
//! byte, or 0x81 and two, or 0x82 and four, little-endian.

const SIGNATURE: &[u8] = b"streamtyped";
const CLASS: &[u8] = b"NSString";
/// Encoding of a C string with a length: `+`, itself a string of one byte.
const BYTES: &[u8] = &[0x01, b'+'];
/// Between the class and the encoding stand the superclass and references: some ten bytes.
const NEAR: usize = 64;

/// The text of an attributed string; `None` if there is none that can be read.
pub fn text(blob: &[u8]) -> Option<String> {
    position(blob, SIGNATURE).filter(|at| *at <= 4)?;
    let class = position(blob, CLASS)? + CLASS.len();
    let rest = blob.get(class..)?;
    let encoding = position(&rest[..rest.len().min(NEAR)], BYTES)? + BYTES.len();
    let rest = rest.get(encoding..)?;
    let (length, used) = length(rest)?;
    let bytes = rest.get(used..used.checked_add(length)?)?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}

fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.first()? {
        0x81 => Some((usize::from(u16::from_le_bytes(bytes.get(1..3)?.try_into().ok()?)), 3)),
        0x82 => usize::try_from(u32::from_le_bytes(bytes.get(1..5)?.try_into().ok()?))
            .ok()
            .map(|n| (n, 5)),
        n @ 0..=0x7f => Some((usize::from(n), 1)),
        _ => None,
    }
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Messages writes it, up to the string's end.
    pub(super) fn stream(words: &str) -> Vec<u8> {
        let mut blob = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+".to_vec();
        match words.len() {
            n @ 0..=127 => blob.push(n as u8),
            n => {
                blob.push(0x81);
                blob.extend((n as u16).to_le_bytes());
            }
        }
        blob.extend(words.as_bytes());
        blob.extend(b"\x86\x84\x02iI\x01");
        blob
    }

    #[test]
    fn words_come_out_whatever_their_length() {
        for words in ["hi", "naïve 🎈", &"long ".repeat(100)] {
            assert_eq!(text(&stream(words)).as_deref(), Some(words));
        }
    }

    #[test]
    fn what_is_cut_or_no_stream_gives_nothing() {
        let whole = stream("hello there");
        for end in 0..whole.len() {
            let _ = text(&whole[..end]);
        }
        assert_eq!(text(b""), None);
        assert_eq!(text(b"NSString\x01+\x02hi"), None);
        assert_eq!(
            text(&[SIGNATURE, CLASS, BYTES, &[0x82, 0xff, 0xff, 0xff, 0xff]].concat()),
            None
        );
    }
}
