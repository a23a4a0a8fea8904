//! JSON read piece by piece: a file may be larger than memory.

use std::io::{self, BufRead, BufReader, Read};

/// Longest key that is read whole; longer ones are cut. Messengers' longest has some fifty bytes.
const MAX_KEY: usize = 256;

/// Longest value that is handed over; what is beyond is dropped and counted as cut: 64 MiB.
const MAX_CUT: usize = 64 << 20;

/// Why a stream cannot be read on.
#[derive(Debug)]
pub(crate) enum StreamError {
    /// The file ends in the middle.
    End,
    /// Something stands where JSON has something else.
    NotJson {
        /// Bytes before it.
        at: u64,
    },
    /// Reading failed.
    Io(io::Error),
}

/// A value cut out of the stream.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The file ended in the middle of it.
    pub is_cut_off: bool,
}

/// A stream of JSON, read as far as its caller wants.
pub(crate) struct JsonStream<R> {
    reader: BufReader<R>,
    /// Bytes read so far.
    pub at: u64,
}

type Outcome<T> = Result<T, StreamError>;

impl<R: Read> JsonStream<R> {
    /// Begins to read; a byte order mark is skipped.
    pub(crate) fn new(reader: R) -> Outcome<Self> {
        let mut stream = Self { reader: BufReader::with_capacity(256 << 10, reader), at: 0 };
        if stream.fill()?.starts_with(b"\xef\xbb\xbf") {
            stream.consume(3);
        }
        Ok(stream)
    }

    /// The first byte of the next value, `None` at the end.
    pub(crate) fn peek(&mut self) -> Outcome<Option<u8>> {
        loop {
            let buffer = self.fill()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let blanks = buffer.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let next = buffer.get(blanks).copied();
            self.consume(blanks);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Reads an object: `on_field` gets each key and must read its value.
    pub(crate) fn object<E: From<StreamError>>(
        &mut self,
        mut on_field: impl FnMut(&mut Self, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.take(b'{')?;
        loop {
            match self.peek()?.ok_or(StreamError::End)? {
                b'}' => return Ok(self.take(b'}')?),
                b',' => self.take(b',')?,
                _ => {
                    let key = self.key()?;
                    self.take(b':')?;
                    on_field(self, &key)?;
                }
            }
        }
    }

    /// Reads an array: `on_element` must read each value.
    pub(crate) fn array<E: From<StreamError>>(
        &mut self,
        mut on_element: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.take(b'[')?;
        loop {
            match self.peek()?.ok_or(StreamError::End)? {
                b']' => return Ok(self.take(b']')?),
                // A brace that closes nothing is left over from an element that is no JSON.
                b',' | b'}' => self.consume(1),
                _ => {
                    let before = self.at;
                    on_element(self)?;
                    if self.at == before {
                        // A bracket that closes nothing: no value, and no way on.
                        return Err(StreamError::NotJson { at: before }.into());
                    }
                }
            }
        }
    }

    /// Cuts the next value out.
    pub(crate) fn cut(&mut self) -> Outcome<Cut> {
        let mut cut = Cut::default();
        match self.walk(Some(&mut cut.bytes)) {
            Err(StreamError::End) => cut.is_cut_off = true,
            other => other?,
        }
        Ok(cut)
    }

    /// Reads past the next value.
    pub(crate) fn skip(&mut self) -> Outcome<()> {
        self.walk(None)
    }

    fn key(&mut self) -> Outcome<String> {
        if self.peek()? != Some(b'"') {
            return Err(StreamError::NotJson { at: self.at });
        }
        let mut cut = Vec::new();
        self.walk(Some(&mut cut))?;
        cut.truncate(MAX_KEY);
        let inner = cut.strip_prefix(b"\"").unwrap_or(&cut);
        Ok(String::from_utf8_lossy(inner.strip_suffix(b"\"").unwrap_or(inner)).into_owned())
    }

    fn take(&mut self, wanted: u8) -> Outcome<()> {
        match self.peek()? {
            Some(found) if found == wanted => {
                self.consume(1);
                Ok(())
            }
            Some(_) => Err(StreamError::NotJson { at: self.at }),
            None => Err(StreamError::End),
        }
    }

    /// Reads one value, whatever is in it: strings and nesting alone are understood.
    fn walk(&mut self, mut into: Option<&mut Vec<u8>>) -> Outcome<()> {
        self.peek()?;
        let mut walk = Walk::default();
        loop {
            let buffer = self.reader.fill_buf().map_err(StreamError::Io)?;
            if buffer.is_empty() {
                // A number may end with the file; nothing else does.
                return if walk.is_bare() { Ok(()) } else { Err(StreamError::End) };
            }
            let step = walk.step(buffer);
            if let Some(bytes) = into.as_deref_mut() {
                let room = MAX_CUT.saturating_sub(bytes.len()).min(step.used);
                bytes.extend_from_slice(&buffer[..room]);
            }
            self.consume(step.used);
            if step.done {
                return Ok(());
            }
        }
    }

    fn fill(&mut self) -> Outcome<&[u8]> {
        self.reader.fill_buf().map_err(StreamError::Io)
    }

    fn consume(&mut self, n: usize) {
        self.reader.consume(n);
        self.at += n as u64;
    }
}

/// Where in a value the reading is.
#[derive(Default)]
struct Walk {
    depth: u64,
    in_string: bool,
    escaped: bool,
    bare: bool,
}

struct Step {
    used: usize,
    done: bool,
}

impl Walk {
    fn is_bare(&self) -> bool {
        self.bare && self.depth == 0 && !self.in_string
    }

    fn step(&mut self, buffer: &[u8]) -> Step {
        for (at, byte) in buffer.iter().enumerate() {
            if self.in_string {
                self.string_byte(*byte);
                if !self.in_string && self.depth == 0 {
                    return Step { used: at + 1, done: true };
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' | b',' if self.depth == 0 => return Step { used: at, done: true },
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Step { used: at + 1, done: true };
                    }
                }
                _ => self.bare |= !byte.is_ascii_whitespace(),
            }
        }
        Step { used: buffer.len(), done: false }
    }

    fn string_byte(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> (Vec<String>, bool) {
        let mut found = Vec::new();
        let mut stream = JsonStream::new(text.as_bytes()).unwrap();
        let result: Outcome<()> = stream.array(|stream| {
            found.push(String::from_utf8(stream.cut()?.bytes).unwrap());
            Ok(())
        });
        (found, result.is_ok())
    }

    #[test]
    fn values_are_cut_out_whatever_is_in_them() {
        let (found, whole) =
            elements(r#" [1, "a,]\"b", {"x":[1,{"y":"}"}]}, {"bad": a (2).b}, null ] "#);
        assert_eq!(
            found,
            ["1", r#""a,]\"b""#, r#"{"x":[1,{"y":"}"}]}"#, r#"{"bad": a (2).b}"#, "null "]
        );
        assert!(whole);
    }

    #[test]
    fn what_is_cut_off_is_given_as_far_as_it_goes() {
        let (found, whole) = elements(r#"[{"a":1},{"b":"#);
        assert_eq!(found, [r#"{"a":1}"#, r#"{"b":"#]);
        assert!(!whole);
    }
}
