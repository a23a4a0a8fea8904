//! First reading: how many messages, in which form, by whom, and the order of the dates.

use std::collections::VecDeque;
use std::io::Read;

use chat_archive::SampleMessage;

use super::authors::{self, Authors};
use super::body;
use super::date_evidence::{Evidence, Reading, day_in_file_name};
use super::date_order::DateOrder;
use super::header::{self, Header, Shape, Style};
use super::lines::Lines;
use super::name_key::key_of;
use crate::ImportError;

/// What the first reading found.
pub(super) struct Scan {
    /// Messages, system lines included.
    pub messages: u64,
    /// The beginning of the first message, as written.
    pub first_header: String,
    /// Parts of the file with headers of one shape each: one, or two where one export was appended
    /// to another.
    segments: Vec<Segment>,
    /// Who wrote.
    pub authors: Authors,
    /// Some messages, by which the chat is found again.
    sample: Sample,
}

/// Beginnings of the first, of the last and of some other messages.
#[derive(Default)]
struct Sample {
    first: Vec<(Header, String)>,
    last: VecDeque<(Header, String)>,
    other: Vec<(Header, String)>,
    seen: usize,
}

/// Messages sampled at either end, and between: a later export has the end of an earlier one
/// anywhere in it.
const SAMPLED: usize = 120;
/// Characters of a message that are enough to know it by.
const SAMPLED_CHARS: usize = 120;
/// Between two sampled messages in the middle.
const SAMPLE_STEP: usize = 97;

impl Sample {
    fn add(&mut self, header: &Header, rest: &str) {
        let line = || (*header, rest.chars().take(SAMPLED_CHARS).collect::<String>());
        self.seen += 1;
        if self.first.len() < SAMPLED {
            return self.first.push(line());
        }
        if self.seen.is_multiple_of(SAMPLE_STEP) && self.other.len() < 10 * SAMPLED {
            self.other.push(line());
        }
        if self.last.len() == SAMPLED {
            self.last.pop_front();
        }
        self.last.push_back(line());
    }
}

struct Segment {
    shape: Shape,
    from_line: u64,
    messages: u64,
    dates: Evidence,
    first: Header,
    last: Header,
}

/// A part of the file as the second reading needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    shape: Shape,
    from_line: u64,
    reading: Reading,
}

impl Part {
    /// The header of this part at the beginning of a line, with its day since 1970.
    fn parse(self, line: &str) -> Option<(Header, i64)> {
        let header = header::parse(line).filter(|h| h.shape == self.shape)?;
        self.reading.day(&header).map(|day| (header, day))
    }
}

/// Lines looked at to tell whether a text is a chat: the first message may come after a few
/// lines that an app that shared the file put above it.
const LOOK_AT: usize = 8;

/// A clock may be set back a day and two hours where one export ends and the next begins.
const OVERLAP_MINUTES: i64 = 26 * 60;

/// Whether a text begins like a chat. An error means that the file itself cannot be read.
pub(super) fn looks_like_chat(file: &str, reader: impl Read) -> Result<bool, ImportError> {
    // A 64 KiB prefix is enough for eight lines of any header; a longer first line is no chat.
    let mut lines = Lines::new(file, reader.take(64 << 10))?;
    let mut loose = 0;
    for _ in 0..LOOK_AT {
        let Some(line) = lines.next_line()? else { break };
        match header::parse(line.text).map(|h| h.shape.style) {
            Some(Style::Bracketed | Style::Dashed) => return Ok(true),
            // Programs write logs that look like this too: a chat has two such lines with names.
            Some(Style::Colon | Style::Blank) => loose += 1,
            None => {}
        }
    }
    Ok(loose >= 2)
}

/// Reads a whole chat once. `title` is the chat's name by the name of its file.
pub(super) fn scan(
    file: &str,
    reader: impl Read,
    title: Option<&str>,
    foreign: bool,
) -> Result<Scan, ImportError> {
    let mut lines = Lines::new(file, reader)?;
    let mut found: Option<Scan> = None;
    let mut tail: Option<(Segment, Authors)> = None;
    while let Some(line) = lines.next_line()? {
        if line.is_continuation {
            continue;
        }
        let text = line.text;
        let Some(header) = header::parse(text) else { continue };
        let number = line.number;
        let written = &text[header.date_at.0..header.date_at.1];
        let rest = &text[header.rest..];
        match &mut found {
            None => {
                let style = header.shape.style;
                let mut scan = Scan {
                    messages: 0,
                    first_header: text[header.date_at.0..header.rest]
                        .trim_end_matches([' ', '-', ':'])
                        .to_owned(),
                    segments: vec![Segment::begin(header, number)],
                    authors: Authors::for_title(title, style == Style::Bracketed),
                    sample: Sample::default(),
                };
                scan.sample.add(&header, rest);
                scan.authors.add(rest);
                scan.segments[0].add(&header, number, written, rest);
                found = Some(scan);
            }
            Some(scan) if scan.segments[0].shape == header.shape => {
                tail = None;
                scan.segments[0].add(&header, number, written, rest);
                scan.authors.add(rest);
                scan.sample.add(&header, rest);
            }
            Some(_) => {
                let is_new = tail.as_ref().is_none_or(|(segment, _)| segment.shape != header.shape);
                if is_new {
                    let bracketed = header.shape.style == Style::Bracketed;
                    tail = Some((
                        Segment::begin(header, number),
                        Authors::for_title(title, bracketed),
                    ));
                }
                if let Some((segment, authors)) = &mut tail {
                    segment.add(&header, number, written, rest);
                    authors.add(rest);
                }
            }
        }
    }
    let mut scan = found.ok_or_else(|| ImportError::NotRecognised {
        name: file.to_owned(),
        hint: "no line begins with a date, a time and a name as WhatsApp writes them".into(),
    })?;
    scan.take_tail(file, tail);
    if foreign {
        scan.segments.iter_mut().for_each(|segment| segment.dates.is_never_month_first());
    }
    scan.messages = scan.segments.iter().map(|s| s.messages).sum();
    Ok(scan)
}

impl Segment {
    fn begin(first: Header, from_line: u64) -> Self {
        Self {
            shape: first.shape,
            from_line,
            messages: 0,
            dates: Evidence::default(),
            first,
            last: first,
        }
    }

    fn add(&mut self, header: &Header, number: u64, written: &str, rest: &str) {
        self.messages += 1;
        self.last = *header;
        self.dates.add(header, number, written, day_in_file_name(rest));
    }
}

impl Scan {
    /// Lines of another shape up to the end are another export that was appended, if there are
    /// several and they go on where the first ends; else they are text that was pasted.
    fn take_tail(&mut self, file: &str, tail: Option<(Segment, Authors)>) {
        let Some((segment, authors)) = tail.filter(|(segment, _)| segment.messages >= 2) else {
            return;
        };
        let today = i64::from(i32::MAX);
        let minute = |segment: &Segment, header: &Header| {
            let reading = segment.dates.decide(file, None, today).ok()?;
            Some(reading.day(header)? * 1_440 + i64::from(header.hour * 60 + header.minute))
        };
        let first = &self.segments[0];
        let ends = minute(first, &first.last);
        let begins = minute(&segment, &segment.first);
        if ends.zip(begins).is_some_and(|(ends, begins)| begins >= ends - OVERLAP_MINUTES) {
            self.segments.push(segment);
            self.authors.take_in(authors);
        }
    }

    /// Messages of people by which the chat is found in the archive.
    pub(super) fn sample(&self, parts: &[Part]) -> Vec<SampleMessage> {
        let Some(part) = parts.first() else { return Vec::new() };
        let lines = self.sample.first.iter().chain(&self.sample.last).chain(&self.sample.other);
        let message = |(header, rest): &(Header, String)| {
            let (name, text) =
                self.authors.split(rest).filter(|(_, text)| !body::is_of_whatsapp(text))?;
            let day = part.reading.day(header)?;
            let minutes = day * 1_440 + i64::from(header.hour * 60 + header.minute);
            let words = body::read(text, &|_| false).text;
            Some(SampleMessage {
                ms: minutes * 60_000 + i64::from(header.second.unwrap_or(0)) * 1_000,
                sender: key_of(&authors::clean(name)),
                words: words.lines().next().unwrap_or_default().to_owned(),
            })
        };
        lines.filter_map(message).collect()
    }

    /// How to read each part.
    pub(super) fn parts(
        &self,
        file: &str,
        chosen: Option<DateOrder>,
        today: i64,
    ) -> Result<Vec<Part>, ImportError> {
        let part = |segment: &Segment| {
            let reading = segment.dates.decide(file, chosen, today)?;
            Ok(Part { shape: segment.shape, from_line: segment.from_line, reading })
        };
        self.segments.iter().map(part).collect()
    }
}

/// The header of the part that line `number` belongs to.
pub(super) fn parse_in(parts: &[Part], number: u64, line: &str) -> Option<(Header, i64)> {
    let part = parts.iter().rev().find(|part| number >= part.from_line)?;
    part.parse(line)
}
