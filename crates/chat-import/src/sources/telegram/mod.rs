//! Telegram Desktop's JSON export (<https://core.telegram.org/import-export>): one chat, or the
//! whole account.
//!
//! The file is read twice as a stream: once for the chats' names, which may come after their
//! messages, and once for the messages.

mod chat;
mod document;
mod fields;
pub mod html;
mod media;
mod message;
mod service;
mod words;

use std::collections::HashMap;

use chat_archive::{
    ConversationId, ImportSession, MessageKind, NewConversation, NewMessage, Source, Timestamp,
};

use self::document::{Element, Outline};
use self::message::Around;
use super::Format;
use crate::export_files::{Entry, ExportFiles, base_name, folder_of};
use crate::progress::Reporter;
use crate::{ConversationPreview, Detected, ImportError, ImportOptions, json, mime};

/// Telegram Desktop's JSON export.
pub struct TelegramJson;

const RESULT: &str = "result.json";

impl super::ChatSource for TelegramJson {
    fn format(&self) -> Format {
        Format {
            name: "telegram_json",
            source: Source::Telegram,
            words: "Telegram Desktop export (JSON)",
        }
    }

    fn takes_whole_folder(&self) -> bool {
        true
    }

    fn detect(
        &self,
        files: &ExportFiles,
        _options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError> {
        let mut found = Detected::of(self.format());
        for entry in documents(files) {
            let outline = outline(files, &entry)?;
            if !outline.is_telegram {
                continue;
            }
            found
                .reasons
                .push(format!("{} has the fields of a Telegram Desktop export", entry.path));
            found.reasons.extend(outline.ends_early.map(|why| format!("{}: {why}", entry.path)));
            found.conversations.extend(outline.chats.iter().map(|head| ConversationPreview {
                title: chat::conversation(head).title,
                messages: head.messages,
                participants: head.people.clone(),
            }));
        }
        Ok((!found.reasons.is_empty()).then_some(found))
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let documents = documents(files);
        reporter.expect(documents.iter().map(|e| e.size).sum());
        for entry in documents {
            let outline = outline(files, &entry)?;
            if outline.is_telegram {
                import_document(&entry, &outline, files, session, reporter)?;
            }
        }
        reporter.report()
    }

    fn read_again(&self, raw: &str) -> Option<NewMessage> {
        let value = json::parse(raw.as_bytes())?;
        message::read(&value, &Around { owner: None, other: None, above: None })
    }
}

/// A chat and its messages.
pub type ParsedChat = (NewConversation, Vec<NewMessage>);

/// Parses an export held in memory, without files: for tests and fuzzing.
///
/// # Errors
/// As [`crate::import`]; never panics, whatever the bytes.
pub fn parse_bytes(bytes: &[u8]) -> Result<Vec<ParsedChat>, ImportError> {
    let outline = document::outline(RESULT, bytes)?;
    let mut chats: Vec<ParsedChat> =
        outline.chats.iter().map(|c| (chat::conversation(c), Vec::new())).collect();
    let mut people = People::of(&outline);
    document::messages(RESULT, bytes, &mut |index, element, _| {
        if let Element::Message(value) = element {
            chats[index].1.extend(people.read(index, &value));
        }
        Ok(())
    })?;
    Ok(chats)
}

/// The JSON files of an export: of a folder, `result.json` itself; of a zip, wherever it lies; or
/// the file that was given.
fn documents(files: &ExportFiles) -> Vec<Entry> {
    let single = files.entries().len() == 1;
    let is_document = |e: &Entry| match base_name(&e.path) == RESULT {
        true => files.is_zip() || folder_of(&e.path).is_empty(),
        false => single,
    };
    files.with_ending("json").into_iter().filter(is_document).collect()
}

fn outline(files: &ExportFiles, entry: &Entry) -> Result<Outline, ImportError> {
    document::outline(&entry.path, files.chat_file(entry)?.reader()?)
}

/// Who is who in the chats of a document, and where the reading is in each.
struct People {
    owner: Option<String>,
    others: Vec<Option<String>>,
    above: HashMap<usize, Timestamp>,
}

impl People {
    fn of(outline: &Outline) -> Self {
        Self {
            owner: outline.owner.map(|id| format!("user{id}")),
            others: outline.chats.iter().map(chat::other_person).collect(),
            above: HashMap::new(),
        }
    }

    fn read(&mut self, index: usize, value: &serde_json::Value) -> Option<NewMessage> {
        let around = Around {
            owner: self.owner.as_deref(),
            other: self.others[index].as_deref(),
            above: self.above.get(&index).copied(),
        };
        let message = message::read(value, &around)?;
        self.above.insert(index, message.time);
        Some(message)
    }
}

fn import_document(
    entry: &Entry,
    outline: &Outline,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let chats: Vec<NewConversation> = outline.chats.iter().map(chat::conversation).collect();
    let ids = chats
        .iter()
        .map(|c| session.add_conversation(c))
        .collect::<Result<Vec<ConversationId>, _>>()?;
    files.mark_chat_file(&entry.path);
    let mut people = People::of(outline);
    let mut thumbnails = Vec::new();
    let mut file = files.chat_file(entry)?;
    let mut media = media::Folder { files, root: folder_of(&entry.path).to_owned() };
    document::messages(&entry.path, file.reader()?, &mut |index, element, bytes| {
        reporter.conversation(&chats[index].title);
        match element {
            Element::Leftover(kind, raw) => session.add_leftover(ids[index], kind, &raw)?,
            Element::Message(value) => {
                thumbnails.extend(media::thumbnail(&value).map(|t| format!("{}{t}", media.root)));
                match people.read(index, &value) {
                    Some(message) => add(session, ids[index], message, &mut media)?,
                    None => session.add_leftover(
                        ids[index],
                        "message without a time",
                        value.to_string().as_bytes(),
                    )?,
                }
            }
        }
        reporter.message(bytes)
    })?;
    for id in &ids {
        session.finish_conversation(*id, &mut media)?;
    }
    reporter.file_done(entry.size);
    thumbnails.iter().for_each(|path| files.mark_chat_file(path));
    store_unclaimed(ids.first().copied(), files, session)
}

fn add(
    session: &mut ImportSession<'_>,
    id: ConversationId,
    message: NewMessage,
    media: &mut media::Folder<'_>,
) -> Result<(), ImportError> {
    if message.kind != MessageKind::Unknown && message.details.raw.is_some() {
        session.count_not_understood("field of a message");
    }
    Ok(session.add_message(id, message, media)?)
}

/// Pages, pictures of profiles and stickers that no message names.
fn store_unclaimed(
    id: Option<ConversationId>,
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
) -> Result<(), ImportError> {
    let Some(id) = id else { return Ok(()) };
    let mut taken = 0;
    for entry in files.unclaimed() {
        let base = base_name(&entry.path);
        let Ok(mut file) = files.chat_file(&entry) else { continue };
        taken += 1;
        session.add_unclaimed_file(
            id,
            base,
            mime::of_name(base).as_deref(),
            &mut *file.reader()?,
        )?;
    }
    session.count_export(&files.contents(taken));
    Ok(())
}
