//! The document as a stream of messages.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

use crate::ImportError;
use crate::export_files::limits::{MAX_JSON_MESSAGE, MAX_PEOPLE};
use crate::export_files::{Entry, ExportFiles, base_name};
use crate::json::{self, Cut, JsonStream, StreamError, each_line};

/// What a document says about its chat.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Name of the chat.
    pub name: String,
    /// `whatsapp`, `qq`, …, lower case.
    pub platform: String,
    /// `group` or `private`.
    pub kind: String,
    /// The messenger's own identity of a group.
    pub group_id: Option<String>,
    /// `platformId` of who exported.
    pub owner: Option<String>,
    /// By `platformId`.
    pub people: BTreeMap<String, Person>,
    /// How many.
    pub messages: u64,
}

/// A member, or somebody who wrote.
#[derive(Debug)]
pub(super) struct Person {
    /// Name to show.
    pub name: String,
}

/// A part of a document.
pub(super) enum Element {
    /// An object.
    Message(Value),
    /// What cannot be read: what sort of thing, and its bytes.
    Leftover(&'static str, Vec<u8>),
}

/// A document and how it is laid out.
pub(super) struct Document<'a> {
    /// For error texts.
    pub path: &'a str,
    /// One value per line.
    pub is_lines: bool,
}

/// Called with a message and the bytes read so far.
pub(super) type OnElement<'a> = &'a mut dyn FnMut(Element, u64) -> Result<(), ImportError>;

/// Bytes at the beginning in which a document says that it is one: its head has some hundred.
const HEAD: u64 = 64 << 10;

/// Whether a document has a value per line.
pub(super) fn is_lines(entry: &Entry) -> bool {
    base_name(&entry.path).to_lowercase().ends_with(".jsonl")
}

/// Whether the format's own field stands near the beginning.
pub(super) fn begins_as_one(files: &ExportFiles, entry: &Entry) -> Result<bool, ImportError> {
    let mut head = Vec::new();
    let mut file = files.chat_file(entry)?;
    if file.reader()?.take(HEAD).read_to_end(&mut head).is_err() {
        return Ok(false);
    }
    Ok(head.windows(9).any(|w| w == b"\"chatlab\"") && head.windows(6).any(|w| w == b"\"meta\""))
}

/// Reads what the document says about its chat, and counts its messages.
pub(super) fn outline(files: &ExportFiles, entry: &Entry) -> Result<Outline, ImportError> {
    let document = Document { path: &entry.path, is_lines: is_lines(entry) };
    let mut file = files.chat_file(entry)?;
    outline_of(&document, file.reader()?)
}

/// The same, of a document that is open.
pub(super) fn outline_of(
    document: &Document<'_>,
    reader: impl Read,
) -> Result<Outline, ImportError> {
    let mut outline = Outline::default();
    document.walk(reader, &mut |part, _| {
        outline.add(part);
        Ok(())
    })?;
    Ok(outline)
}

/// What a document is made of.
enum Part {
    Meta(Value),
    Member(Value),
    Message(Element),
}

impl Document<'_> {
    /// Hands over all messages.
    pub(super) fn messages(
        &self,
        reader: impl Read,
        on_element: OnElement<'_>,
    ) -> Result<(), ImportError> {
        self.walk(reader, &mut |part, at| match part {
            Part::Message(element) => on_element(element, at),
            Part::Meta(_) | Part::Member(_) => Ok(()),
        })
    }

    fn walk(
        &self,
        reader: impl Read,
        on_part: &mut dyn FnMut(Part, u64) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        if self.is_lines {
            return each_line(self.path, reader, |line, at| match line_part(line) {
                Some(part) => on_part(part, at),
                None => Ok(()),
            });
        }
        let walked = JsonStream::new(reader)
            .map_err(Stop::Stream)
            .and_then(|mut stream| whole(&mut stream, on_part));
        match walked {
            // What is good before a fault is read.
            Ok(()) | Err(Stop::Stream(StreamError::End | StreamError::NotJson { .. })) => Ok(()),
            Err(Stop::Stream(StreamError::Io(source))) => {
                Err(ImportError::Io { name: self.path.to_owned(), source })
            }
            Err(Stop::Import(error)) => Err(error),
        }
    }
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

fn whole<R: Read>(
    stream: &mut JsonStream<R>,
    on_part: &mut dyn FnMut(Part, u64) -> Result<(), ImportError>,
) -> Result<(), Stop> {
    stream.object(|stream, key| match (key, stream.peek()?) {
        ("meta", _) => match json::parse(&stream.cut()?.bytes) {
            Some(meta) => on_part(Part::Meta(meta), stream.at).map_err(Stop::Import),
            None => Ok(()),
        },
        ("members", Some(b'[')) => stream.array(|stream| match json::parse(&stream.cut()?.bytes) {
            Some(member) => on_part(Part::Member(member), stream.at).map_err(Stop::Import),
            None => Ok(()),
        }),
        ("messages", Some(b'[')) => stream.array(|stream| {
            let cut = stream.cut()?;
            let is_cut_off = cut.is_cut_off;
            on_part(Part::Message(element(cut)), stream.at).map_err(Stop::Import)?;
            if is_cut_off { Err(StreamError::End.into()) } else { Ok(()) }
        }),
        _ => Ok(stream.skip()?),
    })
}

/// The part in a line; `None` for a remark.
fn line_part(line: &[u8]) -> Option<Part> {
    if line.starts_with(b"#") {
        return None;
    }
    let element = element(Cut { bytes: line.to_vec(), is_cut_off: false });
    let Element::Message(mut value) = element else { return Some(Part::Message(element)) };
    let sort = value.as_object_mut().and_then(|fields| fields.remove("_type"));
    Some(match sort.as_ref().and_then(Value::as_str) {
        Some("header") => Part::Meta(value.get("meta").cloned().unwrap_or_default()),
        Some("member") => Part::Member(value),
        _ => Part::Message(Element::Message(value)),
    })
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

impl Outline {
    fn add(&mut self, part: Part) {
        match part {
            Part::Meta(meta) => {
                let field = |key: &str| meta.get(key).and_then(id);
                self.name = field("name").unwrap_or_default();
                self.platform = field("platform").unwrap_or_default().to_lowercase();
                self.kind = field("type").unwrap_or_default();
                self.group_id = field("groupId");
                self.owner = field("ownerId");
            }
            Part::Member(member) => self.person(member.get("platformId"), &member),
            Part::Message(element) => {
                self.messages += 1;
                if let Element::Message(message) = element {
                    self.person(message.get("sender"), &message);
                }
            }
        }
    }

    fn person(&mut self, key: Option<&Value>, named: &Value) {
        let Some(key) = key.and_then(id) else { return };
        if self.people.len() < MAX_PEOPLE && !self.people.contains_key(&key) {
            let name = name(named).unwrap_or_else(|| key.clone());
            self.people.insert(key, Person { name });
        }
    }
}

/// How the owner of the export names somebody, else the name in the group, else the account's.
pub(super) fn name(named: &Value) -> Option<String> {
    let names =
        ["groupNickname", "accountName"].into_iter().filter_map(|key| named.get(key)?.as_str());
    names.map(str::trim).find(|name| !name.is_empty()).map(str::to_owned)
}

/// An identity: words, or a number where a converter wrote one.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(words) if !words.is_empty() => Some(words.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
