//! Telegram Desktop's JSON export (<https://core.telegram.org/import-export>): one chat, or the
//! whole account.
//!
//! The file is read twice as a stream: once for the chats' names, which may come after their
//! messages, and once for the messages.

mod chat;
mod document;
mod fields;
mod media;
mod message;
mod service;

use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chat_archive::{ConversationId, ImportSession, MediaReader, NewConversation, NewMessage, Source};

use crate::export_files::display_name;
use crate::export_files::limits::MAX_CHAT_FILE;
use crate::progress::{CountingReader, OnProgress, Reporter};
use crate::{ConversationPreview, Detected, ImportError, ImportOptions};

use self::document::Outline;

/// The Telegram source.
pub struct Telegram;

const RESULT: &str = "result.json";

impl super::ChatSource for Telegram {
    fn kind(&self) -> Source {
        Source::Telegram
    }

    fn detect(&self, path: &Path) -> Result<Option<Detected>, ImportError> {
        let Some(json) = find_json(path)? else { return Ok(None) };
        let outline = match document::outline(&display_name(&json), open(&json)?) {
            Ok(outline) => outline,
            Err(e) if json.file_name().is_some_and(|n| n == RESULT) => return Err(e),
            Err(_) => return Ok(None),
        };
        if !outline.is_telegram {
            return Ok(None);
        }
        Ok(Some(detected(&json, &outline)))
    }

    fn import(
        &self,
        path: &Path,
        _options: &ImportOptions,
        session: &mut ImportSession<'_>,
        on_progress: OnProgress<'_>,
    ) -> Result<(), ImportError> {
        let json = find_json(path)?.ok_or_else(|| super::not_recognised(path))?;
        let name = display_name(&json);
        let outline = document::outline(&name, open(&json)?)?;
        if !outline.is_telegram {
            return Err(super::not_recognised(path));
        }
        let total = json.metadata().map_err(ImportError::io(&name))?.len();
        let mut reporter = Reporter::new(on_progress, total);
        let chats: Vec<NewConversation> = outline.chats.iter().map(chat::conversation).collect();
        let ids = chats.iter().map(|c| session.add_conversation(c)).collect::<Result<Vec<ConversationId>, _>>()?;
        let mut media = media::Folder::of(&json);
        let count = Rc::new(Cell::new(0));
        let reader = CountingReader::new(open(&json)?, count.clone());
        document::messages(&name, reader, &mut |index, value, place| {
            let message = message::read(value).map_err(|what| damaged(&name, place, what))?;
            reporter.progress.conversation.clone_from(&chats[index].title);
            session.add_message(ids[index], message, &mut media as &mut dyn MediaReader)?;
            reporter.message(count.get())
        })?;
        reporter.report()
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
    let mut chats: Vec<ParsedChat> = outline.chats.iter().map(|c| (chat::conversation(c), Vec::new())).collect();
    document::messages(RESULT, bytes, &mut |index, value, place| {
        let message = message::read(value).map_err(|what| damaged(RESULT, place, what))?;
        chats[index].1.push(message);
        Ok(())
    })?;
    Ok(chats)
}

/// The JSON of an export: the file itself, or `result.json` in the folder.
fn find_json(path: &Path) -> Result<Option<PathBuf>, ImportError> {
    if path.is_dir() {
        let json = path.join(RESULT);
        if json.is_file() {
            return Ok(Some(json));
        }
        if path.join("messages.html").is_file() || path.join("export_results.html").is_file() {
            return Err(ImportError::Unsupported {
                name: display_name(path),
                what: "this Telegram export was made as HTML",
                hint: "export again in Telegram Desktop and choose the format “Machine-readable JSON”",
            });
        }
        return Ok(None);
    }
    let is_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    Ok(is_json.then(|| path.to_owned()))
}

fn open(json: &Path) -> Result<File, ImportError> {
    let name = display_name(json);
    let file = File::open(json).map_err(ImportError::io(&name))?;
    if file.metadata().map_err(ImportError::io(&name))?.len() > MAX_CHAT_FILE {
        return Err(ImportError::TooLarge { file: name, what: "the chat's size", limit: MAX_CHAT_FILE });
    }
    Ok(file)
}

fn detected(json: &Path, outline: &Outline) -> Detected {
    let preview = |head: &document::ChatHead| ConversationPreview {
        title: chat::conversation(head).title,
        messages: head.messages,
        participants: Vec::new(),
    };
    Detected {
        kind: Source::Telegram,
        conversations: outline.chats.iter().map(preview).collect(),
        reasons: vec![format!("{} has the fields of a Telegram Desktop export", display_name(json))],
        ambiguous_date: None,
    }
}

fn damaged(file: &str, number: u64, what: String) -> ImportError {
    ImportError::Damaged { file: file.to_owned(), place: format!("message {number} of its chat"), what }
}
