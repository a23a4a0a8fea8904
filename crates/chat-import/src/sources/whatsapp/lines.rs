//! Lines of a text file in UTF-8 or UTF-16, one at a time, bounded.

use std::io::{self, BufRead, BufReader, Read};

use crate::ImportError;
use crate::export_files::limits::MAX_MESSAGE;

/// Read ahead: 256 KiB.
const BUFFER: usize = 256 << 10;

/// Reads lines. `\n` and `\r\n` end a line and are not part of it.
pub struct Lines<'a> {
    file: String,
    reader: Box<dyn BufRead + 'a>,
    buffer: Vec<u8>,
    /// Number of the line that was read last, from 1.
    pub number: u64,
    /// Bytes of text read so far.
    pub bytes: u64,
}

impl<'a> Lines<'a> {
    /// Looks at the first bytes for a byte order mark and takes it off.
    pub fn new(file: &str, reader: impl Read + 'a) -> Result<Self, ImportError> {
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
        Ok(Self { file: file.to_owned(), reader, buffer: Vec::new(), number: 0, bytes: 0 })
    }

    /// The next line, `None` at the end.
    pub fn next_line(&mut self) -> Result<Option<&str>, ImportError> {
        self.buffer.clear();
        self.number += 1;
        let mut bounded = (&mut self.reader).take(MAX_MESSAGE as u64 + 1);
        let read = bounded.read_until(b'\n', &mut self.buffer);
        let n = read.map_err(|e| read_failed(&self.file, self.number, e))?;
        if n == 0 {
            return Ok(None);
        }
        if n > MAX_MESSAGE {
            return Err(too_long(&self.file));
        }
        self.bytes += n as u64;
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(ImportError::BadText { file: self.file.clone(), line: self.number }),
        }
    }
}

/// The refusal of an endless line or message.
pub fn too_long(file: &str) -> ImportError {
    ImportError::TooLarge { file: file.to_owned(), what: "one message", limit: MAX_MESSAGE as u64 }
}

fn read_failed(file: &str, line: u64, error: io::Error) -> ImportError {
    match error.kind() {
        io::ErrorKind::InvalidData if error.to_string() == BAD_UTF16 => {
            ImportError::BadText { file: file.to_owned(), line }
        }
        // What a broken or lying zip entry gives.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ImportError::Damaged { file: file.to_owned(), place: format!("line {line}"), what: error.to_string() }
        }
        _ => ImportError::Io { name: file.to_owned(), source: error },
    }
}

const BAD_UTF16: &str = "invalid UTF-16";

/// Turns UTF-16 into UTF-8 as it streams. The byte order mark becomes U+FEFF, which is skipped
/// like any other invisible mark.
struct Utf16<R> {
    inner: R,
    unit: fn([u8; 2]) -> u16,
    ready: Vec<u8>,
    at: usize,
    /// Told only when all text before it was read, so that the line is right.
    failed: Option<io::Error>,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { inner, unit, ready: Vec::new(), at: 0, failed: None }
    }

    fn read_unit(&mut self) -> io::Result<Option<u16>> {
        let mut pair = [0; 2];
        let mut have = 0;
        while have < 2 {
            match self.inner.read(&mut pair[have..])? {
                0 if have == 0 => return Ok(None),
                0 => return Err(bad_utf16()),
                n => have += n,
            }
        }
        Ok(Some((self.unit)(pair)))
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match self.decode() {
            Err(error) if !self.ready.is_empty() => self.failed = Some(error),
            other => return other,
        }
        Ok(())
    }

    fn decode(&mut self) -> io::Result<()> {
        while self.ready.len() < 4096 {
            let Some(first) = self.read_unit()? else { break };
            let second = if (0xd800..0xdc00).contains(&first) { self.read_unit()? } else { None };
            let units = std::iter::once(first).chain(second);
            for c in char::decode_utf16(units) {
                let c = c.map_err(|_| bad_utf16())?;
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

fn bad_utf16() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, BAD_UTF16)
}
