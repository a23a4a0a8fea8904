//! Telegram Desktop's HTML export: `messages.html`, `messages2.html`, … of one chat, or of each
//! chat in the folder `chats`.

mod media;
mod message;
mod page;

use std::collections::BTreeMap;

use chat_archive::{
    ConversationKind, ImportSession, NewConversation, NewMessage, Participant, Source,
};

use self::page::{Chat, Element, Page};
use super::media::Folder;
use crate::export_files::{Entry, ExportFiles, base_name, folder_of};
use crate::progress::Reporter;
use crate::sources::Format;
use crate::{ConversationPreview, Detected, ImportError, ImportOptions};

/// Telegram Desktop's HTML export.
pub struct TelegramHtml;

/// One page: a thousand messages of the longest, 16 KiB, with their reactions; four times that.
const MAX_PAGE: u64 = 64 << 20;

/// Folders with what pages need to look well.
const FURNITURE: &[&str] = &["css", "js", "images"];

impl crate::sources::ChatSource for TelegramHtml {
    fn format(&self) -> Format {
        Format {
            name: "telegram_html",
            source: Source::Telegram,
            words: "Telegram Desktop export (HTML)",
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
        for pages in chats(files) {
            let Some(chat) = outline(files, &pages)? else { continue };
            found.reasons.push(format!("{} is a page of a Telegram Desktop export", pages[0].path));
            found.conversations.push(ConversationPreview {
                title: chat.title.clone(),
                messages: chat.messages,
                participants: chat.people.into_iter().take(6).collect(),
            });
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
        let chats = chats(files);
        reporter.expect(chats.iter().flatten().map(|page| page.size).sum());
        for pages in chats {
            if let Some(chat) = outline(files, &pages)? {
                import_chat(&chat, &pages, files, session, reporter)?;
            }
        }
        session.count_export(&files.contents(0));
        reporter.report()
    }
}

/// Reads a page held in memory, without files: for tests and fuzzing.
///
/// # Errors
/// As [`crate::import`]; never panics, whatever the bytes.
pub fn parse_bytes(bytes: &[u8]) -> Result<Vec<NewMessage>, ImportError> {
    let mut chat = Chat::default();
    page::read("messages.html", bytes, &mut |element| {
        chat.look_at(&element);
        Ok(())
    })?;
    let mut messages = Vec::new();
    let mut page = Page::new(&chat);
    page::read("messages.html", bytes, &mut |element| {
        messages.extend(page.take(element).into_iter().flatten());
        Ok(())
    })?;
    messages.extend(page.end().into_iter().flatten());
    Ok(messages)
}

/// The pages of each chat, in order. Where the export has the chats as JSON too, that says more.
fn chats(files: &ExportFiles) -> Vec<Vec<Entry>> {
    let mut chats: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in files.pages_of_one().into_iter().filter(|entry| number_of(entry).is_some()) {
        chats.entry(folder_of(&entry.path).to_owned()).or_default().push(entry);
    }
    let is_json_too = |folder: &str| files.entry(&format!("{folder}result.json")).is_some();
    if is_json_too("") {
        return Vec::new();
    }
    chats.retain(|folder, _| !is_json_too(folder));
    let mut chats: Vec<Vec<Entry>> = chats.into_values().collect();
    chats.iter_mut().for_each(|pages| pages.sort_by_key(number_of));
    chats
}

/// 1 for `messages.html`, 2 for `messages2.html`.
fn number_of(entry: &Entry) -> Option<u32> {
    let number = base_name(&entry.path).strip_prefix("messages")?.strip_suffix(".html")?;
    if number.is_empty() { Some(1) } else { number.parse().ok() }
}

/// What there is to know of a chat before its messages are read; `None` if these are other pages.
fn outline(files: &ExportFiles, pages: &[Entry]) -> Result<Option<Chat>, ImportError> {
    let mut chat = Chat::default();
    for entry in pages {
        if entry.size > MAX_PAGE {
            return Err(ImportError::TooLarge {
                file: entry.path.clone(),
                what: "a page",
                limit: MAX_PAGE,
            });
        }
        page::read(&entry.path, files.chat_file(entry)?.reader()?, &mut |element| {
            chat.look_at(&element);
            Ok(())
        })?;
    }
    Ok(chat.is_telegram().then_some(chat))
}

fn import_chat(
    chat: &Chat,
    pages: &[Entry],
    files: &mut ExportFiles,
    session: &mut ImportSession<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), ImportError> {
    let root = folder_of(&pages[0].path).to_owned();
    mark_furniture(files, &root);
    reporter.conversation(&chat.title);
    let id = session.add_conversation(&conversation(chat))?;
    let mut page = Page::new(chat);
    let mut thumbnails = Vec::new();
    for entry in pages {
        files.mark_chat_file(&entry.path);
        let mut file = files.chat_file(entry)?;
        let mut folder = Folder { files, root: root.clone() };
        page::read(&entry.path, file.reader()?, &mut |element| {
            if let Element::TooLarge(words) = &element {
                session.add_leftover(id, "message of more than 1 MiB", words.as_bytes())?;
            }
            if let Element::Message(node) | Element::Service(node) = &element {
                thumbnails.extend(media::pictures(node).map(|path| format!("{root}{path}")));
            }
            for message in page.take(element) {
                add(session, id, message, &mut folder)?;
            }
            reporter.message(0)
        })?;
        reporter.file_done(entry.size);
    }
    let mut folder = Folder { files, root };
    for message in page.end() {
        add(session, id, message, &mut folder)?;
    }
    session.finish_conversation(id, &mut folder)?;
    thumbnails.iter().for_each(|path| files.mark_chat_file(path));
    super::store_unclaimed(Some(id), files, session)
}

fn add(
    session: &mut ImportSession<'_>,
    id: chat_archive::ConversationId,
    message: Result<NewMessage, String>,
    folder: &mut Folder<'_>,
) -> Result<(), ImportError> {
    match message {
        Ok(message) => session.add_message(id, message, folder)?,
        Err(words) => session.add_leftover(id, "message without a time", words.as_bytes())?,
    }
    Ok(())
}

/// Style sheets and the like are no part of a chat.
fn mark_furniture(files: &mut ExportFiles, root: &str) {
    let is_furniture = |entry: &&Entry| {
        let inner = entry.path.strip_prefix(root).unwrap_or(&entry.path);
        inner.split_once('/').is_some_and(|(folder, _)| FURNITURE.contains(&folder))
    };
    let paths: Vec<String> =
        files.entries().iter().filter(is_furniture).map(|e| e.path.clone()).collect();
    paths.iter().for_each(|path| files.mark_chat_file(path));
}

/// Pages give a chat no number: its name is all there is, and its messages tell it from others.
fn conversation(chat: &Chat) -> NewConversation {
    let own = chat.own();
    let person = |name: &String| {
        let is_own = own.as_ref().map(|own| own == name);
        Participant::new(message::key_of(name), name).with_own(is_own)
    };
    NewConversation {
        source: Source::Telegram,
        key: format!("page:{}", chat.title.to_lowercase()),
        title: chat.title.clone(),
        kind: if own.is_some() { ConversationKind::Direct } else { ConversationKind::Group },
        participants: chat.people.iter().map(person).collect(),
        sample: Vec::new(),
    }
}
