//! Second reading: messages, one at a time.

use std::io::Read;

use chat_archive::{Details, MessageKind, NewMessage, Participant, Precision, Timestamp, Zone};

use super::header::Header;
use super::lines::{Line, Lines};
use super::marks::is_mark;
use super::name_key::key_of;
use super::scan::{self, Part, Scan};
use super::{authors, body};
use crate::ImportError;
use crate::export_files::limits::MAX_MESSAGE;

/// What a chat's text holds, in order.
pub(super) enum Item {
    /// A message.
    Message(Box<NewMessage>),
    /// Something that is none: what sort of thing, and its bytes.
    Leftover(&'static str, Vec<u8>),
}

/// Called with every item and the bytes read so far.
pub(super) type OnItem<'a> = &'a mut dyn FnMut(Item, u64) -> Result<(), ImportError>;

/// Words beyond what one message may have are stored apart, in pieces of as much.
const TOO_LONG: &str = "words beyond 4 MiB of one message";
/// Whatever app shared the file, and WhatsApp Web, put lines above the first message.
const ABOVE: &str = "line before the first message";
/// The line is in the chat as well, as far as it could be guessed.
const NOT_UTF8: &str = "line that is not UTF-8";

/// Reads a chat and yields its items in order.
pub(super) fn read(
    file: &str,
    reader: impl Read,
    scan: &Scan,
    parts: &[Part],
    has: &dyn Fn(&str) -> bool,
    on_item: OnItem<'_>,
) -> Result<(), ImportError> {
    let mut lines = Lines::new(file, reader)?;
    let mut reading = ReadingOn { scan, owner: scan.authors.owner(), has, open: None };
    loop {
        let bytes = lines.bytes;
        let Some(line) = lines.next_line()? else { break };
        if let Some(raw) = line.not_utf8 {
            on_item(Item::Leftover(NOT_UTF8, raw.to_vec()), bytes)?;
        }
        let header = match line.is_continuation {
            true => None,
            false => scan::parse_in(parts, line.number, line.text),
        };
        match header {
            Some((header, day)) => {
                if let Some(done) = reading.open.take() {
                    on_item(reading.finish(done), bytes)?;
                }
                reading.begin(&header, day, &line.text[header.rest..]);
            }
            None => reading.go_on(line, bytes, on_item)?,
        }
    }
    match reading.open.take() {
        Some(done) => on_item(reading.finish(done), lines.bytes),
        None => Ok(()),
    }
}

struct ReadingOn<'a> {
    scan: &'a Scan,
    owner: Option<String>,
    has: &'a dyn Fn(&str) -> bool,
    open: Option<Open>,
}

/// A message whose further lines are still to come.
struct Open {
    time: Timestamp,
    sender: Option<String>,
    text: String,
}

impl ReadingOn<'_> {
    fn begin(&mut self, header: &Header, day: i64, rest: &str) {
        let (sender, text) = match self.scan.authors.split(rest) {
            Some((name, text)) if self.scan.authors.is_only_chat(name) => (None, text),
            Some((name, text)) if self.scan.authors.is_chat(name) && body::is_of_whatsapp(text) => {
                (None, text)
            }
            Some((name, text)) => (Some(authors::clean(name)), text),
            None => (None, rest),
        };
        self.open = Some(Open { time: timestamp(header, day), sender, text: text.to_owned() });
    }

    /// A line that begins no message: more of the one above.
    fn go_on(
        &mut self,
        line: Line<'_>,
        bytes: u64,
        on_item: OnItem<'_>,
    ) -> Result<(), ImportError> {
        let Some(message) = &mut self.open else {
            let is_blank = line.text.trim_matches(is_mark).trim().is_empty();
            return if is_blank {
                Ok(())
            } else {
                on_item(Item::Leftover(ABOVE, line.text.as_bytes().to_vec()), bytes)
            };
        };
        if message.text.len() + line.text.len() >= MAX_MESSAGE {
            return on_item(Item::Leftover(TOO_LONG, line.text.as_bytes().to_vec()), bytes);
        }
        if !line.is_continuation {
            message.text.push('\n');
        }
        message.text.push_str(line.text);
        Ok(())
    }

    fn finish(&self, message: Open) -> Item {
        let is_service = message.sender.is_none() || body::is_of_whatsapp(&message.text);
        let body = body::read(&message.text, self.has);
        let own = |name: &String| self.owner.as_ref().map(|owner| owner == name);
        let sender = message.sender.map(|name| {
            let own = own(&name);
            Participant::new(key_of(&name), name).with_own(own)
        });
        Item::Message(Box::new(NewMessage {
            sender,
            time: message.time,
            kind: if is_service && body.attachment.is_none() {
                MessageKind::System
            } else {
                MessageKind::Text
            },
            text: body.text,
            forwarded_from: body.forwarded.then(String::new),
            edited: body.edited,
            unsent: body.unsent,
            attachments: body.attachment.into_iter().collect(),
            details: Details { sort: body.sort, raw: body.raw, ..Details::default() },
            ..NewMessage::default()
        }))
    }
}

fn timestamp(header: &Header, day: i64) -> Timestamp {
    let seconds = day * 86_400
        + i64::from(header.hour * 3_600 + header.minute * 60 + header.second.unwrap_or(0));
    let precision = if header.second.is_some() { Precision::Second } else { Precision::Minute };
    Timestamp { ms: seconds * 1_000, precision, zone: Zone::Local }
}
