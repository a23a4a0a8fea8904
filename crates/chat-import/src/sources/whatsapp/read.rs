//! Second reading: messages, one at a time.

use std::io::Read;

use chat_archive::{MessageKind, NewMessage, Participant, Precision, Timestamp, Zone};

use super::date_order::DateOrder;
use super::header::{Header, is_mark};
use super::lines::{self, Lines};
use super::scan::Scan;
use super::{authors, body, title};
use crate::ImportError;
use crate::export_files::limits::MAX_MESSAGE;

/// Called with every message and the bytes read so far.
pub type OnMessage<'a> = &'a mut dyn FnMut(NewMessage, u64) -> Result<(), ImportError>;

/// Reads a chat and yields its messages in order.
pub fn read(
    file: &str,
    reader: impl Read,
    scan: &Scan,
    order: DateOrder,
    has: &dyn Fn(&str) -> bool,
    on_message: OnMessage<'_>,
) -> Result<(), ImportError> {
    let mut lines = Lines::new(file, reader)?;
    let mut open: Option<Open> = None;
    while let Some(line) = lines.next_line()? {
        if let Some(header) = scan.shape.parse(line) {
            let next = Open::begin(&header, &line[header.rest..], scan, order);
            if let Some(done) = open.replace(next) {
                on_message(done.finish(has), lines.bytes)?;
            }
            continue;
        }
        // Lines before the first message belong to whatever app shared the file.
        let Some(message) = &mut open else { continue };
        if message.text.len() + line.len() >= MAX_MESSAGE {
            return Err(lines::too_long(file));
        }
        message.text.push('\n');
        message.text.push_str(line);
    }
    match open {
        Some(done) => on_message(done.finish(has), lines.bytes),
        None => Ok(()),
    }
}

/// A message whose further lines are still to come.
struct Open {
    time: Timestamp,
    sender: Option<String>,
    text: String,
}

impl Open {
    fn begin(header: &Header, rest: &str, scan: &Scan, order: DateOrder) -> Self {
        let (sender, text) = match scan.authors.split(rest) {
            Some((name, text)) if scan.authors.is_only_chat(name) => (None, text),
            Some((name, text)) => (Some(authors::clean(name)), text),
            None => (None, rest),
        };
        Self { time: timestamp(header, order), sender, text: text.to_owned() }
    }

    fn finish(self, has: &dyn Fn(&str) -> bool) -> NewMessage {
        let body = body::read(&self.text, has);
        let kind = match &self.sender {
            Some(_) if !is_service(&self.text, &body) => MessageKind::Text,
            _ => MessageKind::System,
        };
        NewMessage {
            sender: self.sender.map(|name| Participant::new(title::key_of(&name), name)),
            time: self.time,
            kind,
            text: body.text,
            edited: body.edited,
            unsent: body.unsent,
            attachments: body.attachment.into_iter().collect(),
            ..NewMessage::default()
        }
    }
}

/// iPhone puts a mark before what WhatsApp itself says, under the name of the group or person.
/// Polls and places are marked too, and are messages.
fn is_service(text: &str, body: &body::Body) -> bool {
    let marked = text.starts_with('\u{200e}');
    let said = text.trim_start_matches(is_mark);
    let is_message =
        body.attachment.is_some() || body.unsent || body.edited || said.contains('\n') || said.contains("://");
    marked && !is_message
}

fn timestamp(header: &Header, order: DateOrder) -> Timestamp {
    // The scan refused every line that is no date in this order.
    let day = order.day(header).unwrap_or_default();
    let seconds = day * 86_400 + i64::from(header.hour * 3_600 + header.minute * 60 + header.second.unwrap_or(0));
    let precision = if header.second.is_some() { Precision::Second } else { Precision::Minute };
    Timestamp { ms: seconds * 1_000, precision, zone: Zone::Local }
}
