//! Lines of a text file in UTF-8 or UTF-16, one at a time, bounded.

use std::io::{self, BufRead, BufReader, Read};

use crate::ImportError;
use crate::export_files::limits::MAX_MESSAGE;

/// Read ahead: 256 KiB.
const BUFFER: usize = 256 << 10;

/// Reads lines. `\n` and `\r\n` end a line and are not part of it.
pub(super) struct Lines<'a> {
    file: String,
    reader: Box<dyn BufRead + 'a>,
    buffer: Vec<u8>,
    decoded: String,
    number: u64,
    /// Bytes of text read so far.
    pub bytes: u64,
    /// The last line was longer than one message may be, and more of it follows.
    unfinished: bool,
}

/// A line, or a piece of an endless one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    pub number: u64,
    /// The words.
    pub text: &'a str,
    /// It goes on a line whose beginning came before.
    pub is_continuation: bool,
    /// The bytes, where they are not UTF-8: the words are a guess then.
    pub not_utf8: Option<&'a [u8]>,
}

impl<'a> Lines<'a> {
    /// Looks at the first bytes for a byte order mark and takes it off.
    pub(super) fn new(file: &str, reader: impl Read + 'a) -> Result<Self, ImportError> {
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        let start = reader.fill_buf().map_err(|e| read_failed(file, 1, e))?;
        let reader: Box<dyn BufRead + 'a> = match start {
            [0xff, 0xfe, ..] => Box::new(BufReader::new(Utf16::new(reader, u16::from_le_bytes))),
            [0xfe, 0xff, ..] => Box::new(BufReader::new(Utf16::new(reader, u16::from_be_bytes))),
            [0xef, 0xbb, 0xbf, ..] => {
                reader.consume(3);
                Box::new(reader)
            }
            _ => Box::new(reader),
        };
        let file = file.to_owned();
        Ok(Self {
            file,
            reader,
            buffer: Vec::new(),
            decoded: String::new(),
            number: 0,
            bytes: 0,
            unfinished: false,
        })
    }

    /// The next line, `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<Line<'_>>, ImportError> {
        self.buffer.clear();
        let is_continuation = self.unfinished;
        self.number += u64::from(!is_continuation);
        let mut bounded = (&mut self.reader).take(MAX_MESSAGE as u64);
        let read = bounded.read_until(b'\n', &mut self.buffer);
        let n = read.map_err(|e| read_failed(&self.file, self.number, e))?;
        if n == 0 {
            return Ok(None);
        }
        self.unfinished = n == MAX_MESSAGE && self.buffer.last() != Some(&b'\n');
        self.bytes += n as u64;
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Ok(text) = std::str::from_utf8(line) {
            return Ok(Some(Line { number: self.number, text, is_continuation, not_utf8: None }));
        }
        self.decoded = windows_1252(line);
        Ok(Some(Line {
            number: self.number,
            text: &self.decoded,
            is_continuation,
            not_utf8: Some(line),
        }))
    }
}

/// Valid UTF-8 as it is, other bytes as Windows-1252 has them (WHATWG Encoding, index
/// windows-1252): the likeliest where a program has touched the file.
fn windows_1252(bytes: &[u8]) -> String {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|b| match b {
            0x80..=0x9f => HIGH[usize::from(b - 0x80)],
            _ => char::from(*b),
        }));
    }
    text
}

fn read_failed(file: &str, line: u64, error: io::Error) -> ImportError {
    match error.kind() {
        // What a broken or lying zip entry gives.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ImportError::Damaged {
                file: file.to_owned(),
                place: format!("line {line}"),
                what: error.to_string(),
            }
        }
        _ => ImportError::Io { name: file.to_owned(), source: error },
    }
}

/// Turns UTF-16 into UTF-8 as it streams. The byte order mark becomes U+FEFF, which is skipped
/// like any other invisible mark; half a character becomes U+FFFD.
struct Utf16<R> {
    inner: R,
    unit: fn([u8; 2]) -> u16,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { inner, unit, ready: Vec::new(), at: 0 }
    }

    fn read_unit(&mut self) -> io::Result<Option<u16>> {
        let mut pair = [0; 2];
        let mut have = 0;
        while have < 2 {
            match self.inner.read(&mut pair[have..])? {
                0 if have == 0 => return Ok(None),
                0 => return Ok(Some(0xfffd)),
                n => have += n,
            }
        }
        Ok(Some((self.unit)(pair)))
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.len() < 4096 {
            let Some(first) = self.read_unit()? else { break };
            let second = if (0xd800..0xdc00).contains(&first) { self.read_unit()? } else { None };
            let units = std::iter::once(first).chain(second);
            for c in char::decode_utf16(units) {
                let c = c.unwrap_or('\u{fffd}');
                self.ready.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.refill()?;
        }
        let n = buffer.len().min(self.ready.len() - self.at);
        buffer[..n].copy_from_slice(&self.ready[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
