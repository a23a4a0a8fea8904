//! WhatsApp's text export ("Export chat"), from Android, iPhone and WhatsApp Web, in any language.
//!
//! A file is read twice: first `scan` works out the order of dates and the names of the people,
//! then `read` yields messages. Neither holds more than a message in memory.

mod authors;
mod body;
mod calendar;
mod chats;
mod date_evidence;
pub mod date_order;
mod header;
mod lines;
mod marks;
mod name_key;
mod phrases;
mod read;
mod scan;
mod title;

use std::io::Read;

use chat_archive::{
    ConversationId, ConversationKind, ImportSession, MediaReader, MissingReason, NewConversation,
    NewMessage, Participant, Source,
};

use self::chats::Chat;
use self::name_key::key_of;
use self::read::Item;
use self::scan::Scan;
use super::Format;
use crate::export_files::{ExportFiles, base_name};
use crate::progress::Reporter;
use crate::{ConversationPreview, Detected, ImportError, ImportOptions, mime};

/// WhatsApp's text export.
pub struct WhatsAppText;

impl super::ChatSource for WhatsAppText {
    fn format(&self) -> Format {
        Format { name: "whatsapp_text", source: Source::WhatsApp, words: "WhatsApp chat text" }
    }

    fn detect(
        &self,
        files: &ExportFiles,
        options: &ImportOptions,
    ) -> Result<Option<Detected>, ImportError> {
        let chats = chats::find(files)?;
        if chats.is_empty() {
            return Ok(None);
        }
        let mut found = Detected::of(self.format());
        for chat in chats {
            let scan = scan_chat(files, &chat)?;
            found
                .reasons
                .push(format!("{} holds lines like “{}”", chat.entry.path, scan.first_header));
            found.conversations.push(ConversationPreview {
                title: title::of(chat.title.as_deref(), &scan.authors),
                messages: scan.messages,
                participants: scan.authors.names(),
            });
            let parts = scan.parts(&chat.entry.path, None, options.day_of_import());
            if let Err(ImportError::AmbiguousDates { sample, .. }) = parts {
                found.ambiguous_date.get_or_insert(sample);
            }
        }
        Ok(Some(found))
    }

    fn import(
        &self,
        files: &mut ExportFiles,
        options: &ImportOptions,
        session: &mut ImportSession<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), ImportError> {
        let chats = chats::find(files)?;
        reporter.expect(chats.iter().map(|c| c.entry.size).sum());
        let mut ids = Vec::with_capacity(chats.len());
        for chat in &chats {
            ids.push(import_chat(chat, files, options, session, reporter)?);
        }
        store_unclaimed(&chats, &ids, files, session)?;
        reporter.report()
    }
}

/// Parses a chat held in memory, without files: for tests and fuzzing.
///
/// # Errors
/// As [`crate::import`]; never panics, whatever the bytes.
pub fn parse_bytes(
    bytes: &[u8],
    options: &ImportOptions,
) -> Result<(NewConversation, Vec<NewMessage>), ImportError> {
    let name = "chat.txt";
    let scan = scan::scan(name, bytes, None, false)?;
    let parts = scan.parts(name, options.date_order, options.day_of_import())?;
    let mut messages = Vec::new();
    read::read(name, bytes, &scan, &parts, &|_| false, &mut |item, _| {
        if let Item::Message(message) = item {
            messages.push(*message);
        }
        Ok(())
    })?;
    Ok((conversation(None, &scan), messages))
}

fn scan_chat(files: &ExportFiles, chat: &Chat) -> Result<Scan, ImportError> {
    let mut file = files.chat_file(&chat.entry)?;
    scan::scan(&chat.entry.path, file.reader()?, chat.title.as_deref(), chat.foreign)
}

fn import_chat(
    chat: &Chat,
    files: &mut ExportFiles,
    options: &ImportOptions,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<ConversationId, ImportError> {
    let name = &chat.entry.path;
    let scan = scan_chat(files, chat)?;
    let parts = scan.parts(name, options.date_order, options.day_of_import())?;
    let conversation = NewConversation {
        sample: scan.sample(&parts),
        ..conversation(chat.title.as_deref(), &scan)
    };
    reporter.conversation(&conversation.title);
    let id = session.add_conversation(&conversation)?;
    files.mark_chat_file(name);
    files.mark_chat_file(&chats::page_beside(&chat.entry));
    let names = files.names();
    let mut media = ChatMedia { files, folder: chat.folder().to_owned() };
    let mut file = media.files.chat_file(&chat.entry)?;
    let has = |file: &str| names.contains(&crate::export_files::same_name(file));
    read::read(name, file.reader()?, &scan, &parts, &has, &mut |item, bytes| match item {
        Item::Message(message) => {
            session.add_message(id, *message, &mut media)?;
            reporter.message(bytes)
        }
        Item::Leftover(kind, raw) => Ok(session.add_leftover(id, kind, &raw)?),
    })?;
    session.finish_conversation(id, &mut media)?;
    reporter.file_done(chat.entry.size);
    Ok(id)
}

/// Files that no message names are stored with the chat that they lie beside.
fn store_unclaimed(
    chats: &[Chat],
    ids: &[ConversationId],
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
) -> Result<(), ImportError> {
    let mut taken = 0;
    for entry in files
        .unclaimed()
        .into_iter()
        .filter(|e| chats::is_part_of_export(files, chats, e))
        .collect::<Vec<_>>()
    {
        let owner = chats::owner_of(chats, &entry);
        let at = chats.iter().position(|chat| std::ptr::eq(chat, owner)).unwrap_or(0);
        let base = base_name(&entry.path);
        let Ok(mut file) = files.chat_file(&entry) else { continue };
        taken += 1;
        session.add_unclaimed_file(
            ids[at],
            base,
            mime::of_name(base).as_deref(),
            &mut *file.reader()?,
        )?;
    }
    session.count_export(&files.contents(taken));
    Ok(())
}

fn conversation(title: Option<&str>, scan: &Scan) -> NewConversation {
    let people = scan.authors.names();
    let title = title::of(title, &scan.authors);
    let owner = scan.authors.owner();
    let own = |name: &String| owner.as_ref().map(|owner| owner == name);
    let person = |name: String| {
        let own = own(&name);
        Participant::new(key_of(&name), name).with_own(own)
    };
    NewConversation {
        source: Source::WhatsApp,
        key: key_of(&title),
        title,
        kind: if people.len() > 2 { ConversationKind::Group } else { ConversationKind::Direct },
        participants: people.into_iter().map(person).collect(),
        sample: Vec::new(),
    }
}

/// Files by their names alone, as a chat's text has them.
struct ChatMedia<'a> {
    files: &'a mut ExportFiles,
    folder: String,
}

impl MediaReader for ChatMedia<'_> {
    fn open_media(&mut self, file: &str) -> Result<Box<dyn Read + '_>, MissingReason> {
        self.files.open_by_name(file, &self.folder)
    }
}
