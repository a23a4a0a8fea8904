//! JSON of one value per line.

use std::io::{self, BufRead, BufReader, Read};

use crate::ImportError;

/// Longest line that is read as one: 64 MiB, as of a value in a stream. A longer one falls into
/// pieces, which are no JSON.
const MAX_LINE: u64 = 64 << 20;

/// Hands over each line that is not blank, with the bytes read so far.
///
/// # Errors
/// [`ImportError::Io`], or what `on_line` gives.
pub(crate) fn each_line(
    file: &str,
    reader: impl Read,
    mut on_line: impl FnMut(&[u8], u64) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut reader = BufReader::with_capacity(256 << 10, reader);
    let mut line = Vec::new();
    let mut at = 0;
    loop {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        let read = match read {
            // What a broken zip entry gives: what is good before it is read.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                0
            }
            read => read.map_err(ImportError::io(file))?,
        };
        if read == 0 && line.is_empty() {
            return Ok(());
        }
        at += line.len() as u64;
        let words = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if !words.is_empty() {
            on_line(words, at)?;
        }
        if read == 0 {
            return Ok(());
        }
    }
}
