//! First reading: how many messages, in which form, by whom, and the order of the dates.

use std::collections::HashSet;
use std::io::Read;

use super::authors::Authors;
use super::date_order::{Evidence, day_in_file_name};
use super::header::{self, Header};
use super::lines::Lines;
use crate::ImportError;
use crate::export_files::ExportFiles;

/// What the first reading found.
pub struct Scan {
    /// Messages, system lines included.
    pub messages: u64,
    /// The beginning of the first message, as written.
    pub first_header: String,
    /// What tells a header from a line of text that looks like one.
    pub shape: Shape,
    /// For the order of dates.
    pub dates: Evidence,
    /// Who wrote.
    pub authors: Authors,
}

/// All headers of one export have the same shape; a pasted piece of another chat has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    bracketed: bool,
    separator: char,
}

impl Shape {
    fn of(header: &Header) -> Self {
        Self { bracketed: header.bracketed, separator: header.separator }
    }

    /// The header of this shape at the beginning of a line.
    pub fn parse(self, line: &str) -> Option<Header> {
        header::parse(line).filter(|h| Self::of(h) == self)
    }
}

/// Lines looked at to tell whether a text is a chat: the first message may come after a few
/// lines that an app that shared the file put above it.
const LOOK_AT: usize = 8;

/// Whether a text begins like a chat. An error means that the file itself cannot be read.
pub fn looks_like_chat(file: &str, reader: impl Read) -> Result<bool, ImportError> {
    // A 64 KiB prefix is enough for eight lines of any header; a longer first line is no chat.
    let mut lines = Lines::new(file, reader.take(64 << 10))?;
    for _ in 0..LOOK_AT {
        match lines.next_line() {
            Ok(Some(line)) if header::parse(line).is_some() => return Ok(true),
            Ok(Some(_)) => {}
            // Bytes that are no text are no chat; further down, the reading names their line.
            Ok(None) | Err(ImportError::BadText { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Reads a whole chat once.
pub fn scan(file: &str, reader: impl Read) -> Result<Scan, ImportError> {
    let mut lines = Lines::new(file, reader)?;
    let mut scan: Option<Scan> = None;
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next_line()? else { break };
        let header = match &scan {
            Some(scan) => scan.shape.parse(line),
            None => header::parse(line),
        };
        let Some(header) = header else { continue };
        let found = scan.get_or_insert_with(|| Scan {
            messages: 0,
            first_header: line[header.date.0..header.rest].trim_end_matches([' ', '-']).to_owned(),
            shape: Shape::of(&header),
            dates: Evidence::default(),
            authors: Authors::default(),
        });
        let rest = &line[header.rest..];
        found.messages += 1;
        found.dates.add(&header, number, &line[header.date.0..header.date.1], day_in_file_name(rest));
        found.authors.add(rest);
    }
    scan.ok_or_else(|| ImportError::NotRecognised {
        name: file.to_owned(),
        hint: "no line begins with a date, a time and a name as WhatsApp writes them".into(),
    })
}

/// The names of the files beside a chat.
pub struct NameSet(HashSet<String>);

impl NameSet {
    /// Of an opened export.
    pub fn of(files: &ExportFiles) -> Self {
        Self(files.file_names())
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
