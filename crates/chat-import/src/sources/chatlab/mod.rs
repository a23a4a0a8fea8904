//! ChatLab's interchange format, version 0.0.2, as one JSON document or as a line per message:
//! what converters of many messengers write.

mod document;
mod message;

use std::collections::HashSet;

use chat_archive::{
    ConversationKind, ImportSession, MediaReader, MissingReason, NewConversation, NewMessage,
    Participant, Source,
};

use self::document::{Element, Outline};
use super::Format;
use crate::export_files::{Entry, ExportFiles, base_name, folder_of};
use crate::progress::Reporter;
use crate::{ConversationPreview, Detected, ImportError, ImportOptions, json};

/// ChatLab's interchange format.
pub struct ChatLab;

impl super::ChatSource for ChatLab {
    fn format(&self) -> Format {
        Format { name: "chatlab", source: Source::Other, words: "ChatLab file (JSON or JSONL)" }
    }

    fn detect(
        &self,
        files: &ExportFiles,
        _options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError> {
        let mut found = Detected::of(self.format());
        for entry in documents(files)? {
            let outline = document::outline(files, &entry)?;
            found.kind = outline.source();
            found.reasons.push(format!("{} is a ChatLab file of {}", entry.path, outline.platform));
            let participants =
                outline.people.values().take(6).map(|person| person.name.clone()).collect();
            found.conversations.push(ConversationPreview {
                title: outline.title(),
                messages: outline.messages,
                participants,
            });
        }
        Ok((!found.conversations.is_empty()).then_some(found))
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let documents = documents(files)?;
        reporter.expect(documents.iter().map(|e| e.size).sum());
        for entry in &documents {
            import(entry, files, session, reporter)?;
        }
        session.count_export(&files.contents(0));
        reporter.report()
    }

    fn read_again(&self, raw: &str) -> Option<NewMessage> {
        message::read(&json::parse(raw.as_bytes())?, &Outline::default(), &HashSet::new())
    }
}

/// Reads a document that is in memory; how many messages were understood.
///
/// # Errors
/// What reading it gives.
pub fn parse_bytes(bytes: &[u8], is_lines: bool) -> Result<usize, ImportError> {
    let document = document::Document { path: "document", is_lines };
    let outline = document::outline_of(&document, bytes)?;
    let names = HashSet::new();
    let mut understood = 0;
    document.messages(bytes, &mut |element, _| {
        if let Element::Message(value) = element {
            understood += usize::from(message::read(&value, &outline, &names).is_some());
        }
        Ok(())
    })?;
    Ok(understood)
}

/// Files that begin as the format does.
fn documents(files: &ExportFiles) -> Result<Vec<Entry>, ImportError> {
    let mut found = Vec::new();
    for entry in files.with_ending("json").into_iter().chain(files.with_ending("jsonl")) {
        if document::begins_as_one(files, &entry)? {
            found.push(entry);
        }
    }
    Ok(found)
}

fn import(
    entry: &Entry,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let outline = document::outline(files, entry)?;
    reporter.conversation(&outline.title());
    let id = session.add_conversation(&conversation(&outline))?;
    files.mark_chat_file(&entry.path);
    let mut file = files.chat_file(entry)?;
    let reader = document::Document { path: &entry.path, is_lines: document::is_lines(entry) };
    let mut media = Media { folder: folder_of(&entry.path).to_owned(), files };
    let names = media.files.names();
    reader.messages(file.reader()?, &mut |element, bytes| {
        match element {
            Element::Leftover(kind, raw) => session.add_leftover(id, kind, &raw)?,
            Element::Message(value) => match message::read(&value, &outline, &names) {
                Some(message) => {
                    if message.details.raw.is_some()
                        && message.kind != chat_archive::MessageKind::Unknown
                    {
                        session.count_not_understood("field of a message");
                    }
                    session.add_message(id, message, &mut media)?;
                }
                None => session.add_leftover(
                    id,
                    "message without a time",
                    value.to_string().as_bytes(),
                )?,
            },
        }
        reporter.message(bytes)
    })?;
    session.finish_conversation(id, &mut media)?;
    reporter.file_done(entry.size);
    Ok(())
}

fn conversation(outline: &Outline) -> NewConversation {
    let is_group = outline.kind == "group";
    let identity = outline.group_id.clone().unwrap_or_else(|| {
        let mut keys: Vec<&str> = outline.people.keys().map(String::as_str).collect();
        keys.sort_unstable();
        format!("{} {}", outline.name, keys.join(" "))
    });
    let people = outline.people.iter().map(|(key, person)| outline.participant(key, &person.name));
    NewConversation {
        source: outline.source(),
        key: format!("chatlab:{}:{}:{identity}", outline.platform, outline.kind),
        title: outline.title(),
        kind: if is_group { ConversationKind::Group } else { ConversationKind::Direct },
        participants: people.collect(),
        sample: Vec::new(),
    }
}

impl Outline {
    /// The messenger, as far as it is one of those that are known by name.
    fn source(&self) -> Source {
        match self.platform.as_str() {
            "facebook" => Source::Messenger,
            "matrix" => Source::Element,
            platform => Source::parse(platform).unwrap_or(Source::Other),
        }
    }

    fn title(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        let names: Vec<&str> =
            self.people.values().take(6).map(|person| person.name.as_str()).collect();
        names.join(", ")
    }

    fn participant(&self, key: &str, name: &str) -> Participant {
        Participant::new(key, name).with_own(self.owner.as_ref().map(|owner| owner == key))
    }
}

/// Files beside the document.
struct Media<'a> {
    files: &'a mut ExportFiles,
    folder: String,
}

impl MediaReader for Media<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn std::io::Read + '_>, MissingReason> {
        let path = format!("{}{file}", self.folder);
        if self.files.entry(&path).is_some() {
            return self.files.open_by_path(&path);
        }
        self.files.open_by_name(base_name(file), &self.folder)
    }
}
