//! The export as a stream of messages: memory holds one message at a time.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::fields;
use crate::ImportError;
use crate::export_files::limits::MAX_JSON_MESSAGE;

/// What an export says about a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatHead {
    /// Missing for saved messages and deleted accounts.
    pub name: Option<String>,
    /// `personal_chat`, `private_group`, …
    pub kind: Option<String>,
    /// Unique per kind.
    pub id: Option<i64>,
    /// How many messages.
    pub messages: u64,
}

/// What is in an export.
#[derive(Debug, Default)]
pub struct Outline {
    /// Chats in the order of the file.
    pub chats: Vec<ChatHead>,
    /// Whether the fields are Telegram's.
    pub is_telegram: bool,
}

/// Called with the chat's number, a message and its number in the chat, from 1.
pub type OnMessage<'a> = &'a mut dyn FnMut(usize, &Value, u64) -> Result<(), ImportError>;

/// Reads the chats' names and counts their messages.
pub fn outline(file: &str, reader: impl Read) -> Result<Outline, ImportError> {
    let mut state =
        State { chats: Vec::new(), is_telegram: false, on_message: None, stopped: None, guard: Guard::default() };
    walk(file, reader, &mut state)?;
    Ok(Outline { chats: state.chats, is_telegram: state.is_telegram })
}

/// Reads all messages.
pub fn messages(file: &str, reader: impl Read, on_message: OnMessage<'_>) -> Result<(), ImportError> {
    let mut state = State {
        chats: Vec::new(),
        is_telegram: false,
        on_message: Some(on_message),
        stopped: None,
        guard: Guard::default(),
    };
    walk(file, reader, &mut state)
}

struct State<'a> {
    chats: Vec<ChatHead>,
    is_telegram: bool,
    on_message: Option<OnMessage<'a>>,
    /// Why the callback stopped the reading.
    stopped: Option<ImportError>,
    guard: Guard,
}

fn walk(file: &str, reader: impl Read, state: &mut State<'_>) -> Result<(), ImportError> {
    let guarded = Guarded { inner: reader, guard: state.guard.clone() };
    let mut reader = BufReader::with_capacity(256 << 10, guarded);
    skip_byte_order_mark(&mut reader).map_err(ImportError::io(file))?;
    let mut json = serde_json::Deserializer::from_reader(reader);
    let result = Root(state).deserialize(&mut json).and_then(|()| json.end());
    match (state.stopped.take(), result) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(explain(file, error)),
        (None, Ok(())) => Ok(()),
    }
}

fn skip_byte_order_mark(reader: &mut impl io::BufRead) -> io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

fn explain(file: &str, error: serde_json::Error) -> ImportError {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_io() {
        let error = io::Error::from(error);
        if error.to_string() == TOO_LONG {
            return ImportError::TooLarge { file: file.to_owned(), what: "one message", limit: MAX_JSON_MESSAGE };
        }
        return ImportError::Io { name: file.to_owned(), source: error };
    }
    let what = if error.is_eof() { "the file ends in the middle".into() } else { without_place(&error) };
    ImportError::Damaged { file: file.to_owned(), place, what }
}

/// The error's words without the place, and without a piece of the data.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    if text.starts_with("invalid type") || text.starts_with("invalid value") {
        return "a field has another type than Telegram gives it".into();
    }
    text.to_owned()
}

/// Bytes read since the current message began; `None` outside messages.
#[derive(Clone, Default)]
struct Guard(Rc<Cell<Option<u64>>>);

struct Guarded<R> {
    inner: R,
    guard: Guard,
}

const TOO_LONG: &str = "a message without end";

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if let Some(read) = self.guard.0.get() {
            let read = read + n as u64;
            if read > MAX_JSON_MESSAGE {
                return Err(io::Error::other(TOO_LONG));
            }
            self.guard.0.set(Some(read));
        }
        Ok(n)
    }
}

/// The whole file: one chat, or an account with lists of chats.
struct Root<'s, 'a>(&'s mut State<'a>);

/// `{"list": [chat, …]}`
struct ChatList<'s, 'a>(&'s mut State<'a>);

/// `[chat, …]`
struct Chats<'s, 'a>(&'s mut State<'a>);

/// `{"name": …, "messages": [message, …]}`
struct Chat<'s, 'a>(&'s mut State<'a>);

/// `[message, …]` of a chat.
struct Messages<'s, 'a>(&'s mut State<'a>, usize);

macro_rules! seed {
    ($name:ident, $deserialize:ident) => {
        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
                d.$deserialize(self)
            }
        }
    };
}
seed!(Root, deserialize_map);
seed!(ChatList, deserialize_map);
seed!(Chats, deserialize_seq);
seed!(Chat, deserialize_map);
seed!(Messages, deserialize_seq);

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Telegram export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut head = ChatHead::default();
        let mut own = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "chats" | "left_chats" => map.next_value_seed(ChatList(self.0))?,
                "messages" if own.is_none() => {
                    own = Some(self.0.chats.len());
                    self.0.chats.push(ChatHead::default());
                    map.next_value_seed(Messages(self.0, self.0.chats.len() - 1))?;
                }
                _ => head_field(&key, &mut head, &mut map)?,
            }
        }
        if let Some(index) = own {
            finish_head(self.0, index, head);
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for ChatList<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of chats")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "list" {
                map.next_value_seed(Chats(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Chats<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("chats")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Chat(self.0))?.is_some() {}
        Ok(())
    }
}

impl<'de> Visitor<'de> for Chat<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chat")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let index = self.0.chats.len();
        self.0.chats.push(ChatHead::default());
        let mut head = ChatHead::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "messages" {
                map.next_value_seed(Messages(self.0, index))?;
            } else {
                head_field(&key, &mut head, &mut map)?;
            }
        }
        finish_head(self.0, index, head);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Messages<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self(state, index) = self;
        let mut number = state.chats[index].messages;
        loop {
            state.guard.0.set(Some(0));
            // The first message is looked at in either reading: it tells whose export this is.
            let more = if state.on_message.is_some() || !state.is_telegram {
                match seq.next_element::<Value>()? {
                    Some(value) => {
                        number += 1;
                        state.is_telegram |= is_telegram_message(&value);
                        hand_over(state, index, &value, number).map_err(|()| A::Error::custom("stopped"))?;
                        true
                    }
                    None => false,
                }
            } else {
                number += 1;
                seq.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                break;
            }
            state.chats[index].messages = number;
        }
        state.guard.0.set(None);
        Ok(())
    }
}

fn hand_over(state: &mut State<'_>, index: usize, value: &Value, number: u64) -> Result<(), ()> {
    let Some(on_message) = &mut state.on_message else { return Ok(()) };
    on_message(index, value, number).map_err(|error| state.stopped = Some(error))
}

fn head_field<'de, A: MapAccess<'de>>(key: &str, head: &mut ChatHead, map: &mut A) -> Result<(), A::Error> {
    match key {
        "name" => head.name = map.next_value::<Value>()?.as_str().map(str::to_owned),
        "type" => head.kind = map.next_value::<Value>()?.as_str().map(str::to_owned),
        "id" => head.id = fields::number(&map.next_value::<Value>()?),
        _ => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

fn finish_head(state: &mut State<'_>, index: usize, head: ChatHead) {
    state.is_telegram |= head.kind.as_deref().is_some_and(super::chat::is_known_kind);
    let messages = state.chats[index].messages;
    state.chats[index] = ChatHead { messages, ..head };
}

fn is_telegram_message(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    (has("date") || has("date_unixtime")) && has("text") && has("type")
}
