//! The export as a stream of messages: memory holds one message at a time.

use std::io::Read;

use serde_json::Value;

use super::chat::ChatHead;
use super::fields;
use super::message::is_telegram_message;
use crate::ImportError;
use crate::export_files::limits::MAX_JSON_MESSAGE;
use crate::json::{self, Cut, JsonStream, StreamError};

/// What is in an export.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Chats in the order of the file.
    pub chats: Vec<ChatHead>,
    /// Whether the fields are Telegram's.
    pub is_telegram: bool,
    /// Number of the account that exported, where the export tells.
    pub owner: Option<i64>,
    /// Why the reading ended early, if it did.
    pub ends_early: Option<String>,
}

/// An element of a chat's messages.
pub(super) enum Element {
    /// Read as JSON, perhaps after its faults were mended.
    Message(Value),
    /// What cannot be read: what sort of thing, and its bytes.
    Leftover(&'static str, Vec<u8>),
}

/// Called with the chat's number, an element, and the bytes read so far.
pub(super) type OnElement<'a> = &'a mut dyn FnMut(usize, Element, u64) -> Result<(), ImportError>;

/// Messages of a chat that are looked at for people's names and for Telegram's fields.
const LOOK_AT: u64 = 50;

/// Reads the chats' names and counts their messages.
pub(super) fn outline(file: &str, reader: impl Read) -> Result<Outline, ImportError> {
    let mut walk = Walk { outline: Outline::default(), on_element: None };
    walk.all(file, reader)?;
    Ok(walk.outline)
}

/// Reads all messages.
pub(super) fn messages(
    file: &str,
    reader: impl Read,
    on_element: OnElement<'_>,
) -> Result<(), ImportError> {
    let mut walk = Walk { outline: Outline::default(), on_element: Some(on_element) };
    walk.all(file, reader)
}

struct Walk<'a> {
    outline: Outline,
    on_element: Option<OnElement<'a>>,
}

/// Why a walk ends.
enum Stop {
    Stream(StreamError),
    Import(ImportError),
}

impl From<StreamError> for Stop {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

type Outcome = Result<(), Stop>;

impl Walk<'_> {
    /// What is good before a fault is read; the fault is noted.
    fn all(&mut self, file: &str, reader: impl Read) -> Result<(), ImportError> {
        let walked = JsonStream::new(reader)
            .map_err(Stop::from)
            .and_then(|mut stream| self.root(&mut stream));
        match walked {
            Ok(()) => Ok(()),
            Err(Stop::Import(error)) => Err(error),
            Err(Stop::Stream(StreamError::Io(error))) => Err(read_failed(file, error)),
            Err(Stop::Stream(StreamError::End)) => {
                self.ends_early("the file ends in the middle".into())
            }
            Err(Stop::Stream(StreamError::NotJson { at })) => {
                self.ends_early(format!("no JSON after {at} bytes"))
            }
        }
    }

    fn ends_early(&mut self, why: String) -> Result<(), ImportError> {
        self.outline.ends_early = Some(why);
        Ok(())
    }

    /// The whole file: one chat, or an account with lists of chats.
    fn root<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Outcome {
        let mut head = ChatHead::default();
        let mut own = None;
        let result = stream.object(|stream, key| match key {
            "chats" | "left_chats" => self.chat_list(stream),
            "personal_information" => self.personal_information(stream),
            "messages" if own.is_none() && stream.peek()? == Some(b'[') => {
                own = Some(self.outline.chats.len());
                self.outline.chats.push(ChatHead::default());
                self.messages(stream, self.outline.chats.len() - 1)
            }
            _ => head_field(stream, key, &mut head),
        });
        if let Some(index) = own {
            self.finish_head(index, head);
        }
        result
    }

    fn personal_information<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Outcome {
        let value = json::parse(&stream.cut()?.bytes);
        self.outline.owner = value.as_ref().and_then(|v| v.get("user_id")).and_then(fields::number);
        Ok(())
    }

    /// `{"list": [chat, …]}`
    fn chat_list<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Outcome {
        if stream.peek()? != Some(b'{') {
            return Ok(stream.skip()?);
        }
        stream.object(|stream, key| match (key, stream.peek()?) {
            ("list", Some(b'[')) => stream.array(|stream| self.chat(stream)),
            _ => Ok(stream.skip()?),
        })
    }

    /// `{"name": …, "messages": [message, …]}`
    fn chat<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Outcome {
        if stream.peek()? != Some(b'{') {
            return Ok(stream.skip()?);
        }
        let index = self.outline.chats.len();
        self.outline.chats.push(ChatHead::default());
        let mut head = ChatHead::default();
        let result = stream.object(|stream, key| match (key, stream.peek()?) {
            ("messages", Some(b'[')) => self.messages(stream, index),
            _ => head_field(stream, key, &mut head),
        });
        self.finish_head(index, head);
        result
    }

    fn messages<R: Read>(&mut self, stream: &mut JsonStream<R>, index: usize) -> Outcome {
        stream.array(|stream| {
            let number = self.outline.chats[index].messages + 1;
            self.outline.chats[index].messages = number;
            if self.on_element.is_none() && number > LOOK_AT {
                return Ok(stream.skip()?);
            }
            let cut = stream.cut()?;
            let is_cut_off = cut.is_cut_off;
            let element = element(cut);
            self.look_at(index, &element);
            if let Some(on_element) = &mut self.on_element {
                on_element(index, element, stream.at)?;
            }
            if is_cut_off { Err(StreamError::End.into()) } else { Ok(()) }
        })
    }

    fn look_at(&mut self, index: usize, element: &Element) {
        let Element::Message(message) = element else { return };
        self.outline.is_telegram |= is_telegram_message(message);
        let head = &mut self.outline.chats[index];
        if head.first.is_none() {
            head.first = Some(message.to_string());
        }
        if let Some(name) = fields::text(message, "from")
            .filter(|n| head.people.len() < 6 && !head.people.iter().any(|p| p == n))
        {
            head.people.push(name.to_owned());
        }
    }

    fn finish_head(&mut self, index: usize, head: ChatHead) {
        self.outline.is_telegram |= head.kind.as_deref().is_some_and(super::chat::is_known_kind);
        let known = &mut self.outline.chats[index];
        known.name = head.name;
        known.kind = head.kind;
        known.id = head.id;
    }
}

fn element(cut: Cut) -> Element {
    if cut.is_cut_off {
        return Element::Leftover("message at the end of a file that is cut off", cut.bytes);
    }
    if cut.bytes.len() > MAX_JSON_MESSAGE {
        return Element::Leftover("message of more than 1 MiB", cut.bytes);
    }
    match json::parse(&cut.bytes) {
        Some(value) if value.is_object() => Element::Message(value),
        _ => Element::Leftover("message that is no JSON", cut.bytes),
    }
}

fn head_field<R: Read>(stream: &mut JsonStream<R>, key: &str, head: &mut ChatHead) -> Outcome {
    if !matches!(key, "name" | "type" | "id") {
        return Ok(stream.skip()?);
    }
    let Some(value) = json::parse(&stream.cut()?.bytes) else { return Ok(()) };
    match key {
        "name" => head.name = value.as_str().map(str::to_owned),
        "type" => head.kind = value.as_str().map(str::to_owned),
        _ => head.id = fields::number(&value),
    }
    Ok(())
}

fn read_failed(file: &str, error: std::io::Error) -> ImportError {
    match error.kind() {
        // What a broken or lying zip entry gives.
        std::io::ErrorKind::InvalidData
        | std::io::ErrorKind::InvalidInput
        | std::io::ErrorKind::UnexpectedEof => ImportError::Damaged {
            file: file.to_owned(),
            place: "JSON".into(),
            what: error.to_string(),
        },
        _ => ImportError::Io { name: file.to_owned(), source: error },
    }
}
